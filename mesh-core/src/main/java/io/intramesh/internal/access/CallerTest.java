package io.intramesh.internal.access;

import io.intramesh.model.AccessPolicy.Caller;

/** One of the callers that a rule names, made ready. Immutable. */
sealed interface CallerTest {
    Match test(Principal principal);

    static CallerTest of(Caller caller) {
        if (caller instanceof Caller.Node node) {
            return new Node(node.virtualNode());
        }
        if (caller instanceof Caller.TrustDomain domain) {
            return new TrustDomain(domain.name());
        }
        String pattern = ((Caller.SpiffeId) caller).pattern();
        return pattern.endsWith("*") ? new IdPrefix(pattern.substring(0, pattern.length() - 1)) : new Id(pattern);
    }

    /** The caller is that virtual node. */
    record Node(String name) implements CallerTest {
        @Override
        public Match test(Principal principal) {
            return name.equals(principal.virtualNode()) ? Match.YES : Match.NO;
        }
    }

    /** The caller has that SPIFFE ID. */
    record Id(String id) implements CallerTest {
        @Override
        public Match test(Principal principal) {
            if (!principal.knowsId()) {
                return Match.UNPROVEN;
            }
            return id.equals(principal.spiffeId()) ? Match.YES : Match.NO;
        }
    }

    /** The caller's SPIFFE ID begins so; the trust domain is whole, so that no other one does. */
    record IdPrefix(String prefix) implements CallerTest {
        @Override
        public Match test(Principal principal) {
            if (!principal.knowsId()) {
                return Match.UNPROVEN;
            }
            String id = principal.spiffeId();
            return id != null && id.startsWith(prefix) ? Match.YES : Match.NO;
        }
    }

    /** The caller's SPIFFE ID is of that trust domain. */
    record TrustDomain(String name) implements CallerTest {
        @Override
        public Match test(Principal principal) {
            if (!principal.knowsId()) {
                return Match.UNPROVEN;
            }
            return name.equals(principal.trustDomain()) ? Match.YES : Match.NO;
        }
    }
}
