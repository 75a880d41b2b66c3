package io.intramesh.internal.pipeline;

import io.intramesh.MeshState;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.model.VirtualNode;
import java.util.Map;

/**
 * All that calls and requests decide by, compiled from one configuration. Immutable; a call reads it once and keeps to it.
 *
 * @param encryption how calls out are encrypted
 * @param bindings by virtual node and listener; a live view, for explanations only
 */
record Snapshot(
        MeshState state,
        RoutingTable routing,
        Caller self,
        VirtualNode selfNode,
        TrafficPolicies policies,
        AccessPolicies access,
        InboundRules inbound,
        Encryption encryption,
        Map<NodeBinding.Key, NodeBinding> bindings) {}
