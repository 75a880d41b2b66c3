package io.intramesh.internal.document;

import io.intramesh.model.AccessPolicy;
import io.intramesh.model.AccessPolicy.Caller;
import io.intramesh.model.Concurrency;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.Kind;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.PathMatch;
import io.intramesh.model.RateLimit;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds the kinds that App Mesh lacks: access policies, traffic policies and endpoints. */
final class PolicyBinder {
    private static final List<Kind> TARGETS = List.of(Kind.MESH, Kind.VIRTUAL_NODE, Kind.VIRTUAL_SERVICE, Kind.ROUTE);

    private PolicyBinder() {}

    static @Nullable Function<ResourceId, Resource> accessPolicy(Fields spec) {
        TargetRef target = targetRef(spec);
        AccessPolicy.Mode mode = spec.choice("mode", AccessPolicy.Mode.values(), AccessPolicy.Mode::name);
        // Strict by default: what no rule allows is refused.
        boolean defaultDeny = spec.bool("defaultDeny", true);
        AccessPolicy.Audit audit = spec.choice("audit", AccessPolicy.Audit.values(), AccessPolicy.Audit::name);
        List<JwtIssuer> jwt = spec.list("jwt", 1, Integer.MAX_VALUE, spec.objects(PolicyBinder::jwtIssuer));
        boolean hasTokens = spec.has("jwt");
        List<AccessPolicy.Rule> rules =
                spec.list("rules", 0, Integer.MAX_VALUE, spec.objects(rule -> rule(rule, hasTokens)));
        return target == null
                ? null
                : id -> new AccessPolicy(
                        id,
                        target,
                        mode == null ? AccessPolicy.Mode.ENFORCE : mode,
                        defaultDeny,
                        audit == null ? AccessPolicy.Audit.DENIED : audit,
                        jwt,
                        rules);
    }

    private static @Nullable JwtIssuer jwtIssuer(Fields fields) {
        String issuer = fields.requiredText("issuer", 1, JwtIssuer.MAX_LENGTH);
        List<String> audiences = fields.requiredList(
                "audiences",
                1,
                Integer.MAX_VALUE,
                (item, path) -> Fields.text(item, path, 1, JwtIssuer.MAX_LENGTH, fields.context()));
        JwtIssuer.Jwks jwks = jwks(fields.requiredObject("jwks"));
        List<JwtIssuer.Algorithm> algorithms = fields.list(
                "algorithms",
                1,
                Integer.MAX_VALUE,
                (item, path) -> Fields.<JwtIssuer.Algorithm>choice(
                        item,
                        path,
                        List.of(JwtIssuer.Algorithm.values()),
                        JwtIssuer.Algorithm::name,
                        fields.context()));
        Duration clockSkew = fields.durationOrText("clockSkew");
        fields.end();
        if (issuer == null || jwks == null || audiences.isEmpty()) {
            return null;
        }
        return fields.build(() -> new JwtIssuer(
                issuer,
                audiences,
                jwks,
                algorithms.isEmpty() ? JwtIssuer.DEFAULT_ALGORITHMS : algorithms,
                clockSkew == null ? JwtIssuer.DEFAULT_CLOCK_SKEW : clockSkew));
    }

    private static JwtIssuer.@Nullable Jwks jwks(@Nullable Fields union) {
        if (union == null) {
            return null;
        }
        String member = union.oneOf("file", "url");
        String text = member == null ? null : union.text(member, 1, JwtIssuer.MAX_LENGTH);
        JwtIssuer.Jwks jwks = text == null
                ? null
                : union.build(
                        () -> "file".equals(member) ? new JwtIssuer.Jwks.File(text) : new JwtIssuer.Jwks.Url(text));
        union.end();
        return jwks;
    }

    private static @Nullable TargetRef targetRef(Fields spec) {
        Fields fields = spec.keepPlace("targetRef").requiredObject("targetRef");
        if (fields == null) {
            return null;
        }
        Kind kind = fields.requiredChoice("kind", TARGETS.toArray(new Kind[0]), Kind::documentName);
        String name = fields.requiredServiceName("name", 255);
        String router = kind == Kind.ROUTE ? fields.requiredName("virtualRouter") : fields.name("virtualRouter");
        if (kind != null && kind != Kind.ROUTE && router != null) {
            fields.error("virtualRouter", Words.quote(router) + " (expected: only with kind Route); remove it");
            router = null;
        }
        fields.end();
        if (kind == null || name == null || (kind == Kind.ROUTE && router == null)) {
            return null;
        }
        String routerFound = router;
        return fields.build(() -> new TargetRef(kind, name, routerFound));
    }

    private static AccessPolicy.@Nullable Rule rule(Fields fields, boolean hasTokens) {
        String name = fields.requiredText("name", 1, 255);
        AccessPolicy.Effect effect =
                fields.requiredChoice("effect", AccessPolicy.Effect.values(), AccessPolicy.Effect::name);
        List<Caller> callers = fields.list("callers", 1, Integer.MAX_VALUE, fields.objects(PolicyBinder::caller));
        List<HttpMethod> methods = fields.list(
                "methods",
                1,
                Integer.MAX_VALUE,
                (item, path) -> Fields.<HttpMethod>choice(
                        item, path, List.of(HttpMethod.values()), HttpMethod::name, fields.context()));
        List<PathMatch> paths = fields.list("paths", 1, Integer.MAX_VALUE, fields.objects(MatchBinder::policyPath));
        List<HeaderMatch> headers = MatchBinder.headers(fields, "headers");
        List<Integer> ports = fields.list("ports", 1, Integer.MAX_VALUE, (item, path) -> {
            Long port = Fields.number(item, path, 1, 65_535, "", fields.context());
            return port == null ? null : Math.toIntExact(port);
        });
        Map<String, String> claims = claims(fields);
        if (!claims.isEmpty() && !hasTokens) {
            fields.error(
                    "claims",
                    "of no token (expected: with 'jwt' in this policy, which says whose tokens to trust); add it");
        }
        Instant notBefore = instant(fields, "notBefore");
        Instant notAfter = instant(fields, "notAfter");
        AccessPolicy.Rollout rollout = rollout(fields.object("rollout"));
        fields.end();
        if (name == null || effect == null) {
            return null;
        }
        return fields.build(() -> new AccessPolicy.Rule(
                name, effect, callers, methods, paths, headers, ports, claims, notBefore, notAfter, rollout));
    }

    private static AccessPolicy.@Nullable Rollout rollout(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        String router = fields.requiredName("virtualRouter");
        String route = fields.keepPlace("route").requiredName("route");
        String node = fields.keepPlace("virtualNode").requiredName("virtualNode");
        fields.end();
        return router == null || route == null || node == null ? null : new AccessPolicy.Rollout(router, route, node);
    }

    private static @Nullable Caller caller(Fields union) {
        String member = union.oneOf("virtualNode", "spiffeId", "trustDomain");
        Caller caller = null;
        if (member != null) {
            caller = switch (member) {
                case "virtualNode" -> {
                    String node = union.keepPlace("virtualNode").requiredName("virtualNode");
                    yield node == null ? null : new Caller.Node(node);
                }
                case "spiffeId" -> {
                    String pattern = union.text("spiffeId", 1, 2048);
                    yield pattern == null ? null : union.build(() -> new Caller.SpiffeId(pattern));
                }
                default -> {
                    String name = union.text("trustDomain", 1, 255);
                    yield name == null ? null : new Caller.TrustDomain(name);
                }
            };
        }
        union.end();
        return caller;
    }

    private static Map<String, String> claims(Fields rule) {
        Node value = rule.value("claims");
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof MappingNode mapping)) {
            rule.error("claims", value.describe() + " (expected: a mapping from claim to text)");
            return Map.of();
        }
        Map<String, String> claims = new LinkedHashMap<>();
        for (MappingNode.Entry entry : mapping.entries()) {
            String text = Fields.text(
                    entry.value(), rule.path("claims").member(entry.key()), 0, Integer.MAX_VALUE, rule.context());
            if (text != null) {
                claims.put(entry.key(), text);
            }
        }
        return claims;
    }

    private static @Nullable Instant instant(Fields fields, String name) {
        String text = fields.text(name, 1, 64);
        if (text == null) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            fields.error(name, Words.quote(text) + " (expected: a time such as 2026-11-21T08:00:00Z)");
            return null;
        }
    }

    static @Nullable Function<ResourceId, Resource> trafficPolicy(Fields spec) {
        TargetRef target = targetRef(spec);
        LoadBalancing loadBalancing = loadBalancing(spec);
        TrafficPolicy.RetryBudget retryBudget = retryBudget(spec.object("retryBudget"));
        TrafficPolicy.CircuitBreaker circuitBreaker = circuitBreaker(spec.object("circuitBreaker"));
        TrafficPolicy.ConcurrencyLimit concurrencyLimit = concurrencyLimit(spec.object("concurrencyLimit"), target);
        TrafficPolicy.Fault fault = fault(spec.object("fault"));
        TrafficPolicy.Mirror mirror = mirror(spec.object("mirror"));
        TrafficPolicy.SuccessRate successRate = successRate(spec.object("outlierDetection"));
        Integer panicThreshold = spec.integer("panicThreshold", 0, 100);
        Boolean idempotent = spec.bool("idempotent");
        RateLimit rateLimit = rateLimit(spec.object("rateLimit"));
        TrafficPolicy.Hedge hedge = hedge(spec.object("hedge"));
        refuseOnPartsOfANode(spec, target, "outlierDetection", "panicThreshold");
        if (target == null) {
            return null;
        }
        Function<ResourceId, TrafficPolicy> bound = id -> TrafficPolicy.builder(id, target)
                .loadBalancing(loadBalancing)
                .retryBudget(retryBudget)
                .circuitBreaker(circuitBreaker)
                .concurrencyLimit(concurrencyLimit)
                .fault(fault)
                .mirror(mirror)
                .successRate(successRate)
                .panicThreshold(panicThreshold)
                .idempotent(idempotent)
                .rateLimit(rateLimit)
                .hedge(hedge)
                .build();
        return bound::apply;
    }

    private static @Nullable LoadBalancing loadBalancing(Fields spec) {
        Node value = spec.value("loadBalancing");
        if (value == null) {
            return null;
        }
        if (!(value instanceof MappingNode)) {
            Balancing named = spec.choice("loadBalancing", Balancing.BY_NAME, Balancing::text);
            return named == null ? null : LoadBalancing.of(byName(named));
        }
        Fields fields = spec.requiredObject("loadBalancing");
        if (fields == null) {
            return null;
        }
        Balancing named = fields.requiredChoice("algorithm", Balancing.values(), Balancing::text);
        LoadBalancing.Algorithm algorithm = named == null ? null : algorithm(named, fields);
        boolean prefersOwnZone = fields.bool("preferOwnZone", false);
        Duration slowStart = fields.durationOrText("slowStart");
        if (named == null) {
            fields.ignore("decay", "hashOn", "maxLoad");
        }
        fields.end();
        return algorithm == null ? null : fields.build(() -> new LoadBalancing(algorithm, prefersOwnZone, slowStart));
    }

    private static LoadBalancing.@Nullable Algorithm algorithm(Balancing named, Fields fields) {
        return switch (named) {
            case ROUND_ROBIN, LEAST_REQUEST -> byName(named);
            case PEAK_EWMA -> {
                Duration decay = fields.durationOrText("decay");
                yield decay == null ? byName(named) : fields.build(() -> new LoadBalancing.PeakEwma(decay));
            }
            case CONSISTENT_HASH -> {
                LoadBalancing.HashKey key = hashKey(fields.requiredObject("hashOn"));
                Integer maxLoad = fields.integer("maxLoad", 101, 10_000);
                yield key == null
                        ? null
                        : new LoadBalancing.ConsistentHash(
                                key, maxLoad == null ? LoadBalancing.ConsistentHash.DEFAULT_MAX_LOAD : maxLoad);
            }
        };
    }

    /** Returns what the name means by itself. */
    private static LoadBalancing.Algorithm byName(Balancing named) {
        return switch (named) {
            case LEAST_REQUEST -> new LoadBalancing.LeastRequest();
            case PEAK_EWMA -> new LoadBalancing.PeakEwma(LoadBalancing.PeakEwma.DEFAULT_DECAY);
            case ROUND_ROBIN -> new LoadBalancing.RoundRobin();
            case CONSISTENT_HASH -> throw new IllegalArgumentException("consistent-hash means nothing without a key");
        };
    }

    private static LoadBalancing.@Nullable HashKey hashKey(@Nullable Fields union) {
        if (union == null) {
            return null;
        }
        String member = union.oneOf("header", "cookie", "source");
        LoadBalancing.HashKey key = null;
        if (member != null) {
            if (member.equals("source")) {
                Fields source = union.object("source");
                if (source != null) {
                    source.end();
                    key = new LoadBalancing.HashKey.Source();
                }
            } else {
                String name = union.text(member, 1, 255);
                if (name != null) {
                    key = member.equals("header")
                            ? new LoadBalancing.HashKey.Header(name)
                            : new LoadBalancing.HashKey.Cookie(name);
                }
            }
        }
        union.end();
        return key;
    }

    /** The algorithms by the names that documents use. */
    private enum Balancing {
        ROUND_ROBIN(LoadBalancing.RoundRobin.NAME),
        LEAST_REQUEST(LoadBalancing.LeastRequest.NAME),
        PEAK_EWMA(LoadBalancing.PeakEwma.NAME),
        CONSISTENT_HASH(LoadBalancing.ConsistentHash.NAME);

        /** Those whose name says enough. */
        private static final Balancing[] BY_NAME = {ROUND_ROBIN, LEAST_REQUEST, PEAK_EWMA};

        private final String text;

        Balancing(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** Endpoints are judged for all who call them: what one route or service wants of them cannot hold for the others. */
    private static void refuseOnPartsOfANode(Fields spec, @Nullable TargetRef target, String... names) {
        if (target == null || target.kind() == Kind.MESH || target.kind() == Kind.VIRTUAL_NODE) {
            return;
        }
        for (String name : names) {
            if (spec.has(name)) {
                spec.error(
                        name,
                        "on a " + target.kind().documentName()
                                + " (expected: on a VirtualNode or Mesh, whose endpoints it is about);"
                                + " attach a policy to one of these");
            }
        }
    }

    private static TrafficPolicy.@Nullable SuccessRate successRate(@Nullable Fields outliers) {
        if (outliers == null) {
            return null;
        }
        Fields fields = outliers.requiredObject("successRate");
        outliers.end();
        if (fields == null) {
            return null;
        }
        Integer endpoints = fields.integer("minimumEndpoints", 2, Integer.MAX_VALUE);
        Integer requests = fields.integer("minimumRequests", 1, Integer.MAX_VALUE);
        Integer factor = fields.integer("stdevFactor", 1, Integer.MAX_VALUE);
        fields.end();
        return new TrafficPolicy.SuccessRate(
                endpoints == null ? TrafficPolicy.SuccessRate.DEFAULT_MINIMUM_ENDPOINTS : endpoints,
                requests == null ? TrafficPolicy.SuccessRate.DEFAULT_MINIMUM_REQUESTS : requests,
                factor == null ? TrafficPolicy.SuccessRate.DEFAULT_STDEV_FACTOR : factor);
    }

    private static TrafficPolicy.@Nullable RetryBudget retryBudget(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Integer percent = fields.requiredInteger("percent", 0, 100);
        Integer min = fields.requiredInteger("minRetriesPerSecond", 0, Integer.MAX_VALUE);
        Duration window = fields.requiredDurationOrText("window");
        fields.end();
        return percent == null || min == null || window == null
                ? null
                : fields.build(() -> new TrafficPolicy.RetryBudget(percent, min, window));
    }

    private static TrafficPolicy.@Nullable CircuitBreaker circuitBreaker(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Integer failures = fields.integer("consecutiveFailures", 1, Integer.MAX_VALUE);
        Integer failureRate = fields.integer("failureRate", 1, 100);
        Integer slowCallRate = fields.integer("slowCallRate", 1, 100);
        Duration slowCallDuration = fields.durationOrText("slowCallDuration");
        Integer minimumCalls = fields.integer("minimumCalls", 1, Integer.MAX_VALUE);
        Duration window = fields.durationOrText("window");
        Duration openFor = fields.requiredDurationOrText("openFor");
        Integer halfOpenCalls = fields.integer("halfOpenCalls", 1, Integer.MAX_VALUE);
        CircuitBreaker.Per per = fields.choice("per", CircuitBreaker.Per.values(), CircuitBreaker.Per::text);
        fields.end();
        return openFor == null
                ? null
                : fields.build(() -> new CircuitBreaker(
                        failures,
                        failureRate,
                        slowCallRate,
                        slowCallDuration,
                        minimumCalls == null ? CircuitBreaker.DEFAULT_MINIMUM_CALLS : minimumCalls,
                        window == null ? CircuitBreaker.DEFAULT_WINDOW : window,
                        openFor,
                        halfOpenCalls == null ? CircuitBreaker.DEFAULT_HALF_OPEN_CALLS : halfOpenCalls,
                        per == null ? CircuitBreaker.Per.ENDPOINT : per));
    }

    private static TrafficPolicy.@Nullable ConcurrencyLimit concurrencyLimit(
            @Nullable Fields fields, @Nullable TargetRef target) {
        if (fields == null) {
            return null;
        }
        refuseOnPartsOfANode(fields, target, "inbound");
        boolean hasInbound = fields.has("inbound");
        boolean hasOutbound = fields.has("outbound");
        Concurrency inbound = concurrency(fields.object("inbound"));
        Concurrency outbound = concurrency(fields.object("outbound"));
        boolean isSideMissing = false;
        for (String name : List.of("maxRequests", "minRequests", "adaptive")) {
            if (fields.has(name)) {
                isSideMissing = true;
                // A limit without a side would mean something else to callers and callees.
                fields.ignore(name);
                fields.error(
                        name,
                        "on no side (expected: within inbound, what a process of the node takes in, or outbound, what"
                                + " each caller sends to an endpoint); move it there");
            }
        }
        fields.end();
        if (isSideMissing || (hasInbound && inbound == null) || (hasOutbound && outbound == null)) {
            return null;
        }
        return fields.build(() -> new TrafficPolicy.ConcurrencyLimit(inbound, outbound));
    }

    private static @Nullable Concurrency concurrency(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Adaptive adaptive = fields.choice("adaptive", Adaptive.values(), Adaptive::text);
        if (!fields.has("adaptive")) {
            Integer maxRequests = fields.requiredInteger("maxRequests", 1, Integer.MAX_VALUE);
            if (fields.has("minRequests")) {
                fields.ignore("minRequests");
                fields.error(
                        "minRequests",
                        "without adaptive (expected: only with it); add 'adaptive: gradient', or remove it");
            }
            fields.end();
            return maxRequests == null ? null : new Concurrency.Fixed(maxRequests);
        }
        Integer min = fields.integer("minRequests", 1, Integer.MAX_VALUE);
        Integer max = fields.integer("maxRequests", 1, Integer.MAX_VALUE);
        fields.end();
        int most = max == null ? Concurrency.Gradient.DEFAULT_MAX_REQUESTS : max;
        // Whoever writes one bound alone does not mean a contradiction to the other's default.
        int least = min == null ? Math.min(Concurrency.Gradient.DEFAULT_MIN_REQUESTS, most) : min;
        return adaptive == null
                ? null
                : fields.build(() -> new Concurrency.Gradient(least, max == null ? Math.max(most, least) : most));
    }

    /** The algorithms of adaptive limits by the names that documents use. */
    private enum Adaptive {
        GRADIENT(Concurrency.Gradient.NAME);

        private final String text;

        Adaptive(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private static TrafficPolicy.@Nullable Fault fault(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Integer percent = fields.requiredInteger("percent", 0, 100);
        Duration delay = fields.durationOrText("delay");
        Integer abortStatus = fields.integer("abortStatus", 200, 599);
        List<HeaderMatch> headers = MatchBinder.headers(fields, "headers");
        fields.end();
        return percent == null
                ? null
                : fields.build(() -> new TrafficPolicy.Fault(percent, delay, abortStatus, headers));
    }

    private static @Nullable RateLimit rateLimit(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Integer requests = fields.requiredInteger("requests", 1, RateLimit.MAX_REQUESTS);
        Duration per = fields.requiredDurationOrText("per");
        Integer burst = fields.integer("burst", 1, RateLimit.MAX_REQUESTS);
        RateLimit.By by = rateLimitBy(fields);
        fields.end();
        return requests == null || per == null || by == null
                ? null
                : fields.build(() -> new RateLimit(requests, per, burst == null ? requests : burst, by));
    }

    private static RateLimit.@Nullable By rateLimitBy(Fields fields) {
        Node value = fields.value("by");
        if (value == null) {
            return new RateLimit.All();
        }
        if (value instanceof MappingNode) {
            Fields union = fields.requiredObject("by");
            if (union == null) {
                return null;
            }
            String header = union.requiredText("header", 1, 255);
            union.end();
            return header == null ? null : new RateLimit.Header(header);
        }
        Counted counted = fields.choice("by", Counted.values(), Counted::text);
        if (counted == null) {
            return null;
        }
        return counted == Counted.CALLER ? new RateLimit.Caller() : new RateLimit.All();
    }

    /** What a rate limit counts together, by the names that documents use. */
    private enum Counted {
        ALL("all"),
        CALLER("caller");

        private final String text;

        Counted(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private static TrafficPolicy.@Nullable Hedge hedge(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Integer maxExtraLoad = fields.integer("maxExtraLoad", 1, TrafficPolicy.Hedge.MAX_EXTRA_LOAD);
        Duration delay = fields.durationOrText("delay");
        boolean isRefused = (maxExtraLoad == null && fields.value("maxExtraLoad") != null)
                || (delay == null && fields.value("delay") != null);
        fields.end();
        return isRefused ? null : fields.build(() -> new TrafficPolicy.Hedge(maxExtraLoad, delay));
    }

    private static TrafficPolicy.@Nullable Mirror mirror(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        String node = fields.keepPlace("virtualNode").requiredName("virtualNode");
        Integer percent = fields.requiredInteger("percent", 0, 100);
        fields.end();
        return node == null || percent == null ? null : new TrafficPolicy.Mirror(node, percent);
    }

    static @Nullable Function<ResourceId, Resource> endpoints(Fields spec) {
        String node = spec.keepPlace("virtualNode").requiredName("virtualNode");
        List<EndpointSet.Address> addresses =
                spec.requiredList("endpoints", 0, Integer.MAX_VALUE, spec.objects(PolicyBinder::address));
        return node == null ? null : id -> new EndpointSet(id, node, addresses);
    }

    private static EndpointSet.@Nullable Address address(Fields fields) {
        String address = fields.requiredText("address", 1, 253);
        Integer port = fields.port("port");
        String zone = fields.text("zone", 1, 255);
        Integer weight = fields.integer("weight", 1, EndpointSet.Address.MAX_WEIGHT);
        fields.end();
        return address == null
                ? null
                : new EndpointSet.Address(
                        address, port, zone, weight == null ? EndpointSet.Address.DEFAULT_WEIGHT : weight);
    }
}
