package io.intramesh.internal.tls;

import io.intramesh.internal.tls.Authorities.Authority;
import io.intramesh.tls.TrustSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads trusted authorities and revocation lists, and checks them before they may take the place of others: what is no
 * authority is refused, and so is a list that its authority did not sign.
 */
final class TrustReader implements MaterialReader<Authorities> {
    private static final Logger log = LoggerFactory.getLogger(TrustReader.class);

    /** RFC 5280 §4.2.1.3: the bit of the key usage that allows to sign certificates. */
    private static final int KEY_CERT_SIGN = 5;

    private final List<TrustSource> sources;
    private final List<Path> revocationFiles;

    TrustReader(List<TrustSource> sources, List<Path> revocationFiles) {
        this.sources = List.copyOf(sources);
        this.revocationFiles = List.copyOf(revocationFiles);
    }

    @Override
    public String describe() {
        return sources.stream().map(TrustReader::describe).collect(Collectors.joining(" and "));
    }

    private static String describe(TrustSource source) {
        if (source instanceof TrustSource.Pem pem) {
            return "file " + pem.bundle();
        }
        if (source instanceof TrustSource.KeyStoreFile store) {
            return "keystore " + store.file();
        }
        if (source instanceof TrustSource.ByDomain byDomain) {
            return byDomain.name();
        }
        return ((TrustSource.Supplied) source).name();
    }

    /** What is read of one source or file, and how its content becomes certificates and lists. */
    private interface Part {
        void add(List<Authority> authorities, List<X509CRL> lists) throws MaterialException;
    }

    @Override
    public Sighting<Authorities> look() throws IOException, MaterialException {
        List<byte[]> contents = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (TrustSource source : sources) {
            parts.add(part(source, contents));
        }
        for (Path file : revocationFiles) {
            byte[] content = MaterialFiles.read(file);
            contents.add(content);
            parts.add((authorities, lists) -> lists.addAll(revocationLists(content, "file " + file)));
        }
        boolean whole = revocationFiles.isEmpty() && sources.stream().noneMatch(TrustReader::isFile);
        return new Sighting<>(MaterialFiles.fingerprint(contents), whole, (now, before) -> made(parts, now));
    }

    private static Part part(TrustSource source, List<byte[]> contents) throws IOException, MaterialException {
        String where = describe(source);
        if (source instanceof TrustSource.Pem pem) {
            byte[] content = MaterialFiles.read(pem.bundle());
            contents.add(content);
            return (authorities, lists) -> {
                List<PemBlock> blocks = PemBlock.read(content, where);
                addAll(authorities, X509.certificates(blocks, where), null);
                lists.addAll(X509.revocationLists(blocks, where));
            };
        }
        if (source instanceof TrustSource.KeyStoreFile store) {
            byte[] content = MaterialFiles.read(store.file());
            contents.add(content);
            return (authorities, lists) ->
                    addAll(authorities, KeyStores.trusted(content, store.password(), where), null);
        }
        if (source instanceof TrustSource.ByDomain byDomain) {
            return part(
                    MaterialReader.askedFor("authorities", byDomain.name(), byDomain.supplier()::current),
                    where,
                    contents);
        }
        TrustSource.Supplied program = (TrustSource.Supplied) source;
        List<X509Certificate> supplied = MaterialReader.askedFor(
                "authorities",
                program.name(),
                () -> List.copyOf(program.supplier().current()));
        try {
            for (X509Certificate certificate : supplied) {
                contents.add(certificate.getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new MaterialException(where + ": gives a certificate without an encoding", e);
        }
        return (authorities, lists) -> addAll(authorities, supplied, null);
    }

    private static Part part(TrustSource.Bundles bundles, String where, List<byte[]> contents)
            throws MaterialException {
        try {
            for (Map.Entry<String, List<X509Certificate>> bundle :
                    bundles.authorities().entrySet()) {
                // The same authority for another domain is another trust.
                contents.add(bundle.getKey().getBytes(StandardCharsets.UTF_8));
                for (X509Certificate certificate : bundle.getValue()) {
                    contents.add(certificate.getEncoded());
                }
            }
            for (X509CRL list : bundles.revocationLists()) {
                contents.add(list.getEncoded());
            }
        } catch (CertificateEncodingException | CRLException e) {
            throw new MaterialException(where + ": gives a certificate or a list without an encoding", e);
        }
        return (authorities, lists) -> {
            bundles.authorities().forEach((domain, certificates) -> addAll(authorities, certificates, domain));
            lists.addAll(bundles.revocationLists());
        };
    }

    private static void addAll(
            List<Authority> authorities, List<X509Certificate> certificates, @Nullable String trustDomain) {
        for (X509Certificate certificate : certificates) {
            authorities.add(new Authority(certificate, trustDomain));
        }
    }

    private static boolean isFile(TrustSource source) {
        return source instanceof TrustSource.Pem || source instanceof TrustSource.KeyStoreFile;
    }

    /** DER begins with an ASN.1 SEQUENCE, which is no letter that PEM begins with. */
    private static List<X509CRL> revocationLists(byte[] content, String where) throws MaterialException {
        if (content.length > 0 && (content[0] & 0xff) == Der.SEQUENCE && !startsWithText(content)) {
            return List.of(X509.revocationList(content, where));
        }
        List<X509CRL> lists = X509.revocationLists(PemBlock.read(content, where), where);
        if (lists.isEmpty()) {
            throw new MaterialException(where + ": no revocation list (expected: a block of X509 CRL, or DER)");
        }
        return lists;
    }

    /** 0x30 is also the digit 0, with which a comment may begin; a DER length of more than 127 is no ASCII. */
    private static boolean startsWithText(byte[] content) {
        return content.length > 1 && content[1] >= 0;
    }

    private Authorities made(List<Part> parts, Instant now) throws MaterialException {
        List<Authority> authorities = new ArrayList<>();
        List<X509CRL> lists = new ArrayList<>();
        for (Part part : parts) {
            part.add(authorities, lists);
        }
        if (authorities.isEmpty()) {
            throw new MaterialException(describe()
                    + ": no authority (expected: a block of CERTIFICATE); name the file that holds the root");
        }
        List<String> problems = new ArrayList<>();
        List<Authority> fit = new ArrayList<>();
        for (int at = 0; at < authorities.size(); at++) {
            Authority authority = authorities.get(at);
            String problem = problem(authority.certificate());
            if (problem == null) {
                fit.add(authority);
                continue;
            }
            String which = "certificate " + (at + 1) + " (" + X509.name(authority.certificate()) + ") " + problem;
            if (authority.trustDomain() == null) {
                problems.add(which);
            } else {
                // Other domains' bundles are in others' hands: one must not keep the rest from being renewed.
                log.warn(
                        "authority left out trustDomain={} problem=\"{}: {}\"",
                        authority.trustDomain(),
                        describe(),
                        which);
            }
        }
        if (fit.isEmpty() && problems.isEmpty()) {
            problems.add("no authority is fit for use; the log says why");
        }
        List<X509Certificate> certificates =
                fit.stream().map(Authority::certificate).toList();
        if (problems.isEmpty()
                && certificates.stream().noneMatch(certificate -> Authorities.isInDate(certificate, now))) {
            problems.add("no authority is in date; fetch the bundle of today");
        }
        for (X509CRL list : lists) {
            if (isForged(list, certificates)) {
                problems.add("the revocation list of "
                        + list.getIssuerX500Principal().getName() + " is not signed by that authority; fetch it anew");
            }
        }
        if (!problems.isEmpty()) {
            throw new MaterialException(problems.stream()
                    .map(problem -> describe() + ": " + problem)
                    .toList());
        }
        return new Authorities(fit, lists);
    }

    /** Who trusts a single peer's own certificate may list that: a self-signed one need not be an authority. */
    private static @Nullable String problem(X509Certificate certificate) {
        String weakness = X509.weakness(certificate.getPublicKey());
        if (weakness != null) {
            return "is weak: " + weakness;
        }
        boolean selfSigned = X509.isIssuedBy(certificate, certificate);
        if (certificate.getBasicConstraints() < 0 && !selfSigned) {
            return "is no authority (basic constraints: not CA); list its issuer instead";
        }
        boolean[] usage = certificate.getKeyUsage();
        if (certificate.getBasicConstraints() >= 0 && usage != null && !usage[KEY_CERT_SIGN]) {
            return "may not sign certificates (key usage); list its issuer instead";
        }
        return null;
    }

    /** A list of an authority further down is checked when that one is seen. */
    private static boolean isForged(X509CRL list, List<X509Certificate> certificates) {
        List<X509Certificate> issuers = certificates.stream()
                .filter(certificate -> certificate.getSubjectX500Principal().equals(list.getIssuerX500Principal()))
                .toList();
        return !issuers.isEmpty() && issuers.stream().noneMatch(issuer -> isSignedBy(list, issuer));
    }

    static boolean isSignedBy(X509CRL list, X509Certificate issuer) {
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
