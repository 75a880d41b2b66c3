package io.intramesh.internal.tls;

import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.PeerIdentity;
import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which names a peer's certificate must carry. App Mesh's rules: of the names that the validation lists it must carry one,
 * string-equal, DNS or URI; where none are listed, a server must carry the name it was discovered by, and a client is not
 * asked.
 *
 * @param listed by the validation; empty where it lists none
 * @param expected names that the peer was discovered by; empty where nobody looks for it by name
 * @param trustDomain that a SPIFFE ID must belong to; null for any
 * @param required whether a name must match where nothing is listed, as towards servers
 */
record PeerNames(
        List<String> listed,
        List<String> expected,
        @Nullable String trustDomain,
        boolean required) {
    PeerNames {
        listed = List.copyOf(listed);
        expected = List.copyOf(expected);
    }

    static PeerNames ofServer(List<String> listed, List<String> expected, @Nullable String trustDomain) {
        return new PeerNames(listed, expected, trustDomain, true);
    }

    static PeerNames ofClient(List<String> listed, @Nullable String trustDomain) {
        return new PeerNames(listed, List.of(), trustDomain, false);
    }

    void check(PeerIdentity peer, String certificate) throws PeerCertificateException {
        String domain = peer.trustDomain();
        if (trustDomain != null && domain != null && !trustDomain.equals(domain)) {
            throw wrong(certificate, peer, "SPIFFE IDs of trust domain " + trustDomain);
        }
        if (!listed.isEmpty()) {
            if (listed.stream().noneMatch(peer::isNamed)) {
                throw wrong(certificate, peer, "one of " + listed);
            }
            return;
        }
        if (required && expected.stream().noneMatch(name -> carries(peer, name))) {
            throw wrong(
                    certificate,
                    peer,
                    expected.isEmpty()
                            ? "listed subjectAlternativeNames, for it was found by no name"
                            : expected.toString());
        }
    }

    private static PeerCertificateException wrong(String certificate, PeerIdentity peer, String expected) {
        List<String> names =
                Stream.concat(peer.uris().stream(), peer.dnsNames().stream()).toList();
        return new PeerCertificateException(
                Reason.WRONG_NAME,
                certificate + " is named " + names + " (expected: " + expected
                        + "); have it issued with that name, or list its own under subjectAlternativeNames");
    }

    /** Tells whether a DNS name stands for a host: equal but for case, or a wildcard for its first label (RFC 6125 §6.4.3). */
    static boolean carries(PeerIdentity peer, String host) {
        if (peer.uris().contains(host)) {
            return true;
        }
        String wanted = ascii(host);
        return wanted != null && peer.dnsNames().stream().anyMatch(name -> matches(name, wanted));
    }

    private static boolean matches(String pattern, String wanted) {
        String name = ascii(pattern);
        if (name == null) {
            return false;
        }
        if (!name.startsWith("*.")) {
            return name.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        // At least two labels after the star: nobody may be certified for a whole top-level domain.
        return dot > 0 && name.indexOf('.', 2) > 0 && wanted.substring(dot).equals(name.substring(1));
    }

    private static @Nullable String ascii(String name) {
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (bare.isEmpty()) {
            return null;
        }
        try {
            return IDN.toASCII(bare).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException notAName) {
            return null;
        }
    }
}
