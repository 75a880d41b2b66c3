package io.intramesh.samples.shop.runner;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Counts where calls went and what became of them, since the start and lately. Safe for use by several threads. */
final class Tally {
    /** Texts come from other processes; however many kinds there are, this many are told apart. */
    private static final int MAX_TEXTS = 50;

    private static final String OTHERS = "others";

    private final LongSupplier nanos;
    private final long start;

    // All guarded by this. A few hundred counts a second need nothing finer.
    private final Map<String, Map<String, Counter>> answered = new TreeMap<>();
    private final Map<Refusal, Counter> refused = new LinkedHashMap<>();
    private final Map<String, Counter> failed = new LinkedHashMap<>();
    private final Counter served = new Counter();

    /** Counts with that clock, of which only differences matter. */
    Tally(LongSupplier nanos) {
        this.nanos = nanos;
        this.start = nanos.getAsLong();
    }

    /** Counts a call to a destination that this virtual node answered. */
    synchronized void answered(String destination, String virtualNode) {
        answered.computeIfAbsent(destination, name -> new TreeMap<>())
                .computeIfAbsent(virtualNode, name -> new Counter())
                .add(second());
    }

    /** Counts a visit that went well. */
    synchronized void served() {
        served.add(second());
    }

    /** Counts a call that the mesh refused. */
    synchronized void refused(String caller, String reason, String message) {
        Refusal refusal = new Refusal(caller, reason, message);
        if (!refused.containsKey(refusal) && refused.size() >= MAX_TEXTS) {
            refusal = new Refusal(caller, reason, OTHERS);
        }
        refused.computeIfAbsent(refusal, key -> new Counter()).add(second());
    }

    /** Counts a visit that failed in another way. */
    synchronized void failed(String what) {
        String text = failed.containsKey(what) || failed.size() < MAX_TEXTS ? what : OTHERS;
        failed.computeIfAbsent(text, name -> new Counter()).add(second());
    }

    /** Returns the figures of this moment. */
    synchronized Figures figures() {
        long second = second();
        List<Figures.Row> rows = new ArrayList<>();
        answered.forEach((destination, nodes) -> {
            List<Figures.Share> shares = new ArrayList<>();
            nodes.forEach(
                    (node, counter) -> shares.add(new Figures.Share(node, counter.recent(second), counter.total())));
            rows.add(new Figures.Row(destination, shares));
        });
        List<Figures.Refused> refusals = new ArrayList<>();
        refused.forEach((refusal, counter) -> refusals.add(new Figures.Refused(
                refusal.caller(), refusal.reason(), refusal.message(), counter.recent(second), counter.total())));
        List<Figures.Failed> failures = new ArrayList<>();
        failed.forEach(
                (what, counter) -> failures.add(new Figures.Failed(what, counter.recent(second), counter.total())));
        return new Figures(second, served.total(), rows, refusals, failures);
    }

    private long second() {
        return (nanos.getAsLong() - start) / 1_000_000_000L;
    }

    private record Refusal(String caller, String reason, String message) {}
}
