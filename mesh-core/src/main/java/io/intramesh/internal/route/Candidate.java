package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The matching half of a route or gateway route: what it asks of a request, and where it stands among its neighbours. What
 * becomes of the request is kept apart, so that a moved weight compiles no match again. Immutable.
 */
final class Candidate {
    /**
     * The order in which routes are tried. Host first (gateway routes only): exact, longest suffix, any; a priority does not
     * lift a route over a better host. Then priority, none being last. Then the path: exact, longest prefix, regex, none.
     * gRPC service and method are a path. Then the order of declaration, where App Mesh left it open.
     */
    static final Comparator<Candidate> ORDER = Comparator.comparingInt(Candidate::hostRank)
            .thenComparingInt(Candidate::effectivePriority)
            .thenComparing(candidate -> candidate.path == null ? PathCriterion.Rank.NONE : candidate.path.rank())
            .thenComparingInt(candidate -> candidate.path != null && candidate.path.rank() == PathCriterion.Rank.PREFIX
                    ? -candidate.path.key().length()
                    : 0)
            .thenComparingInt(Candidate::ordinal);

    private static final HeaderCriterion[] NO_HEADERS = {};

    private final String name;
    private final int ordinal;
    private final @Nullable Integer priority;
    private final Protocol protocol;
    private final @Nullable Integer port;
    private final @Nullable HostCriterion host;
    private final @Nullable PathCriterion path;
    private final @Nullable MethodCriterion method;

    /** All conditions, in the order in which explanations name them. */
    private final List<Criterion> criteria;

    /** The conditions on anything but headers. */
    private final Criterion[] plain;

    private final HeaderCriterion[] headers;

    /** Place in {@link #ORDER} among the routes of one router; set once, while the router is compiled. */
    private int rank;

    private Candidate(
            String name,
            int ordinal,
            @Nullable Integer priority,
            Protocol protocol,
            @Nullable Integer port,
            @Nullable HostnameMatch host,
            @Nullable PathCriterion path,
            @Nullable MethodCriterion method,
            @Nullable SchemeCriterion scheme,
            List<HeaderCriterion> headers,
            List<QueryCriterion> queryParameters) {
        this.name = name;
        this.ordinal = ordinal;
        this.priority = priority;
        this.protocol = protocol;
        this.port = port;
        this.host = host == null ? null : new HostCriterion(host);
        this.path = path;
        this.method = method;
        List<Criterion> all = new ArrayList<>();
        addIfSet(all, this.host);
        addIfSet(all, path);
        addIfSet(all, method);
        addIfSet(all, scheme);
        all.addAll(queryParameters);
        this.plain = all.toArray(new Criterion[0]);
        this.headers = headers.isEmpty() ? NO_HEADERS : headers.toArray(NO_HEADERS);
        all.addAll(headers);
        this.criteria = List.copyOf(all);
    }

    static Candidate of(Route route, int ordinal) {
        Route.Spec spec = route.spec();
        if (spec instanceof Route.Http http) {
            return http(route.name(), ordinal, route.priority(), http.protocol(), http.match());
        }
        if (spec instanceof Route.Grpc grpc) {
            return grpc(route.name(), ordinal, route.priority(), grpc.match());
        }
        return new Candidate(
                route.name(),
                ordinal,
                route.priority(),
                Protocol.TCP,
                spec.port(),
                null,
                null,
                null,
                null,
                List.of(),
                List.of());
    }

    static Candidate of(GatewayRoute route, int ordinal) {
        return route.spec() instanceof GatewayRoute.Http http
                ? http(route.name(), ordinal, route.priority(), http.protocol(), http.match())
                : grpc(route.name(), ordinal, route.priority(), ((GatewayRoute.Grpc) route.spec()).match());
    }

    private static Candidate http(
            String name, int ordinal, @Nullable Integer priority, Protocol protocol, HttpMatch match) {
        return new Candidate(
                name,
                ordinal,
                priority,
                protocol,
                match.port(),
                match.hostname(),
                match.path() == null ? null : PathCriterion.of(match.path()),
                match.method() == null ? null : new MethodCriterion(match.method()),
                match.scheme() == null ? null : new SchemeCriterion(match.scheme()),
                headers(match.headers(), "header"),
                match.queryParameters().stream().map(QueryCriterion::new).toList());
    }

    private static Candidate grpc(String name, int ordinal, @Nullable Integer priority, GrpcMatch match) {
        return new Candidate(
                name,
                ordinal,
                priority,
                Protocol.GRPC,
                match.port(),
                match.hostname(),
                PathCriterion.of(match),
                null,
                null,
                headers(match.metadata(), "metadata"),
                List.of());
    }

    private static List<HeaderCriterion> headers(List<HeaderMatch> matches, String term) {
        return matches.stream().map(match -> new HeaderCriterion(match, term)).toList();
    }

    private static void addIfSet(List<Criterion> criteria, @Nullable Criterion criterion) {
        if (criterion != null) {
            criteria.add(criterion);
        }
    }

    /** Sorts candidates by {@link #ORDER} and gives each its rank. */
    static List<Candidate> ranked(List<Candidate> candidates) {
        List<Candidate> sorted = candidates.stream().sorted(ORDER).toList();
        for (int i = 0; i < sorted.size(); i++) {
            sorted.get(i).rank = i;
        }
        return sorted;
    }

    String name() {
        return name;
    }

    /** Returns the place in the order of declaration. */
    int ordinal() {
        return ordinal;
    }

    int rank() {
        return rank;
    }

    @Nullable
    PathCriterion path() {
        return path;
    }

    @Nullable
    MethodCriterion method() {
        return method;
    }

    HeaderCriterion[] headers() {
        return headers;
    }

    Criterion[] plain() {
        return plain;
    }

    /**
     * Tells whether this route takes requests of a protocol on a port.
     *
     * @param onProtocol null leaves it open
     * @param onPort -1 leaves it open
     */
    boolean isFor(@Nullable Protocol onProtocol, int onPort) {
        return (onProtocol == null || onProtocol == protocol) && (onPort == -1 || port == null || port == onPort);
    }

    /** Returns all conditions in words. */
    String describe() {
        StringBuilder text = new StringBuilder();
        if (port != null) {
            text.append("port is ").append(port);
        }
        if (!criteria.isEmpty()) {
            text.append(text.isEmpty() ? "" : " and ")
                    .append(criteria.stream().map(Criterion::describe).collect(Collectors.joining(" and ")));
        }
        return text.isEmpty() ? "any request" : text.toString();
    }

    /**
     * Returns in words the first thing that does not match, or null where all does.
     *
     * @param listener null where the router has none
     * @param dialled port that the caller dialled, -1 leaves it open
     */
    @Nullable
    String mismatch(MeshRequest request, @Nullable String canonicalPath, @Nullable PortMapping listener, int dialled) {
        Protocol onProtocol = listener == null ? request.protocol() : listener.protocol();
        int onPort = listener == null ? dialled : listener.port();
        if (!isFor(onProtocol, -1)) {
            return "it is a route of " + protocol.text() + ", the "
                    + (listener == null ? "request" : "listener on port " + onPort) + " speaks "
                    + (onProtocol == null ? protocol : onProtocol).text();
        }
        if (!isFor(onProtocol, onPort)) {
            return "port is " + onPort + ", not " + port;
        }
        for (Criterion criterion : criteria) {
            if (!criterion.test(request, canonicalPath)) {
                return criterion.mismatch(request, canonicalPath);
            }
        }
        return null;
    }

    private int hostRank() {
        if (host == null) {
            return 1;
        }
        // Longest first, and an exact name before every suffix.
        return host.isExact() ? Integer.MIN_VALUE : -host.length();
    }

    private int effectivePriority() {
        return priority == null ? Route.MAX_PRIORITY + 1 : priority;
    }

    @Override
    public String toString() {
        return name + ": " + describe();
    }
}
