package io.intramesh.internal.pipeline;

import io.intramesh.explain.Explanation;
import io.intramesh.internal.outlier.OutlierSettings;
import io.intramesh.model.Concurrency;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.Protocol;
import io.intramesh.model.RateLimit;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        this.policies = TrafficPolicies.of(mesh, resources, false, null);
    }

    /** Returns the explanation with the rules of its targets added. */
    static Explanation added(Explanation explanation, ResourceSet resources, String mesh) {
        EndpointRules rules = new EndpointRules(resources, mesh);
        boolean several = explanation.targets().size() > 1;
        for (Explanation.Target target : explanation.targets()) {
            rules.add(explanation, target, several ? " towards " + target.virtualNode() : "");
        }
        if (rules.found.isEmpty()) {
            return explanation;
        }
        List<Explanation.Setting> settings = new ArrayList<>(explanation.settings());
        settings.addAll(rules.found);
        return Explained.with(explanation, explanation.targets(), settings);
    }

    private void add(Explanation explanation, Explanation.Target target, String towards) {
        String node = target.virtualNode();
        Listener listener = listener(target);
        OutlierDetection declared = listener == null ? null : listener.outlierDetection();
        HealthCheck check = listener == null ? null : listener.healthCheck();
        if (listener != null && check != null) {
            add("healthCheck" + towards, text(check), name(node, listener) + " healthCheck");
        }
        TrafficPolicy rates = policies.ofNode(node, policy -> policy.successRate() != null);
        TrafficPolicy.SuccessRate successRate = rates == null ? null : rates.successRate();
        boolean hasSeveral = hasSeveralEndpoints(node);
        if (listener != null && declared != null) {
            add(
                    "outlierDetection" + towards,
                    text(OutlierSettings.of(declared, null)),
                    name(node, listener) + " outlierDetection");
        } else if (hasSeveral) {
            add("outlierDetection" + towards, text(OutlierSettings.DEFAULT), "default");
        }
        if (rates != null && successRate != null) {
            add("outlierDetection.successRate" + towards, text(successRate), rates.id() + " outlierDetection");
        }
        TrafficPolicy panic = policies.ofNode(node, policy -> policy.panicThreshold() != null);
        Integer threshold = panic == null ? null : panic.panicThreshold();
        if (panic != null && threshold != null) {
            add("panicThreshold" + towards, text(threshold), panic.id() + " panicThreshold");
        } else if (hasSeveral || declared != null || successRate != null || check != null) {
            add("panicThreshold" + towards, text(Availability.DEFAULT_PANIC_THRESHOLD), "default");
        }
        TrafficPolicy breaking = policies.find(explanation, node, policy -> policy.circuitBreaker() != null);
        TrafficPolicy.CircuitBreaker breaker = breaking == null ? null : breaking.circuitBreaker();
        if (breaking != null && breaker != null) {
            add("circuitBreaker" + towards, text(breaker), breaking.id() + " circuitBreaker");
        }
        addFault(explanation, node, towards);
        TrafficPolicy hedging = policies.find(explanation, node, policy -> policy.hedge() != null);
        TrafficPolicy.Hedge hedge = hedging == null ? null : hedging.hedge();
        if (hedging != null && hedge != null) {
            add("hedge" + towards, hedge.text(), hedging.id() + " hedge");
        }
        addRate(policies.ofNode(node, policy -> policy.rateLimit() != null), "rateLimit" + towards);
        String service = explanation.virtualService();
        if (service != null) {
            TrafficPolicy narrower =
                    policies.narrowerRateLimit(service, explanation.virtualRouter(), explanation.route());
            boolean isOfRoute = narrower != null && narrower.targetRef().kind() == Kind.ROUTE;
            addRate(narrower, "rateLimit of the " + (isOfRoute ? "route" : "virtual service") + towards);
        }
        addConcurrency(explanation, node, towards);
        addMirror(explanation, node, towards);
    }

    private void addRate(@Nullable TrafficPolicy policy, String name) {
        RateLimit rate = policy == null ? null : policy.rateLimit();
        if (policy != null && rate != null) {
            add(name, text(rate), policy.id() + " rateLimit");
        }
    }

    private void addConcurrency(Explanation explanation, String node, String towards) {
        TrafficPolicy sending = policies.find(explanation, node, TrafficPolicies::hasOutboundLimit);
        Concurrency outbound = sending == null ? null : TrafficPolicies.outbound(sending);
        if (sending != null && outbound != null) {
            add(
                    "concurrencyLimit.outbound" + towards,
                    outbound.text() + " from this process at each endpoint",
                    sending.id() + " concurrencyLimit.outbound");
        }
        TrafficPolicy taking = policies.ofNode(node, TrafficPolicies::hasInboundLimit);
        TrafficPolicy.ConcurrencyLimit limit = taking == null ? null : taking.concurrencyLimit();
        Concurrency inbound = limit == null ? null : limit.inbound();
        if (taking != null && inbound != null) {
            add(
                    "concurrencyLimit.inbound" + towards,
                    inbound.text() + " into each endpoint",
                    taking.id() + " concurrencyLimit.inbound");
        }
    }

    private void addMirror(Explanation explanation, String node, String towards) {
        TrafficPolicy policy = policies.find(explanation, node, has -> has.mirror() != null);
        TrafficPolicy.Mirror mirror = policy == null ? null : policy.mirror();
        if (policy != null && mirror != null) {
            add(
                    "mirror" + towards,
                    "copies of " + mirror.percent() + " % of the calls to virtualNode '" + mirror.virtualNode()
                            + "', at most " + MirrorPlaces.LIMIT + " under way",
                    policy.id() + " mirror");
        }
    }

    private void addFault(Explanation explanation, String node, String towards) {
        TrafficPolicy policy = policies.find(explanation, node, has -> has.fault() != null);
        TrafficPolicy.Fault fault = policy == null ? null : policy.fault();
        if (policy != null && fault != null) {
            String conditions = policies.faultConditions(policy).toString();
            String what = Stream.of(
                            fault.delay() == null ? "" : "wait " + EndpointEvents.words(fault.delay()),
                            fault.abortStatus() == null ? "" : "are answered " + fault.abortStatus())
                    .filter(words -> !words.isEmpty())
                    .collect(Collectors.joining(" and "));
            add(
                    "fault" + towards,
                    fault.percent() + " % of the calls" + (conditions.isEmpty() ? "" : " where " + conditions) + " "
                            + what,
                    policy.id() + " fault");
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

    /** The name of a load balancer is one endpoint, of which nobody is left out. */
    private boolean hasSeveralEndpoints(String node) {
        VirtualNode declared = resources.virtualNode(mesh, node);
        return declared != null
                && !(declared.serviceDiscovery() instanceof ServiceDiscovery.Dns dns
                        && dns.responseType() == ServiceDiscovery.Dns.ResponseType.LOADBALANCER);
    }

    private static String name(String node, Listener listener) {
        return "virtualNode '" + node + "' listener " + listener.port();
    }

    private static String text(HealthCheck check) {
        boolean hasPath = check.protocol() == Protocol.HTTP || check.protocol() == Protocol.HTTP2;
        return check.protocol().text() + (hasPath && check.path() != null ? " " + check.path() : "") + " every "
                + EndpointEvents.words(check.interval()) + ", within " + EndpointEvents.words(check.timeout())
                + "; out after " + check.unhealthyThreshold() + " without an answer or one wrong answer, back after "
                + check.healthyThreshold();
    }

    private static String text(OutlierSettings outliers) {
        return outliers.consecutiveFailures()
                + (outliers.consecutiveFailures() == 1
                        ? " server error ejects for "
                        : " server errors in a row eject for ")
                + EndpointEvents.words(outliers.baseEjection()) + ", longer each time, at most "
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

    private static String text(TrafficPolicy.CircuitBreaker breaker) {
        List<String> conditions = new ArrayList<>();
        if (breaker.consecutiveFailures() != null) {
            conditions.add(breaker.consecutiveFailures()
                    + (breaker.consecutiveFailures() == 1 ? " failure" : " failures in a row"));
        }
        String window =
                " of at least " + breaker.minimumCalls() + " calls within " + EndpointEvents.words(breaker.window());
        if (breaker.failureRate() != null) {
            conditions.add(breaker.failureRate() + " % failures" + window);
        }
        Duration slow = breaker.slowCallDuration();
        if (breaker.slowCallRate() != null && slow != null) {
            conditions.add(breaker.slowCallRate() + " % slower than " + EndpointEvents.words(slow) + window);
        }
        return "per " + breaker.per().text() + ": " + String.join(" or ", conditions) + ": open for "
                + EndpointEvents.words(breaker.openFor()) + ", then " + breaker.halfOpenCalls()
                + (breaker.halfOpenCalls() == 1 ? " call" : " calls") + " to try";
    }

    private static String text(RateLimit rate) {
        return rate.requests() + (rate.requests() == 1 ? " request" : " requests") + " within "
                + EndpointEvents.words(rate.per()) + " at each endpoint, at most " + rate.burst() + " at once, for "
                + rate.by().text();
    }

    private static String text(int threshold) {
        return threshold == 0 ? "never" : "below " + threshold + " % usable, all endpoints are used";
    }
}
