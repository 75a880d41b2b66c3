package io.intramesh.internal.tls;

import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Trusted authorities, with what they revoked. One that belongs to a trust domain vouches for peers of that domain alone.
 * Immutable; compared by identity, since one load is one trust.
 */
final class Authorities {
    /** RFC 5280 §4.2.1.10. */
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private final List<Authority> authorities;
    private final List<X509CRL> revocationLists;

    /**
     * Who vouches.
     *
     * @param trustDomain of the peers that it may vouch for; null for all
     */
    record Authority(X509Certificate certificate, @Nullable String trustDomain) {
        boolean mayVouchFor(@Nullable String peersDomain) {
            return trustDomain == null || trustDomain.equals(peersDomain);
        }
    }

    Authorities(List<Authority> authorities, List<X509CRL> revocationLists) {
        this.authorities = List.copyOf(authorities);
        this.revocationLists = List.copyOf(revocationLists);
    }

    List<X509Certificate> certificates() {
        return authorities.stream().map(Authority::certificate).distinct().toList();
    }

    /** Returns those that may vouch for a peer of that trust domain; null stands for a peer without a SPIFFE ID. */
    List<X509Certificate> of(@Nullable String peersDomain) {
        return authorities.stream()
                .filter(authority -> authority.mayVouchFor(peersDomain))
                .map(Authority::certificate)
                .toList();
    }

    /** Returns the trust domains that authorities are bound to. */
    Set<String> trustDomains() {
        Set<String> domains = new TreeSet<>();
        for (Authority authority : authorities) {
            if (authority.trustDomain() != null) {
                domains.add(authority.trustDomain());
            }
        }
        return domains;
    }

    /** Returns the lists that speak of an issuer's certificates: of its name, and not signed by a namesake. */
    List<X509CRL> revocationListsOf(X509Certificate issuer) {
        return revocationLists.stream()
                .filter(list -> list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal()))
                .filter(list -> TrustReader.isSignedBy(list, issuer) || !isSignedByAnother(list, issuer))
                .toList();
    }

    /** All authorities of SPIRE go by one name unless told otherwise. */
    private boolean isSignedByAnother(X509CRL list, X509Certificate issuer) {
        return authorities.stream()
                .map(Authority::certificate)
                .filter(certificate -> !certificate.equals(issuer))
                .anyMatch(certificate -> TrustReader.isSignedBy(list, certificate));
    }

    /** Returns when the last of them ends: until then somebody can be trusted. */
    Instant notAfter() {
        return authorities.stream()
                .map(authority -> authority.certificate().getNotAfter().toInstant())
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    /** Returns those of {@link #of} that are in date. The JDK does not look at the dates of an anchor. */
    Set<TrustAnchor> anchorsAt(Instant now, @Nullable String peersDomain) {
        return of(peersDomain).stream()
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
