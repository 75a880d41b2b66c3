package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshConfigException;
import io.intramesh.OfflineMesh;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.Backend;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.LoadBalancing;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class OfflineDecisionsTest {

    @Test
    void theOnlyMeshNeedsNoName() {
        Explanation explanation = offline(mesh("shop", "pay")).explain(to("pay").build());

        assertThat(explanation.targets()).singleElement().satisfies(target -> {
            assertThat(target.virtualNode()).isEqualTo("pay-node");
            assertThat(target.weight()).isEqualTo(100);
            assertThat(target.port()).isEqualTo(8080);
            assertThat(target.endpoints()).isEmpty();
        });
    }

    @Test
    void howEndpointsArePickedIsSaid() {
        List<Resource> resources = new ArrayList<>(mesh("shop", "pay"));
        assertThat(offline(resources).explain(to("pay").build()).settings())
                .contains(new Explanation.Setting("load balancing", "round-robin", "default"));

        resources.add(TrafficPolicy.builder(
                        ResourceId.of(Kind.TRAFFIC_POLICY, "shop", "near"),
                        new TargetRef(Kind.VIRTUAL_NODE, "pay-node", null))
                .loadBalancing(new LoadBalancing(new LoadBalancing.LeastRequest(), true, null))
                .build());

        assertThat(offline(resources).explain(to("pay").build()).settings())
                .contains(new Explanation.Setting(
                        "load balancing", "least-request, own zone first", "trafficPolicy 'near' loadBalancing"));
    }

    @Test
    void theOnlyMeshThatHoldsWhatIsAskedAboutNeedsNoName() {
        OfflineMesh offline = offline(mesh("one", "pay"), mesh("two", "cart"));

        assertThat(offline.explain(to("cart").build()).virtualService()).isEqualTo("cart");
        assertThat(offline.explain(to("Pay").build()).virtualService()).isEqualTo("pay");
        assertThat(offline.explain(to("cart").virtualNode("two-caller").build()).virtualService())
                .isEqualTo("cart");
        assertThat(offline.explain(to("any.host").virtualGateway("two-gateway").build())
                        .virtualService())
                .isEqualTo("cart");
    }

    @Test
    void theServiceDecidesAmongMeshesThatShareANode() {
        List<Resource> two = new ArrayList<>(mesh("two", "cart"));
        two.add(VirtualNode.builder("one", "two-caller").build());
        OfflineMesh offline = offline(mesh("one", "pay"), two);

        assertThat(offline.explain(to("cart").virtualNode("two-caller").build()).virtualService())
                .isEqualTo("cart");
    }

    @Test
    void anAmbiguousMeshIsAskedForByName() {
        OfflineMesh offline = offline(mesh("one", "pay"), mesh("two", "pay"));

        assertThatThrownBy(() -> offline.explain(to("pay").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("one, two");
        assertThat(offline.explain(to("pay").mesh("two").build()).virtualService())
                .isEqualTo("pay");
    }

    @Test
    void whatNoMeshHoldsIsAskedForWithAllMeshes() {
        assertThatThrownBy(() -> offline(mesh("one", "pay"), mesh("two", "cart"))
                        .explain(to("gone").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("none of the meshes")
                .hasMessageContaining("one, two");
    }

    @Test
    void anUnknownMeshNodeOrGatewayIsToldWithTheNearestNames() {
        OfflineMesh offline = offline(mesh("shop", "pay"));

        assertThatThrownBy(() -> offline.explain(to("pay").mesh("shpo").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("mesh 'shpo' is not there")
                .hasMessageContaining("shop");
        assertThatThrownBy(
                        () -> offline.explain(to("pay").virtualNode("pay-nod").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("virtualNode 'pay-nod' is not there; there are: pay-node, shop-caller");
        assertThatThrownBy(() -> offline.explain(to("pay").virtualGateway("gw").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("shop-gateway");
    }

    @Test
    void anEmptySetDecidesNothing() {
        assertThatThrownBy(() ->
                        OfflineMesh.of(ResourceSet.EMPTY).explain(to("pay").build()))
                .isInstanceOf(MeshConfigException.class)
                .hasMessageContaining("no resources");
    }

    @Test
    void aNamedCallerIsHeldToItsBackends() {
        OfflineMesh offline = offline(
                mesh("shop", "pay"),
                List.of(VirtualNode.builder("shop", "stranger").build()));

        assertThat(offline.explain(to("pay").virtualNode("shop-caller").build()).refusal())
                .isNull();
        assertThat(offline.explain(to("pay").virtualNode("stranger").build()).refusal())
                .isNotNull();
    }

    private static ExplainRequest.Builder to(String host) {
        return ExplainRequest.builder(host).method("GET").path("/");
    }

    private static OfflineMesh offline(List<Resource> resources) {
        return offline(resources, List.of());
    }

    private static OfflineMesh offline(List<Resource> resources, List<Resource> more) {
        List<Resource> all = new ArrayList<>(resources);
        all.addAll(more);
        return OfflineMesh.of(ResourceSet.of(all));
    }

    /** One service behind a node, one caller of it, and a gateway before it. */
    private static List<Resource> mesh(String mesh, String service) {
        Listener listener =
                Listener.builder(new PortMapping(8080, Protocol.HTTP)).build();
        return Stream.<Resource>of(
                        VirtualNode.builder(mesh, service + "-node")
                                .listeners(List.of(listener))
                                .build(),
                        new VirtualService(
                                ResourceId.of(Kind.VIRTUAL_SERVICE, mesh, service),
                                new VirtualService.Provider.Node(service + "-node")),
                        VirtualNode.builder(mesh, mesh + "-caller")
                                .backends(List.of(new Backend(service, null)))
                                .build(),
                        new VirtualGateway(
                                ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, mesh + "-gateway"),
                                List.of(listener),
                                null,
                                null),
                        new GatewayRoute(
                                ResourceId.gatewayRoute(mesh, mesh + "-gateway", "all"),
                                null,
                                new GatewayRoute.Http(
                                        Protocol.HTTP,
                                        HttpMatch.ALL,
                                        new GatewayRoute.Target(service, null),
                                        true,
                                        null)))
                .toList();
    }
}
