package io.intramesh.internal.access;

import io.intramesh.model.JwtIssuer;
import java.util.Collection;
import java.util.List;

/** Keeps the keys of issuers and checks tokens by them. Configured on the mesh thread. */
public interface Tokens extends AutoCloseable {
    /** Knows no issuer. */
    Tokens NONE = new Tokens() {
        @Override
        public TokenVerifier trusting(List<JwtIssuer> issuers) {
            return TokenVerifier.NONE;
        }

        @Override
        public void retain(Collection<JwtIssuer> issuers) {}

        @Override
        public void close() {}
    };

    /** Returns what checks tokens of these issuers. Their keys are fetched from now on, and kept over configurations. */
    TokenVerifier trusting(List<JwtIssuer> issuers);

    /** Forgets the issuers that no policy names any more. */
    void retain(Collection<JwtIssuer> issuers);

    /** Ends the fetching of keys. */
    @Override
    void close();
}
