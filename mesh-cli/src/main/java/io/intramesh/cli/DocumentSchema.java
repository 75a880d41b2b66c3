package io.intramesh.cli;

import static io.intramesh.cli.Schema.any;
import static io.intramesh.cli.Schema.choice;
import static io.intramesh.cli.Schema.list;
import static io.intramesh.cli.Schema.number;
import static io.intramesh.cli.Schema.object;
import static io.intramesh.cli.Schema.optional;
import static io.intramesh.cli.Schema.ref;
import static io.intramesh.cli.Schema.required;
import static io.intramesh.cli.Schema.text;
import static io.intramesh.cli.Schema.truth;
import static io.intramesh.cli.Schema.union;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.intramesh.cli.Schema.Member;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Concurrency;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.EndpointSet;
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
import io.intramesh.model.ListenerTls;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.RateLimit;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.TrafficPolicy.CircuitBreaker;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.WeightedTarget;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The JSON Schema of native documents, for editors that complete and explain while somebody writes. Draft-07, because that
 * is the newest that every release of yaml-language-server knows, and JSON editors know it as well.
 *
 * <p>It is as strict as the reader where one document can tell. What needs a second look (whether an expression compiles, two
 * fields agree, a name is there) is left to {@code mesh validate}. A test holds the two together.
 */
final class DocumentSchema {
    static final String ID = "https://intramesh.io/schema/intramesh-v1.schema.json";

    private static final int UNBOUNDED = -1;
    private static final int MAX_INT = Integer.MAX_VALUE;
    private static final List<String> ALL_PROTOCOLS = names(Protocol.values(), Protocol::text);
    private static final List<String> GATEWAY_PROTOCOLS =
            ALL_PROTOCOLS.stream().filter(name -> !name.equals("tcp")).toList();

    private final Map<String, Object> definitions = new LinkedHashMap<>();

    private DocumentSchema() {}

    /** Returns the schema as text, indented, with a line break at its end. */
    static String render() {
        StringWriter text = new StringWriter();
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter()
                .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator json = new JsonFactory().createGenerator(text).setPrettyPrinter(printer)) {
            new DocumentSchema().root().write(json);
        } catch (IOException failure) {
            throw new UncheckedIOException("a StringWriter never fails", failure);
        }
        return text + "\n";
    }

    private Schema root() {
        shared();
        List<String> kinds = new ArrayList<>(names(Kind.values(), Kind::documentName));
        kinds.add("MeshTest");
        List<Schema> byKind = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            definitions.put(kind.documentName(), spec(kind));
            Schema then = object(
                    optional("apiVersion", any()),
                    optional("kind", any()),
                    optional("$schema", any()),
                    required("metadata", metadata(kind)),
                    kind == Kind.MESH
                            ? optional("spec", ref(kind.documentName()))
                            : required("spec", ref(kind.documentName())));
            byKind.add(ifKind(kind.documentName(), then));
        }
        definitions.put("MeshTest", meshTest());
        byKind.add(ifKind(
                "MeshTest",
                object(
                        optional("apiVersion", any()),
                        optional("kind", any()),
                        optional("$schema", any()),
                        required(
                                "metadata",
                                object(
                                        optional("mesh", name().says("Mesh that is tested; the only one if absent.")),
                                        required("name", name().says("Name of the test.")))),
                        required("spec", ref("MeshTest")))));
        return any().with("$schema", "http://json-schema.org/draft-07/schema#")
                .with("$id", ID)
                .with("title", "Intramesh document")
                .says(
                        "A resource of an Intramesh mesh, with the fields and meaning of AWS App Mesh, or one of our own kinds.")
                .with("type", "object")
                .with("required", List.of("apiVersion", "kind", "metadata"))
                .with(
                        "properties",
                        ordered(
                                "$schema", any().says("This schema, for editors."),
                                "apiVersion", choice(List.of("intramesh.io/v1")).says("Version of this format."),
                                "kind", choice(kinds).says("What the document describes."),
                                "metadata", any().with("type", "object").says("Who the resource is."),
                                "spec", any().with("type", "object").says("What the resource does.")))
                .with("additionalProperties", false)
                .with("allOf", byKind)
                .with("definitions", definitions);
    }

    private static Schema ifKind(String kind, Schema then) {
        return any().with(
                        "if",
                        any().with("properties", ordered("kind", any().with("const", kind)))
                                .with("required", List.of("kind")))
                .with("then", then);
    }

    private static Schema metadata(Kind kind) {
        List<Member> members = new ArrayList<>();
        Schema mesh = name().says(kind == Kind.MESH ? "The mesh's own name, if anything." : "Mesh that holds it.");
        members.add(kind == Kind.MESH ? optional("mesh", mesh) : required("mesh", mesh));
        Kind holder = kind.parent();
        if (holder != null) {
            members.add(required(holder.term(), name().says("The " + Description.words(holder) + " that holds it.")));
        }
        members.add(required(
                "name",
                name().says(
                                kind == Kind.VIRTUAL_SERVICE
                                        ? "Host name that callers use, such as payments.local."
                                        : "Name of the " + Description.words(kind) + ".")));
        return object(members.toArray(new Member[0])).says("Who the resource is.");
    }

    private Schema spec(Kind kind) {
        return switch (kind) {
            case MESH -> mesh();
            case VIRTUAL_NODE -> virtualNode();
            case VIRTUAL_SERVICE -> virtualService();
            case VIRTUAL_ROUTER -> virtualRouter();
            case ROUTE -> route();
            case VIRTUAL_GATEWAY -> virtualGateway();
            case GATEWAY_ROUTE -> gatewayRoute();
            case ACCESS_POLICY -> accessPolicy();
            case TRAFFIC_POLICY -> trafficPolicy();
            case ENDPOINTS -> endpoints();
            case OVERRIDE -> override();
        };
    }

    // What several kinds share.

    private void shared() {
        definitions.put(
                "duration",
                object(
                                required(
                                        "unit", choice(List.of("s", "ms")).says("s for seconds, ms for milliseconds.")),
                                required("value", number(0, MAX_INT).says("How many of these.")))
                        .says("A time span; 0 switches a limit off."));
        definitions.put(
                "ownDuration",
                any().with("anyOf", List.of(ref("duration"), text(0, UNBOUNDED).matching("[0-9]{1,9}(ms|s|m|h)$")))
                        .says("A time span such as 250ms, 10s, 5m or 1h."));
        definitions.put("certificateFile", certificateFile());
        definitions.put(
                "sds",
                object(required("secretName", text(1, UNBOUNDED).says("Name that the agent knows the secret by.")))
                        .says("A secret of the local SPIFFE agent."));
        definitions.put(
                "trustFile",
                object(required(
                                "certificateChain",
                                text(1, TlsCertificate.MAX_PATH_LENGTH).says("Path of a PEM file of authorities.")))
                        .says("Authorities in a PEM file."));
        definitions.put(
                "subjectAlternativeNames",
                object(required(
                                "match",
                                object(required(
                                                "exact",
                                                list(text(1, TlsValidation.MAX_NAME_LENGTH), 0, UNBOUNDED)
                                                        .says("One of these the certificate must carry.")))
                                        .says("How they are compared.")))
                        .says("Names that the peer's certificate is held to."));
        definitions.put("clientPolicy", clientPolicy());
        definitions.put(
                "backendDefaults",
                object(optional("clientPolicy", ref("clientPolicy")))
                        .says("How backends are called that have no policy of their own."));
        definitions.put("accessLog", accessLog());
        definitions.put("header", header());
        definitions.put("weightedTargets", weightedTargets());
        definitions.put("timeout", timeout(true));
        definitions.put("tcpTimeout", timeout(false));
        definitions.put("retryPolicy", retryPolicy(false));
        definitions.put("grpcRetryPolicy", retryPolicy(true));
        definitions.put("targetRef", targetRef());
        definitions.put("gatewayTarget", gatewayTarget());
        definitions.put("hostname", hostname());
    }

    private static Schema certificateFile() {
        return object(
                        required(
                                "certificateChain",
                                text(1, TlsCertificate.MAX_PATH_LENGTH).says("Path of the PEM file of certificates.")),
                        required(
                                "privateKey",
                                text(1, TlsCertificate.MAX_PATH_LENGTH).says("Path of the PEM file of the key.")))
                .says("Certificate and key in PEM files.");
    }

    private static Schema clientPolicy() {
        Schema tls = object(
                        optional(
                                "enforce",
                                truth().byDefault(true).says("false writes the policy down without holding to it.")),
                        optional("ports", list(port(), 0, UNBOUNDED).says("Ports that it holds for; all if absent.")),
                        optional(
                                "certificate",
                                union(optional("file", ref("certificateFile")), optional("sds", ref("sds")))
                                        .says("Shown when the callee asks for one.")),
                        required("validation", validation(true)))
                .says("TLS towards backends.");
        return object(optional("tls", tls)).says("How backends are called; absent: as the callee's listener asks.");
    }

    private static Schema validation(boolean isClient) {
        List<Member> trusts = new ArrayList<>();
        if (isClient) {
            Schema arns = list(text(1, UNBOUNDED), 1, 3).says("ARNs of 1 to 3 root authorities.");
            trusts.add(optional(
                    "acm",
                    object(required("certificateAuthorityArns", arns))
                            .says("Authorities of AWS Private CA; an Override decides what takes their place.")));
        }
        trusts.add(optional("file", ref("trustFile")));
        trusts.add(optional("sds", ref("sds")));
        return object(
                        required("trust", union(trusts.toArray(new Member[0])).says("Whose certificates are taken.")),
                        optional("subjectAlternativeNames", ref("subjectAlternativeNames")))
                .says("How the peer's certificate is checked.");
    }

    private static Schema accessLog() {
        Schema entry = object(
                required("key", text(1, 100).says("Name of the member.")),
                required("value", text(1, 100).says("Text with operators.")));
        Schema format = union(
                        optional("text", text(1, 1000).says("A line with operators such as %REQ(:PATH)%.")),
                        optional("json", list(entry, 0, UNBOUNDED).says("Members of a JSON object per request.")))
                .says("Shape of an entry; Envoy's default line if absent.");
        Schema file = object(required("path", text(1, 255).says("File, or /dev/stdout.")), optional("format", format));
        return object(optional(
                        "accessLog",
                        union(optional("file", file.says("A file."))).says("Where requests are logged.")))
                .says("Access log; none if absent.");
    }

    private static Schema header() {
        Schema range = object(
                        required("start", number(Long.MIN_VALUE, Long.MAX_VALUE).says("First number that matches.")),
                        required(
                                "end",
                                number(Long.MIN_VALUE, Long.MAX_VALUE).says("First number that no longer does.")))
                .says("The value is a whole number, at least start and less than end.");
        Schema match = union(
                        optional("exact", text(1, ValueMatch.MAX_LENGTH).says("The value equals this.")),
                        optional("prefix", text(1, ValueMatch.MAX_LENGTH).says("The value starts with this.")),
                        optional("suffix", text(1, ValueMatch.MAX_LENGTH).says("The value ends with this.")),
                        optional("regex", text(1, ValueMatch.MAX_LENGTH).says("The whole value matches this RE2.")),
                        optional("range", range))
                .says("What the value must be; its presence is enough if absent.");
        return object(
                        required("name", text(1, HeaderMatch.MAX_NAME_LENGTH).says("Name; case does not count.")),
                        optional("match", match),
                        optional(
                                "invert",
                                truth().byDefault(false)
                                        .says("Asks for a present value that does not match, or for absence.")))
                .says("A condition on a header, or on metadata of gRPC.");
    }

    private static Schema weightedTargets() {
        Schema target = object(
                required("virtualNode", name().says("Virtual node that gets this share.")),
                required(
                        "weight",
                        number(0, WeightedTarget.MAX_WEIGHT)
                                .says("Share: weight / sum of the weights; 0 gets nothing.")),
                optional("port", port().says("Listener of the node; its only, or first, one if absent.")));
        return object(required(
                        "weightedTargets",
                        list(target, 1, Route.MAX_TARGETS).says("Where requests go; one is picked for each call.")))
                .says("What becomes of matching requests.");
    }

    private static Schema timeout(boolean hasPerRequest) {
        Schema idle = ref("duration").says("Time without a byte; 300 s if absent, 0 for no limit.");
        Schema perRequest = ref("duration").says("Whole request with its retries; 15 s if absent, 0 for no limit.");
        Schema timeout = hasPerRequest
                ? object(optional("perRequest", perRequest), optional("idle", idle))
                : object(optional("idle", idle));
        return timeout.says("Time limits. The smallest of route, caller's and callee's listener holds.");
    }

    private static Schema retryPolicy(boolean isGrpc) {
        List<Member> members = new ArrayList<>(List.of(
                required("maxRetries", number(0, Long.MAX_VALUE).says("Attempts after the first.")),
                required(
                        "perRetryTimeout",
                        ref("duration").says("Limit of each attempt, the first included; 0 for none.")),
                optional(
                        "httpRetryEvents",
                        list(choice(names(RetryPolicy.HttpEvent.values(), RetryPolicy.HttpEvent::text)), 1, 25)
                                .says("Answers after which another attempt is made.")),
                optional(
                        "tcpRetryEvents",
                        list(choice(names(RetryPolicy.TcpEvent.values(), RetryPolicy.TcpEvent::text)), 1, 1)
                                .says("Failures to connect after which another attempt is made."))));
        if (isGrpc) {
            members.add(optional(
                    "grpcRetryEvents",
                    list(choice(names(RetryPolicy.GrpcEvent.values(), RetryPolicy.GrpcEvent::text)), 1, 5)
                            .says("Statuses of gRPC after which another attempt is made.")));
        }
        Schema policy = object(members.toArray(new Member[0]))
                .says("When another attempt is made; App Mesh's default policy if absent.");
        return isGrpc
                ? policy.withAnyOf("httpRetryEvents", "tcpRetryEvents", "grpcRetryEvents")
                : policy.withAnyOf("httpRetryEvents", "tcpRetryEvents");
    }

    private static Schema targetRef() {
        List<String> kinds = List.of("Mesh", "VirtualNode", "VirtualService", "Route");
        return object(
                        required("kind", choice(kinds).says("Kind of what the policy holds for.")),
                        required("name", name().says("Its name.")),
                        optional("virtualRouter", name().says("Router of the route; with kind Route only.")))
                .with("if", any().with("properties", ordered("kind", any().with("const", "Route"))))
                .with("then", any().with("required", List.of("virtualRouter")))
                .with("else", any().with("not", any().with("required", List.of("virtualRouter"))))
                .says("What the policy holds for.");
    }

    private static Schema name() {
        return text(1, 255).matching("(?!arn:)[^/]*$");
    }

    private static Schema port() {
        return number(1, PortMapping.MAX_PORT);
    }

    private static Schema ipPreference() {
        return choice(names(IpPreference.values(), IpPreference::text))
                .says("Which address family callers use; the mesh's preference, else IPv6 and then IPv4, if absent.");
    }

    private static Schema regex() {
        return text(1, 255).says("The whole path matches this RE2 expression.");
    }

    private static <E extends Enum<E>> List<String> names(E[] values, Function<E, String> name) {
        return Arrays.stream(values).map(name).toList();
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return map;
    }

    // The kinds.

    private static Schema mesh() {
        return object(
                        optional(
                                "egressFilter",
                                object(required(
                                                "type",
                                                choice(names(EgressFilter.values(), EgressFilter::name))
                                                        .says("ALLOW_ALL lets undeclared destinations pass,"
                                                                + " DROP_ALL refuses them.")))
                                        .says("What a node does not declare as a backend; DROP_ALL if absent.")),
                        optional(
                                "serviceDiscovery",
                                object(optional("ipPreference", ipPreference())).says("How endpoints are looked up.")))
                .says("What holds for the whole mesh.");
    }

    private static Schema virtualNode() {
        Schema attribute = object(
                required("key", text(1, 255).matching("[!-~]+$").says("Name of the attribute.")),
                required("value", text(1, 1024).matching("[!-~][ -~]*$").says("Its value.")));
        Schema cloudMap = object(
                        required("namespaceName", text(1, 1024).says("Its namespace.")),
                        required("serviceName", text(1, 1024).says("Its name.")),
                        optional(
                                "attributes",
                                list(attribute, 0, UNBOUNDED).says("Only instances that have all of these.")),
                        optional("ipPreference", ipPreference()))
                .says(
                        "A service of AWS Cloud Map, asked by mesh-discovery-cloudmap; without it an Override decides what takes its place.");
        Schema backend = object(
                required(
                        "virtualServiceName",
                        name().with("maxLength", MAX_INT).says("Virtual service that it may call.")),
                optional("clientPolicy", ref("clientPolicy")));
        return object(
                        optional(
                                "listeners",
                                list(listener(true), 0, UNBOUNDED)
                                        .says("Where the application listens; none for a pure client.")),
                        optional(
                                "serviceDiscovery",
                                union(optional("dns", dns()), optional("awsCloudMap", cloudMap))
                                        .says("How callers find its endpoints.")),
                        optional(
                                "backends",
                                list(
                                                union(optional("virtualService", backend.says("A virtual service."))),
                                                0,
                                                UNBOUNDED)
                                        .says("Virtual services that it may call.")),
                        optional("backendDefaults", ref("backendDefaults")),
                        optional("logging", ref("accessLog")))
                .says("A workload: where it listens, how it is found, what it may call.");
    }

    private static Schema dns() {
        return object(
                        required(
                                "hostname",
                                text(1, UNBOUNDED).says("Name or address to look up; the port is the listener's.")),
                        optional(
                                "responseType",
                                choice(names(
                                                ServiceDiscovery.Dns.ResponseType.values(),
                                                ServiceDiscovery.Dns.ResponseType::name))
                                        .byDefault("LOADBALANCER")
                                        .says("LOADBALANCER: one logical endpoint; ENDPOINTS: one per address.")),
                        optional("ipPreference", ipPreference()))
                .says("Endpoints by DNS.");
    }

    private static Schema listener(boolean isNode) {
        List<String> protocols = isNode ? ALL_PROTOCOLS : GATEWAY_PROTOCOLS;
        List<Member> members = new ArrayList<>();
        members.add(required("portMapping", portMapping(protocols)));
        members.add(optional("connectionPool", pool(protocols)));
        members.add(optional("healthCheck", healthCheck(protocols)));
        if (isNode) {
            members.add(optional("outlierDetection", outlierDetection()));
            members.add(optional("timeout", listenerTimeout()));
        }
        members.add(optional("tls", listenerTls()));
        return object(members.toArray(new Member[0])).says("A port and what holds for it.");
    }

    private static Schema portMapping(List<String> protocols) {
        return object(
                        required("port", port().says("Port, 1 to 65535.")),
                        required("protocol", choice(protocols).says("What is spoken there.")))
                .says("Port and protocol.");
    }

    private static Schema pool(List<String> protocols) {
        List<Member> members = new ArrayList<>();
        for (String protocol : protocols) {
            Schema maxConnections = number(1, MAX_INT).says("At a time, counted by the callee.");
            Schema pool = switch (protocol) {
                case "http" ->
                    object(
                            required("maxConnections", maxConnections),
                            optional(
                                    "maxPendingRequests",
                                    number(1, MAX_INT)
                                            .byDefault(MAX_INT)
                                            .says("Requests that may wait beyond these.")));
                case "tcp" -> object(required("maxConnections", maxConnections));
                default -> object(required("maxRequests", number(1, MAX_INT).says("At a time; none wait.")));
            };
            members.add(optional(protocol, pool.says("Of a listener of " + protocol + ".")));
        }
        return union(members.toArray(new Member[0]))
                .says("How much the listener lets through at a time, by its protocol; no limit if absent.");
    }

    private static Schema healthCheck(List<String> protocols) {
        return object(
                        required("protocol", choice(protocols).says("How it is asked.")),
                        optional("path", text(0, UNBOUNDED).says("Path to ask for; http and http2.")),
                        optional("port", port().says("The listener's own.")),
                        required(
                                "healthyThreshold",
                                number(HealthCheck.MIN_THRESHOLD, HealthCheck.MAX_THRESHOLD)
                                        .says("Successes in a row that make it healthy.")),
                        required(
                                "unhealthyThreshold",
                                number(HealthCheck.MIN_THRESHOLD, HealthCheck.MAX_THRESHOLD)
                                        .says("Failures in a row that make it unhealthy.")),
                        required(
                                "intervalMillis",
                                number(HealthCheck.MIN_INTERVAL_MILLIS, HealthCheck.MAX_INTERVAL_MILLIS)
                                        .says("Time between two checks, in milliseconds.")),
                        required(
                                "timeoutMillis",
                                number(HealthCheck.MIN_TIMEOUT_MILLIS, HealthCheck.MAX_TIMEOUT_MILLIS)
                                        .says("How long an answer may take, in milliseconds.")))
                .says("Active check of each endpoint; none if absent.");
    }

    private static Schema outlierDetection() {
        return object(
                        required("maxServerErrors", number(1, Long.MAX_VALUE).says("5xx in a row before ejection.")),
                        required("interval", ref("duration").says("How often ejected endpoints are looked at.")),
                        required("baseEjectionDuration", ref("duration").says("Length of a first ejection.")),
                        required(
                                "maxEjectionPercent",
                                number(0, 100).says("Share of the endpoints that may be ejected; one always may.")))
                .says("When an endpoint that fails is left out for a while; never if absent.");
    }

    private static Schema listenerTimeout() {
        List<Member> members = new ArrayList<>();
        for (String protocol : ALL_PROTOCOLS) {
            members.add(optional(protocol, ref(protocol.equals("tcp") ? "tcpTimeout" : "timeout")));
        }
        return union(members.toArray(new Member[0])).says("Time limits, by the listener's protocol.");
    }

    private static Schema listenerTls() {
        Schema acm = object(required("certificateArn", text(1, UNBOUNDED).says("Its ARN.")))
                .says("A certificate of AWS Certificate Manager; an Override decides what takes its place.");
        return object(
                        required(
                                "mode",
                                choice(names(ListenerTls.Mode.values(), ListenerTls.Mode::name))
                                        .says(
                                                "STRICT: TLS only; PERMISSIVE: TLS or plaintext; DISABLED: plaintext only.")),
                        required(
                                "certificate",
                                union(
                                                optional("acm", acm),
                                                optional("file", ref("certificateFile")),
                                                optional("sds", ref("sds")))
                                        .says("What the listener shows.")),
                        optional("validation", validation(false)))
                .says("TLS of the listener; plaintext if absent.");
    }

    private static Schema virtualService() {
        return object(optional(
                        "provider",
                        union(
                                        optional(
                                                "virtualNode",
                                                object(required(
                                                                "virtualNodeName",
                                                                name().says("Node that gets all of its traffic.")))
                                                        .says("All traffic goes to one node.")),
                                        optional(
                                                "virtualRouter",
                                                object(required(
                                                                "virtualRouterName",
                                                                name().says("Router whose routes decide.")))
                                                        .says("Traffic goes by the routes of a router.")))
                                .says("What stands behind the name; calls are refused if absent.")))
                .says("A name that callers use, and what stands behind it.");
    }

    private static Schema virtualRouter() {
        return object(optional(
                        "listeners",
                        list(object(required("portMapping", portMapping(ALL_PROTOCOLS))), 0, UNBOUNDED)
                                .says("Ports that callers dial; any if absent.")))
                .says("Holds the routes of virtual services.");
    }

    private static Schema priority() {
        return number(0, Route.MAX_PRIORITY).says("0 is tried first; without one, after all numbers.");
    }

    private Schema route() {
        Schema retryPolicy = ref("retryPolicy");
        for (boolean isHttp2 : new boolean[] {false, true}) {
            String name = isHttp2 ? "http2Route" : "httpRoute";
            definitions.put(
                    name,
                    object(
                                    required("match", httpMatch(false, isHttp2)),
                                    required("action", ref("weightedTargets")),
                                    optional("retryPolicy", retryPolicy),
                                    optional("timeout", ref("timeout")))
                            .says("A route of " + (isHttp2 ? "HTTP/2." : "HTTP.")));
        }
        Schema grpc = object(
                        required("match", grpcMatch(false)),
                        required("action", ref("weightedTargets")),
                        optional("retryPolicy", ref("grpcRetryPolicy")),
                        optional("timeout", ref("timeout")))
                .says("A route of gRPC calls.");
        Schema tcp = object(
                        optional(
                                "match",
                                object(optional("port", port().says("Port that the caller dialled.")))
                                        .says("What is asked of a connection.")),
                        required("action", ref("weightedTargets")),
                        optional("timeout", ref("tcpTimeout")))
                .says("A route of TCP connections.");
        return object(
                        optional("priority", priority()),
                        optional("httpRoute", ref("httpRoute")),
                        optional("http2Route", ref("http2Route")),
                        optional("grpcRoute", grpc),
                        optional("tcpRoute", tcp))
                .withOneOf("httpRoute", "http2Route", "grpcRoute", "tcpRoute")
                .says("Which requests go where.");
    }

    private static Schema httpMatch(boolean isGateway, boolean isHttp2) {
        List<Member> members = new ArrayList<>();
        Schema prefix = text(1, UNBOUNDED)
                .matching(isGateway ? "(?!/aws-appmesh|/aws-app-mesh)/" : "/")
                .says("Start of the path; /a also takes /ab.");
        members.add(optional("prefix", prefix));
        members.add(optional(
                "path",
                union(
                                optional("exact", text(1, 255).says("The whole path, without its query.")),
                                optional("regex", regex()))
                        .says("The whole path.")));
        if (isGateway) {
            members.add(optional("hostname", ref("hostname")));
        }
        members.add(optional(
                "method", choice(names(HttpMethod.values(), HttpMethod::name)).says("Any if absent.")));
        if (isHttp2 && !isGateway) {
            members.add(optional(
                    "scheme",
                    choice(names(HttpScheme.values(), HttpScheme::text)).says("Any if absent.")));
        }
        members.add(optional("port", port().says("Port that the caller dialled; any if absent.")));
        members.add(optional(
                "headers", list(ref("header"), 1, HttpMatch.MAX_CONDITIONS).says("All must hold.")));
        Schema parameter = object(
                        required("name", text(1, UNBOUNDED).says("Name; case counts.")),
                        optional(
                                "match",
                                object(required("exact", text(0, UNBOUNDED).says("The value equals this.")))
                                        .says("What the value must be; its presence is enough if absent.")))
                .says("A condition on the first query parameter of that name.");
        members.add(optional(
                "queryParameters", list(parameter, 1, HttpMatch.MAX_CONDITIONS).says("All must hold.")));
        return object(members.toArray(new Member[0]))
                .withoutBoth("prefix", "path")
                .says("What is asked of a request; all given must hold.");
    }

    private static Schema grpcMatch(boolean isGateway) {
        List<Member> members = new ArrayList<>();
        Schema service = text(1, UNBOUNDED).says("Fully qualified service, such as shop.Stock; any if absent.");
        members.add(optional(
                "serviceName",
                isGateway ? service.matching("(?!/aws\\.app-mesh|aws\\.app-mesh|aws\\.appmesh)") : service));
        if (isGateway) {
            members.add(optional("hostname", ref("hostname")));
        } else {
            members.add(optional(
                    "methodName",
                    text(1, GrpcMatch.MAX_METHOD_LENGTH).says("Method; needs serviceName; any if absent.")));
        }
        members.add(optional("port", port().says("Port that the caller dialled; any if absent.")));
        members.add(optional(
                "metadata", list(ref("header"), 1, HttpMatch.MAX_CONDITIONS).says("All must hold.")));
        Schema match = object(members.toArray(new Member[0])).says("What is asked of a call; all given must hold.");
        return isGateway ? match : match.with("dependencies", ordered("methodName", List.of("serviceName")));
    }

    private static Schema hostname() {
        return union(
                        optional("exact", text(1, HostnameMatch.MAX_LENGTH).says("The host equals this.")),
                        optional(
                                "suffix",
                                text(1, HostnameMatch.MAX_LENGTH)
                                        .says("The host ends with this, such as .example.com.")))
                .says("Host that the caller asked for; any if absent.");
    }

    private static Schema virtualGateway() {
        return object(
                        required(
                                "listeners", list(listener(false), 1, UNBOUNDED).says("Where it listens.")),
                        optional("backendDefaults", ref("backendDefaults")),
                        optional("logging", ref("accessLog")))
                .says("A front door of the mesh.");
    }

    private static Schema gatewayTarget() {
        Schema service = object(required("virtualServiceName", name().says("Virtual service that gets the requests.")));
        return object(
                required("virtualService", service.says("Where it goes.")),
                optional("port", port().says("Listener of what stands behind it; its only one if absent.")));
    }

    private static Schema gatewayRoute() {
        Schema rewriteHost = object(optional(
                        "defaultTargetHostname",
                        onOff().byDefault("ENABLED").says("ENABLED: the host becomes the virtual service's name.")))
                .says("What becomes of the host.");
        Schema rewritePrefix = union(
                        optional("defaultPrefix", onOff().says("ENABLED: the matched prefix becomes /.")),
                        optional(
                                "value",
                                text(1, 255)
                                        .matching("/(.*/)?$")
                                        .says("What the matched prefix becomes; between slashes.")))
                .says("What becomes of the matched prefix; / if absent.");
        Schema rewritePath = object(required(
                        "exact", text(1, 255).matching("/").says("What the whole path becomes; the query stays.")))
                .says("What becomes of the path.");
        Schema rewrite = object(
                        optional("hostname", rewriteHost),
                        optional("prefix", rewritePrefix),
                        optional("path", rewritePath))
                .withoutBoth("prefix", "path")
                .with("minProperties", 1)
                .says("What is changed on the way in.");
        Schema action = object(required("target", ref("gatewayTarget")), optional("rewrite", rewrite))
                .says("What becomes of matching requests.");
        Schema grpcAction = object(
                        required("target", ref("gatewayTarget")),
                        optional(
                                "rewrite",
                                object(required("hostname", rewriteHost)).says("What is changed on the way in.")))
                .says("What becomes of matching calls.");
        return object(
                        optional("priority", priority()),
                        optional(
                                "httpRoute",
                                object(required("match", httpMatch(true, false)), required("action", action))
                                        .says("A route of HTTP.")),
                        optional(
                                "http2Route",
                                object(required("match", httpMatch(true, true)), required("action", action))
                                        .says("A route of HTTP/2.")),
                        optional(
                                "grpcRoute",
                                object(required("match", grpcMatch(true)), required("action", grpcAction))
                                        .says("A route of gRPC calls.")))
                .withOneOf("httpRoute", "http2Route", "grpcRoute")
                .says("Which requests from outside go to which virtual service.");
    }

    private static Schema onOff() {
        return choice(List.of("ENABLED", "DISABLED"));
    }

    private static Schema accessPolicy() {
        Schema caller = union(
                optional("virtualNode", name().says("This virtual node.")),
                optional(
                        "spiffeId",
                        text(1, 2048).matching("spiffe://").says("This SPIFFE ID; a final * takes any end.")),
                optional("trustDomain", text(1, 255).says("Whoever belongs to this trust domain.")));
        Schema path = union(
                optional("prefix", text(1, UNBOUNDED).matching("/").says("Start of the path.")),
                optional("exact", text(1, 255).says("The whole path.")),
                optional("regex", regex()));
        Schema time = text(1, 64).matching("[+-]?\\d{4,10}-\\d\\d-\\d\\dT\\d\\d:\\d\\d");
        Schema rule = object(
                required("name", text(1, 255).says("What logs call it.")),
                required(
                        "effect",
                        choice(names(AccessPolicy.Effect.values(), AccessPolicy.Effect::name))
                                .says("DENY beats ALLOW.")),
                optional("callers", list(caller, 1, UNBOUNDED).says("Any one of these; everyone if absent.")),
                optional(
                        "methods",
                        list(choice(names(HttpMethod.values(), HttpMethod::name)), 1, UNBOUNDED)
                                .says("Any one of these.")),
                optional("paths", list(path, 1, UNBOUNDED).says("Any one of these.")),
                optional(
                        "headers",
                        list(ref("header"), 1, HttpMatch.MAX_CONDITIONS).says("All of these.")),
                optional(
                        "ports",
                        list(port(), 1, UNBOUNDED).says("Any one of these, of the listener that takes the request.")),
                optional(
                        "claims",
                        any().with("type", "object")
                                .with("additionalProperties", text(0, UNBOUNDED))
                                .says("Claims that the caller's token must have, all of these.")),
                optional("notBefore", time.says("Holds from then on, such as 2026-11-21T08:00:00Z.")),
                optional("notAfter", time.says("Holds until then.")),
                optional(
                        "rollout",
                        object(
                                        required("virtualRouter", name().says("Router of the route.")),
                                        required("route", name().says("Route that moves the traffic.")),
                                        required("virtualNode", name().says("One of the route's targets.")))
                                .says("Holds only while this route sends this node a part of its traffic: more than"
                                        + " nothing and less than all.")));
        Schema issuer = object(
                required("issuer", text(1, JwtIssuer.MAX_LENGTH).says("Who issues the tokens: their iss.")),
                required(
                        "audiences",
                        list(text(1, JwtIssuer.MAX_LENGTH), 1, UNBOUNDED)
                                .says("For whom the tokens are: one of these must be in their aud.")),
                required(
                        "jwks",
                        union(
                                        optional(
                                                "file",
                                                text(1, JwtIssuer.MAX_LENGTH).says("A file, by path.")),
                                        optional(
                                                "url",
                                                text(1, JwtIssuer.MAX_LENGTH)
                                                        .matching("https?://")
                                                        .says("An address, by https.")))
                                .says("Where the issuer's public keys are.")),
                optional(
                        "algorithms",
                        list(choice(names(JwtIssuer.Algorithm.values(), JwtIssuer.Algorithm::name)), 1, UNBOUNDED)
                                .says("By which tokens may be signed; RS256 and ES256 if absent.")),
                optional("clockSkew", ref("ownDuration")));
        return object(
                        required("targetRef", ref("targetRef")),
                        optional(
                                "mode",
                                choice(names(AccessPolicy.Mode.values(), AccessPolicy.Mode::name))
                                        .byDefault("ENFORCE")
                                        .says("SHADOW only records what would be denied.")),
                        optional("defaultDeny", truth().byDefault(true).says("What no rule allows is denied.")),
                        optional(
                                "audit",
                                choice(names(AccessPolicy.Audit.values(), AccessPolicy.Audit::name))
                                        .byDefault("DENIED")
                                        .says("ALL writes what is allowed to the audit log, too.")),
                        optional("jwt", list(issuer, 1, UNBOUNDED).says("Whose tokens rules with claims trust.")),
                        optional(
                                "rules", list(rule, 0, UNBOUNDED).says("Deny beats allow; their order means nothing.")))
                .says("Who may call what.");
    }

    private static Schema trafficPolicy() {
        Schema percent = number(0, 100).says("0 to 100.");
        return object(
                        required("targetRef", ref("targetRef")),
                        optional("loadBalancing", loadBalancing()),
                        optional(
                                "retryBudget",
                                object(
                                                required("percent", percent),
                                                required(
                                                        "minRetriesPerSecond",
                                                        number(0, MAX_INT).says("Floor for little traffic.")),
                                                required("window", ref("ownDuration")))
                                        .says("Bounds retries to a share of the traffic.")),
                        optional("circuitBreaker", circuitBreaker()),
                        optional(
                                "concurrencyLimit",
                                object(
                                                optional(
                                                        "inbound",
                                                        concurrency(
                                                                "What each process of the node takes in at a time.")),
                                                optional(
                                                        "outbound",
                                                        concurrency(
                                                                "What each caller sends to an endpoint at a time.")))
                                        .withAnyOf("inbound", "outbound")
                                        .says("Bounds requests under way.")),
                        optional(
                                "fault",
                                object(
                                                required("percent", percent),
                                                optional("delay", ref("ownDuration")),
                                                optional(
                                                        "abortStatus",
                                                        number(200, 599).says("Status that answers instead.")),
                                                optional(
                                                        "headers",
                                                        list(ref("header"), 1, HttpMatch.MAX_CONDITIONS)
                                                                .says("Only requests that have all of these.")))
                                        .withAnyOf("delay", "abortStatus")
                                        .says("Makes a share of the calls slow or fail.")),
                        optional(
                                "mirror",
                                object(
                                                required("virtualNode", name().says("Who gets the copies.")),
                                                required("percent", percent))
                                        .says("Sends copies of a share of the requests elsewhere.")),
                        optional(
                                "outlierDetection",
                                object(required("successRate", successRate()))
                                        .says("Which endpoints are taken out, beside what their listener says.")),
                        optional(
                                "panicThreshold",
                                number(0, 100)
                                        .byDefault(50)
                                        .says("With a smaller percentage of a node's endpoints usable, all are used;"
                                                + " 0 never.")),
                        optional(
                                "idempotent",
                                truth().says("Whether requests may be sent twice whatever their method.")),
                        optional("rateLimit", rateLimit()),
                        optional("hedge", hedge()))
                .with("if", isAbout(Kind.VIRTUAL_SERVICE, Kind.ROUTE))
                .with("then", any().with("not", any().withAnyOf("outlierDetection", "panicThreshold")))
                .says("How traffic behaves beyond what App Mesh could say.");
    }

    private static Schema loadBalancing() {
        List<Schema> forms = List.of(
                choice(List.of(
                        LoadBalancing.RoundRobin.NAME, LoadBalancing.LeastRequest.NAME, LoadBalancing.PeakEwma.NAME)),
                balancing(List.of(LoadBalancing.RoundRobin.NAME, LoadBalancing.LeastRequest.NAME)),
                balancing(List.of(LoadBalancing.PeakEwma.NAME), optional("decay", ref("ownDuration"))),
                balancing(
                        List.of(LoadBalancing.ConsistentHash.NAME),
                        required(
                                "hashOn",
                                union(
                                                optional("header", text(1, 255).says("Name of a request header.")),
                                                optional("cookie", text(1, 255).says("Name of a cookie.")),
                                                optional("source", object().says("The calling process.")))
                                        .says("What of a request decides where it goes.")),
                        optional(
                                "maxLoad",
                                number(101, 10_000)
                                        .byDefault(LoadBalancing.ConsistentHash.DEFAULT_MAX_LOAD)
                                        .says("Most requests under way at an endpoint, in percent of the mean."))));
        return any().with("anyOf", forms)
                .byDefault(LoadBalancing.RoundRobin.NAME)
                .says("How one of a node's endpoints is picked.");
    }

    private static Schema balancing(List<String> algorithms, Member... own) {
        List<Member> members = new ArrayList<>();
        members.add(required("algorithm", choice(algorithms).says("How one is picked.")));
        members.addAll(List.of(own));
        members.add(optional("preferOwnZone", truth().says("Whether endpoints of the own zone come first.")));
        members.add(optional("slowStart", ref("ownDuration")));
        return object(members.toArray(new Member[0]));
    }

    private static Schema rateLimit() {
        Schema header = object(required("header", text(1, 255).says("Name of a request header.")));
        return object(
                        required("requests", number(1, RateLimit.MAX_REQUESTS).says("That many in each period.")),
                        required("per", ref("ownDuration")),
                        optional(
                                "burst",
                                number(1, RateLimit.MAX_REQUESTS)
                                        .says("That many at once after a quiet time; as many as requests if absent.")),
                        optional(
                                "by",
                                any().with("anyOf", List.of(choice(List.of("all", "caller")), header))
                                        .byDefault("all")
                                        .says("What is counted together.")))
                .says("Bounds what each process of the node takes in: of all, or of one virtual service or route.");
    }

    private static Schema concurrency(String says) {
        Schema most = number(1, MAX_INT).says("At a time.");
        List<Schema> forms = List.of(
                object(required("maxRequests", most)),
                object(
                        required(
                                "adaptive",
                                choice(List.of(Concurrency.Gradient.NAME)).says("How the limit is found.")),
                        optional(
                                "minRequests",
                                number(1, MAX_INT)
                                        .byDefault(Concurrency.Gradient.DEFAULT_MIN_REQUESTS)
                                        .says("Let through whatever is observed.")),
                        optional("maxRequests", most)));
        return any().with("anyOf", forms).says(says);
    }

    private static Schema hedge() {
        return object(
                        optional(
                                "maxExtraLoad",
                                number(1, TrafficPolicy.Hedge.MAX_EXTRA_LOAD)
                                        .says("Percentage of the requests that may be sent twice so.")),
                        optional("delay", ref("ownDuration")))
                .withAnyOf("maxExtraLoad", "delay")
                .says("Sends what is slow to be answered to a second endpoint, and takes the first answer.");
    }

    private static Schema isAbout(Kind... kinds) {
        Schema kind = any().with("enum", names(kinds, Kind::documentName)).says("One of these kinds.");
        Schema target = any().with("properties", Map.of("kind", kind))
                .with("required", List.of("kind"))
                .says("About one of these kinds.");
        return any().with("properties", Map.of("targetRef", target)).with("required", List.of("targetRef"));
    }

    private static Schema circuitBreaker() {
        Map<String, Object> together = new LinkedHashMap<>();
        together.put("slowCallRate", List.of("slowCallDuration"));
        together.put("slowCallDuration", List.of("slowCallRate"));
        return object(
                        optional("consecutiveFailures", number(1, MAX_INT).says("Failures in a row that open it.")),
                        optional(
                                "failureRate",
                                number(1, 100).says("Percentage of failures within the window that opens it.")),
                        optional(
                                "slowCallRate",
                                number(1, 100).says("Percentage of slow calls within the window that opens it.")),
                        optional("slowCallDuration", ref("ownDuration")),
                        optional(
                                "minimumCalls",
                                number(1, MAX_INT)
                                        .byDefault(CircuitBreaker.DEFAULT_MINIMUM_CALLS)
                                        .says("Calls within the window below which rates say nothing.")),
                        optional("window", ref("ownDuration")),
                        required("openFor", ref("ownDuration")),
                        optional(
                                "halfOpenCalls",
                                number(1, MAX_INT)
                                        .byDefault(CircuitBreaker.DEFAULT_HALF_OPEN_CALLS)
                                        .says("Calls that are let through to see whether it may close.")),
                        optional(
                                "per",
                                choice(names(CircuitBreaker.Per.values(), CircuitBreaker.Per::text))
                                        .byDefault("endpoint")
                                        .says("What a breaker stands for.")))
                .withAnyOf("consecutiveFailures", "failureRate", "slowCallRate")
                .with("dependencies", together)
                .says("Stops calling what keeps failing, and tries again after a while.");
    }

    private static Schema successRate() {
        return object(
                        optional(
                                "minimumEndpoints",
                                number(2, MAX_INT)
                                        .byDefault(TrafficPolicy.SuccessRate.DEFAULT_MINIMUM_ENDPOINTS)
                                        .says("Fewer with enough requests give no mean to compare with.")),
                        optional(
                                "minimumRequests",
                                number(1, MAX_INT)
                                        .byDefault(TrafficPolicy.SuccessRate.DEFAULT_MINIMUM_REQUESTS)
                                        .says("An endpoint with fewer in an interval is not looked at.")),
                        optional(
                                "stdevFactor",
                                number(1, MAX_INT)
                                        .byDefault(TrafficPolicy.SuccessRate.DEFAULT_STDEV_FACTOR)
                                        .says("Thousandths of a standard deviation below the mean.")))
                .says("Takes out endpoints that fail more often than the others do.");
    }

    private static Schema endpoints() {
        Schema endpoint = object(
                required("address", text(1, 253).says("IP address or host name.")),
                optional("port", port().says("The listener's port if absent.")),
                optional("zone", text(1, 255).says("Such as an availability zone.")),
                optional(
                        "weight",
                        number(1, EndpointSet.Address.MAX_WEIGHT)
                                .byDefault(EndpointSet.Address.DEFAULT_WEIGHT)
                                .says("How much traffic it takes, next to the weights of the others.")));
        return object(
                        required("virtualNode", name().says("Whose addresses these are.")),
                        required(
                                "endpoints",
                                list(endpoint, 0, UNBOUNDED).says("They replace what service discovery finds.")))
                .says("Addresses of a virtual node, written down.");
    }

    private static Schema override() {
        Schema certificate = union(optional("file", ref("certificateFile")), optional("sds", ref("sds")));
        Schema trust = union(optional("file", ref("trustFile")), optional("sds", ref("sds")));
        Schema dns = dns();
        return object(
                        required(
                                "targetRef",
                                object(
                                                required(
                                                        "kind",
                                                        choice(List.of("VirtualNode", "VirtualGateway"))
                                                                .says("Kind of what it is for.")),
                                                required(
                                                        "name",
                                                        name().says("Its name; * for each without one of its own.")))
                                        .says("What the override is for.")),
                        optional(
                                "serviceDiscovery",
                                object(required("dns", dns))
                                        .says(
                                                "In place of Cloud Map; {serviceName}, {namespaceName} and {name} are filled in.")),
                        optional("certificate", certificate.says("In place of a listener's certificate of ACM.")),
                        optional(
                                "listeners",
                                list(
                                                object(
                                                        required("port", port().says("Port of the listener.")),
                                                        required("certificate", certificate.says("What it shows."))),
                                                1,
                                                UNBOUNDED)
                                        .says("Certificates of single listeners.")),
                        optional("trust", trust.says("In place of authorities of ACM.")),
                        optional(
                                "backends",
                                list(
                                                object(
                                                        required(
                                                                "virtualService",
                                                                name().with("maxLength", MAX_INT)
                                                                        .says("The backend.")),
                                                        required(
                                                                "trust",
                                                                trust.says("Whose certificates are taken there."))),
                                                1,
                                                UNBOUNDED)
                                        .says("Trust towards single backends.")))
                .withAnyOf("serviceDiscovery", "certificate", "listeners", "trust", "backends")
                .says("Decides what takes the place of what exists only in AWS.");
    }

    private static Schema meshTest() {
        Schema expectation = any().with("type", List.of("string", "object"))
                .says("Such as: orders calling GET http://payments.local/beta goes 10 % to payments-v2");
        return object(required("expectations", list(expectation, 1, UNBOUNDED).says("What must hold.")))
                .says("What is expected of the mesh; mesh test tells whether it holds.");
    }
}
