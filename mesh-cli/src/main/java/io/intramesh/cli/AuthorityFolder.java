package io.intramesh.cli;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.KeyKind;
import io.intramesh.internal.issue.Pem;
import io.intramesh.tls.PeerIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An authority that lives in a folder: {@code ca.pem} for everyone to trust, {@code ca-key.pem} for nobody to see, {@code
 * issued/} with what it issued and is not over yet, and {@code crl.pem} once something is revoked. One below another has
 * {@code chain.pem} as well, from its own certificate up to the one below the root. The files are all there is to know.
 */
final class AuthorityFolder {
    private static final String CERTIFICATE = "ca.pem";
    private static final String KEY = "ca-key.pem";
    private static final String CHAIN = "chain.pem";
    private static final String LIST = "crl.pem";
    private static final String ISSUED = "issued";
    private static final String LOCK = ".lock";
    private static final String SPIFFE = "spiffe://";

    private final Path folder;
    private final CertificateAuthority authority;
    private final String trustDomain;
    private final InstantSource clock;

    private AuthorityFolder(Path folder, CertificateAuthority authority, String trustDomain, InstantSource clock) {
        this.folder = folder;
        this.authority = authority;
        this.trustDomain = trustDomain;
        this.clock = clock;
    }

    /** Makes a new authority in a folder that is new or empty. */
    static AuthorityFolder create(Path folder, String trustDomain, Duration ttl, KeyKind kind, InstantSource clock)
            throws BadInputException {
        if (!PeerIdentity.isTrustDomain(trustDomain)) {
            throw new BadInputException("--trust-domain '" + trustDomain
                    + "' (expected: a name such as shop.local, of a-z 0-9 . - _, without spiffe://)");
        }
        refuseOverwriting(folder);
        CertificateAuthority authority = CertificateAuthority.create(
                CertificateSpec.builder()
                        .commonName(trustDomain + " development authority")
                        .uris(URI.create(SPIFFE + trustDomain))
                        .usages()
                        .authority(true)
                        .keyKind(kind)
                        .validUntil(clock.instant().plus(ttl))
                        .build(),
                clock);
        return written(folder, authority, trustDomain, clock);
    }

    /** Makes an authority below this one, in a folder that is new or empty, that ends with this one at the latest. */
    AuthorityFolder createBelow(Path below, Duration ttl, KeyKind kind) throws BadInputException {
        refuseOverwriting(below);
        Instant now = clock.instant();
        requireNotOver(now);
        CertificateAuthority intermediate = authority.intermediate(CertificateSpec.builder()
                // Revocation lists are told apart by the names of authorities.
                .commonName(trustDomain + " intermediate " + now)
                .uris(URI.create(SPIFFE + trustDomain))
                .usages()
                .authority(true)
                .keyKind(kind)
                .validUntil(endOf(now.plus(ttl)))
                .build());
        AuthorityFolder written = written(below, intermediate, trustDomain, clock);
        try {
            // So that it is shown, and can be revoked.
            remember(intermediate.certificate());
        } catch (IOException failure) {
            throw new BadInputException(folder + ": cannot be written: " + failure, failure);
        }
        return written;
    }

    private static void refuseOverwriting(Path folder) throws BadInputException {
        try {
            if (Files.exists(folder) && !isEmptyFolder(folder)) {
                throw new BadInputException(folder
                        + ": is there already (expected: a new or empty folder); nothing is overwritten, name another");
            }
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(folder, failure), failure);
        }
    }

    private static AuthorityFolder written(
            Path folder, CertificateAuthority authority, String trustDomain, InstantSource clock)
            throws BadInputException {
        try {
            AuthorityFiles.createSecretFolder(folder);
            AuthorityFiles.writeSecret(folder.resolve(KEY), Pem.key(authority.key()));
            if (!authority.chain().isEmpty()) {
                StringBuilder chain = new StringBuilder();
                authority.chain().forEach(certificate -> chain.append(Pem.certificate(certificate)));
                AuthorityFiles.write(folder.resolve(CHAIN), chain.toString());
            }
            // Last: a folder with this file is whole.
            AuthorityFiles.write(folder.resolve(CERTIFICATE), authority.trustPem());
            return new AuthorityFolder(folder, authority, trustDomain, clock);
        } catch (IOException failure) {
            throw new BadInputException(folder + ": cannot be written: " + failure, failure);
        }
    }

    private static boolean isEmptyFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    /** Takes up the authority of a folder. */
    static AuthorityFolder open(Path folder, InstantSource clock) throws BadInputException {
        try {
            X509Certificate root = certificates(folder.resolve(CERTIFICATE)).get(0);
            List<X509Certificate> chain =
                    Files.exists(folder.resolve(CHAIN)) ? certificates(folder.resolve(CHAIN)) : List.of();
            CertificateAuthority authority =
                    CertificateAuthority.of(Pem.readKey(Files.readString(folder.resolve(KEY))), chain, root, clock);
            return new AuthorityFolder(folder, authority, trustDomain(root), clock);
        } catch (NoSuchFileException failure) {
            throw new BadInputException(
                    folder + ": holds no authority; make one by 'mesh ca init " + folder + " --trust-domain …'",
                    failure);
        } catch (IllegalArgumentException | GeneralSecurityException failure) {
            throw new BadInputException(
                    folder + ": not understood: " + failure.getMessage() + "; make a new authority elsewhere", failure);
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(folder, failure), failure);
        }
    }

    /** The SPIFFE ID of an authority is its trust domain's, without a path (X.509-SVID §3.2). */
    private static String trustDomain(X509Certificate root) throws GeneralSecurityException {
        Collection<List<?>> names = root.getSubjectAlternativeNames();
        if (names != null) {
            for (List<?> name : names) {
                String text = String.valueOf(name.get(1));
                if (text.startsWith(SPIFFE) && PeerIdentity.isTrustDomain(text.substring(SPIFFE.length()))) {
                    return text.substring(SPIFFE.length());
                }
            }
        }
        throw new IllegalArgumentException(CERTIFICATE + " names no trust domain");
    }

    String trustDomain() {
        return trustDomain;
    }

    X509Certificate root() {
        return authority.root();
    }

    Path folder() {
        return folder;
    }

    /** Tells when the authority itself ends. */
    Instant end() {
        return authority.certificate().getNotAfter().toInstant();
    }

    private Instant endOf(Instant wanted) {
        return wanted.isBefore(end()) ? wanted : end();
    }

    private void requireNotOver(Instant now) throws BadInputException {
        if (!now.isBefore(end())) {
            throw new BadInputException(folder + ": the authority ended at " + end() + "; make a new one elsewhere");
        }
    }

    /** Issues a certificate for a workload, that ends with the authority at the latest, and remembers it. */
    IssuedCertificate issue(Workload workload, Duration ttl, KeyKind kind) throws BadInputException {
        Instant now = clock.instant();
        requireNotOver(now);
        try {
            IssuedCertificate issued = authority.issue(CertificateSpec.builder()
                    .commonName(workload.node())
                    .uris(workload.spiffeId(trustDomain))
                    .dnsNames(workload.dnsNames())
                    .addresses(workload.addresses())
                    // Of the same moment, however long the key takes, or each renewal would hold for a little less.
                    .validFrom(now.minus(CertificateAuthority.SKEW))
                    .validUntil(endOf(now.plus(ttl)))
                    .keyKind(kind)
                    .build());
            remember(issued.certificate());
            return issued;
        } catch (IOException failure) {
            throw new BadInputException(folder + ": cannot be written: " + failure, failure);
        }
    }

    private void remember(X509Certificate certificate) throws IOException {
        Path issued = folder.resolve(ISSUED);
        AuthorityFiles.createSecretFolder(issued);
        AuthorityFiles.write(issued.resolve(serial(certificate) + ".pem"), Pem.certificate(certificate));
        Instant now = clock.instant();
        for (Path file : issuedFiles()) {
            // What is over needs neither to be shown nor to be revoked.
            if (isOver(file, now)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static boolean isOver(Path file, Instant now) throws IOException {
        try {
            return !now.isBefore(certificates(file).get(0).getNotAfter().toInstant());
        } catch (NoSuchFileException gone) {
            // By another process that issues at the same time.
            return false;
        } catch (GeneralSecurityException damaged) {
            return false;
        }
    }

    /** Returns what was issued, whatever is over left out, by node and then by end. */
    List<X509Certificate> issued() throws BadInputException {
        Instant now = clock.instant();
        List<X509Certificate> all = new ArrayList<>();
        try {
            for (Path file : issuedFiles()) {
                X509Certificate certificate = certificates(file).get(0);
                if (now.isBefore(certificate.getNotAfter().toInstant())) {
                    all.add(certificate);
                }
            }
        } catch (GeneralSecurityException failure) {
            throw new BadInputException(folder.resolve(ISSUED) + ": not understood: " + failure.getMessage(), failure);
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(folder.resolve(ISSUED), failure), failure);
        }
        all.sort(Comparator.<X509Certificate, String>comparing(certificate ->
                        String.valueOf(PeerIdentity.of(certificate).name()))
                .thenComparing(certificate -> certificate.getNotAfter().toInstant()));
        return all;
    }

    private List<Path> issuedFiles() throws IOException {
        Path issued = folder.resolve(ISSUED);
        if (!Files.isDirectory(issued)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(issued)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".pem"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Tells whether this authority signed it. */
    boolean isOwn(X509Certificate certificate) {
        X509Certificate signer = authority.certificate();
        try {
            certificate.verify(signer.getPublicKey());
            return certificate.getIssuerX500Principal().equals(signer.getSubjectX500Principal());
        } catch (GeneralSecurityException stranger) {
            return false;
        }
    }

    /** Puts these on the revocation list, beside what stands there. */
    void revoke(Collection<X509Certificate> certificates) throws BadInputException {
        // Two at the same time must not lose each other's: read and write under a lock of the file system.
        try (FileChannel channel =
                        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            X509CRL before = list();
            Map<BigInteger, Instant> revoked = new HashMap<>(revoked(before));
            Instant now = clock.instant();
            certificates.forEach(certificate -> revoked.putIfAbsent(certificate.getSerialNumber(), now));
            BigInteger number = before == null
                    ? BigInteger.ONE
                    : CertificateAuthority.number(before).add(BigInteger.ONE);
            // As long as the authority: nobody is here to issue lists on time, and one that is over stops all calls.
            AuthorityFiles.write(folder.resolve(LIST), Pem.crl(authority.crl(revoked, number, end())));
            lock.release();
        } catch (IOException failure) {
            throw new BadInputException(folder.resolve(LIST) + ": cannot be written: " + failure, failure);
        }
    }

    /** Tells whether it stands on the list. */
    boolean isRevoked(X509Certificate certificate) throws BadInputException {
        return revoked(list()).containsKey(certificate.getSerialNumber());
    }

    private static Map<BigInteger, Instant> revoked(@Nullable X509CRL list) {
        Set<? extends X509CRLEntry> entries = list == null ? null : list.getRevokedCertificates();
        if (entries == null) {
            return Map.of();
        }
        Map<BigInteger, Instant> revoked = new HashMap<>();
        entries.forEach(entry ->
                revoked.put(entry.getSerialNumber(), entry.getRevocationDate().toInstant()));
        return revoked;
    }

    /** Returns what nodes are to trust: the authority, and its list where there is one. */
    String trustPem() throws BadInputException {
        X509CRL list = list();
        return list == null ? authority.trustPem() : authority.trustPem() + Pem.crl(list);
    }

    private @Nullable X509CRL list() throws BadInputException {
        Path file = folder.resolve(LIST);
        try {
            return (X509CRL) CertificateFactory.getInstance("X.509")
                    .generateCRL(new ByteArrayInputStream(Files.readAllBytes(file)));
        } catch (NoSuchFileException none) {
            return null;
        } catch (GeneralSecurityException failure) {
            throw new BadInputException(file + ": not understood: " + failure.getMessage(), failure);
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(file, failure), failure);
        }
    }

    /** Returns the serial number as everyone writes it. */
    static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    /** Reads the first certificate of a PEM text; what follows may be a revocation list. */
    static X509Certificate firstCertificate(String pem) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Reads a PEM file of one certificate or more. */
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        List<X509Certificate> certificates =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new IOException(file + ": no certificate (expected: PEM)");
        }
        return certificates;
    }
}
