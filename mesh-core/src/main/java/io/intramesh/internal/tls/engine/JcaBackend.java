package io.intramesh.internal.tls.engine;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS by a provider of the Java Cryptography Architecture: the JDK's own, or a validated one. */
public final class JcaBackend implements TlsBackend {
    private static final TrustManager[] NOBODY_TO_CHECK = {new TrustNobody()};

    private final @Nullable Provider provider;
    private final boolean fips;
    private final String name;
    private final List<String> suites;

    private JcaBackend(@Nullable Provider provider, boolean fips) throws GeneralSecurityException {
        this.provider = provider;
        this.fips = fips;
        SSLContext probe = context();
        probe.init(null, NOBODY_TO_CHECK, null);
        this.name = (fips ? "FIPS (" : "JSSE (") + probe.getProvider().getName() + ")";
        this.suites = suites(probe, fips);
    }

    /** Returns what the JDK prefers. */
    public static JcaBackend ofJdk() throws GeneralSecurityException {
        return new JcaBackend(null, false);
    }

    /** Returns that validated provider. */
    public static JcaBackend validated(Provider provider) throws GeneralSecurityException {
        return new JcaBackend(requireNonNull(provider, "provider"), true);
    }

    private static List<String> suites(SSLContext context, boolean fips) {
        List<String> supported =
                Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        List<String> wanted = new ArrayList<>(TlsLimits.SUITES_13);
        wanted.addAll(TlsLimits.SUITES_12);
        // ChaCha20-Poly1305 is not among the approved algorithms (FIPS 140-3 IG, annex C).
        wanted.removeIf(suite -> !supported.contains(suite) || (fips && suite.contains("CHACHA20")));
        return List.copyOf(wanted);
    }

    @Override
    public String describe() {
        return name;
    }

    @Override
    public boolean isFips() {
        return fips;
    }

    @Override
    public Engines engines(TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust)
            throws SSLException {
        KeyManager[] keys = identity == null ? new KeyManager[0] : new KeyManager[] {identity.keyManager()};
        TrustManager[] trusts = trust == null ? NOBODY_TO_CHECK : new TrustManager[] {trust};
        SSLContext context;
        try {
            context = context();
            context.init(keys, trusts, null);
        } catch (GeneralSecurityException e) {
            throw new SSLException(name + " does not take the certificate", e);
        }
        boolean demands = role == TlsRole.SERVER && trust != null;
        return wishes -> {
            SSLEngine engine = open(context, role, demands, wishes);
            return new Opened(engine, null, false, engine::getApplicationProtocol);
        };
    }

    private SSLContext context() throws GeneralSecurityException {
        return provider == null ? SSLContext.getInstance("TLS") : SSLContext.getInstance("TLS", provider);
    }

    private SSLEngine open(SSLContext context, TlsRole role, boolean demands, Wishes wishes) {
        SSLEngine engine = context.createSSLEngine(wishes.host(), wishes.port());
        engine.setUseClientMode(role == TlsRole.CLIENT);
        SSLParameters parameters = new SSLParameters(
                suites.toArray(String[]::new), wishes.protocols().toArray(String[]::new));
        parameters.setApplicationProtocols(wishes.applicationProtocols().toArray(String[]::new));
        parameters.setNeedClientAuth(demands);
        String serverName = wishes.serverName();
        if (serverName != null) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
