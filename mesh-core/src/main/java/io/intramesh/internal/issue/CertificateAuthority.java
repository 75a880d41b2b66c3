package io.intramesh.internal.issue;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority for development and tests: X.509 v3 certificates and v2 revocation lists by RFC 5280 [1], for
 * SPIFFE IDs by the X.509-SVID standard [2]. Its key lives in this process, which is no way to run an authority that others
 * rely on.
 *
 * <pre>{@code
 * CertificateAuthority root = CertificateAuthority.create("shop.local", InstantSource.system());
 * IssuedCertificate orders = root.issue(CertificateSpec.builder()
 *         .uris(URI.create("spiffe://shop.local/shop/orders"))
 *         .build());
 * }</pre>
 *
 * <p>Immutable and safe for use by several threads; who revoked what, the caller remembers.
 *
 * <p>[1] RFC 5280 (2008), §4 and §5. [2] SPIFFE, "The X.509 SPIFFE Verifiable Identity Document", §2 to §4.
 */
public final class CertificateAuthority {
    /** How long a certificate holds where its spec does not say: a day, as step-ca's {@code defaultTLSCertDuration}. */
    public static final Duration DEFAULT_TTL = Duration.ofHours(24);

    /** How far back a certificate begins where its spec does not say: clocks differ. step-ca's {@code backdate}. */
    public static final Duration SKEW = Duration.ofMinutes(1);

    /** How long an authority holds where its spec does not say: a development authority need not outlive its project. */
    public static final Duration AUTHORITY_TTL = Duration.ofDays(365);

    /** RFC 5280 §4.1.2.2 takes up to 20 bytes; 16 from a secure source never meet, and leave no sign bit to care for. */
    private static final int SERIAL_BITS = 127;

    /** RFC 7093 §2, method 4, cut to 160 bits as method 1: SHA-1 is not for FIPS, and any unique value will do. */
    private static final int KEY_IDENTIFIER_BYTES = 20;

    // KeyUsage, RFC 5280 §4.2.1.3; bit 0 of ASN.1 is the highest.
    private static final int DIGITAL_SIGNATURE = 0x80;
    private static final int KEY_ENCIPHERMENT = 0x20;
    private static final int KEY_CERT_SIGN = 0x04;
    private static final int CRL_SIGN = 0x02;

    // GeneralName, RFC 5280 §4.2.1.6.
    private static final int DNS_NAME = 2;
    private static final int URI_NAME = 6;
    private static final int IP_ADDRESS = 7;

    private static final String CRL_NUMBER_OID = "2.5.29.20";

    private static final int V2 = 1;
    private static final int V3 = 2;

    private final PrivateKey key;
    private final List<X509Certificate> chain;
    private final X509Certificate root;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    private CertificateAuthority(
            PrivateKey key, List<X509Certificate> chain, X509Certificate root, InstantSource clock) {
        this.key = key;
        this.chain = List.copyOf(chain);
        this.root = root;
        this.clock = clock;
    }

    /** Makes a root of that common name, with a key of the default kind, for {@link #AUTHORITY_TTL}. */
    public static CertificateAuthority create(String name, InstantSource clock) {
        return create(
                CertificateSpec.builder()
                        .commonName(requireNonNull(name, "name"))
                        .usages()
                        .authority(true)
                        .build(),
                clock);
    }

    /** Makes a root as the spec says; its end is {@link #AUTHORITY_TTL} away where the spec names none. */
    public static CertificateAuthority create(CertificateSpec spec, InstantSource clock) {
        requireName(spec.commonName());
        KeyPair keys = spec.keyKind().generate();
        SecureRandom random = new SecureRandom();
        byte[] name = name(spec.commonName());
        Instant now = clock.instant();
        X509Certificate self = certificate(
                spec,
                keys.getPublic(),
                new Signer(keys.getPrivate(), name, keyIdentifier(keys.getPublic())),
                serial(random),
                spec.notBefore() == null ? now.minus(SKEW) : spec.notBefore(),
                spec.notAfter() == null ? now.plus(AUTHORITY_TTL) : spec.notAfter());
        return new CertificateAuthority(keys.getPrivate(), List.of(), self, clock);
    }

    /**
     * Takes up an authority that was made before.
     *
     * @param key belongs to the first certificate of the chain, or to the root where the chain is empty
     * @param chain the intermediates below the root, the one that signs first; empty where the root itself signs
     * @throws IllegalArgumentException where the key belongs to another certificate
     */
    public static CertificateAuthority of(
            PrivateKey key, List<X509Certificate> chain, X509Certificate root, InstantSource clock) {
        X509Certificate signer = chain.isEmpty() ? root : chain.get(0);
        requireName(signer.getSubjectX500Principal().getName());
        CertificateAuthority authority = new CertificateAuthority(key, chain, root, clock);
        authority.requireKeyOf(signer);
        return authority;
    }

    /** Makes an authority below this one, that holds as long as this one. */
    public CertificateAuthority intermediate(String name) {
        return intermediate(CertificateSpec.builder()
                .commonName(requireNonNull(name, "name"))
                .usages()
                .authority(true)
                .validUntil(certificate().getNotAfter().toInstant())
                .build());
    }

    /** Makes an authority below this one, as the spec says. */
    public CertificateAuthority intermediate(CertificateSpec spec) {
        requireName(spec.commonName());
        IssuedCertificate issued = issue(spec);
        return new CertificateAuthority(issued.key(), issued.chain(), root, clock);
    }

    /** Makes a key and a certificate for it. */
    public IssuedCertificate issue(CertificateSpec spec) {
        KeyPair keys = spec.keyKind().generate();
        return new IssuedCertificate(keys.getPrivate(), withChain(certify(spec, keys.getPublic())));
    }

    /** Makes a certificate for a key that lives elsewhere; the spec's kind of key does not count. */
    public X509Certificate certify(CertificateSpec spec, PublicKey subject) {
        Instant now = clock.instant();
        return certificate(
                spec,
                subject,
                signer(),
                serial(random),
                spec.notBefore() == null ? now.minus(SKEW) : spec.notBefore(),
                spec.notAfter() == null ? now.plus(DEFAULT_TTL) : spec.notAfter());
    }

    /**
     * Makes a revocation list.
     *
     * @param revoked serial numbers, and since when each is not to be trusted
     * @param number grows with every list of an authority
     * @param nextUpdate until when the list holds
     */
    public X509CRL crl(Map<BigInteger, Instant> revoked, BigInteger number, Instant nextUpdate) {
        KeyKind kind = KeyKind.of(key);
        List<byte[]> parts = new ArrayList<>();
        parts.add(Der.integer(V2));
        parts.add(kind.signatureIdentifier());
        parts.add(signer().name());
        parts.add(Der.time(clock.instant()));
        parts.add(Der.time(nextUpdate));
        if (!revoked.isEmpty()) {
            SortedMap<BigInteger, Instant> sorted = new TreeMap<>(revoked);
            parts.add(Der.sequence(sorted.entrySet().stream()
                    .map(entry -> Der.sequence(Der.integer(entry.getKey()), Der.time(entry.getValue())))
                    .toArray(byte[][]::new)));
        }
        byte[] extensions = Der.sequence(
                extension(Oids.AUTHORITY_KEY_IDENTIFIER, false, authorityKey(signer().keyIdentifier())),
                extension(Oids.CRL_NUMBER, false, Der.integer(number)));
        parts.add(Der.explicit(0, extensions));
        byte[] der = signed(Der.sequence(parts.toArray(byte[][]::new)), key);
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("a revocation list of ours that the JDK does not read", failure);
        }
    }

    /** Returns the number of a revocation list that was made here. */
    public static BigInteger number(X509CRL list) {
        byte[] extension = list.getExtensionValue(CRL_NUMBER_OID);
        if (extension == null) {
            throw new IllegalArgumentException("revocation list without a number (expected: one that was made here)");
        }
        // An OCTET STRING around an INTEGER, both short: tag, length, tag, length, number.
        return new BigInteger(Arrays.copyOfRange(extension, 4, extension.length));
    }

    /** Returns the certificate whose key signs. */
    public X509Certificate certificate() {
        return chain.isEmpty() ? root : chain.get(0);
    }

    /** Returns the key that signs. A secret. */
    public PrivateKey key() {
        return key;
    }

    /** Returns the intermediates below the root, the one that signs first; empty where the root itself signs. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** Returns the certificate that others are to trust. */
    public X509Certificate root() {
        return root;
    }

    /** Returns the root as PEM text. */
    public String trustPem() {
        return Pem.certificate(root);
    }

    private List<X509Certificate> withChain(X509Certificate leaf) {
        List<X509Certificate> all = new ArrayList<>();
        all.add(leaf);
        all.addAll(chain);
        return all;
    }

    /** RFC 5280 §4.1.2.4: who signs has a name. */
    private static void requireName(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "commonName: absent (expected: a name, since it stands in what is signed)");
        }
    }

    /** Signs something and checks it, for a key and a certificate that do not belong together make only useless ones. */
    private void requireKeyOf(X509Certificate signer) {
        byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature check = Signature.getInstance(KeyKind.of(key).signature());
            check.initVerify(signer.getPublicKey());
            check.update(probe);
            if (check.verify(sign(probe, key))) {
                return;
            }
        } catch (GeneralSecurityException failure) {
            throw new IllegalArgumentException(mismatch(signer), failure);
        }
        throw new IllegalArgumentException(mismatch(signer));
    }

    private static String mismatch(X509Certificate signer) {
        return "key: not that of the certificate " + signer.getSubjectX500Principal()
                + " (expected: the two that were made together)";
    }

    private Signer signer() {
        X509Certificate own = certificate();
        return new Signer(key, own.getSubjectX500Principal().getEncoded(), keyIdentifier(own.getPublicKey()));
    }

    private static X509Certificate certificate(
            CertificateSpec spec,
            PublicKey subject,
            Signer signer,
            BigInteger serial,
            Instant notBefore,
            Instant notAfter) {
        KeyKind kind = KeyKind.of(signer.key());
        byte[] toSign = Der.sequence(
                Der.explicit(0, Der.integer(V3)),
                Der.integer(serial),
                kind.signatureIdentifier(),
                signer.name(),
                Der.sequence(Der.time(notBefore), Der.time(notAfter)),
                name(spec.commonName()),
                subject.getEncoded(),
                Der.explicit(3, Der.sequence(extensions(spec, subject, signer).toArray(byte[][]::new))));
        byte[] der = signed(toSign, signer.key());
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("a certificate of ours that the JDK does not read", failure);
        }
    }

    private static List<byte[]> extensions(CertificateSpec spec, PublicKey subject, Signer signer) {
        List<byte[]> all = new ArrayList<>();
        all.add(extension(
                Oids.BASIC_CONSTRAINTS, true, spec.authority() ? Der.sequence(Der.bool(true)) : Der.sequence()));
        all.add(extension(Oids.KEY_USAGE, true, Der.namedBits(keyUsage(spec, subject))));
        if (!spec.usages().isEmpty()) {
            all.add(extension(
                    Oids.EXTENDED_KEY_USAGE,
                    false,
                    Der.sequence(spec.usages().stream()
                            .sorted()
                            .map(usage -> usage == CertificateSpec.Usage.SERVER
                                    ? Oids.SERVER_AUTH.der()
                                    : Oids.CLIENT_AUTH.der())
                            .toArray(byte[][]::new))));
        }
        List<byte[]> names = alternativeNames(spec);
        if (!names.isEmpty()) {
            // Critical where nothing else names the subject: RFC 5280 §4.2.1.6.
            all.add(extension(
                    Oids.SUBJECT_ALTERNATIVE_NAME,
                    spec.commonName() == null,
                    Der.sequence(names.toArray(byte[][]::new))));
        }
        all.add(extension(Oids.SUBJECT_KEY_IDENTIFIER, false, Der.octets(keyIdentifier(subject))));
        all.add(extension(Oids.AUTHORITY_KEY_IDENTIFIER, false, authorityKey(signer.keyIdentifier())));
        return all;
    }

    private static int keyUsage(CertificateSpec spec, PublicKey subject) {
        if (spec.authority()) {
            return KEY_CERT_SIGN | CRL_SIGN;
        }
        return KeyKind.of(subject).enciphers() ? DIGITAL_SIGNATURE | KEY_ENCIPHERMENT : DIGITAL_SIGNATURE;
    }

    private static List<byte[]> alternativeNames(CertificateSpec spec) {
        List<byte[]> names = new ArrayList<>();
        for (URI uri : spec.uris()) {
            names.add(Der.implicit(URI_NAME, uri.toString().getBytes(StandardCharsets.US_ASCII)));
        }
        for (String dnsName : spec.dnsNames()) {
            names.add(Der.implicit(DNS_NAME, dnsName.getBytes(StandardCharsets.US_ASCII)));
        }
        for (InetAddress address : spec.addresses()) {
            names.add(Der.implicit(IP_ADDRESS, address.getAddress()));
        }
        return names;
    }

    private static byte[] extension(Oids oid, boolean critical, byte[] content) {
        return critical
                ? Der.sequence(oid.der(), Der.bool(true), Der.octets(content))
                : Der.sequence(oid.der(), Der.octets(content));
    }

    private static byte[] authorityKey(byte[] keyIdentifier) {
        return Der.sequence(Der.implicit(0, keyIdentifier));
    }

    /** A name of one part, or of none. */
    private static byte[] name(@Nullable String commonName) {
        return commonName == null
                ? Der.sequence()
                : Der.sequence(Der.setOf(Der.sequence(Oids.COMMON_NAME.der(), Der.utf8(commonName))));
    }

    private static byte[] keyIdentifier(PublicKey key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return Arrays.copyOf(digest, KEY_IDENTIFIER_BYTES);
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("this JVM has no SHA-256", failure);
        }
    }

    private static BigInteger serial(SecureRandom random) {
        // Zero is no serial number.
        return new BigInteger(SERIAL_BITS, random).max(BigInteger.ONE);
    }

    private static byte[] signed(byte[] toSign, PrivateKey key) {
        try {
            return Der.sequence(toSign, KeyKind.of(key).signatureIdentifier(), Der.bits(sign(toSign, key)));
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("the authority's key does not sign", failure);
        }
    }

    private static byte[] sign(byte[] content, PrivateKey key) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(KeyKind.of(key).signature());
        signature.initSign(key);
        signature.update(content);
        return signature.sign();
    }

    /** Who signs. Not a record: it holds arrays. */
    private static final class Signer {
        private final PrivateKey key;
        private final byte[] name;
        private final byte[] keyIdentifier;

        Signer(PrivateKey key, byte[] name, byte[] keyIdentifier) {
            this.key = key;
            this.name = name;
            this.keyIdentifier = keyIdentifier;
        }

        PrivateKey key() {
            return key;
        }

        byte[] name() {
            return name;
        }

        byte[] keyIdentifier() {
            return keyIdentifier;
        }
    }
}
