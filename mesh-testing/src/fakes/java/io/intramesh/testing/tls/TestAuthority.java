package io.intramesh.testing.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.KeyKind;
import io.intramesh.internal.issue.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority for tests. Nodes get certificates with the SPIFFE ID {@code spiffe://<trust domain>/<mesh>/<node>} and
 * the DNS name {@code <node>.local}; whatever is refused in real life is to be had, too.
 *
 * <pre>{@code
 * TestAuthority authority = TestAuthority.create("shop.local");
 * PemFiles good = authority.write(folder, authority.node("shop", "orders"));
 * TestCertificate bad = authority.flawed(Flaw.EXPIRED, "shop", "orders");
 * SSLContext stranger = bad.jdkContext(authority);
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class TestAuthority {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final String trustDomain;
    private final InstantSource clock;
    private final CertificateAuthority authority;
    private final Map<BigInteger, Instant> revoked;
    private final AtomicLong lists;

    private TestAuthority(
            String trustDomain,
            InstantSource clock,
            CertificateAuthority authority,
            Map<BigInteger, Instant> revoked,
            AtomicLong lists) {
        this.trustDomain = trustDomain;
        this.clock = clock;
        this.authority = authority;
        this.revoked = revoked;
        this.lists = lists;
    }

    /** Makes an authority of that trust domain, by the machine's clock. */
    public static TestAuthority create(String trustDomain) {
        return create(trustDomain, InstantSource.system());
    }

    /** Makes an authority of that trust domain, by that clock. */
    public static TestAuthority create(String trustDomain, InstantSource clock) {
        requireNonNull(trustDomain, "trustDomain");
        requireNonNull(clock, "clock");
        CertificateAuthority root = CertificateAuthority.create(rootSpec(trustDomain), clock);
        return new TestAuthority(trustDomain, clock, root, new ConcurrentHashMap<>(), new AtomicLong());
    }

    /** Returns an authority below this one: its certificates carry it in their chains, and whoever trusts this one trusts them. */
    public TestAuthority intermediate() {
        return new TestAuthority(
                trustDomain,
                clock,
                authority.intermediate(trustDomain + " intermediate"),
                new ConcurrentHashMap<>(),
                new AtomicLong());
    }

    public String trustDomain() {
        return trustDomain;
    }

    /** Returns the certificate that others are to trust. */
    public X509Certificate root() {
        return authority.root();
    }

    /** Returns the root as PEM text. */
    public String trustPem() {
        return authority.trustPem();
    }

    /** Returns a store with the root alone. */
    public KeyStore trustStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("root", root());
            return store;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException("this JVM keeps no PKCS#12 store", failure);
        }
    }

    /** Returns {@code spiffe://<trust domain>/<mesh>/<node>}. */
    public URI spiffeId(String mesh, String node) {
        return URI.create("spiffe://" + trustDomain + "/" + mesh + "/" + node);
    }

    /** Issues a good certificate for that node, for a day. */
    public TestCertificate node(String mesh, String node) {
        return certificate().node(mesh, node).issue();
    }

    /** Returns a builder for a certificate without names so far. */
    public Builder certificate() {
        return new Builder();
    }

    /** Issues a certificate like that of the node, and wrong in that way. */
    public TestCertificate flawed(Flaw flaw, String mesh, String node) {
        Instant now = clock.instant();
        Builder named = certificate().node(mesh, node);
        return switch (flaw) {
            case EXPIRED -> named.valid(now.minus(DAY), now.minus(HOUR)).issue();
            case NOT_YET_VALID -> named.valid(now.plus(HOUR), now.plus(DAY)).issue();
            case SELF_SIGNED -> named.selfSigned();
            case OTHER_AUTHORITY -> create(trustDomain, clock).node(mesh, node);
            case REVOKED -> revoke(named.issue());
            case OTHER_NODE -> node(mesh, node + "-other");
            case WRONG_TRUST_DOMAIN -> inDomain("elsewhere.example", mesh, node);
            case LONGER_TRUST_DOMAIN -> inDomain(trustDomain + ".elsewhere.example", mesh, node);
            case NAMES_IN_SUBJECT_ONLY ->
                certificate().commonName(dnsName(node)).issue();
            case TWO_SPIFFE_IDS ->
                certificate()
                        .uris(spiffeId(mesh, node), spiffeId(mesh, node + "-other"))
                        .dnsNames(dnsName(node))
                        .issue();
            case SERVER_ONLY -> named.serverOnly().issue();
            case CLIENT_ONLY -> named.clientOnly().issue();
            case SIGNED_BY_NODE -> signedByNode(named, node(mesh, node + "-other"));
            case MISSING_INTERMEDIATE -> intermediate().node(mesh, node).withoutIntermediates();
            case EXPIRED_INTERMEDIATE -> expiredIntermediate().node(mesh, node);
        };
    }

    /** Puts a certificate of this authority on its revocation list, and returns it. */
    public TestCertificate revoke(TestCertificate certificate) {
        revoked.put(certificate.certificate().getSerialNumber(), clock.instant());
        return certificate;
    }

    /** Returns a list of what is revoked, that holds for a day. */
    public X509CRL crl() {
        return authority.crl(
                revoked,
                BigInteger.valueOf(lists.incrementAndGet()),
                clock.instant().plus(DAY));
    }

    /** Returns {@link #crl} as PEM text. */
    public String crlPem() {
        return Pem.crl(crl());
    }

    /**
     * Writes {@code chain.pem}, {@code key.pem} and {@code trust.pem} into a folder, that is made where it is missing. Each file
     * is replaced as a whole; the key first, so that a reader may meet a key that is not of the chain, as in real life. The
     * trust holds the revocation list as well, once something is revoked.
     */
    public PemFiles write(Path folder, TestCertificate certificate) throws IOException {
        Files.createDirectories(folder);
        PemFiles files =
                new PemFiles(folder.resolve("chain.pem"), folder.resolve("key.pem"), folder.resolve("trust.pem"));
        replace(files.key(), certificate.keyPem());
        replace(files.chain(), certificate.chainPem());
        replace(files.trust(), revoked.isEmpty() ? trustPem() : trustPem() + crlPem());
        return files;
    }

    private TestCertificate inDomain(String domain, String mesh, String node) {
        return certificate()
                .uris(URI.create("spiffe://" + domain + "/" + mesh + "/" + node))
                .issue();
    }

    private TestCertificate signedByNode(Builder named, TestCertificate node) {
        CertificateAuthority impostor = CertificateAuthority.of(node.key(), node.chain(), root(), clock);
        return held(impostor.issue(named.spec()));
    }

    private TestAuthority expiredIntermediate() {
        Instant now = clock.instant();
        CertificateAuthority below = authority.intermediate(CertificateSpec.builder()
                .commonName(trustDomain + " expired intermediate")
                .usages()
                .authority(true)
                .validFrom(now.minus(DAY))
                .validUntil(now.minus(HOUR))
                .build());
        return new TestAuthority(trustDomain, clock, below, new ConcurrentHashMap<>(), new AtomicLong());
    }

    private static CertificateSpec rootSpec(String trustDomain) {
        return CertificateSpec.builder()
                .commonName(trustDomain + " test authority")
                .uris(URI.create("spiffe://" + trustDomain))
                .usages()
                .authority(true)
                .build();
    }

    private static String dnsName(String node) {
        return node + ".local";
    }

    private static TestCertificate held(IssuedCertificate issued) {
        return new TestCertificate(issued.key(), issued.chain());
    }

    private static void replace(Path file, String text) throws IOException {
        Path beside = Files.writeString(file.resolveSibling("." + file.getFileName() + ".new"), text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Builds a certificate of this authority. Not thread-safe. */
    public final class Builder {
        private final CertificateSpec.Builder spec = CertificateSpec.builder();
        private @Nullable Instant notBefore;
        private @Nullable Instant notAfter;

        private Builder() {}

        /** Sets the names of a node: its SPIFFE ID and {@code <node>.local}; and its own name as the subject. */
        public Builder node(String mesh, String node) {
            return commonName(node).uris(spiffeId(mesh, node)).dnsNames(dnsName(node));
        }

        /** Sets the subject; null leaves it empty, as X.509-SVIDs may. */
        public Builder commonName(@Nullable String value) {
            spec.commonName(value);
            return this;
        }

        public Builder dnsNames(String... values) {
            spec.dnsNames(values);
            return this;
        }

        public Builder uris(URI... values) {
            spec.uris(values);
            return this;
        }

        public Builder addresses(InetAddress... values) {
            spec.addresses(values);
            return this;
        }

        /** Lets the certificate hold from a minute ago for so long from now. */
        public Builder ttl(Duration ttl) {
            Instant now = clock.instant();
            return valid(now.minus(CertificateAuthority.SKEW), now.plus(ttl));
        }

        public Builder valid(Instant from, Instant until) {
            notBefore = from;
            notAfter = until;
            return this;
        }

        /** Makes an RSA key of 2048 bits instead of one on P-256. */
        public Builder rsa() {
            spec.keyKind(KeyKind.RSA_2048);
            return this;
        }

        /** Makes a key on P-384 instead of one on P-256. */
        public Builder p384() {
            spec.keyKind(KeyKind.EC_P384);
            return this;
        }

        public Builder serverOnly() {
            spec.usages(CertificateSpec.Usage.SERVER);
            return this;
        }

        public Builder clientOnly() {
            spec.usages(CertificateSpec.Usage.CLIENT);
            return this;
        }

        /** Makes the key and the certificate. */
        public TestCertificate issue() {
            return held(authority.issue(spec()));
        }

        /** Makes the key and a certificate that nobody but itself vouches for. */
        public TestCertificate selfSigned() {
            CertificateAuthority self = CertificateAuthority.create(spec(), clock);
            return new TestCertificate(self.key(), List.of(self.root()));
        }

        private CertificateSpec spec() {
            return spec.validFrom(notBefore).validUntil(notAfter).build();
        }
    }
}
