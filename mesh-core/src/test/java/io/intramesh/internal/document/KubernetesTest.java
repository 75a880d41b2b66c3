package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Backend;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Kubernetes manifests of {@code v1beta2}, and what is common to both versions. */
final class KubernetesTest {
    private static final String MESH = object("Mesh", "name: m", "{ namespaceSelector: { matchLabels: { mesh: m } } }");
    private static final String NAMESPACE = namespace("shop", "mesh: m");
    private static final String ROUTER = "listeners: [ { portMapping: { port: 80, protocol: http } } ]";

    private static String object(String kind, String metadata, String spec) {
        return "apiVersion: appmesh.k8s.aws/v1beta2\nkind: " + kind + "\nmetadata: { " + metadata + " }\nspec: " + spec
                + "\n---\n";
    }

    private static String inShop(String kind, String name, String spec) {
        return object(kind, "name: " + name + ", namespace: shop", spec);
    }

    private static String namespace(String name, String labels) {
        return "apiVersion: v1\nkind: Namespace\nmetadata: { name: " + name + ", labels: { " + labels + " } }\n---\n";
    }

    private static String route(String name, String targets) {
        return "{ name: " + name + ", httpRoute: { match: { prefix: / }, action: { weightedTargets: [ " + targets
                + " ] } } }";
    }

    private static String gatewayRoute(String target) {
        return "httpRoute: { match: { prefix: / }, action: { target: { virtualService: { " + target + " } } } }";
    }

    private static ReadResult read(String... documents) {
        return Read.files("a.yaml", String.join("", documents));
    }

    private static ResourceId id(Kind kind, String name) {
        return ResourceId.of(kind, "m", name);
    }

    private static <R extends Resource> R get(ReadResult result, ResourceId id, Class<R> type) {
        assertThat(result.resources().get(id))
                .as("%s of %s", id, result.problems())
                .isNotNull();
        return type.cast(Objects.requireNonNull(result.resources().get(id)));
    }

    private static List<String> backends(ReadResult result, String node) {
        return get(result, id(Kind.VIRTUAL_NODE, node), VirtualNode.class).backends().stream()
                .map(Backend::virtualServiceName)
                .toList();
    }

    // Names.

    @Test
    void namesAreThoseThatTheControllerGaveByDefault() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualNode", "n", "{}"),
                inShop("VirtualService", "s", "{}"),
                inShop("VirtualRouter", "r", "{ " + ROUTER + ", routes: [] }"),
                inShop(
                        "VirtualGateway",
                        "g",
                        "{ namespaceSelector: {}, listeners: [ { portMapping: { port: 80, protocol: http } } ] }"),
                inShop("GatewayRoute", "gr", "{ " + gatewayRoute("virtualServiceRef: { name: s }") + " }"));

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(
                        ResourceId.mesh("m"),
                        id(Kind.VIRTUAL_NODE, "n_shop"),
                        id(Kind.VIRTUAL_SERVICE, "s.shop"),
                        id(Kind.VIRTUAL_ROUTER, "r_shop"),
                        id(Kind.VIRTUAL_GATEWAY, "g_shop"),
                        new ResourceId(Kind.GATEWAY_ROUTE, "m", "g_shop", "gr_shop"));
        assertThat(get(result, new ResourceId(Kind.GATEWAY_ROUTE, "m", "g_shop", "gr_shop"), GatewayRoute.class)
                        .spec()
                        .target()
                        .virtualServiceName())
                .isEqualTo("s.shop");
    }

    @Test
    void aNamespaceThatIsNotWrittenIsDefault() {
        ReadResult result = read(
                object("Mesh", "name: m", "{ namespaceSelector: {} }"),
                object("VirtualNode", "name: n", "{}"),
                object("VirtualNode", "name: o, namespace: ", "{}"),
                object("VirtualNode", "name: p, namespace: ''", "{}"));

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids())
                .contains(
                        id(Kind.VIRTUAL_NODE, "n_default"),
                        id(Kind.VIRTUAL_NODE, "o_default"),
                        id(Kind.VIRTUAL_NODE, "p_default"));
    }

    @Test
    void awsNamesNameTheResourceAndWhoeverRefersToIt() {
        ReadResult result = Read.files(
                "a.yaml",
                        NAMESPACE
                                + MESH
                                + inShop(
                                        "VirtualService",
                                        "s",
                                        "{ awsName: cart.local,"
                                                + " provider: { virtualRouter: { virtualRouterRef: { name: r } } } }"),
                "b.yaml",
                        inShop(
                                "VirtualRouter",
                                "r",
                                "{ awsName: cart, " + ROUTER + ", routes: [ "
                                        + route("all", "{ virtualNodeRef: { name: n }, weight: 1 }") + " ] }"),
                "c.yaml",
                        inShop(
                                "VirtualNode",
                                "n",
                                "{ awsName: '' , backends: [ { virtualService: { virtualServiceRef:"
                                        + " { name: s } } } ] }"));

        assertThat(result.problems()).isEmpty();
        assertThat(get(result, id(Kind.VIRTUAL_SERVICE, "cart.local"), VirtualService.class)
                        .provider())
                .isEqualTo(new VirtualService.Provider.Router("cart"));
        assertThat(get(result, ResourceId.route("m", "cart", "all"), Route.class)
                        .spec()
                        .weightedTargets())
                .containsExactly(new WeightedTarget("n_shop", 1, null));
        assertThat(backends(result, "n_shop")).containsExactly("cart.local");
    }

    @Test
    void aReferenceToAnotherNamespaceGetsThatNamespacesName() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop(
                        "VirtualNode",
                        "n",
                        "{ backends: [ { virtualService: { virtualServiceRef: { name: s,"
                                + " namespace: other } } } ] }"));

        assertThat(backends(result, "n_shop")).containsExactly("s.other");
    }

    @Test
    void arnsAreTakenApart() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop(
                        "VirtualNode",
                        "n",
                        "{ backends: [ { virtualService: { virtualServiceARN:"
                                + " 'arn:aws:appmesh:us-west-2:111122223333:mesh/m/virtualService/s.local' } }, { virtualService: {"
                                + " virtualServiceARN: 'arn:aws-cn:appmesh:cn-north-1:1:mesh/m@444455556666/virtualService/t' } } ] }"));

        assertThat(result.problems()).isEmpty();
        assertThat(backends(result, "n_shop")).containsExactly("s.local", "t");
    }

    @Test
    void arnsOfAnotherKindOrServiceAreRefusedAndOtherMeshesNoted() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop(
                        "VirtualService",
                        "s",
                        "{ provider: { virtualNode: { virtualNodeARN:"
                                + " 'arn:aws:appmesh:r:1:mesh/m/virtualRouter/x' } } }"),
                inShop(
                        "VirtualService",
                        "t",
                        "{ provider: { virtualNode: { virtualNodeARN:"
                                + " 'arn:aws:appmesh:r:1:mesh/other/virtualNode/x' } } }"),
                inShop("VirtualService", "u", "{ provider: { virtualNode: { virtualNodeARN: x } } }"));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains(
                        "spec.provider.virtualNode.virtualNodeARN: 'arn:aws:appmesh:r:1:mesh/m/virtualRouter/x' (expected:"
                                + " arn:aws:appmesh:REGION:ACCOUNT:mesh/MESH/virtualNode/NAME)");
        assertThat(Read.notes(result))
                .anyMatch(note -> note.contains("virtualNodeARN: names mesh 'other', while this stands in mesh 'm'"))
                .anyMatch(note -> note.contains("virtualNodeARN: 'x' is no ARN; taken as the name"));
    }

    @Test
    void aReferenceIsOneOfTwo() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualService", "s", "{ provider: { virtualNode: {} } }"),
                inShop(
                        "VirtualService",
                        "t",
                        "{ provider: { virtualNode: { virtualNodeRef: { name: x },"
                                + " virtualNodeARN: 'arn:aws:appmesh:r:1:mesh/m/virtualNode/x' } } }"),
                inShop("VirtualService", "u", "{ provider: { virtualNode: { virtualNodeName: x } } }"));

        assertThat(Read.errors(result)).hasSize(3);
        assertThat(Read.errors(result).get(0))
                .endsWith("none of virtualNodeRef and virtualNodeARN stands here (expected: exactly one); add it");
        assertThat(Read.errors(result).get(1)).contains("virtualNodeARN: together with virtualNodeRef");
        assertThat(Read.errors(result).get(2))
                .endsWith("unknown member 'virtualNodeName'; did you mean 'virtualNodeRef'?");
    }

    // Meshes.

    @Test
    void theMeshIsTheOneWhoseSelectorMatchesTheNamespace() {
        ReadResult result = Read.files(
                "z.yaml",
                namespace("a", "mesh: one, tier: web") + namespace("b", "mesh: two"),
                "m.yaml",
                object(
                                "Mesh",
                                "name: one",
                                "{ awsName: first, namespaceSelector: { matchLabels: { mesh: one }, matchExpressions: [ {"
                                        + " key: tier, operator: In, values: [ web, app ] }, { key: mesh, operator: NotIn,"
                                        + " values: [ two ] }, { key: tier, operator: Exists }, { key: gone, operator:"
                                        + " DoesNotExist } ] } }")
                        + object("Mesh", "name: two", "{ namespaceSelector: { matchLabels: { mesh: two } } }")
                        + object("Mesh", "name: three", "{}"),
                "n.yaml",
                object("VirtualNode", "name: n, namespace: a", "{}")
                        + object("VirtualNode", "name: n, namespace: b", "{}"));

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids())
                .contains(
                        ResourceId.of(Kind.VIRTUAL_NODE, "first", "n_a"),
                        ResourceId.of(Kind.VIRTUAL_NODE, "two", "n_b"));
    }

    @Test
    void meshRefNamesTheMeshWhateverTheSelectorsSay() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                object("Mesh", "name: other", "{ awsName: else }"),
                inShop("VirtualNode", "n", "{ meshRef: { name: other, uid: 1-2-3 } }"),
                inShop("VirtualNode", "o", "{ meshRef: { name: elsewhere } }"));

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids())
                .contains(
                        ResourceId.of(Kind.VIRTUAL_NODE, "else", "n_shop"),
                        ResourceId.of(Kind.VIRTUAL_NODE, "elsewhere", "o_shop"));
    }

    @Test
    void severalMeshesThatSelectANamespaceAreAnError() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                object("Mesh", "name: all", "{ namespaceSelector: {} }"),
                inShop("VirtualNode", "n", "{}"));

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:17:33 metadata.namespace: meshes 'm' and 'all' select namespace 'shop' (expected:"
                                + " one); narrow their namespaceSelectors, or write spec.meshRef");
        assertThat(result.refused()).containsExactly(id(Kind.VIRTUAL_NODE, "n_shop"));
    }

    @Test
    void aNamespaceThatNoMeshSelectsIsAnErrorForEachOfItsResources() {
        ReadResult result = read(
                namespace("shop", "mesh: n"),
                MESH,
                inShop("VirtualNode", "n", "{}"),
                inShop("VirtualService", "s", "{}"));

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:12:33 metadata.namespace: no mesh selects namespace 'shop' (its labels: mesh=n); mesh 'm'"
                                + " asks for mesh=m, or write spec.meshRef",
                        "a.yaml:17:33 metadata.namespace: no mesh selects namespace 'shop' (its labels: mesh=n); mesh 'm'"
                                + " asks for mesh=m, or write spec.meshRef");
        assertThat(Read.notes(result)).isEmpty();
    }

    @Test
    void aLabelThatTheNamespaceDoesNotSayMayHaveComeByKubectl() {
        ReadResult result = read(namespace("shop", "team: a"), MESH, inShop("VirtualNode", "n", "{}"));

        assertThat(Read.notes(result))
                .containsExactly(
                        "a.yaml:12:33 metadata.namespace: namespace 'shop' does not say the label that mesh 'm'"
                                + " asks for (mesh=m); took that mesh; add the label to the Namespace");
        assertThat(result.resources().ids()).contains(id(Kind.VIRTUAL_NODE, "n_shop"));
    }

    @Test
    void anAbsentSelectorSelectsNothing() {
        ReadResult result = read(NAMESPACE, object("Mesh", "name: m", "{}"), inShop("VirtualNode", "n", "{}"));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .endsWith("give mesh 'm' a namespaceSelector ({} selects all), or write spec.meshRef");
    }

    @Test
    void withoutTheNamespaceTheOnlyMeshIsTakenWithOneNote() {
        ReadResult result = read(MESH, inShop("VirtualNode", "n", "{}"), inShop("VirtualNode", "o", "{}"));

        assertThat(Read.notes(result))
                .containsExactly(
                        "a.yaml:8:33 metadata.namespace: namespace 'shop' is in no file; took mesh 'm' (the only"
                                + " one here); add the Namespace with its labels");
        assertThat(result.resources().ids()).contains(id(Kind.VIRTUAL_NODE, "n_shop"), id(Kind.VIRTUAL_NODE, "o_shop"));
    }

    @Test
    void aSelectorThatAsksForNothingElseNeedsNoNamespace() {
        String byName = "{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: shop } } }";

        assertThat(read(object("Mesh", "name: m", "{ namespaceSelector: {} }"), inShop("VirtualNode", "n", "{}"))
                        .problems())
                .isEmpty();
        assertThat(read(object("Mesh", "name: m", byName), inShop("VirtualNode", "n", "{}"))
                        .problems())
                .isEmpty();
    }

    @Test
    void ofSeveralMeshesTheOnlyOneThatMaySelectIsTaken() {
        ReadResult result = read(MESH, object("Mesh", "name: none", "{}"), inShop("VirtualNode", "n", "{}"));

        assertThat(Read.notes(result)).singleElement().asString().contains("(the only one that may select it)");
        assertThat(result.resources().ids()).contains(id(Kind.VIRTUAL_NODE, "n_shop"));
    }

    @Test
    void withoutAnyMeshTheOthersDecide() {
        ReadResult alone = read(inShop("VirtualNode", "n", "{}"));
        ReadResult beside = Read.files(
                "a.yaml",
                inShop("VirtualNode", "n", "{}"),
                "b.yaml",
                "{ apiVersion: intramesh.io/v1, kind: Mesh, metadata: { name: native }, spec: {} }");

        assertThat(Read.notes(alone))
                .containsExactly(
                        "a.yaml:1:1 meshRef: missing; took 'default' (since nothing here names a single one); add"
                                + " \"meshRef\"");
        assertThat(beside.resources().ids()).contains(ResourceId.of(Kind.VIRTUAL_NODE, "native", "n_shop"));
    }

    @Test
    void labelsOfOneNamespaceInSeveralFilesAddUp() {
        ReadResult result = Read.files(
                "a.yaml", NAMESPACE + MESH,
                "b.yaml", namespace("shop", "team: x") + inShop("VirtualNode", "n", "{}"));

        assertThat(result.problems()).isEmpty();
    }

    @Test
    void aMeshSaysWhatTheApiSays() {
        ReadResult result = read(object(
                "Mesh",
                "name: m",
                "{ egressFilter: { type: ALLOW_ALL }, meshOwner: 111122223333, meshServiceDiscovery: { ipPreference:"
                        + " IPv6_PREFERRED } }"));

        assertThat(get(result, ResourceId.mesh("m"), MeshResource.class))
                .isEqualTo(new MeshResource(ResourceId.mesh("m"), EgressFilter.ALLOW_ALL, IpPreference.IPV6_PREFERRED));
        assertThat(Read.errors(read(object("Mesh", "name: m", "{ meshServiceDiscovery: { ipPreference: x } }"))))
                .singleElement()
                .asString()
                .contains("spec.meshServiceDiscovery.ipPreference: 'x'");
    }

    // Gateways.

    private static String gateway(String name, String selectors) {
        return inShop(
                "VirtualGateway",
                name,
                "{ " + selectors + "listeners: [ { portMapping: { port: 80, protocol: http } } ] }");
    }

    @Test
    void aGatewayRouteAttachesToTheGatewayWhoseSelectorsMatch() {
        String route = "{ " + gatewayRoute("virtualServiceRef: { name: s }") + " }";

        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualService", "s", "{}"),
                gateway("one", "namespaceSelector: {}, gatewayRouteSelector: { matchLabels: { gw: one } }, "),
                gateway(
                        "two",
                        "awsName: second, namespaceSelector: { matchLabels: { mesh: m } }, gatewayRouteSelector: {"
                                + " matchExpressions: [ { key: gw, operator: NotIn, values: [ one ] } ] }, "),
                gateway("three", ""),
                object("GatewayRoute", "name: a, namespace: shop, labels: { gw: one }", route),
                object("GatewayRoute", "name: b, namespace: shop", route),
                inShop(
                        "GatewayRoute",
                        "c",
                        "{ virtualGatewayRef: { name: three, uid: x }, "
                                + gatewayRoute("virtualServiceRef: { name: s }") + " }"));

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids())
                .contains(
                        new ResourceId(Kind.GATEWAY_ROUTE, "m", "one_shop", "a_shop"),
                        new ResourceId(Kind.GATEWAY_ROUTE, "m", "second", "b_shop"),
                        new ResourceId(Kind.GATEWAY_ROUTE, "m", "three_shop", "c_shop"));
    }

    @Test
    void aGatewayRouteThatNoneOrSeveralGatewaysSelectIsAnError() {
        String route = inShop("GatewayRoute", "a", "{ " + gatewayRoute("virtualServiceRef: { name: s }") + " }");

        ReadResult none = read(NAMESPACE, MESH, gateway("g", ""), route);
        ReadResult several = read(
                NAMESPACE,
                MESH,
                gateway("g", "namespaceSelector: {}, "),
                gateway("h", "namespaceSelector: {}, "),
                route);

        assertThat(Read.errors(none))
                .containsExactly(
                        "a.yaml:15:1: no virtual gateway selects this route (here: 'shop/g'); give the route and"
                                + " namespace 'shop' the labels that one of them asks for, or write spec.virtualGatewayRef");
        assertThat(Read.errors(several))
                .containsExactly(
                        "a.yaml:20:1: virtual gateways 'shop/g' and 'shop/h' select this route (expected: one);"
                                + " narrow their selectors, or write spec.virtualGatewayRef");
    }

    @Test
    void withoutTheNamespaceTheOnlyGatewayIsTakenAndWithoutAGatewayTheRouteLoads() {
        String route = inShop("GatewayRoute", "a", "{ " + gatewayRoute("virtualServiceRef: { name: s }") + " }");

        ReadResult guessed = read(MESH, gateway("g", "namespaceSelector: { matchLabels: { x: y } }, "), route);
        ReadResult selectless = read(MESH, gateway("g", ""), route);
        ReadResult refusing = read(MESH, gateway("g", "gatewayRouteSelector: { matchLabels: { x: y } }, "), route);
        ReadResult alone = read(route);

        assertThat(guessed.resources().ids()).contains(new ResourceId(Kind.GATEWAY_ROUTE, "m", "g_shop", "a_shop"));
        assertThat(Read.notes(guessed)).anyMatch(note -> note.contains("took virtualGateway 'g_shop'"));
        assertThat(selectless.resources().ids()).contains(new ResourceId(Kind.GATEWAY_ROUTE, "m", "g_shop", "a_shop"));
        assertThat(Read.notes(selectless)).anyMatch(note -> note.contains("took virtualGateway 'g_shop'"));
        assertThat(Read.errors(refusing)).singleElement().asString().contains("no virtual gateway selects this route");
        assertThat(alone.resources().size()).isEqualTo(1);
        assertThat(Read.notes(alone)).anyMatch(note -> note.contains("add virtualGatewayRef, meshRef"));
    }

    // Backend groups.

    @Test
    void backendGroupsAddBackendsAndOneNamedTwiceCountsOnce() {
        ReadResult result = Read.files(
                "a.yaml",
                NAMESPACE
                        + MESH
                        + inShop(
                                "VirtualNode",
                                "n",
                                "{ backends: [ { virtualService: { virtualServiceRef: { name: s },"
                                        + " clientPolicy: {} } } ], backendGroups: [ { name: g }, { name: gone }, { name: g,"
                                        + " namespace: far } ] }")
                        + inShop("VirtualNode", "all", "{ backendGroups: [ { name: '*' } ] }"),
                "b.yaml",
                inShop("BackendGroup", "g", "{ virtualservices: [ { name: s }, { name: t, namespace: other } ] }")
                        + inShop("VirtualService", "s", "{ awsName: s.local }")
                        + inShop("VirtualService", "u", "{}"));

        assertThat(backends(result, "n_shop")).containsExactly("s.local", "t.other");
        assertThat(get(result, id(Kind.VIRTUAL_NODE, "n_shop"), VirtualNode.class)
                        .backends()
                        .get(0)
                        .clientPolicy())
                .isNotNull();
        assertThat(backends(result, "all_shop")).containsExactly("s.local", "u.shop");
        assertThat(Read.errors(result)).isEmpty();
        assertThat(Read.notes(result))
                .hasSize(2)
                .anyMatch(note -> note.contains("spec.backendGroups[1]: backendGroup 'gone' is not here"))
                .anyMatch(note ->
                        note.contains("spec.backendGroups[2]: backendGroup 'g' of namespace 'far' is not here"));
    }

    @Test
    void aBackendGroupIsNoResourceAndIsChecked() {
        ReadResult result = read(inShop("BackendGroup", "g", "{ virtualServices: [ { name: s } ] }"));

        assertThat(result.resources().size()).isZero();
        assertThat(Read.errors(result))
                .containsExactly("a.yaml:4:9 spec.virtualServices: unknown member 'virtualServices'; did you mean"
                        + " 'virtualservices'?");
    }

    // Routes.

    @Test
    void aBrokenRouteHarmsNeitherItsRouterNorItsNeighbours() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualNode", "n", "{}"),
                inShop(
                        "VirtualRouter",
                        "r",
                        "{ " + ROUTER + ", routes: [ " + route("a", "{ virtualNodeRef: { name: n }, weight: 1 }") + ", "
                                + route("b", "{ virtualNodeRef: { name: n }, weight: 101 }") + ", "
                                + "{ name: c, tcpRout: {} }, 5, { priority: 1 } ] }"));

        assertThat(result.resources().ids())
                .contains(id(Kind.VIRTUAL_ROUTER, "r_shop"), ResourceId.route("m", "r_shop", "a"));
        assertThat(result.refused())
                .containsExactlyInAnyOrder(ResourceId.route("m", "r_shop", "b"), ResourceId.route("m", "r_shop", "c"));
        assertThat(Read.errors(result)).hasSize(4);
        assertThat(Read.errors(result).get(0))
                .contains(
                        "a.yaml:18:",
                        "spec.routes[1].httpRoute.action.weightedTargets[0].weight: 101 (expected: 0 to 100)");
        assertThat(Read.errors(result).get(1))
                .endsWith("spec.routes[2].tcpRout: unknown member 'tcpRout'; did you mean 'tcpRoute'?");
        assertThat(Read.errors(result).get(2)).endsWith("spec.routes[3]: the number 5 (expected: a mapping)");
        assertThat(Read.errors(result).get(3)).contains("spec.routes[4].name: missing");
    }

    @Test
    void aBrokenRouterLeavesItsRoutes() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualNode", "n", "{}"),
                inShop(
                        "VirtualRouter",
                        "r",
                        "{ listeners: 5, routes: [ " + route("a", "{ virtualNodeRef: { name: n }, weight: 1 }")
                                + " ] }"));

        assertThat(result.refused()).containsExactly(id(Kind.VIRTUAL_ROUTER, "r_shop"));
        assertThat(result.resources().ids()).contains(ResourceId.route("m", "r_shop", "a"));
    }

    @Test
    void twoRoutesOfOneNameAreRefused() {
        String target = "{ virtualNodeRef: { name: n }, weight: 1 }";

        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop("VirtualNode", "n", "{}"),
                inShop(
                        "VirtualRouter",
                        "r",
                        "{ " + ROUTER + ", routes: [ " + route("a", target) + ", " + route("a", target) + ", "
                                + route("b", target) + " ] }"));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains("spec.routes[1].name: two routes of this router are called 'a'; rename one");
        assertThat(result.resources().routes("m", "r_shop"))
                .extracting(Route::name)
                .containsExactly("b");
    }

    @Test
    void aRouterMarkedRoutesOnlyGivesItsRoutesAlone() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                object(
                        "VirtualRouter",
                        "name: r, namespace: shop, annotations: { intramesh.io/routes-only: \"true\" }",
                        "{ awsName: far, meshRef: { name: m }, routes: [ "
                                + route("a", "{ virtualNodeRef: { name: n }, weight: 1 }") + " ] }"));

        assertThat(Read.errors(result)).isEmpty();
        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(ResourceId.mesh("m"), ResourceId.route("m", "far", "a"));
    }

    @Test
    void aDanglingReferenceIsNotedUnderItsOwnName() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop(
                        "VirtualRouter",
                        "r",
                        "{ " + ROUTER + ", routes: [ " + route("a", "{ virtualNodeRef: { name: gone }, weight: 1 }")
                                + " ] }"));

        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .startsWith("a.yaml:13:")
                .endsWith(
                        "spec.routes[0].httpRoute.action.weightedTargets[0].virtualNodeRef: virtualNode 'gone_shop' is not"
                                + " here; it may live elsewhere, else check the name");
    }

    // What manifests hold beside.

    @Test
    void whatTheClusterAddsIsPassedOver() {
        ReadResult result = read("""
                apiVersion: appmesh.k8s.aws/v1beta2
                kind: VirtualNode
                metadata:
                  annotations: { kubectl.kubernetes.io/last-applied-configuration: "{}", broken: "${NOBODY}" }
                  creationTimestamp: "2021-01-01T00:00:00Z"
                  finalizers: [ finalizers.appmesh.k8s.aws/aws-appmesh-resources ]
                  generation: 2
                  labels: { a: b }
                  managedFields: [ { manager: kubectl } ]
                  name: n
                  namespace: shop
                  ownerReferences: []
                  resourceVersion: "1"
                  uid: x
                spec:
                  awsName: n
                  backends: null
                  logging: ~
                  meshRef: { name: m, uid: y }
                  podSelector: { matchLabels: { app: n } }
                status: { conditions: [ { type: VirtualNodeActive, status: "True" } ], observedGeneration: 1 }
                """);

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids()).containsExactly(id(Kind.VIRTUAL_NODE, "n"));
    }

    @Test
    void otherObjectsOfAFileArePassedOverAndFilesOfNothingElseSkipped() {
        String deployment =
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\nspec: { x: '{{ .Values.a }}' }\n";
        String list = "apiVersion: v1\nkind: List\nitems: [ { apiVersion: v1, kind: Pod } ]\n";

        ReadResult result = Read.files(
                "a.yaml", deployment + "---\n" + NAMESPACE + MESH + deployment, "b.yaml", deployment, "c.yaml", list);

        assertThat(result.problems()).isEmpty();
        assertThat(result.resources().ids()).containsExactly(ResourceId.mesh("m"));
        assertThat(result.skipped()).containsExactly("b.yaml", "c.yaml");
    }

    @Test
    void listsAreReadItemByItem() {
        ReadResult result = Read.files("list.json", """
                {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
                  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"mesh": "m"}}},
                  {"apiVersion": "v1", "kind": "Pod"},
                  {"apiVersion": "appmesh.k8s.aws/v1beta2", "kind": "VirtualNode",
                   "metadata": {"name": "n", "namespace": "shop"}, "spec": {"listeners": 5}},
                  {"apiVersion": "appmesh.k8s.aws/v1beta2", "kind": "VirtualNode",
                   "metadata": {"name": "o", "namespace": "shop"}, "spec": {}, "spec": {}},
                  7,
                  {"apiVersion": "appmesh.k8s.aws/v1beta2", "kind": "Mesh", "metadata": {"name": "m"},
                   "spec": {"namespaceSelector": {}}}
                ]}
                """, "typed.yaml", """
                apiVersion: appmesh.k8s.aws/v1beta2
                kind: VirtualNodeList
                items:
                  - metadata: { name: p, namespace: shop }
                    spec: {}
                """);

        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(ResourceId.mesh("m"), id(Kind.VIRTUAL_NODE, "p_shop"));
        assertThat(result.refused())
                .containsExactlyInAnyOrder(id(Kind.VIRTUAL_NODE, "n_shop"), id(Kind.VIRTUAL_NODE, "o_shop"));
        assertThat(Read.errors(result)).hasSize(3);
        assertThat(Read.errors(result).get(0))
                .contains("list.json:5:", "items[2].spec.listeners: the number 5 (expected: a list)");
        assertThat(Read.errors(result).get(2)).contains("items[4]: the number 7 (expected: a mapping)");
    }

    @Test
    void slipsThatTheControllerLetPassAreTakenOrLeftOutWithANote() {
        ReadResult result = read(
                NAMESPACE,
                MESH,
                inShop(
                        "VirtualNode",
                        "n",
                        "{ listeners: [ { portMapping: { port: 80, protocol: http }, tls: { mode: DISABLED, certificate: {"
                                + " acm: { certificateARN: 'arn:x' } } } } ], serviceDiscovery: { dns: { hostName: h,"
                                + " ipPreference: IPv4_ONLY } }, backendDefaults: { clientPolicy: { tls: { mode: STRICT,"
                                + " validation: { trust: { acm: { certificateAuthorityARNs: [ 'arn:y' ] } } } } } } }"));

        VirtualNode node = get(result, id(Kind.VIRTUAL_NODE, "n_shop"), VirtualNode.class);
        assertThat(Read.errors(result)).isEmpty();
        assertThat(node.serviceDiscovery())
                .isEqualTo(new ServiceDiscovery.Dns(
                        "h", ServiceDiscovery.Dns.ResponseType.LOADBALANCER, IpPreference.IPV4_ONLY));
        assertThat(Objects.requireNonNull(node.listeners().get(0).tls()).certificate())
                .isEqualTo(new TlsCertificate.Acm("arn:x"));
        assertThat(Read.notes(result))
                .anyMatch(note -> note.contains("dns.hostName: a misspelling of 'hostname', taken as that"))
                .anyMatch(note -> note.contains("clientPolicy.tls.mode: has no effect here"));
    }

    @Test
    void membersInTheSpellingOfTheApiAreRefusedWithTheRightOne() {
        ReadResult result = read(
                NAMESPACE,
                object("Mesh", "name: m", "{ namespaceSelector: {}, serviceDiscovery: { ipPreference: IPv4_ONLY } }"),
                inShop(
                        "VirtualNode",
                        "n",
                        "{ listeners: [ { portMapping: { port: 80, protocol: http }, tls: { mode: STRICT, certificate: { acm:"
                                + " { certificateArn: x } } } } ], serviceDiscovery: { dns: { hostname: h } } }"));

        assertThat(Read.errors(result)).hasSize(2);
        assertThat(Read.errors(result).get(0))
                .endsWith(
                        "spec.serviceDiscovery: unknown member 'serviceDiscovery'; did you mean 'meshServiceDiscovery'?");
        assertThat(Read.errors(result).get(1))
                .endsWith("acm.certificateArn: unknown member 'certificateArn'; did you mean 'certificateARN'?");
    }

    @Test
    void objectsWithoutIdentityAreRefusedAtTheirPlace() {
        ReadResult result = read(
                "apiVersion: appmesh.k8s.aws/v1\nkind: Mesh\nmetadata: { name: m }\n---\n",
                object("VirtualNod", "name: n", "{}"),
                "apiVersion: appmesh.k8s.aws/v1beta2\nmetadata: { name: m }\n---\n",
                object("VirtualNode", "nam: n", "{}"),
                "apiVersion: appmesh.k8s.aws/v1beta2\nkind: Mesh\n---\n",
                object("VirtualNode", "name: n", "5"),
                object("VirtualNode", "name: n", "{ awsName: a/b }"),
                object("VirtualNode", "name: n", "{ meshRef: { nam: m } }"));

        assertThat(Read.errors(result))
                .containsExactly(
                        "a.yaml:1:13 apiVersion: 'appmesh.k8s.aws/v1' (expected: appmesh.k8s.aws/v1beta2 or"
                                + " appmesh.k8s.aws/v1beta1)",
                        "a.yaml:6:7 kind: 'VirtualNod' (expected: BackendGroup, GatewayRoute, Mesh, VirtualGateway,"
                                + " VirtualNode, VirtualRouter or VirtualService); did you mean 'VirtualNode'?",
                        "a.yaml:10:1 kind: missing (expected: BackendGroup, GatewayRoute, Mesh, VirtualGateway, VirtualNode,"
                                + " VirtualRouter or VirtualService); add it",
                        "a.yaml:15:13 metadata.nam: unknown member 'nam'; did you mean 'name'?",
                        "a.yaml:18:1 metadata: missing (expected: a mapping); add it",
                        "a.yaml:24:7 spec: the number 5 (expected: a mapping)",
                        "a.yaml:29:18 spec.awsName: 'a/b' (expected: a name without '/'); names hold within one mesh",
                        "a.yaml:34:20 spec.meshRef.nam: unknown member 'nam'; did you mean 'name'?");
        assertThat(result.resources().size()).isZero();
    }

    @Test
    void selectorsAreChecked() {
        ReadResult result = read(
                object("Mesh", "name: a", "{ namespaceSelector: { matchLabels: { on: true } } }"),
                object("Mesh", "name: b", "{ namespaceSelector: { matchExpressions: [ { key: x, operator: in } ] } }"),
                object("Mesh", "name: c", "{ namespaceSelector: { matchExpressions: [ { key: x, operator: In } ] } }"),
                object(
                        "Mesh",
                        "name: d",
                        "{ namespaceSelector: { matchExpressions: [ { key: x, operator: Exists, values: [ y"
                                + " ] } ] } }"),
                object("Mesh", "name: e", "{ namespaceSelector: { matchLabel: { a: b } } }"));

        assertThat(Read.errors(result)).hasSize(5);
        assertThat(Read.errors(result).get(0)).endsWith("matchLabels.on: true (expected: text); put it in quotes");
        assertThat(Read.errors(result).get(1)).endsWith("did you mean 'In'?");
        assertThat(Read.errors(result).get(2)).contains("values: missing (expected: at least one with In)");
        assertThat(Read.errors(result).get(3)).contains("values: together with Exists (expected: none)");
        assertThat(Read.errors(result).get(4)).endsWith("did you mean 'matchLabels'?");
    }

    @Test
    void placeholdersAreFilledAndThoseLeftEmptyNamed() {
        ReadResult result = read(NAMESPACE, MESH, inShop("VirtualNode", "'${NODE}'", "{}"));

        assertThat(Read.errors(result)).singleElement().asString().contains("metadata.name", "NODE");
        assertThat(result.resources().ids()).containsExactly(ResourceId.mesh("m"));
    }

    // Version 1 beta 1.

    private static String old(String kind, String name, String spec) {
        return "apiVersion: appmesh.k8s.aws/v1beta1\nkind: " + kind + "\nmetadata: { name: " + name
                + ", namespace: shop }\nspec: " + spec + "\n---\n";
    }

    private static String oldRoute(String name, String type, String node) {
        return "{ name: " + name + ", " + type + ": { match: { prefix: / }, action: { weightedTargets: [ {"
                + " virtualNodeName: " + node + ", weight: 1 } ] } } }";
    }

    @Test
    void aServiceOfV1Beta1ImpliesItsRouterAndRoutes() {
        ReadResult result = read(
                old("Mesh", "m", "{ serviceDiscoveryType: Dns }"),
                old(
                        "VirtualNode",
                        "front",
                        "{ meshName: m, listeners: [ { portMapping: { port: 8080, protocol: http } } ],"
                                + " serviceDiscovery: { dns: { hostName: h } }, backends: [ { virtualService: { virtualServiceName:"
                                + " color.local } } ] }"),
                old(
                        "VirtualService",
                        "color.local",
                        "{ meshName: m, virtualRouter: { name: color, listeners: [ { portMapping:"
                                + " { port: 80, protocol: http } } ] }, routes: [ " + oldRoute("a", "http", "front")
                                + ", "
                                + oldRoute("b", "http", "blue.other") + " ] }"));

        assertThat(Read.errors(result)).isEmpty();
        assertThat(get(result, id(Kind.VIRTUAL_SERVICE, "color.local"), VirtualService.class)
                        .provider())
                .isEqualTo(new VirtualService.Provider.Router("color-shop"));
        assertThat(get(result, id(Kind.VIRTUAL_ROUTER, "color-shop"), VirtualRouter.class)
                        .listeners())
                .containsExactly(new PortMapping(80, Protocol.HTTP));
        assertThat(get(result, ResourceId.route("m", "color-shop", "a"), Route.class)
                        .spec()
                        .weightedTargets())
                .containsExactly(new WeightedTarget("front-shop", 1, null));
        assertThat(get(result, ResourceId.route("m", "color-shop", "b"), Route.class)
                        .spec()
                        .weightedTargets())
                .containsExactly(new WeightedTarget("blue-other", 1, null));
        assertThat(backends(result, "front-shop")).containsExactly("color.local");
    }

    @Test
    void aRouterThatV1Beta1LeavesOutIsNamedAfterTheServiceAndListensAsItsFirstTarget() {
        String service = old(
                "VirtualService", "color.shop.svc", "{ meshName: m, routes: [ " + oldRoute("a", "http2", "n") + " ] }");

        ReadResult result = Read.files(
                "a.yaml",
                service,
                "b.yaml",
                old(
                        "VirtualNode",
                        "n",
                        "{ meshName: m, listeners: [ { portMapping: { port: 9, protocol: http2 } }"
                                + " ], serviceDiscovery: { cloudMap: { namespaceName: a, serviceName: b, attributes: { k: v"
                                + " } } } }"));
        ReadResult alone = read(service);

        assertThat(get(result, id(Kind.VIRTUAL_ROUTER, "color-shop-svc"), VirtualRouter.class)
                        .listeners())
                .containsExactly(new PortMapping(9, Protocol.HTTP2));
        assertThat(Read.errors(result)).isEmpty();
        assertThat(Read.notes(alone)).anyMatch(note -> note.contains("no listener is written, and the node 'n'"));
        assertThat(Read.errors(alone)).isEmpty();
    }

    @Test
    void retriesOfV1Beta1AreInMilliseconds() {
        String policy = "retryPolicy: { maxRetries: 2, perRetryTimeoutMillis: %s, httpRetryEvents: [ server-error ] }";
        String route =
                "{ name: a, priority: 3, http: { match: { prefix: / }, action: { weightedTargets: [ { virtualNodeName:"
                        + " n, weight: 1 } ] }, " + policy + " } }";

        ReadResult good =
                read(old("VirtualService", "s", "{ meshName: m, routes: [ " + route.formatted("2000") + " ] }"));
        ReadResult bad = read(old("VirtualService", "s", "{ meshName: m, routes: [ " + route.formatted("x") + " ] }"));

        assertThat(Objects.requireNonNull(get(good, ResourceId.route("m", "s-shop", "a"), Route.class)
                                .spec()
                                .retryPolicy())
                        .perRetryTimeout())
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(Read.errors(bad))
                .singleElement()
                .asString()
                .contains("spec.routes[0].http.retryPolicy.perRetryTimeoutMillis.value: the text 'x'");
    }

    @Test
    void partsOfAServiceOfV1Beta1AreRefusedOneByOne() {
        ReadResult result = read(
                old("Mesh", "m", "{}"),
                old(
                        "VirtualService",
                        "s",
                        "{ meshName: m, virtualRouter: { name: r, listener: [] }, routes: [ "
                                + oldRoute("a", "http", "n") + ", { name: b, http: { match: { prefix: / }, action: {"
                                + " weightedTargets: [ { virtualNode: n, weight: 1 } ] } } }, { name: c, httpRoute: 5 } ] }"),
                old("VirtualService", "t", "{ routes: [] }"),
                old("VirtualRouter", "u", "{}"));

        assertThat(result.resources().ids())
                .containsExactlyInAnyOrder(
                        ResourceId.mesh("m"), id(Kind.VIRTUAL_SERVICE, "s"), ResourceId.route("m", "r-shop", "a"));
        assertThat(Read.errors(result)).hasSize(6);
        assertThat(Read.errors(result).get(0)).endsWith("unknown member 'listener'; did you mean 'listeners'?");
        assertThat(Read.errors(result).get(1))
                .endsWith("unknown member 'virtualNode'; did you mean 'virtualNodeName'?");
        assertThat(Read.errors(result).get(2))
                .endsWith("spec.routes[2].httpRoute: unknown member 'httpRoute'; did you mean 'http'?");
        assertThat(Read.errors(result).get(3)).contains("spec.routes[2].http: the number 5 (expected: a mapping)");
        assertThat(Read.errors(result).get(4)).contains("spec.meshName: missing");
        assertThat(Read.errors(result).get(5))
                .contains("'VirtualRouter' (expected: Mesh, VirtualNode or VirtualService)");
    }

    // Cost.

    @Test
    void oneChangedManifestOfTenThousandIsTheOnlyOneReadAgain() {
        DocumentSet reader = Read.reader();
        List<RawDocument> files = new ArrayList<>();
        files.add(RawDocument.of("0.yaml", NAMESPACE + MESH));
        for (int i = 1; i < 10_000; i++) {
            files.add(RawDocument.of(
                    i + ".yaml",
                    inShop(
                            "VirtualService",
                            "s" + i,
                            "{ provider: { virtualNode: {" + " virtualNodeRef: { name: n" + i % 100 + " } } } }")));
        }
        reader.read(files);
        Resource kept = Objects.requireNonNull(reader.read(files).resources().get(id(Kind.VIRTUAL_SERVICE, "s7.shop")));
        assertThat(reader.filesParsed()).isEqualTo(10_000);

        files.set(8, RawDocument.of("8.yaml", inShop("VirtualNode", "n7", "{ awsName: seven }")));
        ReadResult changed = reader.read(files);

        assertThat(reader.filesParsed()).isEqualTo(10_001);
        assertThat(kept).isEqualTo(new VirtualService(kept.id(), new VirtualService.Provider.Node("n7_shop")));
        assertThat(changed.resources().get(kept.id()))
                .isEqualTo(new VirtualService(kept.id(), new VirtualService.Provider.Node("seven")));
    }
}
