package io.intramesh.internal.tls.engine;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows one certificate wherever its kind of key is asked for, also to a server that lists other issuers: it may trust ours
 * and not say so, and if not, its refusal tells more than a connection without a certificate.
 */
final class OneKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "mesh";

    private final X509Certificate[] chain;
    private final PrivateKey key;
    private final String curve;

    OneKeyManager(List<X509Certificate> chain, PrivateKey key) {
        this.chain = chain.toArray(X509Certificate[]::new);
        this.key = key;
        this.curve = curve(chain.get(0));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(keyTypes, issuers, null);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseServerAlias(keyType, issuers, null);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        for (String keyType : keyTypes) {
            if (isOurs(keyType)) {
                return ALIAS;
            }
        }
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return isOurs(keyType) ? ALIAS : null;
    }

    /**
     * Libraries ask by the kind of key ({@code EC}); for a key of one kind with a certificate signed by one of another ({@code
     * EC_RSA}); BC-FIPS also by curve ({@code EC/secp256r1}), and on servers by how secrets are agreed on ({@code ECDHE_RSA}).
     */
    private boolean isOurs(String keyType) {
        String algorithm = key.getAlgorithm();
        return keyType.equals(algorithm)
                || keyType.startsWith(algorithm + "_")
                || keyType.equals(algorithm + "/" + curve)
                || keyType.equals(algorithm.equals("EC") ? "ECDHE_ECDSA" : "ECDHE_" + algorithm);
    }

    private static String curve(X509Certificate certificate) {
        return certificate.getPublicKey() instanceof ECKey ec
                ? "secp" + ec.getParams().getCurve().getField().getFieldSize() + "r1"
                : "";
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    private String @Nullable [] aliases(String keyType) {
        return isOurs(keyType) ? new String[] {ALIAS} : null;
    }

    /** The array is not copied, other than good manners ask: libraries remember what they imported by its identity. */
    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return ALIAS.equals(alias) ? chain : null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return ALIAS.equals(alias) ? key : null;
    }
}
