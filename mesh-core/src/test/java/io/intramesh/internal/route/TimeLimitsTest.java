package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.SERVICE;
import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.listener;
import static io.intramesh.internal.route.Fixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.explain.Explanation;
import io.intramesh.model.Backend;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.RetryPolicy;
import io.intramesh.model.Route;
import io.intramesh.model.Timeouts;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules TO-01 to TO-04 and TO-07 of the reference: which limit holds, and who set it. */
final class TimeLimitsTest {
    private static final Listener PLAIN = listener(8080, Protocol.HTTP);

    @Test
    void withoutAnythingSaidTheDefaultsHold() {
        Fixture mesh = mesh(null, PLAIN, PLAIN);

        assertPerRequest(mesh, Duration.ofSeconds(15), "default");
        assertIdle(mesh, Duration.ofMinutes(5), "default");
    }

    @Test
    void onePlaceSufficesToGoBelowTheDefault() {
        Duration two = Duration.ofSeconds(2);

        assertPerRequest(
                mesh(new Timeouts(two, null), PLAIN, PLAIN), two, "virtualRouter 'r' route 'all' timeout.perRequest");
        assertPerRequest(
                mesh(null, listener(8080, Protocol.HTTP, two, null), PLAIN),
                two,
                "virtualNode 'orders' listener 8080 timeout.perRequest");
        assertPerRequest(
                mesh(null, PLAIN, listener(8080, Protocol.HTTP, two, null)),
                two,
                "virtualNode 'n' listener 8080 timeout.perRequest");
        assertIdle(mesh(new Timeouts(null, two), PLAIN, PLAIN), two, "virtualRouter 'r' route 'all' timeout.idle");
    }

    @Test
    void everyPlaceMustBeRaisedToGoAboveTheDefault() {
        Duration minute = Duration.ofMinutes(1);
        Listener raised = listener(8080, Protocol.HTTP, minute, null);
        Timeouts route = new Timeouts(minute, null);

        assertPerRequest(mesh(route, PLAIN, raised), Duration.ofSeconds(15), "default");
        assertPerRequest(mesh(route, raised, PLAIN), Duration.ofSeconds(15), "default");
        assertPerRequest(mesh(null, raised, raised), Duration.ofSeconds(15), "default");
        assertPerRequest(mesh(route, raised, raised), minute, "virtualRouter 'r' route 'all' timeout.perRequest");
    }

    @Test
    void zeroMeansNoLimit() {
        Listener none = listener(8080, Protocol.HTTP, Duration.ZERO, Duration.ZERO);
        Fixture mesh = mesh(new Timeouts(Duration.ZERO, Duration.ZERO), none, none);

        Decision decision = mesh.decide("orders", get("/"));

        assertThat(decision.perRequestNanos()).isZero();
        assertThat(decision.idleNanos()).isZero();
        assertThat(setting(mesh, "timeout.perRequest").value()).isEqualTo("none");
    }

    @Test
    void aLimitBeyondAllTimeIsNone() {
        Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
        Listener none = listener(8080, Protocol.HTTP, ages, ages);

        assertThat(mesh(new Timeouts(ages, ages), none, none)
                        .decide("orders", get("/"))
                        .perRequestNanos())
                .isZero();
    }

    @Test
    void aCallerWithoutListenersAndAnyCallerSetNoLimit() {
        Duration minute = Duration.ofMinutes(1);
        Listener raised = listener(8080, Protocol.HTTP, minute, null);
        Fixture mesh = mesh(new Timeouts(minute, null), null, raised);

        assertPerRequest(mesh, minute, "virtualRouter 'r' route 'all' timeout.perRequest");
        assertThat(mesh.decide(get("/")).perRequestNanos()).isEqualTo(minute.toNanos());
    }

    @Test
    void ofSeveralListenersOfTheCallerTheLongestLimitCounts() {
        Duration minute = Duration.ofMinutes(1);
        Listener raised = listener(8080, Protocol.HTTP, minute, null);
        Fixture mesh = mesh(new Timeouts(minute, null), null, raised)
                .add(VirtualNode.builder(Fixture.MESH, "orders")
                        .listeners(List.of(
                                listener(9090, Protocol.GRPC, Duration.ofSeconds(20), null),
                                listener(8081, Protocol.HTTP, Duration.ofSeconds(1), null),
                                listener(5432, Protocol.TCP, null, Duration.ofHours(9))))
                        .backends(List.of(new Backend(SERVICE, null)))
                        .build());

        assertPerRequest(mesh, Duration.ofSeconds(20), "virtualNode 'orders' listener 9090 timeout.perRequest");
        assertIdle(mesh, Duration.ofMinutes(5), "default");
    }

    @Test
    void aNodeAsProviderKeepsTheDefaultWhateverTheListenersSay() {
        Listener raised = listener(8080, Protocol.HTTP, Duration.ZERO, Duration.ZERO);
        Fixture mesh = mesh(null, raised, raised).service(SERVICE, new VirtualService.Provider.Node("n"));

        assertPerRequest(mesh, Duration.ofSeconds(15), "default");
        assertIdle(mesh, Duration.ofMinutes(5), "default");
    }

    @Test
    void theListenerOfANodeAsProviderCanShortenTheDefault() {
        Fixture mesh = mesh(null, PLAIN, listener(8080, Protocol.HTTP, Duration.ofMillis(1500), null))
                .service(SERVICE, new VirtualService.Provider.Node("n"));

        assertPerRequest(mesh, Duration.ofMillis(1500), "virtualNode 'n' listener 8080 timeout.perRequest");
        assertThat(setting(mesh, "timeout.perRequest").value()).isEqualTo("1500 ms");
    }

    @Test
    void tcpKnowsIdlenessOnly() {
        Fixture mesh = Fixture.withRouter(new PortMapping(5432, Protocol.TCP))
                .node("n", listener(5432, Protocol.TCP, null, Duration.ofSeconds(7)))
                .route("all", null, new Route.Tcp(null, List.of(new WeightedTarget("n", 1, null)), null));

        Decision decision = mesh.decide(to(SERVICE));

        assertThat(decision.perRequestNanos()).isZero();
        assertThat(decision.idleNanos()).isEqualTo(Duration.ofSeconds(7).toNanos());
        assertThat(mesh.explain(to(SERVICE)).settings())
                .extracting(Explanation.Setting::name)
                .containsExactly("timeout.idle");
    }

    @Test
    void targetsWithDifferentLimitsAreToldApart() {
        Fixture mesh = Fixture.withHttpRouter()
                .node("slow", listener(8080, Protocol.HTTP, Duration.ofSeconds(9), null))
                .node("fast", listener(8080, Protocol.HTTP, Duration.ofSeconds(3), null))
                .route(
                        "all",
                        null,
                        Fixture.http(
                                HttpMatch.ALL,
                                new WeightedTarget("slow", 1, null),
                                new WeightedTarget("fast", 1, null)));

        assertThat(mesh.explain(get("/")).settings())
                .contains(
                        new Explanation.Setting(
                                "timeout.perRequest towards slow",
                                "9 s",
                                "virtualNode 'slow' listener 8080 timeout.perRequest"),
                        new Explanation.Setting(
                                "timeout.perRequest towards fast",
                                "3 s",
                                "virtualNode 'fast' listener 8080 timeout.perRequest"));
    }

    @Test
    void theRetryPolicyComesFromTheRoute() {
        RetryPolicy policy = new RetryPolicy(
                1,
                Duration.ofMillis(250),
                Set.of(RetryPolicy.HttpEvent.GATEWAY_ERROR),
                Set.of(RetryPolicy.TcpEvent.CONNECTION_ERROR),
                Set.of());
        Fixture mesh = Fixture.withHttpRouter()
                .route(
                        "all",
                        null,
                        new Route.Http(
                                Protocol.HTTP, HttpMatch.ALL, List.of(new WeightedTarget("n", 1, null)), policy, null))
                .caller("orders", SERVICE);

        assertThat(mesh.decide("orders", get("/")).retryPolicy()).isSameAs(policy);
        assertThat(setting(mesh, "retryPolicy"))
                .isEqualTo(new Explanation.Setting(
                        "retryPolicy",
                        "1 retry on gateway-error, connection-error, each attempt at most 250 ms",
                        "virtualRouter 'r' route 'all'"));
        assertThat(setting(mesh(null, PLAIN, PLAIN), "retryPolicy").source()).isEqualTo("default");
    }

    private static Fixture mesh(@Nullable Timeouts route, @Nullable Listener caller, Listener callee) {
        return Fixture.withHttpRouter()
                .node("n", callee)
                .add(VirtualNode.builder(Fixture.MESH, "orders")
                        .listeners(caller == null ? List.of() : List.of(caller))
                        .backends(List.of(new Backend(SERVICE, null)))
                        .build())
                .route(
                        "all",
                        null,
                        new Route.Http(
                                Protocol.HTTP, HttpMatch.ALL, List.of(new WeightedTarget("n", 1, null)), null, route));
    }

    private static void assertPerRequest(Fixture mesh, Duration limit, String source) {
        assertThat(mesh.decide("orders", get("/")).perRequestNanos()).isEqualTo(limit.toNanos());
        assertThat(setting(mesh, "timeout.perRequest").source()).isEqualTo(source);
    }

    private static void assertIdle(Fixture mesh, Duration limit, String source) {
        assertThat(mesh.decide("orders", get("/")).idleNanos()).isEqualTo(limit.toNanos());
        assertThat(setting(mesh, "timeout.idle").source()).isEqualTo(source);
    }

    private static Explanation.Setting setting(Fixture mesh, String name) {
        return mesh.explain("orders", get("/")).settings().stream()
                .filter(setting -> setting.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
