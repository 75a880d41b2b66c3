package io.intramesh.internal.pipeline;

import io.intramesh.explain.Explanation;
import io.intramesh.internal.outlier.OutlierSettings;
import io.intramesh.model.Listener;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes down by what rules the endpoints of a call's targets are used or left out, and where each rule comes from. */
final class EndpointRules {
    private final ResourceSet resources;
    private final String mesh;
    private final TrafficPolicies policies;
    private final List<Explanation.Setting> found = new ArrayList<>();

    private EndpointRules(ResourceSet resources, String mesh) {
        this.resources = resources;
        this.mesh = mesh;
        this.policies = TrafficPolicies.of(mesh, resources, false);
    }

    /** Returns the explanation with the rules of its targets added. */
    static Explanation added(Explanation explanation, ResourceSet resources, String mesh) {
        EndpointRules rules = new EndpointRules(resources, mesh);
        boolean several = explanation.targets().size() > 1;
        for (Explanation.Target target : explanation.targets()) {
            rules.add(target, several ? " towards " + target.virtualNode() : "");
        }
        if (rules.found.isEmpty()) {
            return explanation;
        }
        List<Explanation.Setting> settings = new ArrayList<>(explanation.settings());
        settings.addAll(rules.found);
        return new Explanation(
                explanation.gatewayRoutes(),
                explanation.gatewayRoute(),
                explanation.forwardedHost(),
                explanation.forwardedPath(),
                explanation.virtualService(),
                explanation.virtualRouter(),
                explanation.routes(),
                explanation.route(),
                explanation.targets(),
                settings,
                explanation.refusal());
    }

    private void add(Explanation.Target target, String towards) {
        String node = target.virtualNode();
        Listener listener = listener(target);
        OutlierDetection declared = listener == null ? null : listener.outlierDetection();
        TrafficPolicy rates = policies.ofNode(node, policy -> policy.successRate() != null);
        TrafficPolicy.SuccessRate successRate = rates == null ? null : rates.successRate();
        OutlierSettings outliers = OutlierSettings.of(declared, successRate);
        if (listener != null && declared != null) {
            add("outlierDetection" + towards, text(declared), name(node, listener) + " outlierDetection");
        }
        if (outliers != null && rates != null && successRate != null) {
            add("outlierDetection.successRate" + towards, text(successRate), rates.id() + " outlierDetection");
        }
        TrafficPolicy panic = policies.ofNode(node, policy -> policy.panicThreshold() != null);
        Integer threshold = panic == null ? null : panic.panicThreshold();
        if (panic != null && threshold != null) {
            add("panicThreshold" + towards, text(threshold), panic.id() + " panicThreshold");
        } else if (outliers != null) {
            add("panicThreshold" + towards, text(Availability.DEFAULT_PANIC_THRESHOLD), "default");
        }
    }

    private void add(String name, String value, String source) {
        found.add(new Explanation.Setting(name, value, source));
    }

    private @Nullable Listener listener(Explanation.Target target) {
        VirtualNode node = resources.virtualNode(mesh, target.virtualNode());
        if (node != null) {
            for (Listener listener : node.listeners()) {
                if (target.port() != null && listener.port() == target.port()) {
                    return listener;
                }
            }
        }
        return null;
    }

    private static String name(String node, Listener listener) {
        return "virtualNode '" + node + "' listener " + listener.port();
    }

    private static String text(OutlierDetection outliers) {
        return outliers.maxServerErrors()
                + (outliers.maxServerErrors() == 1 ? " server error ejects for " : " server errors in a row eject for ")
                + EndpointEvents.words(outliers.baseEjectionDuration()) + ", longer each time, at most "
                + outliers.maxEjectionPercent() + " % of the endpoints; sweep every "
                + EndpointEvents.words(outliers.interval());
    }

    private static String text(TrafficPolicy.SuccessRate rate) {
        return String.format(
                Locale.ROOT,
                "below the mean by %.3g standard deviations ejects, from %d endpoints with %d requests each",
                rate.stdevFactor() / 1000.0,
                rate.minimumEndpoints(),
                rate.minimumRequests());
    }

    private static String text(int threshold) {
        return threshold == 0 ? "never" : "below " + threshold + " % usable, all endpoints are used";
    }
}
