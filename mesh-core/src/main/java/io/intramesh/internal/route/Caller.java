package io.intramesh.internal.route;

import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Protocol;
import io.intramesh.model.VirtualNode;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whoever calls, as its table knows it: what it may reach and by which policy. Belongs to one table. Immutable. */
public final class Caller {
    private final @Nullable VirtualNode node;

    /** What it may reach, by name in lower case. */
    private final Map<String, Destination> reachable;

    private final Map<String, ClientPolicy> ownPolicies;
    private final Limits limits;
    private final Limits tcpLimits;

    private Caller(
            @Nullable VirtualNode node,
            Map<String, Destination> reachable,
            Map<String, ClientPolicy> ownPolicies,
            Limits limits,
            Limits tcpLimits) {
        this.node = node;
        this.reachable = reachable;
        this.ownPolicies = ownPolicies;
        this.limits = limits;
        this.tcpLimits = tcpLimits;
    }

    /** Returns the caller that stands for any: it reaches everything and sets no limit and no policy. */
    static Caller any(Map<String, Destination> all) {
        return new Caller(null, all, Map.of(), Limits.UNLIMITED, Limits.UNLIMITED);
    }

    static Caller of(VirtualNode node, Map<String, Destination> all) {
        Map<String, Destination> reachable = new HashMap<>();
        Map<String, ClientPolicy> policies = new HashMap<>();
        for (Backend backend : node.backends()) {
            String key = Hosts.key(backend.virtualServiceName());
            Destination known = all.get(key);
            reachable.put(
                    key,
                    known != null
                            ? known
                            : Destination.nothing(
                                    backend.virtualServiceName(),
                                    "virtualNode '" + node.name() + "': backend '" + backend.virtualServiceName()
                                            + "' does not exist; create a virtual service of that name"));
            if (backend.clientPolicy() != null) {
                policies.put(key, backend.clientPolicy());
            }
        }
        return new Caller(
                node,
                reachable,
                policies,
                Limits.ofCaller(node.listeners(), false),
                Limits.ofCaller(node.listeners(), true));
    }

    /** Returns the name of the virtual node, or null for any caller. */
    public @Nullable String virtualNode() {
        return node == null ? null : node.name();
    }

    /**
     * Returns how this caller connects to a virtual service: by the policy of the backend, else by the node's default, else
     * null. Case does not count.
     */
    public @Nullable ClientPolicy clientPolicyFor(String virtualService) {
        if (node == null) {
            return null;
        }
        ClientPolicy own = ownPolicies.isEmpty() ? null : ownPolicies.get(Hosts.key(virtualService));
        return own != null ? own : node.backendDefaults();
    }

    /** Returns where the policy of {@link #clientPolicyFor} stands, or would have to, in the words of messages. */
    public String clientPolicySource(String virtualService) {
        return ownPolicies.containsKey(Hosts.key(virtualService))
                ? this + " backend '" + virtualService + "' clientPolicy"
                : this + " backendDefaults.clientPolicy";
    }

    @Nullable
    VirtualNode node() {
        return node;
    }

    /** Returns what stands behind a name in lower case, or null where it may not be reached, or does not exist. */
    @Nullable
    Destination find(String name) {
        return reachable.get(name);
    }

    Collection<Destination> reachable() {
        return reachable.values();
    }

    /** Returns the limits that this caller's own listeners set to calls of that protocol. */
    Limits limits(@Nullable Protocol protocol) {
        return protocol == Protocol.TCP ? tcpLimits : limits;
    }

    @Override
    public String toString() {
        return node == null ? "any caller" : "virtualNode '" + node.name() + "'";
    }
}
