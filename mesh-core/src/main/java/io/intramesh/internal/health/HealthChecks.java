package io.intramesh.internal.health;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.call.HealthProber.Outcome;
import io.intramesh.internal.health.Healths.Health;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.model.HealthCheck;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Active health checks of the endpoints of one listener, as App Mesh had them: declared by the callee, run by each caller
 * (HC-01 to HC-08; docs/decisions/0013 says why not HC-09). Outlives snapshots. Confined to the mesh thread, but for what says otherwise.
 */
/*
 * Each endpoint is asked at once when it becomes known, and then every interval, give or take a tenth, so that the checks of
 * many callers and endpoints drift apart. The interval counts from one outcome to the next check, so there is never more than
 * one check of an endpoint under way.
 *
 * The first answer decides at once (HC-04). After that: another answer than the right one makes unhealthy at once, no answer
 * only so many times in a row (HC-03); back it takes so many right ones in a row. An endpoint that was in use when its node
 * first declared a check stays in use until a check says otherwise: Envoy warms the new cluster while the old one serves.
 */
public final class HealthChecks {
    private static final double JITTER = 0.1;

    /** How much later than agreed a prober may report before it counts as no answer all the same. */
    private static final Duration PROBER_GRACE = Duration.ofSeconds(1);

    private final MeshScheduler scheduler;
    private final RandomGenerator chance;
    private final Events events;

    private final Map<Endpoint, Checked> checked = new LinkedHashMap<>();
    private @Nullable HealthCheck check;
    private @Nullable HealthProber prober;

    // Written by the mesh thread, read by all.
    private volatile Healths healths = Healths.NOT_CHECKED;
    private volatile @Nullable CompletableFuture<Void> pending;

    /** Learns what checks find out; called on the mesh thread. */
    public interface Events {
        /** An endpoint is not used any longer. */
        void unhealthy(Endpoint endpoint, String reason);

        /** An endpoint is used from now on: its first check passed, or enough of them after some that did not. */
        void healthy(Endpoint endpoint);

        /** A check passed, whether or not that changed anything. */
        void passed(Endpoint endpoint);
    }

    public HealthChecks(MeshScheduler scheduler, RandomGenerator chance, Events events) {
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.chance = requireNonNull(chance, "chance");
        this.events = requireNonNull(events, "events");
    }

    /**
     * Takes other rules, endpoints or another prober. What is known stays.
     *
     * @param newCheck null ends all checks
     * @param newProber null ends all checks until there is one
     * @param inUse whether the endpoints were in use unchecked before, and so stay in use until a check fails
     */
    public void configure(
            @Nullable HealthCheck newCheck,
            @Nullable HealthProber newProber,
            List<Endpoint> newEndpoints,
            boolean inUse) {
        check = newCheck;
        prober = newProber;
        boolean runs = newCheck != null && newProber != null;
        checked.entrySet().removeIf(entry -> {
            boolean gone = !runs || !newEndpoints.contains(entry.getKey());
            if (gone) {
                entry.getValue().end();
            }
            return gone;
        });
        if (runs) {
            for (Endpoint endpoint : newEndpoints) {
                checked.computeIfAbsent(endpoint, fresh -> new Checked(fresh, inUse));
            }
        }
        publish();
        // Published first: a prober that answers at once finds all in place.
        List.copyOf(checked.values()).forEach(Checked::start);
    }

    /** Returns what is known. The same object for as long as that does not change. From any thread. */
    public Healths healths() {
        return healths;
    }

    /**
     * Returns what completes when some endpoint has turned out to be healthy, or all have answered; null where that is so
     * already, or nothing is checked. From any thread.
     */
    public @Nullable CompletionStage<?> pending() {
        CompletableFuture<Void> future = pending;
        return future == null ? null : future.minimalCompletionStage();
    }

    private void publish() {
        boolean runs = check != null && prober != null;
        if (runs) {
            Map<Endpoint, Health> known = new HashMap<>();
            checked.forEach((endpoint, one) -> known.put(endpoint, one.health));
            healths = new Healths(known);
        } else {
            healths = Healths.NOT_CHECKED;
        }
        boolean waits = runs
                && !checked.isEmpty()
                && checked.values().stream().noneMatch(one -> one.health.isHealthy())
                && checked.values().stream().anyMatch(one -> one.health.isPending());
        CompletableFuture<Void> future = pending;
        if (waits && future == null) {
            pending = new CompletableFuture<>();
        } else if (!waits && future != null) {
            pending = null;
            future.complete(null);
        }
    }

    /** One endpoint and its checks. */
    private final class Checked {
        private final Endpoint endpoint;
        private Health health;
        private int passedInARow;
        private int unansweredInARow;
        private MeshScheduler.@Nullable Task next;
        private int round;
        private boolean isStarted;
        private boolean isEnded;

        Checked(Endpoint endpoint, boolean inUse) {
            this.endpoint = endpoint;
            this.health = inUse ? Health.HEALTHY : Health.PENDING;
        }

        void start() {
            if (!isStarted) {
                isStarted = true;
                probe();
            }
        }

        void end() {
            isEnded = true;
            cancelNext();
        }

        private void probe() {
            HealthCheck rules = check;
            HealthProber sender = prober;
            if (isEnded || rules == null || sender == null) {
                return;
            }
            int asked = ++round;
            // A prober keeps the time itself; this is for one that does not.
            next = scheduler.schedule(
                    () -> take(asked, new Outcome(Outcome.Kind.NO_ANSWER, "no answer in time")),
                    rules.timeout().plus(PROBER_GRACE));
            try {
                sender.probe(endpoint, rules, outcome -> scheduler.execute(() -> take(asked, outcome)));
            } catch (RuntimeException e) {
                take(asked, new Outcome(Outcome.Kind.NO_ANSWER, e.toString()));
            }
        }

        private void take(int answered, Outcome outcome) {
            HealthCheck rules = check;
            // Answers that come twice or too late, or after the end.
            if (answered != round || isEnded || rules == null) {
                return;
            }
            round++;
            cancelNext();
            Health before = health;
            health = judged(outcome, rules);
            if (!health.equals(before)) {
                publish();
                tell(before);
            }
            if (outcome.kind() == Outcome.Kind.PASSED) {
                events.passed(endpoint);
            }
            long interval = rules.interval().toNanos();
            long jittered = (long) (interval * (1 + JITTER * (2 * chance.nextDouble() - 1)));
            next = scheduler.schedule(this::probe, Duration.ofNanos(jittered));
        }

        private Health judged(Outcome outcome, HealthCheck rules) {
            switch (outcome.kind()) {
                case PASSED -> {
                    unansweredInARow = 0;
                    passedInARow++;
                    boolean enough = health.isPending() || passedInARow >= rules.healthyThreshold();
                    return health.isHealthy() || enough ? Health.HEALTHY : health;
                }
                case FAILED -> {
                    passedInARow = 0;
                    unansweredInARow = 0;
                    return unhealthy(outcome);
                }
                default -> {
                    passedInARow = 0;
                    unansweredInARow++;
                    boolean enough = !health.isHealthy() || unansweredInARow >= rules.unhealthyThreshold();
                    return enough ? unhealthy(outcome) : health;
                }
            }
        }

        private Health unhealthy(Outcome outcome) {
            String reason = "health check failed: " + outcome.text();
            return !health.isPending() && !health.isHealthy() && health.reason().equals(reason)
                    ? health
                    : Health.unhealthy(reason);
        }

        private void tell(Health before) {
            if (health.isHealthy()) {
                events.healthy(endpoint);
            } else if (before.isHealthy() || before.isPending()) {
                events.unhealthy(endpoint, health.reason());
            }
        }

        private void cancelNext() {
            MeshScheduler.Task task = next;
            if (task != null) {
                task.cancel();
            }
        }
    }
}
