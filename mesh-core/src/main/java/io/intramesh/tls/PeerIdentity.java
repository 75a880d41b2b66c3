package io.intramesh.tls;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who a certificate stands for: the SPIFFE ID of its URI name, else its DNS names. Says nothing about trust; take it from a
 * chain that was checked. Immutable.
 *
 * <p>A certificate with a SPIFFE ID has that one URI name and no other (X.509-SVID [1], §2: a validator must refuse more). One
 * that breaks this, or whose SPIFFE ID is malformed, stands for nobody: all parts are absent.
 *
 * <p>[1] SPIFFE, "The X.509 SPIFFE Verifiable Identity Document"; the form of IDs: "The SPIFFE Identity and Verifiable
 * Identity Document", §2.
 *
 * @param spiffeId such as {@code spiffe://shop.example/orders}, or null
 * @param dnsNames in the order of the certificate
 * @param uris URI names, a SPIFFE ID included, in the order of the certificate
 */
public record PeerIdentity(@Nullable String spiffeId, List<String> dnsNames, List<String> uris) {
    /** Stands for nobody. */
    public static final PeerIdentity NOBODY = new PeerIdentity(null, List.of(), List.of());

    private static final String SCHEME = "spiffe://";

    /** Longest SPIFFE ID and longest trust domain that every implementation must take; longer ones are refused. */
    private static final int MAX_ID_LENGTH = 2048;

    private static final int MAX_TRUST_DOMAIN_LENGTH = 255;

    // Kinds of names in a certificate, RFC 5280 §4.2.1.6.
    private static final int DNS_NAME = 2;
    private static final int URI_NAME = 6;

    public PeerIdentity {
        dnsNames = List.copyOf(dnsNames);
        uris = List.copyOf(uris);
    }

    /** Returns who the first certificate of a chain stands for; {@link #NOBODY} for an empty chain. */
    public static PeerIdentity of(List<X509Certificate> chain) {
        return chain.isEmpty() ? NOBODY : of(chain.get(0));
    }

    /** Returns who a certificate stands for. */
    public static PeerIdentity of(X509Certificate certificate) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException unreadable) {
            return NOBODY;
        }
        if (names == null) {
            return NOBODY;
        }
        List<String> dnsNames = new ArrayList<>();
        List<String> uris = new ArrayList<>();
        for (List<?> name : names) {
            // Each is a pair of kind and value; the value is text for these two kinds.
            if (name.get(0).equals(DNS_NAME)) {
                dnsNames.add((String) name.get(1));
            } else if (name.get(0).equals(URI_NAME)) {
                uris.add((String) name.get(1));
            }
        }
        return of(dnsNames, uris);
    }

    private static PeerIdentity of(List<String> dnsNames, List<String> uris) {
        if (uris.stream().noneMatch(PeerIdentity::claimsSpiffe)) {
            return new PeerIdentity(null, dnsNames, uris);
        }
        if (uris.size() > 1 || !isSpiffeId(uris.get(0))) {
            return NOBODY;
        }
        return new PeerIdentity(uris.get(0), dnsNames, uris);
    }

    /** Tells whether a text is a well-formed SPIFFE ID of a workload: a trust domain and a path. */
    public static boolean isSpiffeId(String text) {
        if (text.length() > MAX_ID_LENGTH || !text.startsWith(SCHEME)) {
            return false;
        }
        int slash = text.indexOf('/', SCHEME.length());
        return slash > 0 && isTrustDomain(text.substring(SCHEME.length(), slash)) && isPath(text.substring(slash));
    }

    /** Tells whether a text is a well-formed name of a trust domain, such as {@code shop.example}. */
    public static boolean isTrustDomain(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_TRUST_DOMAIN_LENGTH
                && text.chars().allMatch(c -> isLowerOrDigit(c) || c == '.' || c == '-' || c == '_');
    }

    /** Every segment has at least one character, and none is a step up or down. */
    private static boolean isPath(String path) {
        for (int start = 1; start <= path.length(); ) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            if (!isSegment(path.substring(start, end))) {
                return false;
            }
            start = end + 1;
        }
        return true;
    }

    private static boolean isSegment(String text) {
        return !text.isEmpty()
                && !text.equals(".")
                && !text.equals("..")
                && text.chars().allMatch(PeerIdentity::isSegmentCharacter);
    }

    private static boolean isSegmentCharacter(int c) {
        return isLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
    }

    private static boolean isLowerOrDigit(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    /** Case does not matter in a URI's scheme: {@code SPIFFE:} is a claim, too, although a malformed one. */
    private static boolean claimsSpiffe(String uri) {
        try {
            return "spiffe".equalsIgnoreCase(new URI(uri).getScheme());
        } catch (URISyntaxException e) {
            return uri.regionMatches(true, 0, "spiffe", 0, "spiffe".length());
        }
    }

    /** Returns the trust domain of the SPIFFE ID, or null without one. */
    public @Nullable String trustDomain() {
        if (spiffeId == null) {
            return null;
        }
        return spiffeId.substring(SCHEME.length(), spiffeId.indexOf('/', SCHEME.length()));
    }

    /** Returns the name for logs and decisions: the SPIFFE ID, else the first DNS name, else the first URI, else null. */
    public @Nullable String name() {
        if (spiffeId != null) {
            return spiffeId;
        }
        if (!dnsNames.isEmpty()) {
            return dnsNames.get(0);
        }
        return uris.isEmpty() ? null : uris.get(0);
    }

    /** Tells whether it goes by that name, string-equal: a DNS name or a URI, as App Mesh's {@code match.exact}. */
    public boolean isNamed(String name) {
        return uris.contains(name) || dnsNames.contains(name);
    }

    /** Tells whether it stands for nobody that a rule could name. */
    public boolean isNobody() {
        return dnsNames.isEmpty() && uris.isEmpty();
    }
}
