package io.intramesh.internal.outlier;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Endpoint;
import io.intramesh.internal.outlier.Ejections.Standing;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.TrafficPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Outlier detection among the endpoints of one listener of a virtual node, as App Mesh had it. Every caller judges for itself
 * (OD-01). Outlives snapshots: {@link #configure} changes the rules and leaves what is known. Safe for use by several
 * threads; nothing is locked, and a success costs one look at a counter.
 */
/*
 * Idea, after Envoy [1] as App Mesh set it up (rules OD-01 to OD-10):
 *   - A counter per endpoint of failures in a row; a success sets it to 0. At the limit the endpoint is ejected at once.
 *   - base × ejections in a row, at most the greater of 300 s and base. The number sinks by one with each sweep in which the
 *     endpoint stayed in.
 *   - The sweep brings back whose time is over, so the real time is rounded up to the next sweep.
 *   - At most maxEjectionPercent of the endpoints are out, but the first one always may be. Who would exceed that stays in,
 *     and must fail as often again before it is looked at anew.
 *
 * All ejections stand in one immutable map behind one field. So the share can be checked and taken in one step
 * (with a counter beside the states, two threads could both take the last place), and readers compare identities to see
 * whether anything changed. Copying it costs as much as there are endpoints out, and happens as often as one comes or goes.
 *
 * The sweep runs only while there is somebody to bring back or to forgive, or rates to compare: a healthy mesh has no timer.
 * It then begins with the ejection, where Envoy's goes on all the time with a phase of its own.
 *
 * Success rates (opt-in): at each sweep, among the endpoints with enough requests since the last one, those are ejected whose
 * share of successes lies more than a number of standard deviations below the mean [1].
 *
 * [1] Envoy documentation, "Outlier detection".
 */
public final class OutlierDetector {
    /** Envoy's max_ejection_time. */
    static final Duration MAX_EJECTION = Duration.ofMinutes(5);

    /** An interval of 0 is a valid resource; the mesh thread still has other things to do. */
    static final Duration MIN_INTERVAL = Duration.ofMillis(100);

    /** Variances below this come of rounding. */
    private static final double EQUAL = 1e-6;

    private static final AtomicReferenceFieldUpdater<OutlierDetector, Ejections> MOVED =
            AtomicReferenceFieldUpdater.newUpdater(OutlierDetector.class, Ejections.class, "ejections");

    private final NanoClock clock;
    private final MeshScheduler scheduler;
    private final Supplier<List<Endpoint>> endpoints;
    private final Events events;

    // Any thread.
    private volatile Ejections ejections = Ejections.NONE;
    private final AtomicBoolean sweepPlanned = new AtomicBoolean();

    // Written by the mesh thread, read by all; null while nothing is detected.
    private volatile @Nullable OutlierSettings settings;

    /** Learns who goes and who comes back; called outside locks, by the thread that caused it. */
    public interface Events {
        /** An endpoint is left out from now on. */
        void ejected(Endpoint endpoint, Ejection ejection);

        /** An endpoint is used again. */
        void returned(Endpoint endpoint, Ejection ended);
    }

    /**
     * Creates a detector that detects nothing yet.
     *
     * @param endpoints all that are known at the moment
     */
    public OutlierDetector(
            NanoClock clock, MeshScheduler scheduler, Supplier<List<Endpoint>> endpoints, Events events) {
        this.clock = requireNonNull(clock, "clock");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.endpoints = requireNonNull(endpoints, "endpoints");
        this.events = requireNonNull(events, "events");
    }

    /** Takes other rules. Who is out stays so for its time; without rules, all come back. On the mesh thread. */
    public void configure(@Nullable OutlierSettings newSettings) {
        if (Objects.equals(newSettings, settings)) {
            return;
        }
        settings = newSettings;
        if (newSettings == null) {
            Ejections before = MOVED.getAndSet(this, Ejections.NONE);
            before.standings().forEach((endpoint, standing) -> tellReturned(endpoint, standing));
        } else if (newSettings.successRate() != null) {
            planSweep(newSettings);
        }
    }

    /** Returns the rules in force, or null. */
    public @Nullable OutlierSettings settings() {
        return settings;
    }

    /** Returns who is out. The same object for as long as that does not change. */
    public Ejections ejections() {
        return ejections;
    }

    /** Counts a success. */
    public void succeeded(Endpoint endpoint) {
        OutlierSettings rules = settings;
        if (rules == null) {
            return;
        }
        Tally tally = tally(endpoint);
        if (tally.failuresInARow.get() != 0) {
            tally.failuresInARow.set(0);
        }
        if (rules.successRate() != null) {
            tally.requests.incrementAndGet();
        }
    }

    /**
     * Counts a failure, and ejects the endpoint if it is one too many.
     *
     * @param what the last failure, in words, such as {@code status 503}
     */
    public void failed(Endpoint endpoint, String what) {
        OutlierSettings rules = settings;
        if (rules == null) {
            return;
        }
        Tally tally = tally(endpoint);
        if (rules.successRate() != null) {
            tally.requests.incrementAndGet();
            tally.failures.incrementAndGet();
        }
        // Failures of who is out, from requests that were under way or in panic, say nothing new.
        if (ejections.of(endpoint) != null) {
            return;
        }
        int inARow = tally.failuresInARow.incrementAndGet();
        if (inARow >= rules.consecutiveFailures() && tally.failuresInARow.compareAndSet(inARow, 0)) {
            eject(endpoint, rules, (inARow == 1 ? "" : inARow + " failures in a row, the last: ") + what);
        }
    }

    /** Brings an endpoint back and clears its counters, because an active health check passed (OD-10). */
    public void passedHealthCheck(Endpoint endpoint) {
        if (ejections.of(endpoint) == null) {
            return;
        }
        while (true) {
            Ejections before = ejections;
            Standing standing = before.standing(endpoint);
            if (standing == null || standing.ejection() == null) {
                return;
            }
            Ejections after = before.with(endpoint, new Standing(standing.inARow(), null));
            if (MOVED.compareAndSet(this, before, after)) {
                tally(endpoint).clear();
                tellReturned(endpoint, standing);
                return;
            }
        }
    }

    private void eject(Endpoint endpoint, OutlierSettings rules, String reason) {
        int known = endpoints.get().size();
        while (true) {
            Ejections before = ejections;
            Standing standing = before.standing(endpoint);
            if (standing != null && standing.ejection() != null) {
                return;
            }
            int out = before.count();
            if (known < rules.leastEndpoints()) {
                return;
            }
            // In longs: percentages of a large number must not overflow.
            if (out > 0 && (out + 1) * 100L > (long) rules.maxEjectionPercent() * known) {
                return;
            }
            Ejection ejection = next(rules, standing == null ? 0 : standing.inARow(), reason);
            if (MOVED.compareAndSet(this, before, before.with(endpoint, new Standing(ejection.inARow(), ejection)))) {
                events.ejected(endpoint, ejection);
                planSweep(rules);
                return;
            }
        }
    }

    private Ejection next(OutlierSettings rules, int before, String reason) {
        Duration base = rules.baseEjection();
        Duration cap = base.compareTo(MAX_EJECTION) > 0 ? base : MAX_EJECTION;
        // Once the cap is reached the number does not grow on, or it would take as many sweeps to be forgiven.
        boolean grows = before == 0 || base.multipliedBy(before).compareTo(cap) < 0;
        int inARow = grows ? before + 1 : before;
        Duration lasting = base.multipliedBy(inARow);
        return new Ejection(clock.nanoTime(), lasting.compareTo(cap) > 0 ? cap : lasting, inARow, reason);
    }

    private void planSweep(OutlierSettings rules) {
        if (sweepPlanned.compareAndSet(false, true)) {
            Duration interval = rules.interval();
            scheduler.schedule(this::sweep, interval.compareTo(MIN_INTERVAL) < 0 ? MIN_INTERVAL : interval);
        }
    }

    /** On the mesh thread. */
    private void sweep() {
        sweepPlanned.set(false);
        OutlierSettings rules = settings;
        if (rules == null) {
            return;
        }
        bringBack();
        if (rules.successRate() != null) {
            compareRates(rules, rules.successRate());
        }
        // Ejections after this look plan the next sweep themselves.
        if (rules.successRate() != null || !ejections.isEmpty()) {
            planSweep(rules);
        }
    }

    private void bringBack() {
        List<Endpoint> known = endpoints.get();
        long now = clock.nanoTime();
        while (true) {
            Ejections before = ejections;
            if (before.isEmpty()) {
                return;
            }
            Map<Endpoint, Standing> kept = new HashMap<>();
            List<Endpoint> back = new ArrayList<>();
            before.standings().forEach((endpoint, standing) -> {
                if (!known.contains(endpoint)) {
                    return;
                }
                Ejection ejection = standing.ejection();
                if (ejection == null) {
                    if (standing.inARow() > 1) {
                        kept.put(endpoint, new Standing(standing.inARow() - 1, null));
                    }
                } else if (ejection.isOver(now)) {
                    back.add(endpoint);
                    kept.put(endpoint, new Standing(standing.inARow(), null));
                } else {
                    kept.put(endpoint, standing);
                }
            });
            if (MOVED.compareAndSet(this, before, Ejections.of(kept))) {
                for (Endpoint endpoint : back) {
                    tally(endpoint).clear();
                    tellReturned(endpoint, requireNonNull(before.standing(endpoint)));
                }
                return;
            }
        }
    }

    private void compareRates(OutlierSettings rules, TrafficPolicy.SuccessRate successRate) {
        List<Endpoint> judged = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (Endpoint endpoint : endpoints.get()) {
            Tally tally = tally(endpoint);
            int requests = tally.requests.getAndSet(0);
            int failures = tally.failures.getAndSet(0);
            if (requests >= successRate.minimumRequests() && ejections.of(endpoint) == null) {
                judged.add(endpoint);
                // The two counters are not read at one instant, so a failure may be seen before its request.
                rates.add(100.0 * Math.max(0, requests - failures) / requests);
            }
        }
        if (judged.size() < successRate.minimumEndpoints()) {
            return;
        }
        double mean = rates.stream().mapToDouble(rate -> rate).sum() / rates.size();
        double variance = rates.stream()
                        .mapToDouble(rate -> (rate - mean) * (rate - mean))
                        .sum()
                / rates.size();
        if (variance < EQUAL) {
            return;
        }
        double threshold = mean - Math.sqrt(variance) * successRate.stdevFactor() / 1000;
        for (int i = 0; i < rates.size(); i++) {
            if (rates.get(i) < threshold) {
                eject(
                        judged.get(i),
                        rules,
                        String.format(
                                Locale.ROOT,
                                "success rate %.1f %% (mean %.1f %%, least %.1f %%)",
                                rates.get(i),
                                mean,
                                threshold));
            }
        }
    }

    private void tellReturned(Endpoint endpoint, Standing standing) {
        Ejection ended = standing.ejection();
        if (ended != null) {
            events.returned(endpoint, ended);
        }
    }

    private Tally tally(Endpoint endpoint) {
        return endpoint.attachment(this, Tally::of);
    }

    /** Counters of one endpoint. Any thread. */
    private static final class Tally {
        private final AtomicInteger failuresInARow = new AtomicInteger();
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();

        @SuppressWarnings("unused") // the endpoint hands itself in
        static Tally of(Endpoint endpoint) {
            return new Tally();
        }

        void clear() {
            failuresInARow.set(0);
        }
    }
}
