package io.intramesh.internal.access.jwt;

import io.intramesh.internal.access.TokenClaims;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The claims of a token. */
record JwtClaims(Map<String, Object> claims) implements TokenClaims {
    private static final String SCOPE = "scope";

    @Override
    public boolean has(String claim, String value) {
        Object found = claims.containsKey(claim) ? claims.get(claim) : within(claim);
        if (found instanceof Collection<?> items) {
            return items.stream().anyMatch(item -> is(item, value));
        }
        if (claim.equals(SCOPE) && found instanceof String scopes) {
            return List.of(scopes.split(" ", -1)).contains(value);
        }
        return is(found, value);
    }

    private @Nullable Object within(String claim) {
        Object at = claims;
        for (String name : claim.split("\\.", -1)) {
            if (!(at instanceof Map<?, ?> members)) {
                return null;
            }
            at = members.get(name);
        }
        return at;
    }

    /** Texts, numbers and truths; nothing else has one spelling. */
    private static boolean is(@Nullable Object found, String value) {
        return (found instanceof String || found instanceof Number || found instanceof Boolean)
                && found.toString().equals(value);
    }
}
