package io.intramesh.internal.pipeline;

import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.internal.drain.Drain;
import io.intramesh.internal.drain.DrainTracker;
import io.intramesh.internal.drain.Drains;
import io.intramesh.internal.health.HealthChecks;
import io.intramesh.internal.health.Healths;
import io.intramesh.internal.outlier.Ejection;
import io.intramesh.internal.outlier.Ejections;
import io.intramesh.internal.outlier.OutlierDetector;
import io.intramesh.internal.outlier.OutlierSettings;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.TrafficPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints of a listener may be picked: composes what the concerns know of them, and holds the panic threshold over
 * it. Outlives snapshots. Safe for use by several threads.
 *
 * <p>Who is usable is worked out once for each state of the world, not once for each call: the answer is kept together with
 * the immutable objects that it was derived from, and holds for as long as these are the same.
 */
final class Availability {
    /** As in App Mesh (OD-07), which is Envoy's default {@code healthy_panic_threshold}. */
    static final int DEFAULT_PANIC_THRESHOLD = 50;

    private static final Predicate<Endpoint> ANY = Availability::any;

    private final String virtualNode;
    private final NanoClock clock;
    private final EndpointEvents events;
    private final Probers probers;
    private final OutlierDetector outliers;
    private final DrainTracker drains;
    private final HealthChecks checks;
    private final Predicate<Endpoint> leaving = this::isLeaving;

    // Mesh thread only.
    private @Nullable HealthCheck check;
    private boolean isConfigured;

    // Any thread.
    private final AtomicReference<@Nullable View> view = new AtomicReference<>();

    // Written by the mesh thread, read by all.
    private volatile int panicThreshold = DEFAULT_PANIC_THRESHOLD;

    Availability(
            String virtualNode,
            NanoClock clock,
            MeshScheduler scheduler,
            RandomGenerator chance,
            EndpointEvents events,
            Probers probers,
            Supplier<List<Endpoint>> endpoints,
            Consumer<Endpoint> recovered) {
        this.virtualNode = virtualNode;
        this.clock = clock;
        this.events = events;
        this.probers = probers;
        this.outliers = new OutlierDetector(clock, scheduler, endpoints, events);
        this.drains = new DrainTracker(clock, scheduler, events);
        this.checks = new HealthChecks(scheduler, chance, new HealthChecks.Events() {
            @Override
            public void unhealthy(Endpoint endpoint, String reason) {
                events.unhealthy(endpoint, reason);
            }

            @Override
            public void healthy(Endpoint endpoint) {
                recovered.accept(endpoint);
                events.healthy(endpoint);
            }

            @Override
            public void passed(Endpoint endpoint) {
                outliers.passedHealthCheck(endpoint);
                // Checks fail while a process drains.
                drains.answered(endpoint, clock.nanoTime());
            }
        });
    }

    /** Takes the rules of a new configuration. On the mesh thread. */
    void configure(@Nullable Listener listener, TrafficPolicies policies) {
        TrafficPolicy rates = policies.ofNode(virtualNode, policy -> policy.successRate() != null);
        outliers.configure(OutlierSettings.of(
                listener == null ? null : listener.outlierDetection(), rates == null ? null : rates.successRate()));
        TrafficPolicy panic = policies.ofNode(virtualNode, policy -> policy.panicThreshold() != null);
        Integer threshold = panic == null ? null : panic.panicThreshold();
        panicThreshold = threshold == null ? DEFAULT_PANIC_THRESHOLD : threshold;
    }

    /**
     * Checks these endpoints from now on, if their listener declares a check. On the mesh thread.
     *
     * @param prober null where nobody can send checks
     */
    void check(@Nullable Listener listener, List<Endpoint> endpoints, @Nullable HealthProber prober) {
        HealthCheck declared = listener == null ? null : listener.healthCheck();
        boolean comesLater = isConfigured && check == null;
        check = declared;
        isConfigured = true;
        checks.configure(declared, prober, endpoints, comesLater);
    }

    /** Returns what to wait for before the first pick, or null. */
    @Nullable
    CompletionStage<?> pending() {
        CompletionStage<?> settling = probers.settling();
        return settling == null
                ? checks.pending()
                : settling.thenCompose(settled -> {
                    CompletionStage<?> checking = checks.pending();
                    return checking == null ? CompletableFuture.completedStage(null) : checking;
                });
    }

    OutlierDetector outliers() {
        return outliers;
    }

    DrainTracker drains() {
        return drains;
    }

    /**
     * Returns the test that an endpoint must pass to be picked; in panic, all do.
     *
     * @param endpoints all that are known
     */
    Predicate<Endpoint> usable(List<Endpoint> endpoints) {
        Ejections ejections = outliers.ejections();
        Healths healths = checks.healths();
        Drains draining = drains.drains();
        View last = view.get();
        if (last != null && last.isOf(endpoints, ejections, healths, draining, panicThreshold)) {
            return last.usable;
        }
        return look(last, endpoints, ejections, healths, draining).usable;
    }

    /** Returns the test for endpoints that said they shut down, and against which nothing else is known. Always the same object. */
    Predicate<Endpoint> leaving() {
        return leaving;
    }

    private boolean isLeaving(Endpoint endpoint) {
        return drains.drains().of(endpoint) != null
                && outliers.ejections().of(endpoint) == null
                && checks.healths().isHealthy(endpoint);
    }

    /** Returns {@code healthy}, or why the endpoint is not used and until when. */
    String describe(Endpoint endpoint) {
        Ejection ejection = outliers.ejections().of(endpoint);
        if (ejection == null) {
            Drain drain = drains.drains().of(endpoint);
            if (drain != null) {
                return "draining: left alone for " + EndpointEvents.words(drain.left(clock.nanoTime()))
                        + " more where others are usable";
            }
            String reason = checks.healths().reason(endpoint);
            if (reason != null) {
                return reason;
            }
            return endpoint.isHealthyInRegistry() ? "healthy" : "unhealthy, says the registry of instances";
        }
        return "ejected for " + EndpointEvents.words(ejection.left(clock.nanoTime())) + " more: " + ejection.reason();
    }

    @SuppressWarnings("unused") // the balancer asks about each endpoint
    private static boolean any(Endpoint endpoint) {
        return true;
    }

    private View look(
            @Nullable View last, List<Endpoint> endpoints, Ejections ejections, Healths healths, Drains draining) {
        int threshold = panicThreshold;
        Set<Endpoint> out = new HashSet<>();
        Set<Endpoint> aside = new HashSet<>();
        Set<Endpoint> leaving = new HashSet<>();
        for (Endpoint endpoint : endpoints) {
            if (healths.isPending(endpoint)) {
                aside.add(endpoint);
            } else if (draining.of(endpoint) != null) {
                leaving.add(endpoint);
            } else if (ejections.of(endpoint) != null
                    || !healths.isHealthy(endpoint)
                    || !endpoint.isHealthyInRegistry()) {
                out.add(endpoint);
            }
        }
        if (endpoints.size() - aside.size() - leaving.size() > out.size()) {
            // Somebody stays, so who leaves is left alone.
            aside.addAll(leaving);
        } else {
            // Nobody does: who leaves serves on, unless it turns requests away already or is ill besides.
            for (Endpoint endpoint : leaving) {
                Drain drain = draining.of(endpoint);
                if ((drain != null && drain.refuses())
                        || ejections.of(endpoint) != null
                        || !healths.isHealthy(endpoint)) {
                    out.add(endpoint);
                }
            }
        }
        // Who has not answered a check yet, or leaves on its own account, is neither well nor ill: it is not used, in
        // panic neither, and does not make one.
        int known = endpoints.size() - aside.size();
        int usable = known - out.size();
        boolean panics = !out.isEmpty() && usable * 100L < (long) threshold * known;
        Set<Endpoint> left = panics ? aside : out;
        left.addAll(aside);
        View seen = new View(
                endpoints,
                ejections,
                healths,
                draining,
                threshold,
                left.isEmpty() ? ANY : endpoint -> !left.contains(endpoint),
                panics);
        // The winner tells. Whoever loses has looked at another moment, and what it saw serves its own call as well.
        if (view.compareAndSet(last, seen) && panics != (last != null && last.panics)) {
            events.panic(virtualNode, panics, usable, known);
        }
        return seen;
    }

    /** Who was usable, and what that was derived from. Immutable. */
    private static final class View {
        private final List<Endpoint> endpoints;
        private final Ejections ejections;
        private final Healths healths;
        private final Drains draining;
        private final int panicThreshold;
        private final Predicate<Endpoint> usable;
        private final boolean panics;

        View(
                List<Endpoint> endpoints,
                Ejections ejections,
                Healths healths,
                Drains draining,
                int panicThreshold,
                Predicate<Endpoint> usable,
                boolean panics) {
            this.endpoints = endpoints;
            this.ejections = ejections;
            this.healths = healths;
            this.draining = draining;
            this.panicThreshold = panicThreshold;
            this.usable = usable;
            this.panics = panics;
        }

        // The lists are immutable and replaced as a whole.
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(
                List<Endpoint> endpointsNow,
                Ejections ejectionsNow,
                Healths healthsNow,
                Drains drainingNow,
                int panicThresholdNow) {
            return endpoints == endpointsNow
                    && ejections == ejectionsNow
                    && healths == healthsNow
                    && draining == drainingNow
                    && panicThreshold == panicThresholdNow;
        }
    }
}
