package io.intramesh.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.Route;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.WeightedTarget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random routers and requests, decided by the index, by the explanation, and by the plain interpreter below, which shares no
 * code with either and walks through the routes as the reference describes it.
 */
final class RoutingPropertyTest {
    private static final long SEED = 2019_01_25;
    private static final int ROUTERS = 400;
    private static final int REQUESTS = 120;

    private static final String[] SEGMENTS = {"a", "b", "ab", "a.b", "c-1", ""};
    private static final String[] PREFIXES = {"/", "/a", "/a/", "/ab", "/a/b", "/b", "/a/b/", "/a/a/a", "/zzz"};
    private static final String[] EXACTS = {"/", "/a", "/a/b", "/ab", "/b/", "/a.b", "/zzz"};
    private static final String[] REGEXES = {
        "/a.*", "/[ab]/c.*", "/a/b|/b", "/a+b?", "^/b.*$", "/a\\.b", "/(a|b)/.*", ".*", "/ab*", "(/a)?/b"
    };
    private static final String[] HEADERS = {"x-tenant", "X-Canary", "x-n"};
    private static final String[] VALUES = {"1", "2", "10", "yes", "no", "-3", "ab"};
    private static final String[] METHODS = {"GET", "POST", "PUT", "PURGE"};
    private static final String[] QUERIES = {"q=1", "q=2", "q", "q=1&q=2", "p=1&q=2", "p"};
    private static final String[] CALLS = {"/s.A/M", "/s.A/N", "/s.B/M", "/s.A", "/s.AB/M"};

    @Test
    void theIndexDecidesLikeAWalkThroughTheList() {
        SplittableRandom random = new SplittableRandom(SEED);
        int matched = 0;
        for (int i = 0; i < ROUTERS; i++) {
            List<PortMapping> listeners = listeners(random);
            // Many routes on few conditions: branches of every kind, with copies.
            List<Route> routes = routes(random, 1 + random.nextInt(i % 4 == 0 ? 250 : 40), listeners);
            Fixture fixture = Fixture.withRouter(listeners.toArray(new PortMapping[0]));
            routes.forEach(fixture::add);
            RoutingTable table = fixture.table();
            Caller caller = Objects.requireNonNull(table.caller(null));
            for (int j = 0; j < REQUESTS; j++) {
                Sample sample = sample(random, listeners);
                String expected = interpret(routes, listeners, sample);

                Decision decision = table.decide(sample.request(), caller, random);
                Explanation explanation = table.explain(sample.request(), caller);

                int number = i;
                // Made only when an assertion fails: the text is long.
                Supplier<String> what =
                        () -> "seed " + SEED + " router " + number + " request " + sample.request() + " of " + routes;
                assertThat(decision.route()).as(what).isEqualTo(expected);
                assertSame(what, decision, explanation);
                matched += expected == null ? 0 : 1;
            }
        }
        // The cases are worth something only if both outcomes are frequent.
        assertThat(matched).isBetween(ROUTERS * REQUESTS / 5, ROUTERS * REQUESTS * 19 / 20);
    }

    private static void assertSame(Supplier<String> what, Decision decision, Explanation explanation) {
        assertThat(explanation.route()).as(what).isEqualTo(decision.route());
        assertThat(explanation.virtualService()).as(what).isEqualTo(decision.virtualService());
        assertThat(explanation.virtualRouter()).as(what).isEqualTo(decision.virtualRouter());
        Explanation.Refused refused = explanation.refusal();
        if (refused == null) {
            assertThat(decision.refusal()).as(what).isNull();
            assertThat(explanation.targets())
                    .as(what)
                    .extracting(Explanation.Target::virtualNode)
                    .contains(decision.target().virtualNode());
            assertThat(explanation.routes().get(explanation.routes().size() - 1).name())
                    .as(what)
                    .isEqualTo(decision.route());
            if (decision.canonicalPath() != null) {
                assertThat(explanation.forwardedPath()).as(what).startsWith(decision.canonicalPath());
            }
        } else {
            assertThat(decision.refusal()).as(what).isEqualTo(refused.reason());
            assertThat(decision.refusalMessage()).as(what).isEqualTo(refused.message());
            assertThat(explanation.routes())
                    .as(what)
                    .allSatisfy(tried -> assertThat(tried.mismatch()).isNotNull());
        }
    }

    // ---- Random cases

    private static List<PortMapping> listeners(SplittableRandom random) {
        List<PortMapping> all = List.of(
                new PortMapping(8080, Protocol.HTTP),
                new PortMapping(8081, Protocol.HTTP),
                new PortMapping(9090, Protocol.GRPC));
        return all.subList(0, random.nextInt(4));
    }

    private static List<Route> routes(SplittableRandom random, int count, List<PortMapping> listeners) {
        List<Route> routes = new ArrayList<>();
        int style = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            Integer priority = random.nextInt(3) == 0 ? Integer.valueOf(random.nextInt(3)) : null;
            Integer port =
                    listeners.size() > 1 && random.nextInt(3) == 0 ? Integer.valueOf(8080 + random.nextInt(2)) : null;
            List<WeightedTarget> targets = List.of(new WeightedTarget("n" + i, 1, null));
            Route.Spec spec = random.nextInt(5) == 0
                    ? new Route.Grpc(grpc(random, port), targets, null, null)
                    : new Route.Http(Protocol.HTTP, http(random, style, port, i), targets, null, null);
            routes.add(new Route(
                    io.intramesh.model.ResourceId.route(Fixture.MESH, Fixture.ROUTER, "route" + i), priority, spec));
        }
        return routes;
    }

    private static HttpMatch http(SplittableRandom random, int style, @Nullable Integer port, int number) {
        HttpMatch.Builder match = HttpMatch.builder().port(port);
        PathMatch path = switch (random.nextInt(style == 0 ? 12 : 5)) {
            case 0 -> new PathMatch.Exact(pick(random, EXACTS));
            case 1 -> new PathMatch.Regex(pick(random, REGEXES));
            case 2 -> null;
            default ->
                new PathMatch.Prefix(style == 1 && random.nextBoolean() ? "/a/" + number % 60 : pick(random, PREFIXES));
        };
        match.path(path);
        if (random.nextInt(4) == 0) {
            match.method(HttpMethod.valueOf(pick(random, new String[] {"GET", "POST", "PUT", "HEAD"})));
        }
        List<HeaderMatch> headers = new ArrayList<>();
        for (int i = random.nextInt(style == 2 ? 3 : 2); i > 0; i--) {
            headers.add(header(random, style == 2));
        }
        match.headers(headers);
        if (random.nextInt(6) == 0) {
            match.queryParameters(List.of(new QueryParameterMatch(
                    random.nextBoolean() ? "q" : "p", random.nextBoolean() ? pick(random, VALUES) : null)));
        }
        return match.build();
    }

    private static GrpcMatch grpc(SplittableRandom random, @Nullable Integer port) {
        String service = random.nextBoolean() ? pick(random, new String[] {"s.A", "s.B", "s.AB"}) : null;
        String method = service != null && random.nextBoolean() ? pick(random, new String[] {"M", "N"}) : null;
        return new GrpcMatch(
                service, method, null, port, random.nextInt(3) == 0 ? List.of(header(random, false)) : List.of());
    }

    private static HeaderMatch header(SplittableRandom random, boolean exact) {
        ValueMatch value = switch (exact ? 0 : random.nextInt(6)) {
            case 0 -> new ValueMatch.Exact(pick(random, VALUES));
            case 1 -> new ValueMatch.Prefix(pick(random, new String[] {"1", "y", "a"}));
            case 2 -> new ValueMatch.Suffix(pick(random, new String[] {"0", "s", "b"}));
            case 3 -> new ValueMatch.Regex(pick(random, new String[] {"[0-9]+", "y.*", "a|b"}));
            case 4 -> new ValueMatch.Range(-5, 2 + random.nextInt(10));
            default -> null;
        };
        return new HeaderMatch(pick(random, HEADERS), value, random.nextInt(5) == 0);
    }

    /** A request, and what its path is once every detour is taken out of it. */
    private record Sample(ExplainRequest request, @Nullable String canonicalPath) {}

    private static Sample sample(SplittableRandom random, List<PortMapping> listeners) {
        ExplainRequest.Builder request = ExplainRequest.builder(Fixture.SERVICE);
        String path = path(random);
        if (path != null) {
            request.path(disguised(random, path) + (random.nextInt(3) == 0 ? "?" + pick(random, QUERIES) : ""));
        }
        if (random.nextInt(8) != 0) {
            request.method(pick(random, METHODS));
        }
        for (String name : HEADERS) {
            if (random.nextInt(3) != 0) {
                request.header(name, pick(random, VALUES));
            }
        }
        if (!listeners.isEmpty() && random.nextInt(2) == 0) {
            request.port(listeners.get(random.nextInt(listeners.size())).port());
        } else if (random.nextInt(4) == 0) {
            request.impliedPort(80);
        } else if (random.nextInt(10) == 0) {
            request.port(8081);
        }
        if (random.nextInt(6) == 0) {
            request.protocol(random.nextBoolean() ? Protocol.HTTP : Protocol.GRPC);
        }
        return new Sample(request.build(), path);
    }

    private static @Nullable String path(SplittableRandom random) {
        int kind = random.nextInt(8);
        if (kind == 0) {
            return null;
        }
        if (kind == 1) {
            return pick(random, CALLS);
        }
        if (kind == 2) {
            return "/a/" + random.nextInt(60);
        }
        StringBuilder path = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String segment = pick(random, SEGMENTS);
            if (!segment.isEmpty() || i == 1) {
                path.append('/').append(segment);
            }
        }
        return path.toString();
    }

    /** Writes the same path in another way. */
    private static String disguised(SplittableRandom random, String path) {
        if (random.nextInt(3) != 0) {
            return path;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/') {
                // A segment that is stepped out of again stands before a slash, or the path would end in one too many.
                out.append(pick(random, new String[] {"/", "//", "/./", "/x/../", "/x/%2e%2E/", "/"}));
            } else if (random.nextInt(4) == 0) {
                out.append('%').append(Integer.toHexString(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String pick(SplittableRandom random, String[] from) {
        return from[random.nextInt(from.length)];
    }

    // ---- The interpreter

    private static @Nullable String interpret(List<Route> routes, List<PortMapping> listeners, Sample sample) {
        ExplainRequest request = sample.request();
        boolean open = request.port() == -1 || request.isPortImplied();
        PortMapping listener = null;
        if (!listeners.isEmpty()) {
            for (PortMapping candidate : listeners) {
                if (candidate.port() == request.port()) {
                    listener = candidate;
                }
            }
            if (listener == null && open) {
                listener = listeners.get(0);
            }
            if (listener == null || (request.protocol() != null && request.protocol() != listener.protocol())) {
                return null;
            }
        }
        Protocol protocol = listener == null ? request.protocol() : listener.protocol();
        Integer port =
                listener != null ? Integer.valueOf(listener.port()) : open ? null : Integer.valueOf(request.port());
        return routes.stream()
                .filter(route -> protocol == null || route.spec().protocol() == protocol)
                .filter(route -> port == null
                        || route.spec().port() == null
                        || port.equals(route.spec().port()))
                .filter(route -> holds(route.spec(), request, sample.canonicalPath()))
                // Stable: what stands first among equals stays first.
                .min(Comparator.comparingInt((Route route) -> {
                            Integer priority = route.priority();
                            return priority == null ? 1001 : priority;
                        })
                        .thenComparingInt(RoutingPropertyTest::specificity))
                .map(Route::name)
                .orElse(null);
    }

    /** Less is more specific: exact, prefixes by length, regex, nothing. */
    private static int specificity(Route route) {
        if (route.spec() instanceof Route.Grpc grpc) {
            String service = grpc.match().serviceName();
            return service == null ? 3000 : grpc.match().methodName() != null ? 0 : 1000 - service.length() - 2;
        }
        PathMatch path = ((Route.Http) route.spec()).match().path();
        if (path instanceof PathMatch.Exact) {
            return 0;
        }
        if (path instanceof PathMatch.Prefix prefix) {
            return 1000 - prefix.prefix().length();
        }
        return path == null ? 3000 : 2000;
    }

    private static boolean holds(Route.Spec spec, ExplainRequest request, @Nullable String path) {
        if (spec instanceof Route.Grpc grpc) {
            return grpcHolds(grpc.match(), path)
                    && grpc.match().metadata().stream().allMatch(header -> headerHolds(header, request));
        }
        HttpMatch match = ((Route.Http) spec).match();
        return pathHolds(match.path(), path)
                && (match.method() == null
                        || request.method() == null
                        || match.method().name().equals(request.method()))
                && match.headers().stream().allMatch(header -> headerHolds(header, request))
                && match.queryParameters().stream().allMatch(parameter -> queryHolds(parameter, request));
    }

    private static boolean grpcHolds(GrpcMatch match, @Nullable String path) {
        if (match.serviceName() == null || path == null) {
            return true;
        }
        String[] parts = path.split("/", 3);
        return parts.length == 3
                && parts[1].equals(match.serviceName())
                && (match.methodName() == null || match.methodName().equals(parts[2]));
    }

    private static boolean pathHolds(@Nullable PathMatch match, @Nullable String path) {
        if (match == null || path == null) {
            return true;
        }
        if (match instanceof PathMatch.Exact exact) {
            return exact.path().equals(path);
        }
        if (match instanceof PathMatch.Prefix prefix) {
            return path.startsWith(prefix.prefix());
        }
        return Pattern.matches(((PathMatch.Regex) match).pattern(), path);
    }

    private static boolean headerHolds(HeaderMatch match, ExplainRequest request) {
        String value = request.header(match.name());
        ValueMatch asked = match.match();
        if (asked == null) {
            return (value != null) != match.invert();
        }
        return value != null && valueHolds(asked, value) != match.invert();
    }

    private static boolean valueHolds(ValueMatch match, String value) {
        if (match instanceof ValueMatch.Exact exact) {
            return exact.value().equals(value);
        }
        if (match instanceof ValueMatch.Prefix prefix) {
            return value.startsWith(prefix.value());
        }
        if (match instanceof ValueMatch.Suffix suffix) {
            return value.endsWith(suffix.value());
        }
        if (match instanceof ValueMatch.Regex regex) {
            return Pattern.matches(regex.pattern(), value);
        }
        ValueMatch.Range range = (ValueMatch.Range) match;
        return value.matches("-?[0-9]+")
                && range.start() <= Long.parseLong(value)
                && Long.parseLong(value) < range.end();
    }

    private static boolean queryHolds(QueryParameterMatch match, ExplainRequest request) {
        String query = request.query();
        if (query == null) {
            return request.path() == null;
        }
        for (String parameter : query.split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            if (parts[0].equals(match.name())) {
                return match.exact() == null || match.exact().equals(parts.length == 2 ? parts[1] : "");
            }
        }
        return false;
    }
}
