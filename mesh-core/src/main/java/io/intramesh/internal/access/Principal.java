package io.intramesh.internal.access;

import io.intramesh.tls.PeerIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, as far as it is proven. Immutable.
 *
 * @param isProven whether anything is known at all; where not, no rule on callers can be decided
 * @param virtualNode of the own mesh; null where it is none
 * @param knowsId whether {@code spiffeId} is the whole truth; false where a process asks about its own calls and does not know
 *     its certificate
 * @param spiffeId null for none
 * @param trustDomain of the SPIFFE ID
 * @param name for logs: the SPIFFE ID, else a DNS name; null for nobody
 */
public record Principal(
        boolean isProven,
        @Nullable String virtualNode,
        boolean knowsId,
        @Nullable String spiffeId,
        @Nullable String trustDomain,
        @Nullable String name) {
    /** Nobody that a rule could name. */
    public static final Principal ANONYMOUS = new Principal(false, null, false, null, null, null);

    static Principal of(PeerIdentity identity, @Nullable String virtualNode) {
        return identity.isNobody()
                ? ANONYMOUS
                : new Principal(true, virtualNode, true, identity.spiffeId(), identity.trustDomain(), identity.name());
    }

    /** Returns who has that SPIFFE ID. */
    public static Principal proven(String spiffeId, @Nullable String virtualNode) {
        return of(new PeerIdentity(spiffeId, List.of(), List.of(spiffeId)), virtualNode);
    }

    /** Returns a virtual node whose certificate is not known. */
    public static Principal node(String virtualNode) {
        return new Principal(true, virtualNode, false, null, null, virtualNode);
    }

    Match is(List<CallerTest> callers) {
        if (callers.isEmpty()) {
            return Match.YES;
        }
        if (!isProven) {
            return Match.UNPROVEN;
        }
        Match best = Match.NO;
        for (int i = 0; i < callers.size() && best != Match.YES; i++) {
            best = best.or(callers.get(i).test(this));
        }
        return best;
    }
}
