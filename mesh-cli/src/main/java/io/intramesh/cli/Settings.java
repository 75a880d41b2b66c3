package io.intramesh.cli;

import io.intramesh.model.AccessLog;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.IpPreference;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.MeshResource;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.PathMatch;
import io.intramesh.model.Protocol;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.Timeouts;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a resource, setting by setting, with every default filled in. Two resources whose settings are equal treat
 * traffic alike, however they are written.
 */
final class Settings {
    private static final String NONE = "none";

    /** What App Mesh did without a preference: both families, IPv6 first. */
    private static final String ANY_FAMILY = "IPv6, then IPv4";

    private final List<Setting> found = new ArrayList<>();

    private Settings() {}

    static List<Setting> of(MeshResource mesh) {
        Settings settings = new Settings();
        settings.add("egressFilter", mesh.egressFilter().name());
        settings.addOrDefault("serviceDiscovery.ipPreference", mesh.ipPreference(), IpPreference::text, ANY_FAMILY);
        return settings.found;
    }

    /**
     * Returns the settings of a node, but for its backends.
     *
     * @param mesh null where it is unknown
     */
    static List<Setting> of(VirtualNode node, @Nullable MeshResource mesh) {
        Settings settings = new Settings();
        node.listeners().forEach(listener -> settings.listener(listener, true));
        ServiceDiscovery discovery = node.serviceDiscovery();
        settings.addOrDefault("serviceDiscovery", discovery, Settings::words, NONE);
        if (discovery != null) {
            IpPreference meshWide = mesh == null ? null : mesh.ipPreference();
            settings.addOrDefault(
                    "serviceDiscovery.ipPreference",
                    discovery.ipPreference(),
                    IpPreference::text,
                    meshWide == null ? ANY_FAMILY : meshWide.text() + " (the mesh's)");
        }
        settings.clientPolicy("backendDefaults.clientPolicy", node.backendDefaults());
        settings.addOrDefault("logging.accessLog", node.accessLog(), Settings::words, NONE);
        return settings.found;
    }

    static List<Setting> of(VirtualGateway gateway) {
        Settings settings = new Settings();
        gateway.listeners().forEach(listener -> settings.listener(listener, false));
        settings.clientPolicy("backendDefaults.clientPolicy", gateway.backendDefaults());
        settings.addOrDefault("logging.accessLog", gateway.accessLog(), Settings::words, NONE);
        return settings.found;
    }

    /** Returns the settings of a route beside its match, targets and priority. */
    static List<Setting> of(Route route) {
        Settings settings = new Settings();
        Route.Spec spec = route.spec();
        settings.timeouts("", spec.timeout(), spec.protocol());
        if (spec.protocol() != Protocol.TCP) {
            settings.addOrDefault(
                    "retryPolicy",
                    spec.retryPolicy(),
                    Settings::words,
                    "App Mesh's default (only what is safe, twice)");
        }
        return settings.found;
    }

    /** Returns the settings of a gateway route beside its match, target and priority. */
    static List<Setting> of(GatewayRoute route) {
        Settings settings = new Settings();
        GatewayRoute.Spec spec = route.spec();
        String hostname = spec.rewritesHostname() ? "becomes the virtual service's name" : "stays";
        settings.add("rewrite.hostname", hostname, spec.rewritesHostname());
        if (spec instanceof GatewayRoute.Http http) {
            settings.add("rewrite.path", rewrite(http), http.pathRewrite() == null);
        }
        return settings.found;
    }

    private static String rewrite(GatewayRoute.Http http) {
        PathMatch match = http.match().path();
        String prefix = match == null ? "/" : match instanceof PathMatch.Prefix given ? given.prefix() : null;
        GatewayRoute.PathRewrite rewrite = http.pathRewrite();
        if (rewrite instanceof GatewayRoute.PathRewrite.Exact exact) {
            return "becomes " + exact.path();
        }
        if (prefix == null || (rewrite instanceof GatewayRoute.PathRewrite.DefaultPrefix given && !given.enabled())) {
            return "stays";
        }
        String replacement = rewrite instanceof GatewayRoute.PathRewrite.Prefix given ? given.value() : "/";
        return replacement.equals(prefix) ? "stays" : prefix + " becomes " + replacement;
    }

    static List<Setting> of(TrafficPolicy policy) {
        Settings settings = new Settings();
        settings.addOrDefault(
                "loadBalancing", policy.loadBalancing(), LoadBalancing::text, LoadBalancing.ROUND_ROBIN.text());
        settings.addOrDefault(
                "retryBudget",
                policy.retryBudget(),
                budget -> budget.percent() + " % of the calls within " + words(budget.window()) + ", at least "
                        + budget.minRetriesPerSecond() + " a second",
                "20 % of the calls within 10 s, at least 10 a second");
        settings.addOrDefault("circuitBreaker", policy.circuitBreaker(), Settings::words, NONE);
        TrafficPolicy.ConcurrencyLimit concurrency = policy.concurrencyLimit();
        settings.addOrDefault(
                "concurrencyLimit.inbound",
                concurrency == null ? null : concurrency.inbound(),
                limit -> limit.text() + " into each process",
                NONE);
        settings.addOrDefault(
                "concurrencyLimit.outbound",
                concurrency == null ? null : concurrency.outbound(),
                limit -> limit.text() + " from each caller to each endpoint",
                NONE);
        settings.addOrDefault("fault", policy.fault(), Settings::words, NONE);
        settings.addOrDefault(
                "mirror", policy.mirror(), mirror -> mirror.percent() + " % to " + mirror.virtualNode(), NONE);
        settings.addOrDefault("outlierDetection.successRate", policy.successRate(), Settings::words, NONE);
        settings.addOrDefault(
                "panicThreshold",
                policy.panicThreshold(),
                percent -> percent == 0 ? "never" : "fewer than " + percent + " % usable",
                "fewer than 50 % usable");
        settings.addOrDefault("idempotent", policy.idempotent(), truth -> truth ? "always" : "by method", "by method");
        settings.addOrDefault(
                "rateLimit",
                policy.rateLimit(),
                limit -> limit.requests() + " requests per " + words(limit.per()) + ", " + limit.burst()
                        + " at once, for " + limit.by().text(),
                NONE);
        settings.addOrDefault("hedge", policy.hedge(), TrafficPolicy.Hedge::text, NONE);
        return settings.found;
    }

    private static String words(CircuitBreaker breaker) {
        List<String> conditions = new ArrayList<>();
        if (breaker.consecutiveFailures() != null) {
            conditions.add(breaker.consecutiveFailures()
                    + (breaker.consecutiveFailures() == 1 ? " failure" : " failures in a row"));
        }
        if (breaker.failureRate() != null) {
            conditions.add(breaker.failureRate() + " % failures");
        }
        if (breaker.slowCallRate() != null && breaker.slowCallDuration() != null) {
            conditions.add(breaker.slowCallRate() + " % of " + words(breaker.slowCallDuration()) + " or slower");
        }
        return "opens for " + words(breaker.openFor()) + " after " + String.join(" or ", conditions)
                + (breaker.hasRates()
                        ? " (within " + words(breaker.window()) + ", from " + breaker.minimumCalls() + " calls on)"
                        : "")
                + ", closes after "
                + (breaker.halfOpenCalls() == 1
                        ? "1 call that succeeds"
                        : breaker.halfOpenCalls() + " calls that succeed")
                + (breaker.per() == CircuitBreaker.Per.ENDPOINT ? ", per endpoint" : ", for the whole node");
    }

    private static String words(TrafficPolicy.SuccessRate rate) {
        return "ejects below the mean by " + rate.stdevFactor() + "/1000 standard deviations, from "
                + rate.minimumEndpoints() + " endpoints with " + rate.minimumRequests() + " requests on";
    }

    private static String words(TrafficPolicy.Fault fault) {
        List<String> parts = new ArrayList<>();
        if (fault.delay() != null) {
            parts.add("wait " + words(fault.delay()));
        }
        if (fault.abortStatus() != null) {
            parts.add("are answered " + fault.abortStatus());
        }
        String headers = fault.headers().stream()
                .map(Match::text)
                .sorted()
                .map(header -> "header " + header)
                .collect(Collectors.joining(" and "));
        return fault.percent() + " % of the calls " + (headers.isEmpty() ? "" : "with " + headers + " ")
                + String.join(" and ", parts);
    }

    static List<Setting> of(AccessPolicy policy) {
        Settings settings = new Settings();
        settings.add("mode", policy.mode().name(), policy.mode() == AccessPolicy.Mode.ENFORCE);
        settings.add("defaultDeny", String.valueOf(policy.defaultDeny()), policy.defaultDeny());
        settings.add("audit", policy.audit().name(), policy.audit() == AccessPolicy.Audit.DENIED);
        Map<String, List<JwtIssuer>> issuers = policy.jwt().stream()
                .collect(Collectors.groupingBy(JwtIssuer::issuer, TreeMap::new, Collectors.toList()));
        issuers.forEach((name, named) -> settings.add(
                "jwt[" + name + "]",
                named.stream().map(Settings::words).sorted().collect(Collectors.joining("; "))));
        // By name, for their order means nothing: deny beats allow.
        Map<String, List<AccessPolicy.Rule>> rules = policy.rules().stream()
                .collect(Collectors.groupingBy(AccessPolicy.Rule::name, TreeMap::new, Collectors.toList()));
        rules.forEach((name, named) -> settings.add(
                "rules[" + name + "]",
                named.stream().map(Settings::words).sorted().collect(Collectors.joining("; "))));
        return settings.found;
    }

    private static String words(AccessPolicy.Rule rule) {
        List<String> parts = new ArrayList<>();
        addList(parts, "from ", rule.callers(), Settings::words);
        addList(parts, "methods ", rule.methods(), Enum::name);
        addList(parts, "paths ", rule.paths(), Settings::words);
        rule.headers().stream().map(Match::text).sorted().forEach(header -> parts.add("header " + header));
        addList(parts, "on ports ", rule.ports(), String::valueOf);
        new TreeMap<>(rule.claims()).forEach((claim, value) -> parts.add("claim " + claim + " = " + value));
        if (rule.notBefore() != null) {
            parts.add("not before " + rule.notBefore());
        }
        if (rule.notAfter() != null) {
            parts.add("not after " + rule.notAfter());
        }
        if (rule.rollout() != null) {
            parts.add("during the rollout of " + rule.rollout().virtualNode() + " by route "
                    + rule.rollout().route() + " of " + rule.rollout().virtualRouter());
        }
        return rule.effect().name() + (parts.isEmpty() ? " all" : " " + String.join(", ", parts));
    }

    private static String words(JwtIssuer issuer) {
        String place = issuer.jwks() instanceof JwtIssuer.Jwks.File file
                ? file.path()
                : ((JwtIssuer.Jwks.Url) issuer.jwks()).url();
        return "keys of " + place + ", for "
                + issuer.audiences().stream().sorted().collect(Collectors.joining(" or ")) + ", by "
                + issuer.algorithms().stream().map(Enum::name).sorted().collect(Collectors.joining(" or "))
                + ", clocks within " + words(issuer.clockSkew());
    }

    private static <T> void addList(List<String> parts, String name, List<T> values, Function<T, String> words) {
        if (!values.isEmpty()) {
            parts.add(name + values.stream().map(words).distinct().sorted().collect(Collectors.joining(" or ")));
        }
    }

    private static String words(AccessPolicy.Caller caller) {
        if (caller instanceof AccessPolicy.Caller.Node node) {
            return "virtualNode " + node.virtualNode();
        }
        return caller instanceof AccessPolicy.Caller.SpiffeId id
                ? id.pattern()
                : "trust domain " + ((AccessPolicy.Caller.TrustDomain) caller).name();
    }

    private static String words(PathMatch path) {
        if (path instanceof PathMatch.Prefix prefix) {
            return prefix.prefix() + "*";
        }
        return path instanceof PathMatch.Exact exact ? exact.path() : "~" + ((PathMatch.Regex) path).pattern();
    }

    static List<Setting> of(ResourceOverride override) {
        Settings settings = new Settings();
        settings.addOrDefault("serviceDiscovery", override.serviceDiscovery(), Settings::words, "left as it is");
        settings.addOrDefault("certificate", override.certificate(), Settings::words, "left as it is");
        override.listeners().stream()
                .sorted(Comparator.comparingInt(ResourceOverride.ListenerCertificate::port))
                .forEach(listener ->
                        settings.add("listeners[" + listener.port() + "].certificate", words(listener.certificate())));
        settings.addOrDefault("trust", override.trust(), Settings::words, "left as it is");
        override.backends().stream()
                .sorted(Comparator.comparing(ResourceOverride.BackendTrust::virtualService))
                .forEach(backend ->
                        settings.add("backends[" + backend.virtualService() + "].trust", words(backend.trust())));
        return settings.found;
    }

    static List<Setting> of(EndpointSet endpoints) {
        Settings settings = new Settings();
        settings.add("virtualNode", endpoints.virtualNode());
        settings.add("endpoints", words(List.of(endpoints)));
        return settings.found;
    }

    /** Returns the addresses of several sets together, which is how they count. */
    static String words(Collection<EndpointSet> sets) {
        String all = sets.stream()
                .flatMap(set -> set.endpoints().stream())
                .map(endpoint -> endpoint.address()
                        + (endpoint.port() == null ? "" : ":" + endpoint.port())
                        + (endpoint.zone() == null ? "" : " in " + endpoint.zone())
                        + (endpoint.weight() == EndpointSet.Address.DEFAULT_WEIGHT
                                ? ""
                                : " weight " + endpoint.weight()))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? NONE : all;
    }

    private void listener(Listener listener, boolean isNode) {
        String at = "listeners[" + listener.port() + "].";
        add(at + "protocol", listener.protocol().text());
        tls(at + "tls", listener.tls());
        if (isNode) {
            timeouts(at, listener.timeout(), listener.protocol());
        }
        addOrDefault(at + "connectionPool", listener.connectionPool(), Settings::words, "no limit");
        addOrDefault(at + "healthCheck", listener.healthCheck(), check -> words(check, listener.port()), NONE);
        if (isNode) {
            addOrDefault(at + "outlierDetection", listener.outlierDetection(), Settings::words, NONE);
        }
    }

    private void tls(String at, @Nullable ListenerTls tls) {
        ListenerTls.Mode mode = tls == null ? ListenerTls.Mode.DISABLED : tls.mode();
        add(at + ".mode", mode(mode), tls == null);
        if (tls != null && mode != ListenerTls.Mode.DISABLED) {
            add(at + ".certificate", words(tls.certificate()));
            addOrDefault(at + ".validation", tls.validation(), Settings::words, "asks for no client certificate");
        }
    }

    private static String mode(ListenerTls.Mode mode) {
        return switch (mode) {
            case STRICT -> "TLS only";
            case PERMISSIVE -> "TLS or plaintext";
            case DISABLED -> "plaintext only";
        };
    }

    private void timeouts(String at, @Nullable Timeouts timeouts, Protocol protocol) {
        Timeouts given = timeouts == null ? Timeouts.DEFAULTS : timeouts;
        if (protocol != Protocol.TCP) {
            add(at + "timeout.perRequest", limit(given.effectivePerRequest()), given.perRequest() == null);
        }
        add(at + "timeout.idle", limit(given.effectiveIdle()), given.idle() == null);
    }

    private void clientPolicy(String name, @Nullable ClientPolicy policy) {
        add(name, words(policy), policy == null);
    }

    /** Returns how a caller connects, in words. */
    static String words(@Nullable ClientPolicy policy) {
        ClientPolicy.Tls tls = policy == null ? null : policy.tls();
        if (tls == null) {
            return "as the callee's listener asks";
        }
        String ports = tls.ports().isEmpty()
                ? ""
                : " on "
                        + tls.ports().stream()
                                .distinct()
                                .sorted()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "));
        return (tls.enforce() ? "TLS" : "TLS not enforced") + ports + ", " + words(tls.validation())
                + (tls.certificate() == null ? "" : ", shows " + words(tls.certificate()));
    }

    private static String words(TlsValidation validation) {
        List<String> names = validation.subjectAlternativeNames();
        return "trusts " + words(validation.trust())
                + (names.isEmpty()
                        ? ""
                        : " for " + names.stream().distinct().sorted().collect(Collectors.joining(", ")));
    }

    private static String words(TlsTrust trust) {
        if (trust instanceof TlsTrust.Acm acm) {
            return "ACM " + acm.certificateAuthorityArns().stream().sorted().collect(Collectors.joining(", "));
        }
        return trust instanceof TlsTrust.File file
                ? "file " + file.certificateChain()
                : "SDS " + ((TlsTrust.Sds) trust).secretName();
    }

    private static String words(TlsCertificate certificate) {
        if (certificate instanceof TlsCertificate.Acm acm) {
            return "ACM " + acm.certificateArn();
        }
        return certificate instanceof TlsCertificate.File file
                ? "file " + file.certificateChain() + " with key " + file.privateKey()
                : "SDS " + ((TlsCertificate.Sds) certificate).secretName();
    }

    private static String words(ConnectionPool pool) {
        if (pool instanceof ConnectionPool.Http http) {
            boolean isUnbounded = http.maxPendingRequests() == ConnectionPool.Http.DEFAULT_MAX_PENDING_REQUESTS;
            return http.maxConnections() + " requests at a time, "
                    + (isUnbounded ? "any number" : String.valueOf(http.maxPendingRequests())) + " may wait";
        }
        if (pool instanceof ConnectionPool.Tcp tcp) {
            return tcp.maxConnections() + " connections at a time";
        }
        int max = pool instanceof ConnectionPool.Http2 http2
                ? http2.maxRequests()
                : ((ConnectionPool.Grpc) pool).maxRequests();
        return max + " requests at a time, none wait";
    }

    private static String words(HealthCheck check, int listenerPort) {
        boolean hasPath =
                check.path() != null && (check.protocol() == Protocol.HTTP || check.protocol() == Protocol.HTTP2);
        int port = check.port() == null ? listenerPort : check.port();
        return check.protocol().text() + (hasPath ? " " + check.path() : "")
                + (port == listenerPort ? "" : " on " + port)
                + " every " + words(check.interval()) + ", each at most " + words(check.timeout()) + ", healthy after "
                + check.healthyThreshold() + ", unhealthy after " + check.unhealthyThreshold();
    }

    private static String words(OutlierDetection outlier) {
        return "ejects after " + outlier.maxServerErrors() + " server errors in a row for "
                + words(outlier.baseEjectionDuration()) + ", at most " + outlier.maxEjectionPercent()
                + " % of the endpoints, looks every " + words(outlier.interval());
    }

    private static String words(ServiceDiscovery discovery) {
        if (discovery instanceof ServiceDiscovery.Dns dns) {
            return "DNS " + dns.hostname()
                    + (dns.responseType() == ServiceDiscovery.Dns.ResponseType.ENDPOINTS
                            ? ", each address an endpoint"
                            : ", as one load balancer");
        }
        ServiceDiscovery.CloudMap map = (ServiceDiscovery.CloudMap) discovery;
        String attributes = new TreeMap<>(map.attributes())
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(", "));
        return "Cloud Map " + map.serviceName() + "." + map.namespaceName()
                + (attributes.isEmpty() ? "" : " with " + attributes);
    }

    private static String words(AccessLog log) {
        AccessLog.Format format = log.format();
        if (format == null) {
            return log.path();
        }
        return log.path()
                + (format instanceof AccessLog.Format.Text text
                        ? " as text " + text.pattern().strip()
                        : " as JSON "
                                + ((AccessLog.Format.Json) format)
                                        .entries().stream()
                                                .map(entry -> entry.key() + "=" + entry.value())
                                                .collect(Collectors.joining(", ")));
    }

    /** Returns a retry policy in words. */
    static String words(RetryPolicy policy) {
        if (policy.maxRetries() == 0) {
            return "never";
        }
        String events = Stream.of(
                        policy.httpRetryEvents().stream().sorted().map(RetryPolicy.HttpEvent::text),
                        policy.tcpRetryEvents().stream().sorted().map(RetryPolicy.TcpEvent::text),
                        policy.grpcRetryEvents().stream().sorted().map(RetryPolicy.GrpcEvent::text))
                .flatMap(texts -> texts)
                .collect(Collectors.joining(", "));
        return policy.maxRetries()
                + (policy.maxRetries() == 1 ? " retry" : " retries")
                + (events.isEmpty() ? "" : " on " + events)
                + (policy.perRetryTimeout().isZero()
                        ? ""
                        : ", each attempt at most " + words(policy.perRetryTimeout()));
    }

    private static String limit(Duration limit) {
        return limit.isZero() ? NONE : words(limit);
    }

    private static String words(Duration duration) {
        return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private void add(String name, String value) {
        add(name, value, false);
    }

    private void add(String name, String value, boolean isDefault) {
        found.add(new Setting(name, value, isDefault));
    }

    private <T> void addOrDefault(String name, @Nullable T value, Function<T, String> words, String otherwise) {
        add(name, value == null ? otherwise : words.apply(value), value == null);
    }
}
