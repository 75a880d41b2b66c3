package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.explain.ExplainRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call and what is expected to become of it. Immutable.
 *
 * <pre>{@code
 * Expectation.parse("orders calling GET http://payments.local/beta goes 10 % to payments-v2, by route beta");
 * }</pre>
 *
 * @param request names the caller or the gateway; its mesh may be open
 * @param isOutside whether the host is known to be none of the mesh's services, and so no misspelling of one
 * @param claims all of which must hold; at least one
 */
public record Expectation(ExplainRequest request, boolean isOutside, List<Claim> claims) {
    public Expectation {
        requireNonNull(request, "request");
        claims = List.copyOf(claims);
        if (claims.isEmpty()) {
            throw new IllegalArgumentException("claims: none (expected: at least one)");
        }
    }

    /**
     * Reads a sentence. Its grammar stands in {@code docs/testing-a-mesh.md}.
     *
     * @throws IllegalArgumentException when it is not understood; the message says where and what was expected
     */
    public static Expectation parse(String sentence) {
        try {
            return Sentence.parse(sentence);
        } catch (NotUnderstoodException e) {
            throw e.in(sentence);
        }
    }

    /**
     * Reads the call alone, such as {@code GET http://payments.local/beta} or {@code grpc stock.local shop.Stock/Reserve}.
     *
     * @param host that is meant by a path alone, as in {@code GET /beta}; null for none
     * @return a builder of the request, which names no mesh and no caller yet
     * @throws IllegalArgumentException when it is not understood; the message says where and what was expected
     */
    public static ExplainRequest.Builder parseCall(String call, @Nullable String host) {
        try {
            return Sentence.parseCall(call, host);
        } catch (NotUnderstoodException e) {
            throw e.in(call);
        }
    }

    /** Returns the same expectation of the mesh of that name. */
    public Expectation inMesh(String mesh) {
        return new Expectation(ExpectationChecker.inMesh(request, mesh), isOutside, claims);
    }
}
