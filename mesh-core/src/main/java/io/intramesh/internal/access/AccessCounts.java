package io.intramesh.internal.access;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many requests each access policy denied, or would have denied. Kept by the policy's name, so that a changed rule does
 * not begin anew. Safe for use by several threads.
 */
public final class AccessCounts {
    private final ConcurrentMap<String, Counts> byPolicy = new ConcurrentHashMap<>();

    /** Counts a request that a policy denied. */
    public void denied(String policy) {
        of(policy).denied.increment();
    }

    /** Counts a request that a policy in SHADOW would have denied. */
    public void wouldDeny(String policy) {
        of(policy).wouldDeny.increment();
    }

    private Counts of(String policy) {
        Counts known = byPolicy.get(policy);
        return known == null ? byPolicy.computeIfAbsent(policy, name -> new Counts()) : known;
    }

    /** Returns how many requests the policy denied so far. */
    public long deniedBy(String policy) {
        Counts counts = byPolicy.get(policy);
        return counts == null ? 0 : counts.denied.sum();
    }

    /** Returns how many requests the policy would have denied so far, had it been enforced. */
    public long wouldBeDeniedBy(String policy) {
        Counts counts = byPolicy.get(policy);
        return counts == null ? 0 : counts.wouldDeny.sum();
    }

    /** Forgets the policies that are gone. */
    public void retain(Collection<String> policies) {
        byPolicy.keySet().retainAll(Set.copyOf(policies));
    }

    private static final class Counts {
        private final LongAdder denied = new LongAdder();
        private final LongAdder wouldDeny = new LongAdder();
    }
}
