package io.intramesh.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LastGoodConfigTest {
    private static final VirtualNode V1 = VirtualNode.builder("shop", "v1").build();
    private static final VirtualNode V2 = VirtualNode.builder("shop", "v2").build();
    private static final VirtualRouter ROUTER =
            new VirtualRouter(ResourceId.of(Kind.VIRTUAL_ROUTER, "shop", "payments"), List.of());
    private static final ResourceId ROUTE = ResourceId.route("shop", "payments", "all");

    private final LastGoodConfig config = new LastGoodConfig();

    @Test
    void aRefusedResourceStaysAsItWas() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(refusing(ROUTE, V1, ROUTER), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v1"));
        assertThat(next.kept())
                .singleElement()
                .asString()
                .contains("route 'all'")
                .contains("refused");
    }

    @Test
    void theNeighboursOfARefusedResourceGoLive() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(refusing(ROUTE, V1, V2, ROUTER), null);

        assertThat(next.resources().get(V2.id())).isEqualTo(V2);
    }

    @Test
    void aRefusedResourceThatNeverWasGoodIsAbsent() {
        EffectiveConfig next = config.merge(refusing(ROUTE, V1, ROUTER), null);

        assertThat(next.resources().get(ROUTE)).isNull();
        assertThat(next.kept()).isEmpty();
    }

    @Test
    void whatAFileHeldStaysWhenTheFileCannotBeRead() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(unreadable("all.yaml", V1, ROUTER), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v1"));
    }

    @Test
    void whatAnUnreadableFileHeldStaysOverSeveralDeliveries() {
        deliver(read(V1, ROUTER, routeTo("v1")));
        deliver(unreadable("all.yaml", V1, ROUTER));

        EffectiveConfig next = config.merge(unreadable("all.yaml", V1, ROUTER), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v1"));
    }

    @Test
    void aDeletedResourceIsGone() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(read(V1, ROUTER), null);

        assertThat(next.resources().ids()).containsExactly(V1.id(), ROUTER.id());
    }

    @Test
    void aChangeThatPointsToNothingDoesNotReplaceWhatWorks() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(read(V1, ROUTER, routeTo("v9")), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v1"));
        assertThat(next.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.isError()).isTrue();
            assertThat(problem.toString()).startsWith("all.yaml:1:1 spec: ").contains("virtualNode 'v9'");
        });
    }

    @Test
    void theChangeGoesLiveOnceWhatItPointsToIsThere() {
        deliver(read(V1, ROUTER, routeTo("v1")));
        deliver(read(V1, ROUTER, routeTo("v2")));

        EffectiveConfig next = config.merge(read(V1, V2, ROUTER, routeTo("v2")), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v2"));
    }

    @Test
    void aNewResourceMayPointToWhatIsStillToCome() {
        EffectiveConfig next = config.merge(read(V1, ROUTER, routeTo("v9")), null);

        assertThat(next.resources().get(ROUTE)).isEqualTo(routeTo("v9"));
    }

    @Test
    void anUnchangedRouteStaysWhenItsNodeIsDeleted() {
        deliver(read(V1, ROUTER, routeTo("v1")));

        EffectiveConfig next = config.merge(read(ROUTER, routeTo("v1")), null);

        assertThat(next.resources().ids()).containsExactly(ROUTER.id(), ROUTE);
        assertThat(next.problems()).isEmpty();
    }

    @Test
    void aServiceThatLosesItsRouterStaysWithTheOldOne() {
        ResourceId id = ResourceId.of(Kind.VIRTUAL_SERVICE, "shop", "payments.local");
        VirtualService good = new VirtualService(id, new VirtualService.Provider.Router("payments"));
        deliver(read(ROUTER, good));

        EffectiveConfig next =
                config.merge(read(ROUTER, new VirtualService(id, new VirtualService.Provider.Router("paymnts"))), null);

        assertThat(next.resources().get(id)).isEqualTo(good);
    }

    @Test
    void aServiceDoesNotForgetWhoItIs() {
        deliver(read(V1, ROUTER));

        EffectiveConfig next = config.merge(read(ROUTER), V1.id());

        assertThat(next.resources().get(V1.id())).isEqualTo(V1);
        assertThat(next.problems()).singleElement().asString().contains("is gone from the registry");
    }

    private void deliver(ReadResult read) {
        config.accept(config.merge(read, null), read);
    }

    private static Route routeTo(String node) {
        return new Route(
                ROUTE,
                null,
                new Route.Http(Protocol.HTTP, HttpMatch.ALL, List.of(new WeightedTarget(node, 1, null)), null, null));
    }

    private static ReadResult read(Resource... resources) {
        return result(Set.of(), Set.of(), resources);
    }

    private static ReadResult refusing(ResourceId refused, Resource... resources) {
        return result(Set.of(refused), Set.of(), resources);
    }

    private static ReadResult unreadable(String file, Resource... resources) {
        return result(Set.of(), Set.of(file), resources);
    }

    private static ReadResult result(Set<ResourceId> refused, Set<String> unreadable, Resource... resources) {
        Map<ResourceId, Origin> origins = new HashMap<>();
        for (Resource resource : resources) {
            origins.put(resource.id(), new Origin("all.yaml", 1, 1));
        }
        List<Problem> problems = List.of();
        return new ReadResult(ResourceSet.of(List.of(resources)), origins, problems, refused, unreadable, List.of());
    }
}
