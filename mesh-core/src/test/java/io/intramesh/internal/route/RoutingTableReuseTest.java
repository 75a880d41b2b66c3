package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.http;
import static io.intramesh.internal.route.Fixture.prefix;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.HttpMatch;
import io.intramesh.model.Listener;
import io.intramesh.model.Protocol;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What did not change is not compiled again; what did takes effect. */
final class RoutingTableReuseTest {

    @Test
    void anUnchangedRouterIsKept() {
        Fixture mesh = mesh(90, 10);
        RoutingTable before = mesh.table();

        RoutingTable after = mesh.node("unrelated").table(before);

        assertThat(router(after)).isSameAs(router(before));
    }

    @Test
    void aMovedWeightCompilesNoMatchAgainAndTakesEffect() {
        Fixture mesh = mesh(100, 0);
        RoutingTable before = mesh.table();

        RoutingTable after = mesh.route("all", null, split(0, 100)).table(before);

        assertThat(router(after)).isNotSameAs(router(before));
        assertThat(router(after).sharesMatchingWith(router(before))).isTrue();
        assertThat(node(before)).isEqualTo("v1");
        assertThat(node(after)).isEqualTo("v2");
    }

    @Test
    void aChangedMatchIsCompiledAndTakesEffect() {
        Fixture mesh = mesh(1, 1).route("narrow", prefix("/a"));
        RoutingTable before = mesh.table();

        RoutingTable after = mesh.route("narrow", prefix("/b")).table(before);

        assertThat(router(after).sharesMatchingWith(router(before))).isFalse();
        assertThat(route(before, "/b")).isEqualTo("all");
        assertThat(route(after, "/b")).isEqualTo("narrow");
    }

    @Test
    void aChangedPriorityTakesEffect() {
        Fixture mesh = Fixture.withHttpRouter().route("one", 1, prefix("/")).route("two", 2, prefix("/"));
        RoutingTable before = mesh.table();

        RoutingTable after = mesh.route("two", 0, prefix("/")).table(before);

        assertThat(route(before, "/")).isEqualTo("one");
        assertThat(route(after, "/")).isEqualTo("two");
    }

    @Test
    void aChangedListenerOfATargetTakesEffect() {
        Fixture mesh = mesh(1, 0).node("v1", Fixture.listener(8080, Protocol.HTTP));
        RoutingTable before = mesh.table();

        Listener changed = Fixture.listener(8080, Protocol.HTTP, Duration.ofSeconds(1), null);
        RoutingTable after = mesh.node("v1", changed).table(before);

        assertThat(decide(after, "/").target().listener()).isEqualTo(changed);
        assertThat(decide(after, "/").perRequestNanos())
                .isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aNewBindingTakesEffectThoughNoResourceChanged() {
        Fixture mesh = mesh(1, 0);
        RoutingTable before = mesh.table();
        Object fresh = new Object();

        RoutingTable after = RoutingTable.compile(mesh.resources(), Fixture.MESH, (node, listener) -> fresh, before);

        assertThat(decide(after, "/").target().binding()).isSameAs(fresh);
        assertThat(router(after).sharesMatchingWith(router(before))).isTrue();
    }

    @Test
    void aTableOfAnotherMeshIsNoPredecessor() {
        Fixture mesh = mesh(1, 1);
        RoutingTable other = RoutingTable.compile(mesh.resources(), "other", (node, listener) -> node, null);

        assertThat(route(mesh.table(other), "/")).isEqualTo("all");
        assertThat(other.router(Fixture.ROUTER)).isNull();
    }

    @Test
    void theBinderIsAskedOncePerNodeAndListener() {
        Fixture mesh = mesh(1, 1)
                .route("again", null, split(1, 1))
                .route("port", null, http(HttpMatch.ALL, new WeightedTarget("v1", 1, 9090)))
                .node("v1", Fixture.listener(8080, Protocol.HTTP), Fixture.listener(9090, Protocol.HTTP));
        List<String> asked = new ArrayList<>();

        RoutingTable.compile(
                mesh.resources(),
                Fixture.MESH,
                (node, listener) -> {
                    asked.add(node + " " + (listener == null ? "none" : listener.port()));
                    return node;
                },
                null);

        assertThat(asked).containsExactlyInAnyOrder("v1 8080", "v1 9090", "v2 none");
    }

    private static Fixture mesh(int first, int second) {
        return Fixture.withHttpRouter().route("all", null, split(first, second));
    }

    private static io.intramesh.model.Route.Http split(int first, int second) {
        return http(HttpMatch.ALL, new WeightedTarget("v1", first, null), new WeightedTarget("v2", second, null));
    }

    private static CompiledRouter router(RoutingTable table) {
        return Objects.requireNonNull(table.router(Fixture.ROUTER));
    }

    private static String node(RoutingTable table) {
        return decide(table, "/").target().virtualNode();
    }

    private static String route(RoutingTable table, String path) {
        return Objects.requireNonNull(decide(table, path).route());
    }

    private static Decision decide(RoutingTable table, String path) {
        return table.decide(get(path).build(), Objects.requireNonNull(table.caller(null)), new SplittableRandom(1));
    }
}
