package io.intramesh.internal.tls;

import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Trusted authorities, with what they revoked. Immutable; compared by identity, since one load is one trust. */
final class Authorities {
    /** RFC 5280 §4.2.1.10. */
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private final List<X509Certificate> certificates;
    private final List<X509CRL> revocationLists;

    Authorities(List<X509Certificate> certificates, List<X509CRL> revocationLists) {
        this.certificates = List.copyOf(certificates);
        this.revocationLists = List.copyOf(revocationLists);
    }

    List<X509Certificate> certificates() {
        return certificates;
    }

    List<X509CRL> revocationLists() {
        return revocationLists;
    }

    boolean contains(X509Certificate certificate) {
        return certificates.contains(certificate);
    }

    /** Returns when the last of them ends: until then somebody can be trusted. */
    Instant notAfter() {
        return certificates.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    /** Returns those that are in date. The JDK does not look at the dates of an anchor. */
    Set<TrustAnchor> anchorsAt(Instant now) {
        return certificates.stream()
                .filter(certificate -> isInDate(certificate, now))
                .map(certificate -> new TrustAnchor(certificate, nameConstraints(certificate)))
                .collect(Collectors.toSet());
    }

    static boolean isInDate(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    /** An authority that may vouch for some names only says so in its own certificate, too. */
    private static byte @Nullable [] nameConstraints(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(NAME_CONSTRAINTS);
        return extension == null ? null : Der.reader(extension).content(Der.OCTET_STRING);
    }
}
