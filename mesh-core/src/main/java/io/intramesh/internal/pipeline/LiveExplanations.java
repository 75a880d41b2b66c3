package io.intramesh.internal.pipeline;

import io.intramesh.call.Endpoint;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.retry.RetryBudget;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.route.Target;
import io.intramesh.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Adds what only a running mesh knows to an explanation: endpoints, their states, and how one of them is picked. */
final class LiveExplanations {
    private LiveExplanations() {}

    static Explanation explain(Snapshot snapshot, ExplainRequest request, RetryBudgets budgets, long now) {
        return explain(snapshot, request, budgets, now, null);
    }

    /**
     * @param ownLimit how much this process takes in at a time and has in use, in words; null for no limit
     */
    static Explanation explain(
            Snapshot snapshot, ExplainRequest request, RetryBudgets budgets, long now, @Nullable String ownLimit) {
        Explanation routed = snapshot.policies().withBalancing(routed(snapshot, request), true);
        List<Explanation.Target> targets = routed.targets().stream()
                .map(target -> withEndpoints(snapshot, routed, target))
                .toList();
        List<Explanation.Setting> settings = new ArrayList<>(routed.settings());
        targets.forEach(target -> addOrigin(settings, snapshot, target));
        settings.addAll(TlsRules.inForce(snapshot, routed));
        targets.forEach(target -> addCopies(settings, snapshot, routed, target));
        if (!targets.isEmpty() && routed.virtualService() != null) {
            settings.add(retryBudget(snapshot, routed, targets.get(0).virtualNode(), budgets, now));
        }
        if (ownLimit != null) {
            TrafficPolicy policy =
                    snapshot.policies().ofNode(snapshot.selfNode().name(), TrafficPolicies::hasInboundLimit);
            settings.add(new Explanation.Setting(
                    "inbound of this process",
                    ownLimit,
                    policy == null ? "" : policy.id() + " concurrencyLimit.inbound"));
        }
        InboundAccess access = snapshot.inbound().access();
        if (access != null) {
            settings.addAll(access.settings());
        }
        return Explained.with(routed, targets, settings);
    }

    private static void addCopies(
            List<Explanation.Setting> settings, Snapshot snapshot, Explanation routed, Explanation.Target target) {
        TrafficPolicy policy = snapshot.policies().find(routed, target.virtualNode(), has -> has.mirror() != null);
        TrafficPolicy.Mirror mirror = policy == null ? null : policy.mirror();
        Target copies = mirror == null ? null : snapshot.routing().mirror(mirror.virtualNode());
        if (policy != null && mirror != null && copies != null) {
            MirrorPlaces places = ((NodeBinding) copies.binding()).mirrorPlaces();
            Explanation.Setting setting = new Explanation.Setting(
                    "copies to " + mirror.virtualNode(),
                    places.taken() + " under way, " + places.dropped() + " dropped so far",
                    policy.id() + " mirror");
            if (!settings.contains(setting)) {
                settings.add(setting);
            }
        }
    }

    private static Explanation routed(Snapshot snapshot, ExplainRequest request) {
        String named = request.virtualNode();
        return OfflineDecisions.explain(
                snapshot.routing(),
                snapshot.state().resources(),
                snapshot.access(),
                snapshot.selfNode().id().mesh(),
                named == null ? snapshot.selfNode().name() : named,
                request);
    }

    private static Explanation.Target withEndpoints(Snapshot snapshot, Explanation routed, Explanation.Target target) {
        NodeBinding binding = find(snapshot, target);
        if (binding == null) {
            return target;
        }
        List<Explanation.EndpointState> states = binding.endpoints().endpoints().stream()
                .map(endpoint -> state(snapshot, routed, binding, endpoint))
                .toList();
        return new Explanation.Target(target.virtualNode(), target.weight(), target.port(), target.share(), states);
    }

    /** Says who knows the endpoints of a target, and what went wrong where they were looked for last. */
    private static void addOrigin(List<Explanation.Setting> settings, Snapshot snapshot, Explanation.Target target) {
        NodeBinding binding = find(snapshot, target);
        if (binding != null) {
            String problem = binding.endpoints().problem();
            settings.add(new Explanation.Setting(
                    "endpoints of " + target.virtualNode(),
                    binding.endpoints().endpoints().size() + " found"
                            + (problem == null ? "" : "; problem: " + problem),
                    binding.endpoints().origin()));
        }
    }

    private static Explanation.EndpointState state(
            Snapshot snapshot, Explanation routed, NodeBinding binding, Endpoint endpoint) {
        return new Explanation.EndpointState(
                endpoint.toString(),
                endpoint.zone(),
                state(breakers(snapshot, routed, binding), limits(snapshot, routed, binding), binding, endpoint),
                endpoint.inFlight());
    }

    private static String state(
            @Nullable Breakers breakers, @Nullable EndpointLimits limits, NodeBinding binding, Endpoint endpoint) {
        String weight = endpoint.weight() == 1 ? "" : ", weight " + endpoint.weight();
        String state = binding.availability().describe(endpoint) + weight;
        return state
                + (breakers == null || breakers.of(endpoint).isClosed()
                        ? ""
                        : ", circuit " + breakers.of(endpoint).describe())
                + (limits == null ? "" : ", " + limits.of(endpoint).describe());
    }

    private static @Nullable EndpointLimits limits(Snapshot snapshot, Explanation routed, NodeBinding binding) {
        TrafficPolicy policy =
                snapshot.policies().find(routed, binding.virtualNode(), TrafficPolicies::hasOutboundLimit);
        return policy == null ? null : binding.limits(policy);
    }

    private static @Nullable Breakers breakers(Snapshot snapshot, Explanation routed, NodeBinding binding) {
        TrafficPolicy policy =
                snapshot.policies().find(routed, binding.virtualNode(), has -> has.circuitBreaker() != null);
        return policy == null ? null : binding.breakers(policy);
    }

    private static @Nullable NodeBinding find(Snapshot snapshot, Explanation.Target target) {
        Integer port = target.port();
        return snapshot.bindings().get(new NodeBinding.Key(target.virtualNode(), port == null ? 0 : port));
    }

    private static Explanation.Setting retryBudget(
            Snapshot snapshot, Explanation routed, String virtualNode, RetryBudgets budgets, long now) {
        String virtualService = Objects.requireNonNull(routed.virtualService());
        TrafficPolicy policy = snapshot.policies().find(routed, virtualNode, has -> has.retryBudget() != null);
        RetryBudget.Terms terms = RetryStage.terms(policy == null ? null : policy.retryBudget());
        return new Explanation.Setting(
                "retry budget",
                terms.percent() + " % of calls over " + terms.windowSeconds() + " s, at least " + terms.minPerSecond()
                        + "/s; left now: " + budgets.of(virtualService).left(now, terms),
                policy == null ? "default" : policy.id() + " retryBudget");
    }
}
