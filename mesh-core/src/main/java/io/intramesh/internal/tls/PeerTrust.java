package io.intramesh.internal.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.PeerIdentity;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPath;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a certificate proves who a peer should be: a path to a trusted authority by RFC 5280 §6 [1], nothing on it
 * out of date, weak or revoked, fit for its end of the connection, and named as demanded. The host that is connected to is
 * never looked at.
 *
 * <p>What a certificate has proved holds until something on its path ends, and is remembered that long: the same certificate
 * comes with every new connection, and with every request. A new trust is a new object, and remembers nothing.
 *
 * <p>Safe for use by several threads.
 *
 * <p>[1] RFC 5280 (2008).
 */
final class PeerTrust extends X509ExtendedTrustManager {
    /** Longest path looked at; the longest in use has four. BoringSSL itself stops at 100 certificates or 100 KB. */
    private static final int MAX_PATH = 10;

    /** Peers that are remembered: more than a process of a large mesh talks to. Beyond, all are forgotten and checked anew. */
    private static final int MAX_REMEMBERED = 4096;

    // RFC 5280 §4.2.1.12 and §4.2.1.3.
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USE = "2.5.29.37.0";
    private static final int DIGITAL_SIGNATURE = 0;

    private final Authorities authorities;
    private final PeerNames names;
    private final InstantSource clock;
    private final String use;
    private final X509Certificate[] issuers;
    private final ConcurrentMap<X509Certificate, Instant> proven = new ConcurrentHashMap<>();

    /** Whom to check: the other end of the connection. */
    enum Peer {
        SERVER,
        CLIENT
    }

    PeerTrust(Peer peer, Authorities authorities, PeerNames names, InstantSource clock) {
        this.authorities = requireNonNull(authorities, "authorities");
        this.names = requireNonNull(names, "names");
        this.clock = requireNonNull(clock, "clock");
        this.use = peer == Peer.SERVER ? SERVER_AUTH : CLIENT_AUTH;
        this.issuers = authorities.certificates().toArray(X509Certificate[]::new);
    }

    /** Tells whether it asks for these names. */
    boolean demands(PeerNames asked) {
        return names.equals(asked);
    }

    /**
     * Checks a chain as of now.
     *
     * @param shown the peer's own certificate first
     */
    void check(List<X509Certificate> shown) throws PeerCertificateException {
        if (shown.isEmpty()) {
            throw new PeerCertificateException(Reason.NO_CERTIFICATE, "the peer shows no certificate; give it one");
        }
        Instant now = clock.instant();
        Instant until = proven.get(shown.get(0));
        if (until != null && now.isBefore(until)) {
            return;
        }
        if (shown.size() > MAX_PATH) {
            throw new PeerCertificateException(
                    Reason.UNSUITABLE,
                    "the peer shows " + shown.size() + " certificates (expected: at most " + MAX_PATH + ")");
        }
        Instant end = proved(ours(shown), now);
        if (proven.size() >= MAX_REMEMBERED) {
            proven.clear();
        }
        proven.put(shown.get(0), end);
    }

    /** Makes the JDK's certificates of those that a library made, which PKIX would do again at each step. */
    private static List<X509Certificate> ours(List<X509Certificate> shown) throws PeerCertificateException {
        List<X509Certificate> parsed = new ArrayList<>(shown.size());
        for (X509Certificate certificate : shown) {
            try {
                parsed.add(X509.certificate(certificate.getEncoded(), "certificate " + (parsed.size() + 1)));
            } catch (CertificateException | MaterialException e) {
                throw new PeerCertificateException(Reason.UNSUITABLE, "the peer's certificate cannot be read", e);
            }
        }
        return parsed;
    }

    /** Returns until when what is proved now holds. */
    private Instant proved(List<X509Certificate> chain, Instant now) throws PeerCertificateException {
        X509Certificate leaf = chain.get(0);
        List<X509Certificate> path = path(chain, now);
        Instant until = Instant.MAX;
        for (int at = 0; at < path.size(); at++) {
            X509Certificate certificate = path.get(at);
            requireInDate(certificate, now);
            boolean isAnchor = at == path.size() - 1;
            // Nobody relies on an anchor's own signature.
            String weakness = isAnchor ? X509.weakness(certificate.getPublicKey()) : X509.weakness(certificate);
            if (weakness != null) {
                throw new PeerCertificateException(Reason.WEAK, X509.name(certificate) + " is weak: " + weakness);
            }
            if (!isAnchor) {
                until = earlier(until, requireNotRevoked(certificate, path.get(at + 1), now));
            }
            until = earlier(until, certificate.getNotAfter().toInstant());
        }
        requireUse(leaf);
        names.check(PeerIdentity.of(leaf), X509.name(leaf));
        return until;
    }

    /** Returns the certificates from the peer's to the authority that vouches for it, both included. */
    private List<X509Certificate> path(List<X509Certificate> chain, Instant now) throws PeerCertificateException {
        X509Certificate leaf = chain.get(0);
        String domain = PeerIdentity.of(leaf).trustDomain();
        List<X509Certificate> vouching = authorities.of(domain);
        if (vouching.isEmpty()) {
            throw new PeerCertificateException(
                    Reason.UNTRUSTED,
                    X509.name(leaf) + " is of "
                            + (domain == null ? "no trust domain, by SPIFFE ID" : "trust domain " + domain)
                            + " (trusted: " + authorities.trustDomains()
                            + "); federate with its domain, or give the peer an SVID of one of these");
        }
        if (vouching.contains(leaf)) {
            return List.of(leaf);
        }
        Set<TrustAnchor> anchors = authorities.anchorsAt(now, domain);
        if (anchors.isEmpty()) {
            throw new PeerCertificateException(
                    Reason.UNTRUSTED, "no trusted authority is in date; renew the trust of this process");
        }
        try {
            List<X509Certificate> asShown = upToAnchor(chain, vouching);
            CertPathValidatorException refused;
            if (isLinked(asShown)) {
                try {
                    return validated(asShown, anchors, now);
                } catch (CertPathValidatorException e) {
                    refused = e;
                }
            } else {
                refused = null;
            }
            // Peers show needless or cross-signed certificates; another path may lead to an authority.
            List<X509Certificate> built = built(leaf, chain, anchors, now);
            if (built != null) {
                return built;
            }
            throw refusal(chain, vouching, refused, now);
        } catch (GeneralSecurityException e) {
            if (e instanceof PeerCertificateException refusal) {
                throw refusal;
            }
            throw new PeerCertificateException(
                    Reason.UNSUITABLE, X509.name(leaf) + " cannot be checked: " + e.getMessage(), e);
        }
    }

    /** Leaves out an anchor that the peer shows itself, and what comes after it. */
    private static List<X509Certificate> upToAnchor(List<X509Certificate> chain, List<X509Certificate> vouching) {
        for (int at = 1; at < chain.size(); at++) {
            if (vouching.contains(chain.get(at))) {
                return chain.subList(0, at);
            }
        }
        return chain;
    }

    private static boolean isLinked(List<X509Certificate> chain) {
        for (int at = 0; at + 1 < chain.size(); at++) {
            if (!chain.get(at).getIssuerX500Principal().equals(chain.get(at + 1).getSubjectX500Principal())) {
                return false;
            }
        }
        return true;
    }

    private static List<X509Certificate> validated(List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant now)
            throws GeneralSecurityException, CertPathValidatorException {
        PKIXParameters parameters = new PKIXParameters(anchors);
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPath path = X509.factory().generateCertPath(chain);
        PKIXCertPathValidatorResult result = (PKIXCertPathValidatorResult)
                CertPathValidator.getInstance("PKIX").validate(path, parameters);
        List<X509Certificate> whole = new ArrayList<>(chain);
        whole.add(result.getTrustAnchor().getTrustedCert());
        return whole;
    }

    private static @Nullable List<X509Certificate> built(
            X509Certificate leaf, List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant now)
            throws InvalidAlgorithmParameterException, NoSuchAlgorithmException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        parameters.setMaxPathLength(MAX_PATH);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        try {
            PKIXCertPathBuilderResult result = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            List<X509Certificate> whole = new ArrayList<>();
            result.getCertPath().getCertificates().forEach(certificate -> whole.add((X509Certificate) certificate));
            whole.add(result.getTrustAnchor().getTrustedCert());
            return whole;
        } catch (CertPathBuilderException none) {
            return null;
        }
    }

    private static PeerCertificateException refusal(
            List<X509Certificate> chain,
            List<X509Certificate> vouching,
            @Nullable CertPathValidatorException cause,
            Instant now) {
        X509Certificate leaf = chain.get(0);
        CertPathValidatorException.Reason why = cause == null ? PKIXReason.NO_TRUST_ANCHOR : cause.getReason();
        Reason reason = reason(why);
        String what = "is not vouched for by a trusted authority";
        if (reason == Reason.EXPIRED) {
            what = "or one of its issuers has expired";
        } else if (reason == Reason.NOT_YET_VALID) {
            what = "or one of its issuers is not valid yet";
        } else if (reason == Reason.WEAK) {
            what = "or one of its issuers is too weak";
        } else if (reason == Reason.UNTRUSTED && X509.isIssuedBy(leaf, leaf)) {
            reason = Reason.SELF_SIGNED;
            what = "vouches for itself";
        } else if (reason == Reason.UNTRUSTED && authorityEnded(chain, vouching, now)) {
            reason = Reason.EXPIRED;
            what = "is vouched for by an authority that has expired";
        } else if (reason == Reason.UNSUITABLE) {
            what = "has a path that breaks RFC 5280";
        }
        String message =
                X509.name(leaf) + ", issued by " + leaf.getIssuerX500Principal().getName() + ", " + what + " (trusted: "
                        + vouching.stream().map(X509::name).toList() + ")";
        return cause == null
                ? new PeerCertificateException(reason, message)
                : new PeerCertificateException(reason, message, cause);
    }

    private static boolean authorityEnded(List<X509Certificate> chain, List<X509Certificate> vouching, Instant now) {
        X509Certificate last = chain.get(chain.size() - 1);
        return vouching.stream()
                .anyMatch(authority ->
                        now.isAfter(authority.getNotAfter().toInstant()) && X509.isIssuedBy(last, authority));
    }

    private static Reason reason(CertPathValidatorException.@Nullable Reason why) {
        if (why == BasicReason.EXPIRED) {
            return Reason.EXPIRED;
        }
        if (why == BasicReason.NOT_YET_VALID) {
            return Reason.NOT_YET_VALID;
        }
        if (why == BasicReason.ALGORITHM_CONSTRAINED) {
            return Reason.WEAK;
        }
        if (why == PKIXReason.NO_TRUST_ANCHOR
                || why == PKIXReason.NAME_CHAINING
                || why == BasicReason.INVALID_SIGNATURE) {
            return Reason.UNTRUSTED;
        }
        return why instanceof PKIXReason ? Reason.UNSUITABLE : Reason.UNTRUSTED;
    }

    private static void requireInDate(X509Certificate certificate, Instant now) throws PeerCertificateException {
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isAfter(end)) {
            throw new PeerCertificateException(Reason.EXPIRED, X509.name(certificate) + " has expired at " + end);
        }
        Instant begin = certificate.getNotBefore().toInstant();
        if (now.isBefore(begin)) {
            throw new PeerCertificateException(
                    Reason.NOT_YET_VALID, X509.name(certificate) + " is not valid before " + begin);
        }
    }

    /** Returns until when the issuer's list holds; for ever where it has none. A list of ours that is no good fails closed. */
    private Instant requireNotRevoked(X509Certificate certificate, X509Certificate issuer, Instant now)
            throws PeerCertificateException {
        List<X509CRL> named = authorities.revocationListsOf(issuer);
        if (named.isEmpty()) {
            return Instant.MAX;
        }
        Instant until = null;
        for (X509CRL list : named) {
            if (!TrustReader.isSignedBy(list, issuer)) {
                continue;
            }
            if (list.getRevokedCertificate(certificate.getSerialNumber()) != null) {
                throw new PeerCertificateException(
                        Reason.REVOKED,
                        X509.name(certificate) + ", serial "
                                + certificate.getSerialNumber().toString(16) + ", is revoked by " + X509.name(issuer));
            }
            Date next = list.getNextUpdate();
            Instant end = next == null ? Instant.MAX : next.toInstant();
            until = until == null || end.isAfter(until) ? end : until;
        }
        if (until == null || now.isAfter(until)) {
            throw new PeerCertificateException(
                    Reason.REVOCATION_UNKNOWN,
                    "the revocation list of " + X509.name(issuer)
                            + (until == null ? " is not signed by it" : " has ended at " + until)
                            + "; fetch the one of today");
        }
        return until;
    }

    private void requireUse(X509Certificate leaf) throws PeerCertificateException {
        List<String> uses;
        try {
            uses = leaf.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            throw new PeerCertificateException(Reason.UNSUITABLE, X509.name(leaf) + " has an unreadable key usage", e);
        }
        if (uses != null && !uses.contains(use) && !uses.contains(ANY_USE)) {
            throw new PeerCertificateException(
                    Reason.UNSUITABLE,
                    X509.name(leaf) + " may not be used by a "
                            + (use.equals(SERVER_AUTH)
                                    ? "server (extended key usage: serverAuth)"
                                    : "client (clientAuth)")
                            + "; have it issued for that");
        }
        boolean[] usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new PeerCertificateException(
                    Reason.UNSUITABLE,
                    X509.name(leaf) + " may not sign (key usage: digitalSignature); have it issued for that");
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    // ---- As libraries ask

    private void check(X509Certificate @Nullable [] chain) throws PeerCertificateException {
        check(chain == null ? List.of() : Arrays.asList(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        requirePeer(CLIENT_AUTH);
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        requirePeer(SERVER_AUTH);
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    private void requirePeer(String asked) throws PeerCertificateException {
        if (!asked.equals(use)) {
            throw new PeerCertificateException(Reason.UNSUITABLE, "this trust is for the other end of the connection");
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return issuers.clone();
    }
}
