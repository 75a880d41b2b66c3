package io.intramesh.internal.pipeline;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.internal.endpoint.EndpointGroup;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Listener;
import io.intramesh.model.Protocol;
import io.intramesh.model.TrafficPolicy.LoadBalancing;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline keeps for a listener of a virtual node: its endpoints and its balancers. A binding belongs to one
 * snapshot; the {@link State} in it is carried over.
 */
final class NodeBinding {
    private final String virtualNode;
    private final @Nullable Listener listener;
    private final EndpointGroup endpoints;
    private final State state;

    NodeBinding(String virtualNode, @Nullable Listener listener, EndpointGroup endpoints, State state) {
        this.virtualNode = virtualNode;
        this.listener = listener;
        this.endpoints = endpoints;
        this.state = state;
    }

    String virtualNode() {
        return virtualNode;
    }

    @Nullable
    Listener listener() {
        return listener;
    }

    EndpointGroup endpoints() {
        return endpoints;
    }

    Availability availability() {
        return state.availability;
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
        private final Availability availability;
        private final LoadBalancer byDefault;
        private final LoadBalancer roundRobin;
        private final LoadBalancer leastRequest;

        // Written by the mesh thread, read by all. A listener that goes and comes back has another group.
        private volatile @Nullable EndpointGroup group;

        State(
                String virtualNode,
                NanoClock clock,
                MeshScheduler scheduler,
                EndpointEvents events,
                Supplier<LoadBalancer> byDefault,
                LoadBalancer roundRobin,
                LoadBalancer leastRequest) {
            this.availability = new Availability(virtualNode, clock, scheduler, events, this::endpoints);
            this.byDefault = byDefault.get();
            this.roundRobin = roundRobin;
            this.leastRequest = leastRequest;
        }

        /** Takes the rules of a new configuration. On the mesh thread. */
        void configure(@Nullable Listener listener, EndpointGroup endpoints, TrafficPolicies policies) {
            group = endpoints;
            availability.configure(listener, policies);
        }

        private List<Endpoint> endpoints() {
            EndpointGroup known = group;
            return known == null ? List.of() : known.endpoints();
        }

        private LoadBalancer balancer(@Nullable LoadBalancing choice) {
            if (choice == null) {
                return byDefault;
            }
            return choice == LoadBalancing.LEAST_REQUEST ? leastRequest : roundRobin;
        }
    }
}
