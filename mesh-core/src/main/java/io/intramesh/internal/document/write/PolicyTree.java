package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.AccessPolicy.Caller;
import io.intramesh.model.Concurrency;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.RateLimit;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The kinds that App Mesh lacks. They are native in every form. */
final class PolicyTree {
    private PolicyTree() {}

    static Mapping accessPolicy(AccessPolicy policy) {
        // Mode and default are written also where they are what holds without: who reads a policy must not have to
        // know.
        return Tree.mapping()
                .put("targetRef", targetRef(policy.targetRef()))
                .put("mode", policy.mode().name())
                .put("defaultDeny", new Tree.Flag(policy.defaultDeny()))
                .put("audit", policy.audit() == AccessPolicy.Audit.DENIED ? null : Tree.text("ALL"))
                .put("jwt", Tree.sequenceOrNull(policy.jwt(), PolicyTree::jwtIssuer))
                .put("rules", Tree.sequenceOrNull(policy.rules(), PolicyTree::rule))
                .build();
    }

    private static Tree targetRef(TargetRef target) {
        return Tree.mapping()
                .put("kind", target.kind().documentName())
                .put("virtualRouter", Tree.textOrNull(target.virtualRouter()))
                .put("name", target.name())
                .build();
    }

    private static Tree rule(AccessPolicy.Rule rule) {
        return Tree.mapping()
                .put("name", rule.name())
                .put("effect", rule.effect().name())
                .put("callers", Tree.sequenceOrNull(rule.callers(), PolicyTree::caller))
                .put("methods", Tree.sequenceOrNull(rule.methods(), method -> Tree.text(method.name())))
                .put("paths", Tree.sequenceOrNull(rule.paths(), RouteTree::path))
                .put("headers", Tree.sequenceOrNull(rule.headers(), RouteTree::header))
                .put("ports", Tree.sequenceOrNull(rule.ports(), port -> new Tree.Whole(port)))
                .put("claims", claims(rule.claims()))
                .put("notBefore", instant(rule.notBefore()))
                .put("notAfter", instant(rule.notAfter()))
                .put("rollout", rollout(rule.rollout()))
                .build();
    }

    private static @Nullable Tree rollout(AccessPolicy.@Nullable Rollout rollout) {
        return rollout == null
                ? null
                : Tree.mapping()
                        .put("virtualRouter", rollout.virtualRouter())
                        .put("route", rollout.route())
                        .put("virtualNode", rollout.virtualNode())
                        .build();
    }

    private static Tree jwtIssuer(JwtIssuer issuer) {
        return Tree.mapping()
                .put("issuer", issuer.issuer())
                .put("audiences", Tree.sequence(issuer.audiences(), Tree::text))
                .put("jwks", jwks(issuer.jwks()))
                .put(
                        "algorithms",
                        issuer.algorithms().equals(JwtIssuer.DEFAULT_ALGORITHMS)
                                ? null
                                : Tree.sequence(issuer.algorithms(), algorithm -> Tree.text(algorithm.name())))
                .put(
                        "clockSkew",
                        issuer.clockSkew().equals(JwtIssuer.DEFAULT_CLOCK_SKEW)
                                ? null
                                : Durations.text(issuer.clockSkew()))
                .build();
    }

    private static Tree jwks(JwtIssuer.Jwks jwks) {
        return jwks instanceof JwtIssuer.Jwks.File file
                ? Tree.mapping("file", Tree.text(file.path()))
                : Tree.mapping("url", Tree.text(((JwtIssuer.Jwks.Url) jwks).url()));
    }

    private static Tree caller(Caller caller) {
        if (caller instanceof Caller.Node node) {
            return Tree.mapping("virtualNode", Tree.text(node.virtualNode()));
        }
        return caller instanceof Caller.SpiffeId id
                ? Tree.mapping("spiffeId", Tree.text(id.pattern()))
                : Tree.mapping("trustDomain", Tree.text(((Caller.TrustDomain) caller).name()));
    }

    private static @Nullable Tree claims(Map<String, String> claims) {
        if (claims.isEmpty()) {
            return null;
        }
        Tree.Builder tree = Tree.mapping();
        // Sorted: the model's map has no order of its own, and two runs must give the same text.
        new TreeMap<>(claims).forEach(tree::put);
        return tree.build();
    }

    private static @Nullable Tree instant(@Nullable Instant instant) {
        return instant == null ? null : Tree.text(instant.toString());
    }

    static Mapping trafficPolicy(TrafficPolicy policy) {
        return Tree.mapping()
                .put("targetRef", targetRef(policy.targetRef()))
                .put("loadBalancing", loadBalancing(policy.loadBalancing()))
                .put("retryBudget", retryBudget(policy.retryBudget()))
                .put("circuitBreaker", circuitBreaker(policy.circuitBreaker()))
                .put("concurrencyLimit", concurrencyLimit(policy.concurrencyLimit()))
                .put("fault", fault(policy.fault()))
                .put("mirror", mirror(policy.mirror()))
                .put("outlierDetection", outlierDetection(policy.successRate()))
                .put("panicThreshold", Tree.wholeOrNull(policy.panicThreshold()))
                .put("idempotent", policy.idempotent() == null ? null : new Tree.Flag(policy.idempotent()))
                .put("rateLimit", rateLimit(policy.rateLimit()))
                .put("hedge", hedge(policy.hedge()))
                .build();
    }

    private static @Nullable Tree loadBalancing(@Nullable LoadBalancing balancing) {
        if (balancing == null) {
            return null;
        }
        LoadBalancing.Algorithm algorithm = balancing.algorithm();
        if (balancing.isPlain()) {
            return Tree.text(algorithm.name());
        }
        Tree.Builder tree = Tree.mapping().put("algorithm", algorithm.name());
        if (algorithm instanceof LoadBalancing.PeakEwma ewma && !ewma.isPlain()) {
            tree.put("decay", Durations.text(ewma.decay()));
        }
        if (algorithm instanceof LoadBalancing.ConsistentHash hash) {
            tree.put("hashOn", hashKey(hash.key()))
                    .put("maxLoad", wholeUnless(LoadBalancing.ConsistentHash.DEFAULT_MAX_LOAD, hash.maxLoad()));
        }
        return tree.put("preferOwnZone", balancing.prefersOwnZone() ? new Tree.Flag(true) : null)
                .put("slowStart", balancing.slowStart() == null ? null : Durations.text(balancing.slowStart()))
                .build();
    }

    private static Tree hashKey(LoadBalancing.HashKey key) {
        if (key instanceof LoadBalancing.HashKey.Header header) {
            return Tree.mapping("header", Tree.text(header.name()));
        }
        return key instanceof LoadBalancing.HashKey.Cookie cookie
                ? Tree.mapping("cookie", Tree.text(cookie.name()))
                : Tree.mapping("source", Tree.mapping().build());
    }

    private static @Nullable Tree retryBudget(TrafficPolicy.@Nullable RetryBudget budget) {
        return budget == null
                ? null
                : Tree.mapping()
                        .put("percent", budget.percent())
                        .put("minRetriesPerSecond", budget.minRetriesPerSecond())
                        .put("window", Durations.text(budget.window()))
                        .build();
    }

    private static @Nullable Tree circuitBreaker(@Nullable CircuitBreaker breaker) {
        if (breaker == null) {
            return null;
        }
        // What is as the default has it is not written: a breaker stays the one line that it mostly is.
        return Tree.mapping()
                .put("consecutiveFailures", Tree.wholeOrNull(breaker.consecutiveFailures()))
                .put("failureRate", Tree.wholeOrNull(breaker.failureRate()))
                .put("slowCallRate", Tree.wholeOrNull(breaker.slowCallRate()))
                .put(
                        "slowCallDuration",
                        breaker.slowCallDuration() == null ? null : Durations.text(breaker.slowCallDuration()))
                .put("minimumCalls", wholeUnless(CircuitBreaker.DEFAULT_MINIMUM_CALLS, breaker.minimumCalls()))
                .put(
                        "window",
                        breaker.window().equals(CircuitBreaker.DEFAULT_WINDOW)
                                ? null
                                : Durations.text(breaker.window()))
                .put("openFor", Durations.text(breaker.openFor()))
                .put("halfOpenCalls", wholeUnless(CircuitBreaker.DEFAULT_HALF_OPEN_CALLS, breaker.halfOpenCalls()))
                .put(
                        "per",
                        breaker.per() == CircuitBreaker.Per.ENDPOINT
                                ? null
                                : Tree.text(breaker.per().text()))
                .build();
    }

    private static @Nullable Tree rateLimit(@Nullable RateLimit limit) {
        if (limit == null) {
            return null;
        }
        Tree by = limit.by() instanceof RateLimit.Header header
                ? Tree.mapping("header", Tree.text(header.name()))
                : limit.by() instanceof RateLimit.Caller ? Tree.text("caller") : null;
        return Tree.mapping()
                .put("requests", limit.requests())
                .put("per", Durations.text(limit.per()))
                .put("burst", wholeUnless(limit.requests(), limit.burst()))
                .put("by", by)
                .build();
    }

    private static @Nullable Tree outlierDetection(TrafficPolicy.@Nullable SuccessRate rate) {
        return rate == null
                ? null
                : Tree.mapping(
                        "successRate",
                        Tree.mapping()
                                .put("minimumEndpoints", rate.minimumEndpoints())
                                .put("minimumRequests", rate.minimumRequests())
                                .put("stdevFactor", rate.stdevFactor())
                                .build());
    }

    private static @Nullable Tree wholeUnless(int normal, int value) {
        return value == normal ? null : new Tree.Whole(value);
    }

    private static @Nullable Tree concurrencyLimit(TrafficPolicy.@Nullable ConcurrencyLimit limit) {
        return limit == null
                ? null
                : Tree.mapping()
                        .put("inbound", concurrency(limit.inbound()))
                        .put("outbound", concurrency(limit.outbound()))
                        .build();
    }

    private static @Nullable Tree concurrency(@Nullable Concurrency limit) {
        if (limit instanceof Concurrency.Gradient gradient) {
            // Both bounds, also where they are the defaults: each one's default depends on the other.
            return Tree.mapping()
                    .put("adaptive", Concurrency.Gradient.NAME)
                    .put("minRequests", gradient.minRequests())
                    .put("maxRequests", gradient.maxRequests())
                    .build();
        }
        return limit == null ? null : Tree.mapping("maxRequests", new Tree.Whole(limit.maxRequests()));
    }

    private static @Nullable Tree fault(TrafficPolicy.@Nullable Fault fault) {
        return fault == null
                ? null
                : Tree.mapping()
                        .put("percent", fault.percent())
                        .put("delay", fault.delay() == null ? null : Durations.text(fault.delay()))
                        .put("abortStatus", Tree.wholeOrNull(fault.abortStatus()))
                        .put("headers", Tree.sequenceOrNull(fault.headers(), RouteTree::header))
                        .build();
    }

    private static @Nullable Tree hedge(TrafficPolicy.@Nullable Hedge hedge) {
        return hedge == null
                ? null
                : Tree.mapping()
                        .put("maxExtraLoad", Tree.wholeOrNull(hedge.maxExtraLoad()))
                        .put("delay", hedge.delay() == null ? null : Durations.text(hedge.delay()))
                        .build();
    }

    private static @Nullable Tree mirror(TrafficPolicy.@Nullable Mirror mirror) {
        return mirror == null
                ? null
                : Tree.mapping()
                        .put("virtualNode", mirror.virtualNode())
                        .put("percent", mirror.percent())
                        .build();
    }

    static Mapping endpoints(EndpointSet endpoints) {
        return Tree.mapping()
                .put("virtualNode", endpoints.virtualNode())
                .put(
                        "endpoints",
                        Tree.sequence(
                                endpoints.endpoints(),
                                address -> Tree.mapping()
                                        .put("address", address.address())
                                        .put("port", Tree.wholeOrNull(address.port()))
                                        .put("zone", Tree.textOrNull(address.zone()))
                                        .put(
                                                "weight",
                                                Tree.wholeOrNull(
                                                        address.weight() == EndpointSet.Address.DEFAULT_WEIGHT
                                                                ? null
                                                                : address.weight()))
                                        .build()))
                .build();
    }
}
