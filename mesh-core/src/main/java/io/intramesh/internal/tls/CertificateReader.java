package io.intramesh.internal.tls;

import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.tls.CertificateSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a certificate with its chain and key, and checks all of it before it may take the place of another: key and
 * certificate belong together, each certificate is issued by the next, dates, strength, names.
 */
final class CertificateReader implements MaterialReader<TlsIdentity> {
    private final CertificateSource source;
    private final NameRule names;

    /** What a new certificate must be called. */
    @FunctionalInterface
    interface NameRule {
        /** Returns what is wrong with the names of a new certificate, and how to mend it, or null. */
        @Nullable
        String problem(X509Certificate made, @Nullable X509Certificate before);
    }

    CertificateReader(CertificateSource source, NameRule names) {
        this.source = source;
        this.names = names;
    }

    @Override
    public String describe() {
        if (source instanceof CertificateSource.Pem pem) {
            return "file " + pem.certificateChain();
        }
        if (source instanceof CertificateSource.KeyStoreFile store) {
            return "keystore " + store.file();
        }
        return ((CertificateSource.Supplied) source).name();
    }

    @Override
    public Sighting<TlsIdentity> look() throws IOException, MaterialException {
        if (source instanceof CertificateSource.Pem pem) {
            return look(pem);
        }
        if (source instanceof CertificateSource.KeyStoreFile store) {
            byte[] content = MaterialFiles.read(store.file());
            return Sighting.ofFiles(MaterialFiles.fingerprint(List.of(content)), (now, before) -> {
                KeyStores.Entry entry = KeyStores.key(content, store.password(), store.alias(), describe());
                return checked(entry.chain(), entry.key(), now, before);
            });
        }
        return look((CertificateSource.Supplied) source);
    }

    private Sighting<TlsIdentity> look(CertificateSource.Pem pem) throws IOException {
        byte[] chain = MaterialFiles.read(pem.certificateChain());
        byte[] key = MaterialFiles.read(pem.privateKey());
        return Sighting.ofFiles(MaterialFiles.fingerprint(List.of(chain, key)), (now, before) -> {
            List<X509Certificate> certificates = X509.certificates(PemBlock.read(chain, describe()), describe());
            String keyFile = "file " + pem.privateKey();
            PrivateKey privateKey = PrivateKeys.read(PemBlock.read(key, keyFile), keyFile, pem.password());
            return checked(certificates, privateKey, now, before);
        });
    }

    private Sighting<TlsIdentity> look(CertificateSource.Supplied supplied) throws MaterialException {
        CertificateSource.Material material =
                MaterialReader.askedFor("certificate", describe(), supplied.supplier()::current);
        List<byte[]> contents = new ArrayList<>();
        try {
            for (X509Certificate certificate : material.chain()) {
                contents.add(certificate.getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new MaterialException(describe() + ": gives a certificate without an encoding", e);
        }
        byte[] key = material.key().getEncoded();
        // A key in hardware shows nothing; then the object stands for itself.
        contents.add(
                key == null
                        ? Integer.toString(System.identityHashCode(material.key()))
                                .getBytes(StandardCharsets.US_ASCII)
                        : key);
        return Sighting.ofProgram(
                MaterialFiles.fingerprint(contents),
                (now, before) -> checked(material.chain(), material.key(), now, before));
    }

    private TlsIdentity checked(List<X509Certificate> chain, PrivateKey key, Instant now, @Nullable TlsIdentity before)
            throws MaterialException {
        if (chain.isEmpty()) {
            throw new MaterialException(
                    describe() + ": no certificate (expected: a block of CERTIFICATE, then those of its "
                            + "issuers); name the file that holds it");
        }
        List<String> problems = new ArrayList<>();
        X509Certificate leaf = chain.get(0);
        if (!belongTogether(leaf.getPublicKey(), key)) {
            problems.add("the private key does not belong to the certificate " + X509.name(leaf)
                    + "; write both files of one issue");
        }
        for (int at = 0; at < chain.size(); at++) {
            X509Certificate certificate = chain.get(at);
            String which = "certificate " + (at + 1) + " (" + X509.name(certificate) + ") ";
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                problems.add(
                        which + "has expired at " + certificate.getNotAfter().toInstant() + "; renew it");
            }
            if (now.isBefore(certificate.getNotBefore().toInstant())) {
                problems.add(which + "is not valid before "
                        + certificate.getNotBefore().toInstant() + "; wait, or set the clocks right");
            }
            addIfAny(problems, which + "is weak: ", X509.weakness(certificate));
            if (at + 1 < chain.size() && !X509.isIssuedBy(certificate, chain.get(at + 1))) {
                problems.add(
                        which + "is not issued by the one after it; put the certificate first, then each one's issuer");
            }
        }
        addIfAny(problems, "", names.problem(leaf, before == null ? null : before.certificate()));
        if (!problems.isEmpty()) {
            throw new MaterialException(problems.stream()
                    .map(problem -> describe() + ": " + problem)
                    .toList());
        }
        return new TlsIdentity(chain, key);
    }

    private static void addIfAny(List<String> problems, String before, @Nullable String problem) {
        if (problem != null) {
            problems.add(before + problem);
        }
    }

    /** Signs with the one and checks with the other: the only proof that also holds for keys that do not show themselves. */
    private static boolean belongTogether(PublicKey certified, PrivateKey key) {
        if (!Objects.equals(certified.getAlgorithm(), key.getAlgorithm())) {
            return false;
        }
        byte[] probe = "which certificate is mine".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature =
                    Signature.getInstance(key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
