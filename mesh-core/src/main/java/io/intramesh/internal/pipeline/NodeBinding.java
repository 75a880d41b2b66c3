package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.endpoint.EndpointGroup;
import io.intramesh.internal.retry.Hedging;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Concurrency;
import io.intramesh.model.Listener;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.Protocol;
import io.intramesh.model.ResourceId;
import io.intramesh.model.TrafficPolicy;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline keeps for a listener of a virtual node: its endpoints and its balancers. A binding stays in place for as
 * long as its listener does not change; the {@link State} in it is carried over even then.
 */
record NodeBinding(String virtualNode, @Nullable Listener listener, EndpointGroup endpoints, State state) {
    /** Begins or goes on to check the endpoints' health. On the mesh thread. */
    void check(Supplier<@Nullable HealthProber> prober) {
        state.check(listener, prober);
    }

    Availability availability() {
        return state.availability;
    }

    /** Returns the breakers that the policy puts before this listener. */
    Breakers breakers(TrafficPolicy policy) {
        return state.breakers(policy);
    }

    /** Returns the places for copies that go to this listener. */
    MirrorPlaces mirrorPlaces() {
        return state.mirrorPlaces;
    }

    /** Returns what is known for sending requests twice by that policy. */
    Hedging hedging(TrafficPolicy policy) {
        return state.hedging(policy.id());
    }

    /** Returns the bounds that the policy sets to what each endpoint has under way. */
    EndpointLimits limits(TrafficPolicy policy) {
        return state.limits(policy.id(), requireNonNull(TrafficPolicies.outbound(policy)));
    }

    LoadBalancer balancer(@Nullable LoadBalancing choice) {
        return state.balancer(choice);
    }

    /** Returns the protocol to speak; tcp and unknown listeners get HTTP/1.1, which is what tcp carried for HTTP callers. */
    Protocol protocol() {
        return listener == null ? Protocol.HTTP : listener.protocol();
    }

    /** Identity of a binding over snapshots: node and port. */
    record Key(String virtualNode, int port) {
        static Key of(String virtualNode, @Nullable Listener listener) {
            return new Key(virtualNode, listener == null ? 0 : listener.port());
        }
    }

    /** Outlives snapshots, so that moving a weight neither starts balancers anew nor forgets who is ejected. */
    static final class State {
        private final String virtualNode;
        private final NanoClock clock;
        private final EndpointEvents events;
        private final Availability availability;

        /** By policy, so that what one route sees does not open the breaker of another. Any thread. */
        private final ConcurrentMap<ResourceId, Breakers> breakers = new ConcurrentHashMap<>(2);

        /** By policy as well, since routes differ in how long they take. Any thread. */
        private final ConcurrentMap<ResourceId, Hedging> hedgings = new ConcurrentHashMap<>(2);

        /** By policy, as breakers are. Any thread. */
        private final ConcurrentMap<ResourceId, EndpointLimits> limits = new ConcurrentHashMap<>(2);

        private final RandomGenerator chance;
        private final MirrorPlaces mirrorPlaces = new MirrorPlaces();
        private final LoadBalancer byDefault;
        private final Function<LoadBalancing, LoadBalancer> factory;

        /** Those that policies choose, by what they ask for. Any thread. */
        private final ConcurrentMap<LoadBalancing, LoadBalancer> chosen = new ConcurrentHashMap<>(2);

        // Any thread; set back by the mesh thread, whoever it was that wrote last: what is gone is at most made again.
        private volatile @Nullable Latest<Breakers> latestBreakers;
        private volatile @Nullable Latest<LoadBalancer> latestChosen;

        // Written by the mesh thread, read by all. A listener that goes and comes back has another group.
        private volatile @Nullable EndpointGroup group;

        State(
                String virtualNode,
                NanoClock clock,
                MeshScheduler scheduler,
                RandomGenerator chance,
                EndpointEvents events,
                Probers probers,
                Supplier<LoadBalancer> byDefault,
                Function<LoadBalancing, LoadBalancer> factory) {
            this.virtualNode = virtualNode;
            this.clock = clock;
            this.events = events;
            this.chance = chance;
            this.availability = new Availability(
                    virtualNode, clock, scheduler, chance, events, probers, this::endpoints, this::recovered);
            this.byDefault = byDefault.get();
            this.factory = factory;
        }

        /** Takes the rules of a new configuration. On the mesh thread. */
        void configure(@Nullable Listener listener, EndpointGroup endpoints, TrafficPolicies policies) {
            group = endpoints;
            availability.configure(listener, policies);
            breakers.keySet().removeIf(id -> {
                TrafficPolicy policy = policies.named(id);
                return policy == null || policy.circuitBreaker() == null;
            });
            hedgings.keySet().removeIf(id -> {
                TrafficPolicy policy = policies.named(id);
                return policy == null || policy.hedge() == null;
            });
            configureLimits(policies);
            chosen.keySet().removeIf(choice -> !policies.hasLoadBalancing(choice));
            latestBreakers = null;
            latestChosen = null;
        }

        /**
         * Checks the endpoints' health, now and whenever discovery finds others. On the mesh thread.
         *
         * @param prober asked for anew each time
         */
        void check(@Nullable Listener listener, Supplier<@Nullable HealthProber> prober) {
            EndpointGroup known = requireNonNull(group);
            known.observe(found -> availability.check(listener, found, prober.get()));
            availability.check(listener, known.endpoints(), prober.get());
        }

        /** Ends the checks. On the mesh thread. */
        void close() {
            EndpointGroup known = group;
            if (known != null) {
                known.observe(found -> {});
            }
            availability.check(null, List.of(), null);
        }

        private void configureLimits(TrafficPolicies policies) {
            limits.forEach((id, known) -> {
                TrafficPolicy policy = policies.named(id);
                Concurrency settings = policy == null ? null : TrafficPolicies.outbound(policy);
                if (settings == null) {
                    limits.remove(id);
                    endpoints().forEach(endpoint -> endpoint.detach(known));
                } else {
                    known.configure(settings, endpoints());
                }
            });
        }

        private EndpointLimits limits(ResourceId policy, Concurrency settings) {
            EndpointLimits known = limits.get(policy);
            return known == null
                    ? limits.computeIfAbsent(policy, id -> new EndpointLimits(settings, clock, chance, events))
                    : known;
        }

        private Breakers breakers(TrafficPolicy policy) {
            Latest<Breakers> latest = latestBreakers;
            if (latest != null && latest.isFor(policy)) {
                return latest.value;
            }
            Breakers known = breakers(policy.id(), requireNonNull(policy.circuitBreaker()));
            latestBreakers = new Latest<>(policy, known);
            return known;
        }

        private Breakers breakers(ResourceId policy, TrafficPolicy.CircuitBreaker settings) {
            Breakers known = breakers.get(policy);
            if (known != null && known.settings().equals(settings)) {
                return known;
            }
            Breakers next = requireNonNull(breakers.compute(
                    policy,
                    (id, before) -> before != null && before.settings().equals(settings)
                            ? before
                            : new Breakers(virtualNode, settings, clock, events)));
            if (known != null) {
                endpoints().forEach(endpoint -> endpoint.detach(known));
            }
            return next;
        }

        private Hedging hedging(ResourceId policy) {
            Hedging known = hedgings.get(policy);
            return known == null ? hedgings.computeIfAbsent(policy, id -> new Hedging(clock.nanoTime())) : known;
        }

        private void recovered(Endpoint endpoint) {
            byDefault.recovered(endpoint);
            chosen.values().forEach(balancer -> balancer.recovered(endpoint));
        }

        private List<Endpoint> endpoints() {
            EndpointGroup known = group;
            return known == null ? List.of() : known.endpoints();
        }

        private LoadBalancer balancer(@Nullable LoadBalancing choice) {
            if (choice == null) {
                return byDefault;
            }
            Latest<LoadBalancer> latest = latestChosen;
            if (latest != null && latest.isFor(choice)) {
                return latest.value;
            }
            LoadBalancer known = chosen.computeIfAbsent(choice, factory);
            latestChosen = new Latest<>(choice, known);
            return known;
        }

        /** What was asked for last, and mostly is next; a look in the map hashes and compares whole records. */
        private record Latest<T>(Object key, T value) {
            boolean isFor(Object other) {
                return key == other;
            }
        }
    }
}
