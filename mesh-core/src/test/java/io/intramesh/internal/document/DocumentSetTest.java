package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Origin;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.route.RegexSyntax;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of many files together. */
final class DocumentSetTest {
    private static final ResourceId SERVICE = ResourceId.of(Kind.VIRTUAL_SERVICE, "m", "s");

    private static String document(String kind, String names, String spec) {
        return "apiVersion: intramesh.io/v1\nkind: " + kind + "\nmetadata: { mesh: m, " + names + " }\nspec:\n  " + spec
                + "\n";
    }

    private static String service(String provider) {
        return document("VirtualService", "name: s", provider);
    }

    private static String router(String listeners) {
        return document("VirtualRouter", "name: r", "listeners: [ " + listeners + " ]");
    }

    private static String listener(int port, String protocol) {
        return "{ portMapping: { port: " + port + ", protocol: " + protocol + " } }";
    }

    private static String node(String listeners) {
        return document(
                "VirtualNode",
                "name: v",
                "{ serviceDiscovery: { dns: { hostname: h } }, listeners: [ " + listeners + " ] }");
    }

    private static String route(String name, String type, String match, String port) {
        return document(
                "Route",
                "virtualRouter: r, name: " + name,
                type + ": { match: " + match + ", action: { weightedTargets: [ { virtualNode: v, weight: 1" + port
                        + " } ] } }");
    }

    // Written twice.

    @Test
    void ofTwoDocumentsForOneResourceTheLaterStandsAndANoteNamesBoth() {
        ReadResult result = Read.files(
                "a.yaml", service("provider: { virtualNode: { virtualNodeName: x } }"), "b.yaml", "\n" + service("{}"));

        assertThat(result.resources().get(SERVICE)).isEqualTo(new VirtualService(SERVICE, null));
        assertThat(result.origins()).containsEntry(SERVICE, new Origin("b.yaml", 2, 1));
        assertThat(Read.notes(result))
                .containsExactly(
                        "b.yaml:2:1: virtualService 's' is written twice, first at a.yaml:1:1; this one stands, remove"
                                + " the other");
        assertThat(Read.errors(result)).isEmpty();
    }

    @Test
    void aResourceWrittenTwiceIsAnErrorWhenStrict() {
        DocumentSet strict = new DocumentSet(Map.of(), Map.of(), RegexSyntax::problem, true);

        ReadResult result = Read.files(strict, "a.yaml", service("{}"), "b.yaml", service("{}"));

        assertThat(Read.errors(result))
                .containsExactly("b.yaml:1:1: virtualService 's' is written twice, first at a.yaml:1:1; remove one");
        assertThat(result.refused()).containsExactly(SERVICE);
        assertThat(result.resources().size()).isZero();
    }

    @Test
    void aBadLaterDocumentRefusesTheResourceSoThatWhatWasInForceStays() {
        ReadResult result = Read.files("a.yaml", service("{}"), "b.yaml", service("provider: 5"));

        assertThat(result.refused()).containsExactly(SERVICE);
        assertThat(result.resources().size()).isZero();
        assertThat(result.origins()).containsEntry(SERVICE, new Origin("b.yaml", 1, 1));
    }

    @Test
    void aBadFileDoesNotBlockItsNeighbours() {
        ReadResult result =
                Read.files("a.yaml", "{", "b.yaml", service("{}"), "c.json", "{\"meshName\":5,\"spec\":{}}");

        assertThat(result.resources().ids()).containsExactly(SERVICE);
        assertThat(result.unreadable()).containsExactly("a.yaml");
    }

    // References.

    @Test
    void aReferenceToAResourceThatIsNotHereIsANoteAtTheReference() {
        ReadResult result = Read.files(
                "s.yaml", service("provider: { virtualRouter: { virtualRouterName: gone } }"),
                "t.yaml", route("a", "httpRoute", "{ prefix: / }", ""),
                "e.yaml", document("Endpoints", "name: e", "{ virtualNode: v, endpoints: [] }"),
                "g.yaml",
                        document(
                                "GatewayRoute",
                                "virtualGateway: g, name: gr",
                                "grpcRoute: { match: {}, action: { target: { virtualService: { virtualServiceName: x } } } }"),
                "p.yaml",
                        document(
                                "TrafficPolicy",
                                "name: p",
                                "{ targetRef: { kind: Route, name: q, virtualRouter: r } }"));

        assertThat(Read.errors(result)).isEmpty();
        assertThat(Read.notes(result))
                .containsExactly(
                        "s.yaml:5:51 spec.provider.virtualRouter.virtualRouterName: virtualRouter 'gone' is not here; it may"
                                + " live elsewhere, else check the name",
                        "t.yaml:1:1: virtualRouter 'r' is not here; it may live elsewhere, else check the name",
                        "t.yaml:5:82 spec.httpRoute.action.weightedTargets[0].virtualNode: virtualNode 'v' is not here; it may"
                                + " live elsewhere, else check the name",
                        "e.yaml:5:18 spec.virtualNode: virtualNode 'v' is not here; it may live elsewhere, else check the name",
                        "g.yaml:1:1: virtualGateway 'g' is not here; it may live elsewhere, else check the name",
                        "g.yaml:5:85 spec.grpcRoute.action.target.virtualService.virtualServiceName: virtualService 'x' is not"
                                + " here; it may live elsewhere, else check the name",
                        "p.yaml:5:16 spec.targetRef: virtualRouter 'r' route 'q' is not here; it may live elsewhere, else check"
                                + " the name");
    }

    @Test
    void aBackendThatIsNotHereIsNoNews() {
        ReadResult result = Read.spec("VirtualNode", "backends: [ { virtualService: { virtualServiceName: x } } ]");

        assertThat(result.problems()).isEmpty();
    }

    @Test
    void aReferenceToARefusedResourceIsNotMissing() {
        ReadResult result = Read.files(
                "a.yaml", service("provider: { virtualNode: { virtualNodeName: v } }"),
                "b.yaml", node(listener(0, "http")));

        assertThat(result.problems()).singleElement().matches(problem -> problem.isError());
    }

    @Test
    void listenersNeedServiceDiscoveryOrEndpoints() {
        String bare = document("VirtualNode", "name: v", "listeners: [ " + listener(1, "http") + " ]");
        String endpoints = document("Endpoints", "name: e", "{ virtualNode: v, endpoints: [] }");

        assertThat(Read.errors(Read.files("a.yaml", bare))).hasSize(1);
        assertThat(Read.errors(Read.files("a.yaml", bare, "b.yaml", endpoints))).isEmpty();
    }

    // Routes and listeners.

    @Test
    void aRouteMustFitAListenerOfItsRouter() {
        ReadResult result = Read.files(
                "r.yaml",
                router(listener(80, "http2")),
                "v.yaml",
                node(listener(1, "http")),
                "t.yaml",
                route("a", "httpRoute", "{ prefix: / }", ""));

        assertThat(Read.errors(result))
                .containsExactly("t.yaml:5:14 spec.httpRoute: does not fit the listener of virtualRouter 'r' (expected:"
                        + " http2Route); rename it or change the listener's protocol");
        assertThat(result.refused()).containsExactly(ResourceId.route("m", "r", "a"));
        assertThat(result.resources().routes("m", "r")).isEmpty();
    }

    @Test
    void severalListenersOfARouterNeedAPortInEachMatch() {
        String router = router(listener(80, "http") + ", " + listener(81, "http2"));

        ReadResult result = Read.files(
                "r.yaml", router,
                "v.yaml", node(listener(1, "http")),
                "t1.yaml", route("a", "httpRoute", "{ prefix: / }", ""),
                "t2.yaml", route("b", "httpRoute", "{ prefix: /, port: 80 }", ""),
                "t3.yaml", route("c", "httpRoute", "{ prefix: /, port: 81 }", ""),
                "t4.yaml", route("d", "httpRoute", "{ prefix: /, port: 82 }", ""));

        assertThat(Read.errors(result))
                .containsExactly(
                        "t1.yaml:5:14 spec.httpRoute.match.port: missing (expected: 80 or 81), since virtualRouter 'r' has"
                                + " several listeners; add it",
                        "t3.yaml:5:14 spec.httpRoute: does not fit the listener of virtualRouter 'r' (expected: http2Route);"
                                + " rename it or change the listener's protocol");
        assertThat(Read.notes(result))
                .containsExactly(
                        "t4.yaml:5:42 spec.httpRoute.match.port: 82 is no listener of virtualRouter 'r' (expected: 80 or"
                                + " 81); the route never matches");
    }

    @Test
    void severalListenersOfANodeNeedAPortInEachTarget() {
        String router = router(listener(80, "http"));
        String node = node(listener(1, "http") + ", " + listener(2, "http"));

        ReadResult result = Read.files(
                "r.yaml", router,
                "v.yaml", node,
                "t1.yaml", route("a", "httpRoute", "{ prefix: /a }", ""),
                "t2.yaml", route("b", "httpRoute", "{ prefix: /b }", ", port: 2"),
                "t3.yaml", route("c", "httpRoute", "{ prefix: /c }", ", port: 3"));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .endsWith(
                        "weightedTargets[0].port: missing (expected: 1 or 2), since virtualNode 'v' has several listeners; add"
                                + " it");
        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .endsWith("weightedTargets[0].port: 3 is no listener of virtualNode 'v' (expected: 1 or 2)");
    }

    @Test
    void aTargetThatSpeaksAnotherProtocolThanTheRouteIsNoted() {
        ReadResult result = Read.files(
                "r.yaml", router(listener(80, "http")),
                "v.yaml", node(listener(1, "http") + ", " + listener(2, "http2")),
                "t1.yaml", route("a", "httpRoute", "{ prefix: /a }", ", port: 1"),
                "t2.yaml", route("b", "httpRoute", "{ prefix: /b }", ", port: 2"));

        assertThat(Read.errors(result)).isEmpty();
        assertThat(Read.notes(result))
                .singleElement()
                .asString()
                .startsWith("t2.yaml:5:")
                .endsWith("spec.httpRoute.action.weightedTargets[0].virtualNode: virtualNode 'v' speaks http2 on port 2"
                        + " (expected: http, as the route); calls use the listener's protocol, change one of them");
    }

    @Test
    void aProviderNodeThatSpeaksAnotherProtocolThanTheGatewayRouteIsNoted() {
        String target = "grpcRoute: { match: {}, action: { target: { virtualService: { virtualServiceName: s } } } }";
        String service = service("provider: { virtualNode: { virtualNodeName: v } }");
        String gateway = document("VirtualGateway", "name: g", "listeners: [ " + listener(80, "grpc") + " ]");
        String route = document("GatewayRoute", "virtualGateway: g, name: a", target);

        ReadResult other =
                Read.files("g.yaml", gateway, "s.yaml", service, "v.yaml", node(listener(1, "http")), "gr.yaml", route);
        ReadResult same =
                Read.files("g.yaml", gateway, "s.yaml", service, "v.yaml", node(listener(1, "grpc")), "gr.yaml", route);

        assertThat(Read.errors(other)).isEmpty();
        assertThat(Read.notes(other))
                .singleElement()
                .asString()
                .contains("virtualServiceName: virtualNode 'v' speaks http on port 1 (expected: grpc, as the route)");
        assertThat(same.problems()).isEmpty();
    }

    @Test
    void severalListenersBehindAServiceNeedAPortInAGatewaysTarget() {
        String target = "grpcRoute: { match: {}, action: { target: { virtualService: { virtualServiceName: s } } } }";

        ReadResult result = Read.files(
                "g.yaml", document("VirtualGateway", "name: g", "listeners: [ " + listener(80, "grpc") + " ]"),
                "s.yaml", service("provider: { virtualRouter: { virtualRouterName: r } }"),
                "r.yaml", router(listener(1, "grpc") + ", " + listener(2, "grpc")),
                "gr.yaml", document("GatewayRoute", "virtualGateway: g, name: a", target));

        assertThat(Read.errors(result))
                .singleElement()
                .asString()
                .contains(
                        "spec.grpcRoute.action.target.port: missing (expected: 1 or 2), since virtualRouter 'r' has several");
    }

    @Test
    void routesOfEqualRankThatMayOverlapAreNoted() {
        String[] files = {
            "r.yaml", router(listener(80, "http")),
            "v.yaml", node(listener(1, "http")),
            "t1.yaml", route("a", "httpRoute", "{ prefix: /x }", ""),
            "t2.yaml", route("b", "httpRoute", "{ prefix: /x, headers: [ { name: h } ] }", ""),
            "t3.yaml", route("c", "httpRoute", "{ prefix: /y, method: GET }", ""),
            "t4.yaml", route("d", "httpRoute", "{ prefix: /y, method: PUT }", "")
        };

        assertThat(Read.notes(Read.files(files)))
                .containsExactly(
                        "t2.yaml:1:1: ranks like route 'a' (t1.yaml:1:1) and may match the same requests; the one"
                                + " declared first wins: give them priorities");
    }

    // Cost.

    @Test
    void aSecondReadParsesOnlyWhatChanged() {
        DocumentSet reader = Read.reader();
        List<RawDocument> files = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            files.add(RawDocument.of(i + ".yaml", document("VirtualService", "name: s" + i, "{}")));
        }

        ReadResult first = reader.read(files);
        assertThat(reader.filesParsed()).isEqualTo(10_000);

        ReadResult same = reader.read(files.stream()
                .map(file -> RawDocument.of(file.name(), file.content().clone()))
                .toList());
        assertThat(reader.filesParsed()).isEqualTo(10_000);
        assertThat(same).isEqualTo(first);

        files.set(5, RawDocument.of("5.yaml", "{"));
        files.remove(6);
        ReadResult changed = reader.read(files);
        assertThat(reader.filesParsed()).isEqualTo(10_001);
        assertThat(changed.unreadable()).containsExactly("5.yaml");
        assertThat(changed.resources().size()).isEqualTo(9_998);
    }

    @Test
    void nothingGivesNothing() {
        ReadResult result = Read.files();

        assertThat(result.resources().size()).isZero();
        assertThat(result.problems()).isEmpty();
    }
}
