package io.intramesh.internal.retry;

import io.intramesh.internal.time.NanoClock;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The budget of each virtual service, which stays over reloads. Safe for use by several threads. */
public final class RetryBudgets {
    private final NanoClock clock;
    private final ConcurrentMap<String, RetryBudget> byService = new ConcurrentHashMap<>();

    public RetryBudgets(NanoClock clock) {
        this.clock = clock;
    }

    /** Returns the budget of a virtual service. */
    public RetryBudget of(String virtualService) {
        RetryBudget known = byService.get(virtualService);
        return known == null
                ? byService.computeIfAbsent(virtualService, name -> new RetryBudget(clock.nanoTime()))
                : known;
    }

    /** Forgets the budgets of virtual services that are gone. */
    public void retain(Set<String> virtualServices) {
        byService.keySet().retainAll(virtualServices);
    }
}
