package io.intramesh.internal.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads certificates and revocation lists, and judges the strength of their keys. */
final class X509 {
    /** CA/Browser Forum Baseline Requirements §6.1.5: RSA of 2048 bits, curves from P-256 up. */
    private static final int MIN_RSA_BITS = 2048;

    private static final int MIN_EC_BITS = 256;

    // RFC 5280 §5.2.4 and §5.2.5: a list of changes only, and a list that covers a part only.
    private static final String DELTA = "2.5.29.27";
    private static final String PARTIAL = "2.5.29.28";

    private X509() {}

    static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new IllegalStateException("this JVM reads no X.509 certificates", e);
        }
    }

    /** Returns the certificates among the blocks, in their order. */
    static List<X509Certificate> certificates(List<PemBlock> blocks, String where) throws MaterialException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemBlock block : blocks) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(certificate(block.content(), where + ": certificate " + (certificates.size() + 1)));
            }
        }
        return certificates;
    }

    static X509Certificate certificate(byte[] der, String where) throws MaterialException {
        try {
            return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new MaterialException(where + " cannot be read (" + e.getMessage() + "); write the file anew", e);
        }
    }

    /** Returns the revocation lists among the blocks. */
    static List<X509CRL> revocationLists(List<PemBlock> blocks, String where) throws MaterialException {
        List<X509CRL> lists = new ArrayList<>();
        for (PemBlock block : blocks) {
            if (block.label().equals("X509 CRL") || block.label().equals("CRL")) {
                lists.add(revocationList(block.content(), where));
            }
        }
        return lists;
    }

    static X509CRL revocationList(byte[] der, String where) throws MaterialException {
        X509CRL list;
        try {
            list = (X509CRL) factory().generateCRL(new ByteArrayInputStream(der));
        } catch (CRLException e) {
            throw new MaterialException(
                    where + ": the revocation list cannot be read (" + e.getMessage() + "); write the file anew", e);
        }
        Set<String> critical = list.getCriticalExtensionOIDs();
        if (critical != null && (critical.contains(DELTA) || critical.contains(PARTIAL))) {
            throw new MaterialException(
                    where + ": a revocation list of changes or of a part only (expected: the issuer's "
                            + "full list); fetch that one");
        }
        if (list.hasUnsupportedCriticalExtension()) {
            throw new MaterialException(where + ": the revocation list has an unknown critical extension among "
                    + critical + " (expected: a list by RFC 5280 without)");
        }
        return list;
    }

    /** Returns what is weak about a certificate, or null. */
    static @Nullable String weakness(X509Certificate certificate) {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (signature.contains("MD5") || signature.contains("MD2") || signature.startsWith("SHA1")) {
            return "signed by " + certificate.getSigAlgName() + " (expected: SHA-256 or better)";
        }
        return weakness(certificate.getPublicKey());
    }

    /** Returns what is weak about a key, or null. */
    static @Nullable String weakness(Key key) {
        if (key instanceof RSAKey rsa) {
            int bits = rsa.getModulus().bitLength();
            return bits < MIN_RSA_BITS ? "an RSA key of " + bits + " bits (expected: 2048 or more)" : null;
        }
        if (key instanceof ECKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            return bits < MIN_EC_BITS ? "an EC key of " + bits + " bits (expected: P-256 or more)" : null;
        }
        return "a key for " + key.getAlgorithm() + " (expected: RSA or EC)";
    }

    /** Tells whether the certificate bears that issuer's name and signature. */
    static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Names a certificate for people: its subject, and its serial number where the subject is empty. */
    static String name(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        return subject.isEmpty() ? "serial " + certificate.getSerialNumber().toString(16) : subject;
    }
}
