package io.intramesh.internal.access;

/** What a token that was checked says. Immutable. */
public interface TokenClaims {
    /**
     * Tells whether a claim has that value: it equals it as text; it is a list that holds it; or, of the claim {@code scope},
     * it is one of its words (RFC 8693, section 4.2). A dot leads into a claim that is an object, where no claim has that very
     * name.
     */
    boolean has(String claim, String value);
}
