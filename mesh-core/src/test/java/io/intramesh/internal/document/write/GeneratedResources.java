package io.intramesh.internal.document.write;

import io.intramesh.model.AccessLog;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.AccessPolicy.Caller;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Concurrency;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GatewayRoute.PathRewrite;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.HttpScheme;
import io.intramesh.model.IpPreference;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.MeshResource;
import io.intramesh.model.OutlierDetection;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.RateLimit;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TargetRef;
import io.intramesh.model.Timeouts;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes sets of random resources that a reader must take: every kind and every field, within the limits of the model, the two
 * ends of each reference fitting together; with names and texts that trap writers. The same seed gives the same set.
 */
public final class GeneratedResources {
    /** What YAML, JSON, placeholders, file systems and Kubernetes each have their own idea of. */
    private static final List<String> TRAPS = List.of(
            "yes",
            "No",
            "on",
            "OFF",
            "y",
            "n",
            "true",
            "False",
            "null",
            "NULL",
            "~",
            "-",
            "?",
            ":",
            "=",
            "<<",
            "---",
            "...",
            "- a",
            "a: b",
            "a:",
            ":a",
            "a #b",
            "#a",
            "a#b",
            "? a",
            "a, b",
            "[a]",
            "{a}",
            "{}",
            "[]",
            "}",
            "a]",
            "0",
            "-1",
            "+1",
            "0123",
            "0x1F",
            "0o17",
            "0b11",
            "1e3",
            "1E5",
            "1.",
            ".5",
            "-.5e1",
            ".inf",
            "-.INF",
            ".NaN",
            "1_000",
            "12:30:45",
            "2026-11-21",
            "2026-11-21T08:00:00Z",
            "10.0.0.7",
            "1.2.3",
            "5m",
            "250ms",
            "0xyz",
            "9e",
            "${X}",
            "$${X}",
            "$$${X}",
            "${X:-d}",
            "${",
            "$",
            "$$",
            "{{ .Values.X }}",
            "{{",
            "{{{",
            "}}",
            "{{{{ x }}}}",
            "${{X}}",
            "{{ \"{{\" }}",
            "{{-\"{{\"-}}",
            "a-${X}-{{ .X }}",
            "${NONE}",
            "{{ include \"x\" . }}",
            "${AWS::Region}",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "'",
            "\"",
            "'a'",
            "\"a\"",
            "a'b",
            "a\"b",
            "\\",
            "\\n",
            "a\\\"'b",
            " a",
            "a ",
            "a  b",
            " ",
            "a\tb",
            "\t",
            "a\nb",
            "\n",
            "a\r\nb",
            "\u0000",
            "\u0001",
            "\u001b[31m",
            "\u007f",
            "\u0085",
            "\u00a0",
            "\u2028",
            "\u2029",
            "\ufeff",
            "\ufffe",
            "\uffff",
            "\u200b",
            "\u202e",
            "\ud800",
            "a\udc00b",
            "größe",
            "日本語",
            "😀",
            "a😀b",
            "e\u0301",
            "ß",
            "İ",
            "\u0661",
            "Ж: и",
            "A",
            "a",
            "a_shop",
            "b_shop",
            "A_shop",
            "a_b_shop",
            "payments.local",
            "payments.shop",
            "shop",
            ".",
            "..",
            "...a",
            ".hidden",
            "CON",
            "a.yaml",
            "con",
            "http",
            "apiVersion",
            "spec",
            "a".repeat(255),
            "a ".repeat(100) + "a",
            "mesh",
            "-a-",
            "_",
            "a|b",
            "a\\d+$",
            "%REQ(:PATH)%");

    private static final List<String> REGEXES = List.of(
            "^/.*$",
            "\\d{1,3}",
            "[{}]",
            "(?i)beta|gamma",
            "\\$\\{X}",
            "a|b",
            "[\"']+",
            "#.*",
            ": x",
            "{{",
            "\\\\",
            "^\\s*-\\s*$",
            "é+");

    private final Random random;
    private final List<Resource> resources = new ArrayList<>();
    private final Set<ResourceId> ids = new HashSet<>();

    private GeneratedResources(long seed) {
        this.random = new Random(seed);
    }

    /** Returns a set of one to three meshes and about fifty resources. */
    public static ResourceSet of(long seed) {
        GeneratedResources generated = new GeneratedResources(seed);
        int meshes = generated.random.nextInt(4) == 0 ? 2 + generated.random.nextInt(2) : 1;
        for (int i = 0; i < meshes; i++) {
            generated.mesh();
        }
        return ResourceSet.of(generated.resources);
    }

    private void mesh() {
        ResourceId id = ResourceId.mesh(name().replace('@', '-')); // Which parts a mesh from its owner in ARNs.
        if (!ids.add(id)) {
            return;
        }
        List<Resource> own = new ArrayList<>();
        if (!oneIn(5)) {
            own.add(new MeshResource(id, any(EgressFilter.values()), orNull(() -> any(IpPreference.values()))));
        }
        String mesh = id.mesh();
        List<VirtualNode> nodes = new ArrayList<>();
        boolean bare = oneIn(10); // Nothing but policies and the like.
        times(bare ? 0 : 4, bare ? 0 : 12, () -> virtualNode(mesh, own).ifNew(nodes));
        List<VirtualRouter> routers = new ArrayList<>();
        times(
                2,
                5,
                () -> new Made<>(new VirtualRouter(id(Kind.VIRTUAL_ROUTER, mesh), portMappings(3, true)))
                        .ifNew(routers));
        List<VirtualService> services = new ArrayList<>();
        times(
                3,
                8,
                () -> new Made<>(new VirtualService(id(Kind.VIRTUAL_SERVICE, mesh), provider(nodes, routers)))
                        .ifNew(services));
        List<VirtualGateway> gateways = new ArrayList<>();
        times(bare ? 0 : 1, bare ? 0 : 3, () -> virtualGateway(mesh).ifNew(gateways));
        own.addAll(nodes);
        own.addAll(routers);
        own.addAll(services);
        own.addAll(gateways);
        List<Resource> routes = new ArrayList<>();
        times(
                5,
                16,
                () -> route(mesh, oneIn(8) || routers.isEmpty() ? null : any(routers), nodes)
                        .ifNew(routes));
        times(
                2,
                8,
                () -> gatewayRoute(mesh, oneIn(8) || gateways.isEmpty() ? null : any(gateways), services)
                        .ifNew(routes));
        own.addAll(routes);
        List<Resource> policies = new ArrayList<>();
        times(0, 4, () -> accessPolicy(mesh).ifNew(policies));
        times(0, 4, () -> trafficPolicy(mesh).ifNew(policies));
        times(0, 3, () -> endpoints(mesh, name()).ifNew(policies));
        Set<ResourceOverride.Target> targets = new HashSet<>();
        times(
                0,
                3,
                () -> override(mesh, targets, nodes.isEmpty() && gateways.isEmpty())
                        .ifNew(policies));
        own.addAll(policies);
        Collections.shuffle(own, random);
        resources.addAll(own);
    }

    /** A resource that may be called as one before it. */
    private final class Made<R extends Resource> {
        private final R resource;

        Made(R resource) {
            this.resource = resource;
        }

        void ifNew(List<? super R> list) {
            if (ids.add(resource.id())) {
                list.add(resource);
            }
        }
    }

    private ResourceId id(Kind kind, String mesh) {
        return ResourceId.of(kind, mesh, name());
    }

    // Nodes, services and gateways.

    private Made<VirtualNode> virtualNode(String mesh, List<Resource> beside) {
        ResourceId id = id(Kind.VIRTUAL_NODE, mesh);
        List<Listener> listeners = listeners(false);
        ServiceDiscovery discovery = listeners.isEmpty() && oneIn(2) ? null : discovery();
        if (!listeners.isEmpty() && oneIn(8)) {
            discovery = null; // Which needs addresses from elsewhere.
            endpoints(mesh, id.name()).ifNew(beside);
            if (beside.stream()
                    .noneMatch(other -> other instanceof EndpointSet set
                            && set.virtualNode().equals(id.name()))) {
                listeners = List.of();
            }
        }
        Map<String, Backend> backends = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = name();
            backends.put(name, new Backend(name, orNull(this::clientPolicy)));
        }
        return new Made<>(VirtualNode.builder(mesh, id.name())
                .listeners(listeners)
                .serviceDiscovery(discovery)
                .backends(List.copyOf(backends.values()))
                .backendDefaults(orNull(this::clientPolicy))
                .accessLog(orNull(this::accessLog))
                .build());
    }

    private ServiceDiscovery discovery() {
        if (random.nextBoolean()) {
            return new ServiceDiscovery.Dns(
                    text(1, 255),
                    any(ServiceDiscovery.Dns.ResponseType.values()),
                    orNull(() -> any(IpPreference.values())));
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            attributes.put(
                    ascii(1, 255, '!'), any(List.of("v", ascii(1, 1024, '!'), "a b", "x: y", "{{ .X }}", "${X}")));
        }
        return new ServiceDiscovery.CloudMap(
                text(1, 1024), text(1, 1024), attributes, orNull(() -> any(IpPreference.values())));
    }

    private List<PortMapping> portMappings(int most, boolean tcp) {
        Map<Integer, PortMapping> mappings = new LinkedHashMap<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            int port = port();
            Protocol protocol = any(Protocol.values());
            mappings.put(port, new PortMapping(port, protocol == Protocol.TCP && !tcp ? Protocol.GRPC : protocol));
        }
        return List.copyOf(mappings.values());
    }

    private List<Listener> listeners(boolean gateway) {
        List<PortMapping> mappings = portMappings(3, !gateway);
        if (gateway && mappings.isEmpty()) {
            mappings = List.of(new PortMapping(port(), Protocol.HTTP));
        }
        return mappings.stream().map(mapping -> listener(mapping, gateway)).toList();
    }

    private Listener listener(PortMapping mapping, boolean gateway) {
        Listener.Builder listener = Listener.builder(mapping)
                .connectionPool(orNull(() -> pool(mapping.protocol())))
                .healthCheck(orNull(() -> new HealthCheck(
                        gateway ? Protocol.HTTP2 : any(Protocol.values()),
                        orNull(() -> text(0, 100)),
                        orNull(mapping::port),
                        2 + random.nextInt(9),
                        2 + random.nextInt(9),
                        Duration.ofMillis(5_000 + random.nextInt(295_001)),
                        Duration.ofMillis(2_000 + random.nextInt(58_001)))))
                .tls(orNull(() -> new ListenerTls(
                        any(ListenerTls.Mode.values()),
                        oneIn(3) ? new TlsCertificate.Acm(text(1, 300)) : certificate(),
                        orNull(() -> validation(false)))));
        if (!gateway) {
            listener.outlierDetection(
                            orNull(() -> new OutlierDetection(longOf(1), duration(), duration(), random.nextInt(101))))
                    .timeout(orNull(() -> timeouts(mapping.protocol() == Protocol.TCP)));
        }
        return listener.build();
    }

    private ConnectionPool pool(Protocol protocol) {
        return switch (protocol) {
            case HTTP ->
                new ConnectionPool.Http(
                        intOf(1), oneIn(2) ? ConnectionPool.Http.DEFAULT_MAX_PENDING_REQUESTS : intOf(1));
            case HTTP2 -> new ConnectionPool.Http2(intOf(1));
            case GRPC -> new ConnectionPool.Grpc(intOf(1));
            case TCP -> new ConnectionPool.Tcp(intOf(1));
        };
    }

    private Timeouts timeouts(boolean tcp) {
        return new Timeouts(tcp ? null : orNull(this::duration), orNull(this::duration));
    }

    private TlsCertificate certificate() {
        return random.nextBoolean()
                ? new TlsCertificate.File(text(1, 255), text(1, 255))
                : new TlsCertificate.Sds(text(1, 300));
    }

    private TlsValidation validation(boolean acm) {
        TlsTrust trust = acm && oneIn(3)
                ? new TlsTrust.Acm(list(1, 3, () -> text(1, 300)))
                : random.nextBoolean() ? new TlsTrust.File(text(1, 255)) : new TlsTrust.Sds(text(1, 300));
        return new TlsValidation(trust, list(0, 4, () -> text(1, 254)));
    }

    private ClientPolicy clientPolicy() {
        return new ClientPolicy(orNull(() -> new ClientPolicy.Tls(
                random.nextBoolean(), list(0, 3, this::port), orNull(this::certificate), validation(true))));
    }

    private AccessLog accessLog() {
        AccessLog.Format format = switch (random.nextInt(3)) {
            case 0 -> null;
            case 1 -> new AccessLog.Format.Text(text(1, 1000));
            default -> new AccessLog.Format.Json(list(0, 3, () -> new AccessLog.Entry(text(1, 100), text(1, 100))));
        };
        return new AccessLog(text(1, 255), format);
    }

    private VirtualService.@Nullable Provider provider(List<VirtualNode> nodes, List<VirtualRouter> routers) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 ->
                new VirtualService.Provider.Node(
                        nodes.isEmpty() ? name() : any(nodes).name());
            case 2 ->
                new VirtualService.Provider.Router(
                        routers.isEmpty() ? name() : any(routers).name());
            default ->
                random.nextBoolean()
                        ? new VirtualService.Provider.Node(name())
                        : new VirtualService.Provider.Router(name());
        };
    }

    private Made<VirtualGateway> virtualGateway(String mesh) {
        return new Made<>(new VirtualGateway(
                id(Kind.VIRTUAL_GATEWAY, mesh), listeners(true), orNull(this::clientPolicy), orNull(this::accessLog)));
    }

    // Routes.

    private Made<Route> route(String mesh, @Nullable VirtualRouter router, List<VirtualNode> nodes) {
        List<PortMapping> listeners = router == null ? List.of() : router.listeners();
        PortMapping listener = listeners.isEmpty() ? new PortMapping(port(), any(Protocol.values())) : any(listeners);
        Integer port = listeners.size() > 1 || random.nextBoolean() ? (Integer) listener.port() : null;
        List<WeightedTarget> targets = new ArrayList<>(list(0, 9, () -> target(nodes, random.nextInt(101))));
        targets.add(random.nextInt(targets.size() + 1), target(nodes, 1 + random.nextInt(100)));
        Route.Spec spec = switch (listener.protocol()) {
            case HTTP, HTTP2 ->
                new Route.Http(
                        listener.protocol(),
                        httpMatch(port, listener.protocol() == Protocol.HTTP2, false),
                        targets,
                        orNull(() -> retryPolicy(false)),
                        orNull(() -> timeouts(false)));
            case GRPC ->
                new Route.Grpc(
                        grpcMatch(port, false),
                        targets,
                        orNull(() -> retryPolicy(true)),
                        orNull(() -> timeouts(false)));
            case TCP -> new Route.Tcp(port, targets, orNull(() -> timeouts(true)));
        };
        String holder = router == null ? name() : router.name();
        if (router == null && ids.contains(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, holder))) {
            holder = "nobody";
        }
        return new Made<>(new Route(ResourceId.route(mesh, holder, name()), orNull(() -> random.nextInt(1001)), spec));
    }

    private WeightedTarget target(List<VirtualNode> nodes, int weight) {
        VirtualNode node = nodes.isEmpty() || oneIn(4) ? null : any(nodes);
        boolean needsPort = node != null && node.listeners().size() > 1;
        String name = node == null ? name() : node.name();
        return new WeightedTarget(
                name,
                weight,
                needsPort || nodes.stream().anyMatch(other -> other.name().equals(name)) || oneIn(2)
                        ? (Integer) port()
                        : null);
    }

    private HttpMatch httpMatch(@Nullable Integer port, boolean http2, boolean gateway) {
        return HttpMatch.builder()
                .path(orNull(() -> switch (random.nextInt(3)) {
                    case 0 -> new PathMatch.Prefix("/" + text(0, 300));
                    case 1 -> new PathMatch.Exact(text(1, 255));
                    default -> new PathMatch.Regex(any(REGEXES));
                }))
                .hostname(gateway ? orNull(this::hostname) : null)
                .method(orNull(() -> any(HttpMethod.values())))
                .scheme(http2 && !gateway ? orNull(() -> any(HttpScheme.values())) : null)
                .port(port)
                .headers(list(0, 3, this::header))
                .queryParameters(list(0, 3, () -> new QueryParameterMatch(text(1, 100), orNull(() -> text(0, 100)))))
                .build();
    }

    private GrpcMatch grpcMatch(@Nullable Integer port, boolean gateway) {
        String service = orNull(() -> text(1, 200));
        return new GrpcMatch(
                service,
                service == null || gateway ? null : orNull(() -> text(1, 50)),
                gateway ? orNull(this::hostname) : null,
                port,
                list(0, 3, this::header));
    }

    private HostnameMatch hostname() {
        return random.nextBoolean() ? new HostnameMatch.Exact(text(1, 253)) : new HostnameMatch.Suffix(text(1, 253));
    }

    private HeaderMatch header() {
        return new HeaderMatch(text(1, 50), orNull(this::valueMatch), random.nextBoolean());
    }

    private ValueMatch valueMatch() {
        return switch (random.nextInt(5)) {
            case 0 -> new ValueMatch.Exact(text(1, 255));
            case 1 -> new ValueMatch.Prefix(text(1, 255));
            case 2 -> new ValueMatch.Suffix(text(1, 255));
            case 3 -> new ValueMatch.Regex(any(REGEXES));
            default -> {
                long start = oneIn(4) ? Long.MIN_VALUE : random.nextLong() >> 1;
                yield new ValueMatch.Range(start, oneIn(4) ? Long.MAX_VALUE : start + 1 + random.nextInt(1000));
            }
        };
    }

    private RetryPolicy retryPolicy(boolean grpc) {
        Set<RetryPolicy.HttpEvent> http = some(RetryPolicy.HttpEvent.values());
        Set<RetryPolicy.GrpcEvent> grpcEvents = grpc ? some(RetryPolicy.GrpcEvent.values()) : Set.of();
        Set<RetryPolicy.TcpEvent> tcp = some(RetryPolicy.TcpEvent.values());
        if (http.isEmpty() && grpcEvents.isEmpty()) {
            tcp = Set.of(RetryPolicy.TcpEvent.CONNECTION_ERROR);
        }
        return new RetryPolicy(longOf(0), duration(), http, tcp, grpcEvents);
    }

    private Made<GatewayRoute> gatewayRoute(
            String mesh, @Nullable VirtualGateway gateway, List<VirtualService> services) {
        List<Listener> listeners = gateway == null ? List.of() : gateway.listeners();
        PortMapping listener = listeners.isEmpty()
                ? new PortMapping(port(), any(List.of(Protocol.HTTP, Protocol.HTTP2, Protocol.GRPC)))
                : any(listeners).portMapping();
        Integer port = listeners.size() > 1 || random.nextBoolean() ? (Integer) listener.port() : null;
        boolean here = !services.isEmpty() && !oneIn(4);
        String service = here ? any(services).name() : name();
        boolean known = services.stream().anyMatch(other -> other.name().equals(service));
        GatewayRoute.Target target = new GatewayRoute.Target(service, known || oneIn(2) ? (Integer) port() : null);
        GatewayRoute.Spec spec;
        if (listener.protocol() == Protocol.GRPC) {
            spec = new GatewayRoute.Grpc(grpcMatch(port, true), target, random.nextBoolean());
        } else {
            HttpMatch match = httpMatch(port, listener.protocol() == Protocol.HTTP2, true);
            boolean prefix = match.path() instanceof PathMatch.Prefix;
            spec = new GatewayRoute.Http(
                    listener.protocol(), match, target, random.nextBoolean(), orNull(() -> pathRewrite(prefix)));
        }
        String holder = gateway == null ? name() : gateway.name();
        if (gateway == null && ids.contains(ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, holder))) {
            holder = "nobody";
        }
        return new Made<>(new GatewayRoute(
                ResourceId.gatewayRoute(mesh, holder, name()), orNull(() -> random.nextInt(1001)), spec));
    }

    private PathRewrite pathRewrite(boolean prefix) {
        if (!prefix || oneIn(3)) {
            return new PathRewrite.Exact("/" + text(0, 254));
        }
        return random.nextBoolean()
                ? new PathRewrite.DefaultPrefix(random.nextBoolean())
                : new PathRewrite.Prefix(oneIn(3) ? "/" : "/" + text(0, 253) + "/");
    }

    // Kinds of our own.

    private TargetRef targetRef() {
        Kind kind = any(List.of(Kind.MESH, Kind.VIRTUAL_NODE, Kind.VIRTUAL_SERVICE, Kind.ROUTE));
        return new TargetRef(kind, name(), kind == Kind.ROUTE ? name() : null);
    }

    private Made<AccessPolicy> accessPolicy(String mesh) {
        List<JwtIssuer> issuers = list(0, 2, this::jwtIssuer);
        return new Made<>(new AccessPolicy(
                id(Kind.ACCESS_POLICY, mesh),
                targetRef(),
                any(AccessPolicy.Mode.values()),
                random.nextBoolean(),
                any(AccessPolicy.Audit.values()),
                issuers,
                list(0, 3, () -> rule(!issuers.isEmpty()))));
    }

    private JwtIssuer jwtIssuer() {
        return new JwtIssuer(
                text(1, 300),
                list(1, 3, () -> text(1, 300)),
                random.nextBoolean()
                        ? new JwtIssuer.Jwks.File(text(1, 300))
                        : new JwtIssuer.Jwks.Url(oneIn(2) ? "https://id.example/keys" : "http://127.0.0.1:80/k?a=b"),
                oneIn(2)
                        ? JwtIssuer.DEFAULT_ALGORITHMS
                        : List.of(any(JwtIssuer.Algorithm.values()), JwtIssuer.Algorithm.ES512),
                oneIn(2) ? JwtIssuer.DEFAULT_CLOCK_SKEW : Duration.ofMillis(random.nextInt(300_001)));
    }

    private AccessPolicy.Rule rule(boolean hasTokens) {
        Map<String, String> claims = new LinkedHashMap<>();
        for (int i = hasTokens ? random.nextInt(4) : 0; i > 0; i--) {
            claims.put(oneIn(10) ? "k ".repeat(800) : key(text(0, 1200)), text(0, 300));
        }
        Instant from =
                orNull(() -> Instant.ofEpochSecond(random.nextInt(), oneIn(2) ? 0 : random.nextInt(1_000_000_000)));
        return new AccessPolicy.Rule(
                text(1, 255),
                any(AccessPolicy.Effect.values()),
                list(0, 3, () -> switch (random.nextInt(3)) {
                    case 0 -> new Caller.Node(name());
                    case 1 ->
                        new Caller.SpiffeId(
                                "spiffe://" + (oneIn(2) ? "a/*" : text(0, 1000).replace('*', '-')));
                    default -> new Caller.TrustDomain(text(1, 255));
                }),
                List.copyOf(some(HttpMethod.values())),
                list(0, 3, () -> switch (random.nextInt(3)) {
                    case 0 -> new PathMatch.Prefix("/" + text(0, 100));
                    case 1 -> new PathMatch.Exact(text(1, 255));
                    default -> new PathMatch.Regex(any(REGEXES));
                }),
                list(0, 3, this::header),
                list(0, 3, this::port),
                claims,
                from,
                orNull(() -> Instant.ofEpochSecond(Integer.MAX_VALUE + 1L + random.nextInt(1000))),
                orNull(() -> new AccessPolicy.Rollout(name(), name(), name())));
    }

    private Made<TrafficPolicy> trafficPolicy(String mesh) {
        TargetRef target = targetRef();
        TrafficPolicy.Builder policy = TrafficPolicy.builder(id(Kind.TRAFFIC_POLICY, mesh), target)
                .loadBalancing(orNull(this::loadBalancing))
                .retryBudget(orNull(() -> new TrafficPolicy.RetryBudget(
                        random.nextInt(101), intOf(0), Duration.ofMillis(1_000 + random.nextInt(59_001)))))
                .circuitBreaker(orNull(this::circuitBreaker))
                .concurrencyLimit(orNull(() -> concurrencyLimit(target)))
                .fault(orNull(() -> oneIn(2)
                        ? new TrafficPolicy.Fault(
                                random.nextInt(101),
                                duration(),
                                orNull(() -> 200 + random.nextInt(400)),
                                list(0, 3, this::header))
                        : new TrafficPolicy.Fault(random.nextInt(101), null, 200 + random.nextInt(400))))
                .mirror(orNull(() -> new TrafficPolicy.Mirror(name(), random.nextInt(101))))
                .idempotent(orNull(random::nextBoolean))
                .rateLimit(orNull(this::rateLimit))
                .hedge(orNull(this::hedge));
        if (target.kind() == Kind.MESH || target.kind() == Kind.VIRTUAL_NODE) {
            policy.successRate(orNull(() -> new TrafficPolicy.SuccessRate(intOf(2), intOf(1), intOf(1))))
                    .panicThreshold(orNull(() -> random.nextInt(101)));
        }
        return new Made<>(policy.build());
    }

    private TrafficPolicy.Hedge hedge() {
        Integer load = orNull(() -> 1 + random.nextInt(TrafficPolicy.Hedge.MAX_EXTRA_LOAD));
        return new TrafficPolicy.Hedge(load, load == null || oneIn(2) ? longerThanZero() : null);
    }

    private TrafficPolicy.ConcurrencyLimit concurrencyLimit(TargetRef target) {
        boolean isOfNodes = target.kind() == Kind.MESH || target.kind() == Kind.VIRTUAL_NODE;
        Concurrency inbound = isOfNodes ? orNull(this::concurrency) : null;
        return new TrafficPolicy.ConcurrencyLimit(inbound, inbound == null ? concurrency() : orNull(this::concurrency));
    }

    private Concurrency concurrency() {
        int min = 1 + random.nextInt(1000);
        return oneIn(2)
                ? new Concurrency.Fixed(intOf(1))
                : new Concurrency.Gradient(min, min + random.nextInt(Integer.MAX_VALUE - min));
    }

    private RateLimit rateLimit() {
        int requests = 1 + random.nextInt(RateLimit.MAX_REQUESTS);
        return new RateLimit(
                requests,
                Duration.ofMillis(1 + random.nextInt(86_400_000)),
                oneIn(2) ? requests : 1 + random.nextInt(RateLimit.MAX_REQUESTS),
                switch (random.nextInt(3)) {
                    case 0 -> new RateLimit.All();
                    case 1 -> new RateLimit.Caller();
                    default -> new RateLimit.Header(text(1, 255));
                });
    }

    private LoadBalancing loadBalancing() {
        LoadBalancing.Algorithm algorithm = any(List.<Supplier<LoadBalancing.Algorithm>>of(
                        LoadBalancing.RoundRobin::new,
                        LoadBalancing.LeastRequest::new,
                        () -> new LoadBalancing.PeakEwma(LoadBalancing.PeakEwma.DEFAULT_DECAY),
                        () -> new LoadBalancing.PeakEwma(longerThanZero()),
                        () -> new LoadBalancing.ConsistentHash(
                                hashKey(), LoadBalancing.ConsistentHash.DEFAULT_MAX_LOAD),
                        () -> new LoadBalancing.ConsistentHash(hashKey(), 101 + random.nextInt(9_900))))
                .get();
        return oneIn(2)
                ? LoadBalancing.of(algorithm)
                : new LoadBalancing(algorithm, random.nextBoolean(), orNull(this::longerThanZero));
    }

    private LoadBalancing.HashKey hashKey() {
        return switch (random.nextInt(3)) {
            case 0 -> new LoadBalancing.HashKey.Header(text(1, 255));
            case 1 -> new LoadBalancing.HashKey.Cookie(text(1, 255));
            default -> new LoadBalancing.HashKey.Source();
        };
    }

    private TrafficPolicy.CircuitBreaker circuitBreaker() {
        boolean slow = random.nextBoolean();
        boolean rate = random.nextBoolean();
        return new TrafficPolicy.CircuitBreaker(
                slow || rate ? orNull(() -> intOf(1)) : (Integer) intOf(1),
                rate ? (Integer) (1 + random.nextInt(100)) : null,
                slow ? (Integer) (1 + random.nextInt(100)) : null,
                slow ? longerThanZero() : null,
                oneIn(2) ? TrafficPolicy.CircuitBreaker.DEFAULT_MINIMUM_CALLS : intOf(1),
                oneIn(2) ? TrafficPolicy.CircuitBreaker.DEFAULT_WINDOW : Duration.ofSeconds(1 + random.nextInt(3600)),
                longerThanZero(),
                oneIn(2) ? TrafficPolicy.CircuitBreaker.DEFAULT_HALF_OPEN_CALLS : intOf(1),
                any(TrafficPolicy.CircuitBreaker.Per.values()));
    }

    private Made<EndpointSet> endpoints(String mesh, String node) {
        return new Made<>(new EndpointSet(
                id(Kind.ENDPOINTS, mesh),
                node,
                list(
                        0,
                        4,
                        () -> new EndpointSet.Address(
                                text(1, 253),
                                orNull(this::port),
                                orNull(() -> text(1, 255)),
                                1 + random.nextInt(1000)))));
    }

    /** Returns an override of something that is not here: one of something that is would change it on reading. */
    private Made<ResourceOverride> override(String mesh, Set<ResourceOverride.Target> taken, boolean every) {
        boolean node = random.nextBoolean();
        String name =
                every && oneIn(2) ? ResourceOverride.Target.EVERY_NAME : "elsewhere-" + taken.size() + "-" + any(TRAPS);
        String cut = name.replace("/", "-").substring(0, Math.min(name.length(), 255));
        ResourceOverride.Target target =
                new ResourceOverride.Target(node ? Kind.VIRTUAL_NODE : Kind.VIRTUAL_GATEWAY, cut);
        if (!taken.add(target)) {
            return override(mesh, taken, false);
        }
        ServiceDiscovery.Dns dns = new ServiceDiscovery.Dns(
                any(List.of("{serviceName}.{namespaceName}", "${name}", "a", "{name}: x", "#{name}")),
                any(ServiceDiscovery.Dns.ResponseType.values()),
                orNull(() -> any(IpPreference.values())));
        Map<Integer, ResourceOverride.ListenerCertificate> listeners = new LinkedHashMap<>();
        Map<String, ResourceOverride.BackendTrust> backends = new LinkedHashMap<>();
        times(0, 2, () -> {
            int port = port();
            listeners.put(port, new ResourceOverride.ListenerCertificate(port, certificate()));
            String service = name();
            backends.put(
                    service,
                    new ResourceOverride.BackendTrust(service, validation(false).trust()));
        });
        return new Made<>(new ResourceOverride(
                id(Kind.OVERRIDE, mesh),
                target,
                // From a list, since NullAway does not read that a component of a nested type may be null.
                any(Arrays.asList(node ? dns : null, null)),
                orNull(this::certificate),
                List.copyOf(listeners.values()),
                validation(false).trust(),
                node ? List.copyOf(backends.values()) : List.of()));
    }

    // Values.

    private Duration longerThanZero() {
        Duration duration = duration();
        return duration.isZero() ? Duration.ofMillis(1) : duration;
    }

    private Duration duration() {
        return switch (random.nextInt(6)) {
            case 0 -> Duration.ZERO;
            case 1 -> Duration.ofMillis(random.nextInt(Integer.MAX_VALUE));
            case 2 -> Duration.ofSeconds(random.nextInt(Integer.MAX_VALUE));
            case 3 -> Duration.ofMinutes(random.nextInt(1000));
            case 4 -> Duration.ofHours(random.nextInt(1000));
            default -> Duration.ofMillis(random.nextInt(100_000));
        };
    }

    private int port() {
        return 1 + random.nextInt(65_535);
    }

    private int intOf(int least) {
        return oneIn(8) ? Integer.MAX_VALUE : least + random.nextInt(1 << random.nextInt(31));
    }

    private long longOf(int least) {
        return oneIn(8) ? Long.MAX_VALUE : intOf(least);
    }

    /** Returns a name: no path, no ARN, and often one that another resource has as well. */
    private String name() {
        String name = random.nextBoolean() ? any(TRAPS) : text(1, 255);
        String clean = name.replace("/", "-");
        return clean.startsWith("arn:") ? "x" + clean : clean;
    }

    private String text(int least, int most) {
        StringBuilder text = new StringBuilder();
        do {
            text.append(
                    switch (random.nextInt(6)) {
                        case 0 ->
                            random.ints(random.nextInt(6), 0, 0x3000)
                                    .mapToObj(c -> String.valueOf((char) c))
                                    .collect(Collectors.joining());
                        case 1 -> ascii(1, 12, ' ');
                        case 2 -> "a-" + random.nextInt(100);
                        default -> any(TRAPS);
                    });
        } while (text.length() < least || oneIn(4));
        return text.substring(0, Math.min(text.length(), most));
    }

    /** Half a surrogate pair can be a value, but JSON has no way to write it in a key. */
    private static String key(String text) {
        return text.codePoints()
                .filter(c -> Character.getType(c) != Character.SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private String ascii(int least, int most, char from) {
        int length = least + random.nextInt(Math.min(most - least + 1, 1 << random.nextInt(11)));
        return random.ints(length, from, '~' + 1)
                .mapToObj(c -> String.valueOf((char) c))
                .collect(Collectors.joining());
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private <T> @Nullable T orNull(Supplier<? extends T> value) {
        return random.nextBoolean() ? value.get() : null;
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> Set<T> some(T[] values) {
        return Arrays.stream(values).filter(value -> random.nextBoolean()).collect(Collectors.toSet());
    }

    private <T> List<T> list(int least, int most, Supplier<? extends T> value) {
        List<T> values = new ArrayList<>();
        for (int i = least + random.nextInt(most - least + 1); i > 0; i--) {
            values.add(value.get());
        }
        return values;
    }

    private void times(int least, int most, Runnable action) {
        for (int i = least + random.nextInt(most - least + 1); i > 0; i--) {
            action.run();
        }
    }
}
