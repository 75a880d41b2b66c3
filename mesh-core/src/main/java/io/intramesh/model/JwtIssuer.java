package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Whose JSON Web Tokens are trusted, for what, and by which keys (RFC 7519, RFC 8725).
 *
 * @param issuer the token's {@code iss}, string-equal
 * @param audiences at least one; the token's {@code aud} must name one of them, so that a token for another service is none here
 * @param jwks where the issuer's public keys are
 * @param algorithms by which a token may be signed, whatever it says itself; at least one
 * @param clockSkew how far the clocks may be apart that {@code exp} and {@code nbf} are read by
 */
public record JwtIssuer(
        String issuer, List<String> audiences, Jwks jwks, List<Algorithm> algorithms, Duration clockSkew) {
    public static final int MAX_LENGTH = 2048;

    /** What most issuers sign with, and what signs with the shortest keys. */
    public static final List<Algorithm> DEFAULT_ALGORITHMS = List.of(Algorithm.RS256, Algorithm.ES256);

    /** As Envoy's jwt_authn filter and the Nimbus library have it. */
    public static final Duration DEFAULT_CLOCK_SKEW = Duration.ofMinutes(1);

    /** RFC 7519, section 4.1.4: "usually no more than a few minutes". */
    public static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    public JwtIssuer {
        Checks.length("issuer", issuer, 1, MAX_LENGTH);
        Checks.require(!audiences.isEmpty(), "audiences: none (expected: at least one)");
        requireNonNull(jwks, "jwks");
        Checks.require(!algorithms.isEmpty(), "algorithms: none (expected: at least one)");
        Checks.require(
                !clockSkew.isNegative() && clockSkew.compareTo(MAX_CLOCK_SKEW) <= 0,
                "clockSkew: " + clockSkew.toMillis() + " ms (expected: 0 to " + MAX_CLOCK_SKEW.toMillis() + " ms)");
        audiences = List.copyOf(audiences);
        algorithms = List.copyOf(algorithms);
    }

    /** Signatures by a private key. Those by a shared secret, and none, are not to be had. */
    public enum Algorithm {
        RS256,
        RS384,
        RS512,
        PS256,
        PS384,
        PS512,
        ES256,
        ES384,
        ES512
    }

    /** Where a set of public keys is (RFC 7517). */
    public sealed interface Jwks {

        /** A file, by path; looked at again and again. */
        record File(String path) implements Jwks {
            public File {
                Checks.length("file", path, 1, MAX_LENGTH);
            }
        }

        /** An address, by https; http only to this machine, since who can change the keys on their way can be anybody. */
        record Url(String url) implements Jwks {
            private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

            public Url {
                Checks.length("url", url, 1, MAX_LENGTH);
                Checks.require(isSafe(url), "url: '" + url + "' (expected: https://…, or http:// to this machine)");
            }

            private static boolean isSafe(String url) {
                try {
                    URI uri = new URI(url);
                    String host = uri.getHost();
                    return host != null
                            && uri.getUserInfo() == null
                            && ("https".equals(uri.getScheme())
                                    || ("http".equals(uri.getScheme()) && THIS_MACHINE.contains(host)));
                } catch (URISyntaxException e) {
                    return false;
                }
            }
        }
    }
}
