package io.intramesh.benchmarks.route;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.MeshRequest;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.PathMatch;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One decision. Every virtual service has its own router, whose routes differ by path or by the value of a header; a split of
 * 90 to 10 stands behind each. Requests are drawn beforehand, over the services that are called and over all their routes, so
 * that the branch predictor does not know the next one.
 *
 * <p>{@code called} is how many of the services get calls: 10, as a process has few backends, shows what deciding costs;
 * 10000 shows what it costs when nearly every look goes to memory that no cache holds, the requests' own included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up before everything else.
public class RoutingBenchmark {
    private static final String MESH = "bench";
    private static final String HEADER = "x-tenant";

    /** A power of two, so that the next request is found by a mask. */
    private static final int REQUESTS = 4096;

    /** Routes of the whole mesh, about: where all services with all routes would be more, the rest has one route each. */
    private static final int MAX_ROUTES = 200_000;

    /** How routes of one router differ. */
    public enum By {
        PATH,
        HEADER
    }

    @Param({"1", "10", "100", "200", "1000"})
    public int routes;

    @Param({"10", "10000"})
    public int services;

    @Param("10")
    public int called;

    @Param({"PATH", "HEADER"})
    public By by;

    private RoutingTable table;
    private Caller caller;
    private MeshRequest[] requests;
    private SplittableRandom random;
    private int next;

    @Setup
    public void compile() {
        random = new SplittableRandom(1);
        List<Resource> resources = new ArrayList<>();
        Listener listener =
                Listener.builder(new PortMapping(8080, Protocol.HTTP)).build();
        for (String node : List.of("v1", "v2")) {
            resources.add(
                    VirtualNode.builder(MESH, node).listeners(List.of(listener)).build());
        }
        // Bounded, so that the large cases fit into memory. Services beyond the bound get no calls.
        int large = Math.min(services, Math.max(1, MAX_ROUTES / routes));
        for (int service = 0; service < services; service++) {
            String router = "router" + service;
            resources.add(new VirtualService(
                    ResourceId.of(Kind.VIRTUAL_SERVICE, MESH, host(service)),
                    new VirtualService.Provider.Router(router)));
            resources.add(new VirtualRouter(
                    ResourceId.of(Kind.VIRTUAL_ROUTER, MESH, router), List.of(listener.portMapping())));
            for (int route = 0; route < (service < large ? routes : 1); route++) {
                resources.add(new Route(
                        ResourceId.route(MESH, router, "route" + route),
                        null,
                        new Route.Http(
                                Protocol.HTTP,
                                match(route),
                                List.of(new WeightedTarget("v1", 90, null), new WeightedTarget("v2", 10, null)),
                                null,
                                null)));
            }
        }
        table = RoutingTable.compile(ResourceSet.of(resources), MESH, (node, listening) -> node, null);
        caller = requireNonNull(table.caller(null));
        requests = new MeshRequest[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            // Spread over the whole mesh, but only over services that have all their routes.
            int service = (int) ((long) random.nextInt(Math.min(called, large)) * large / Math.min(called, large));
            requests[i] = request(service, random.nextInt(routes));
            if (table.decide(requests[i], caller, random).refusal() != null) {
                throw new IllegalStateException("refused: " + requests[i]);
            }
        }
    }

    private HttpMatch match(int route) {
        return by == By.PATH
                ? HttpMatch.builder()
                        .path(new PathMatch.Prefix("/api/v1/resource" + route + "/"))
                        .build()
                : HttpMatch.builder()
                        .path(new PathMatch.Prefix("/"))
                        .headers(List.of(new HeaderMatch(HEADER, new ValueMatch.Exact("tenant" + route), false)))
                        .build();
    }

    private Sent request(int service, int route) {
        // Own strings, as those of a real request are.
        return by == By.PATH
                ? new Sent(host(service), "/api/v1/resource" + route + "/items/4711", null)
                : new Sent(host(service), "/api/v1/items/4711", "tenant" + route);
    }

    private static String host(int service) {
        return "service" + service + ".bench.local";
    }

    @Benchmark
    public Decision decide() {
        return table.decide(requests[next++ & (REQUESTS - 1)], caller, random);
    }

    /** A request as a transport shows it. */
    private record Sent(String host, String path, @Nullable String tenant) implements MeshRequest {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public int port() {
            return 80;
        }

        @Override
        public boolean isPortImplied() {
            return true;
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return name.equalsIgnoreCase(HEADER) ? tenant : null;
        }
    }
}
