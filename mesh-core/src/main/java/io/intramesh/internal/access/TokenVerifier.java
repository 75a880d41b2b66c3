package io.intramesh.internal.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Checks tokens by what one policy trusts. Safe for use by several threads. */
public interface TokenVerifier {
    /** Trusts nothing: where the library that checks tokens is missing. */
    TokenVerifier NONE = (token, now) -> null;

    /**
     * Returns what a token proves, or null where it proves nothing: it is malformed, of no trusted issuer, for another
     * audience, not valid now, or signed by no key at hand. Does not block.
     */
    @Nullable
    TokenClaims verify(String token, Instant now);
}
