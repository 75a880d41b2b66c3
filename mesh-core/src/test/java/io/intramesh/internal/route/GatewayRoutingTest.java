package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.exact;
import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.prefix;
import static io.intramesh.internal.route.Fixture.regex;
import static io.intramesh.internal.route.Fixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Reason;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GatewayRoute.PathRewrite;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.VirtualService;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules VG-01 to VG-13 of the reference, as far as they are decisions. */
final class GatewayRoutingTest {
    private static final String HOST = "www.example.com";

    // ---- Order and hosts: VG-01 to VG-03

    @Test
    void priorityThenTheLongestPrefixDecide() {
        Fixture mesh = mesh().gatewayRoute("gw", "short", 1, http(prefix("/a")))
                .gatewayRoute("gw", "long", 1, http(prefix("/a/b")))
                .gatewayRoute("gw", "none", null, http(prefix("/a/b/c")))
                .gatewayRoute("gw", "first", 0, http(prefix("/x")));

        assertThat(taken(mesh, "/a/b/c")).isEqualTo("long");
        assertThat(taken(mesh, "/a/x")).isEqualTo("short");
        assertThat(taken(mesh, "/x")).isEqualTo("first");
    }

    @Test
    void anExactHostGoesBeforeTheLongestSuffixBeforeAnyHost() {
        Fixture mesh = mesh().gatewayRoute("gw", "any", 0, http(prefix("/")))
                .gatewayRoute("gw", "short", 1, http(host(new HostnameMatch.Suffix(".com"))))
                .gatewayRoute("gw", "long", 2, http(host(new HostnameMatch.Suffix(".example.com"))))
                .gatewayRoute("gw", "exact", 3, http(host(new HostnameMatch.Exact(HOST))));

        assertThat(taken(mesh, at(HOST))).isEqualTo("exact");
        assertThat(taken(mesh, at("api.example.com"))).isEqualTo("long");
        assertThat(taken(mesh, at("example.com"))).isEqualTo("short");
        assertThat(taken(mesh, at("example.org"))).isEqualTo("any");
    }

    @Test
    void aRouteForAWorseHostIsTriedWhereNoBetterOneMatches() {
        Fixture mesh = mesh().gatewayRoute(
                        "gw", "exact", null, http(prefix("/a").hostname(new HostnameMatch.Exact(HOST))))
                .gatewayRoute("gw", "any", null, http(prefix("/b")));

        assertThat(taken(mesh, at(HOST).path("/b"))).isEqualTo("any");
    }

    @Test
    void caseAndPortOfTheHostDoNotCount() {
        Fixture mesh = mesh().gatewayRoute("gw", "exact", null, http(host(new HostnameMatch.Exact("WWW.example.com"))))
                .gatewayRoute("gw", "suffix", null, http(host(new HostnameMatch.Suffix(".Example.org"))));

        assertThat(taken(mesh, at("www.EXAMPLE.com:8080"))).isEqualTo("exact");
        assertThat(taken(mesh, at("www.example.com."))).isEqualTo("exact");
        assertThat(taken(mesh, at("a.example.ORG:8080"))).isEqualTo("suffix");
        assertThat(taken(mesh, at("example.org"))).isNull();
    }

    @Test
    void allOtherConditionsHoldAtAGatewayToo() {
        Fixture mesh = mesh().gatewayRoute(
                        "gw",
                        "narrow",
                        null,
                        http(prefix("/")
                                .method(HttpMethod.POST)
                                .port(8080)
                                .headers(List.of(new HeaderMatch("x", new ValueMatch.Exact("1"), false)))
                                .queryParameters(List.of(new QueryParameterMatch("q", null)))));

        assertThat(taken(mesh, at(HOST).method("POST").path("/?q").header("x", "1")))
                .isEqualTo("narrow");
        assertThat(taken(mesh, at(HOST).method("GET").path("/?q").header("x", "1")))
                .isNull();
        assertThat(taken(mesh, at(HOST).method("POST").path("/").header("x", "1")))
                .isNull();
        assertThat(taken(mesh, at(HOST).method("POST").path("/?q"))).isNull();
    }

    @Test
    void thePortChoosesTheListenerOfTheGateway() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("all", prefix("/"))
                .gateway("gw", new PortMapping(80, Protocol.HTTP), new PortMapping(8443, Protocol.HTTP2))
                .gatewayRoute("gw", "one", null, http(prefix("/").port(80)))
                .gatewayRoute(
                        "gw",
                        "two",
                        null,
                        new GatewayRoute.Http(
                                Protocol.HTTP2, prefix("/").port(8443).build(), target(), true, null));

        assertThat(taken(mesh, at(HOST))).isEqualTo("one");
        assertThat(taken(mesh, at(HOST).port(8443))).isEqualTo("two");
        assertThat(refusal(mesh, at(HOST).port(9)).message()).contains("no listener on port 9 (has: 80, 8443)");
        assertThat(refusal(mesh, at(HOST).port(8443).protocol(Protocol.HTTP)).message())
                .contains("speaks http2");
    }

    // ---- Rewrites: VG-04 to VG-08

    @Test
    void theHostBecomesTheTargetsName() {
        Explanation explanation =
                mesh().gatewayRoute("gw", "g", null, http(prefix("/"))).atGateway("gw", at(HOST));

        assertThat(explanation.forwardedHost()).isEqualTo(Fixture.SERVICE);
    }

    @Test
    void theHostStaysWhenItsRewriteIsDisabled() {
        Explanation explanation = mesh().gatewayRoute(
                        "gw",
                        "g",
                        null,
                        new GatewayRoute.Http(Protocol.HTTP, prefix("/").build(), target(), false, null))
                .atGateway("gw", at(HOST));

        assertThat(explanation.forwardedHost()).isEqualTo(HOST);
        assertThat(explanation.virtualService()).isEqualTo(Fixture.SERVICE);
        assertThat(explanation.refusal()).isNull();
    }

    @Test
    void byDefaultTheMatchedPrefixBecomesASlash() {
        assertThat(forwarded(prefix("/chapter"), null, "/chapter/page?x=1")).isEqualTo("/page?x=1");
        assertThat(forwarded(prefix("/chapter"), null, "/chapter1")).isEqualTo("/1");
        assertThat(forwarded(prefix("/chapter"), null, "/chapter")).isEqualTo("/");
        assertThat(forwarded(prefix("/chapter/"), null, "/chapter/page")).isEqualTo("/page");
        assertThat(forwarded(prefix("/red"), null, "/red/tell")).isEqualTo("/tell");
        assertThat(forwarded(prefix("/"), null, "/red")).isEqualTo("/red");
        assertThat(forwarded(prefix("/a"), new PathRewrite.DefaultPrefix(true), "/a/b"))
                .isEqualTo("/b");
    }

    @Test
    void aDisabledDefaultKeepsThePath() {
        assertThat(forwarded(prefix("/a"), new PathRewrite.DefaultPrefix(false), "/a/b?c"))
                .isEqualTo("/a/b?c");
    }

    @Test
    void aPrefixIsReplacedWithoutDoublingASlash() {
        assertThat(forwarded(prefix("/maroon/"), new PathRewrite.Prefix("/red/"), "/maroon/tell"))
                .isEqualTo("/red/tell");
        assertThat(forwarded(prefix("/maroon"), new PathRewrite.Prefix("/red/"), "/maroon/tell"))
                .isEqualTo("/red/tell");
        assertThat(forwarded(prefix("/maroon"), new PathRewrite.Prefix("/red/"), "/maroon"))
                .isEqualTo("/red/");
        assertThat(forwarded(HttpMatch.builder(), new PathRewrite.Prefix("/red/"), "/tell"))
                .isEqualTo("/red/tell");
    }

    @Test
    void anExactOrRegexPathStaysUnlessItIsReplacedAsAWhole() {
        assertThat(forwarded(exact("/a"), null, "/a?b")).isEqualTo("/a?b");
        assertThat(forwarded(regex("/a.*"), null, "/ab")).isEqualTo("/ab");
        assertThat(forwarded(exact("/a"), new PathRewrite.Exact("/z"), "/a?b=c"))
                .isEqualTo("/z?b=c");
        assertThat(forwarded(regex("/a.*"), new PathRewrite.Exact("/z"), "/ab")).isEqualTo("/z");
        assertThat(forwarded(prefix("/a"), new PathRewrite.Exact("/z"), "/a/b")).isEqualTo("/z");
    }

    @Test
    void aRewriteCannotStepOutOfThePath() {
        assertThat(forwarded(prefix("/a"), null, "/a../secret")).isEqualTo("/secret");
        assertThat(forwarded(prefix("/a"), new PathRewrite.Prefix("/b/"), "/a../secret"))
                .isEqualTo("/secret");
        assertThat(forwarded(prefix("/a"), null, "/x/../a/b")).isEqualTo("/b");
    }

    // ---- What follows: VG-09, VG-13

    @Test
    void theRewrittenRequestIsRoutedByTheTargetsRoutes() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("page", prefix("/page"))
                .route("chapter", prefix("/chapter"))
                .gateway("gw", new PortMapping(8080, Protocol.HTTP))
                .gatewayRoute("gw", "g", null, http(prefix("/chapter")));

        Explanation explanation = mesh.atGateway("gw", at(HOST).path("/chapter/page"));

        assertThat(explanation.gatewayRoute()).isEqualTo("g");
        assertThat(explanation.virtualRouter()).isEqualTo("r");
        assertThat(explanation.route()).isEqualTo("page");
        assertThat(explanation.targets())
                .singleElement()
                .satisfies(target -> assertThat(target.virtualNode()).isEqualTo("page-node"));
    }

    @Test
    void theTargetsPortIsTheDialledOne() {
        Fixture mesh = Fixture.withRouter(new PortMapping(8080, Protocol.HTTP), new PortMapping(9080, Protocol.HTTP))
                .route("main", prefix("/").port(8080))
                .route("other", prefix("/").port(9080))
                .gateway("gw", new PortMapping(80, Protocol.HTTP))
                .gatewayRoute(
                        "gw",
                        "g",
                        null,
                        new GatewayRoute.Http(
                                Protocol.HTTP,
                                prefix("/").build(),
                                new GatewayRoute.Target(Fixture.SERVICE, 9080),
                                true,
                                null));

        assertThat(mesh.atGateway("gw", at(HOST)).route()).isEqualTo("other");
    }

    @Test
    void aNodeBehindTheTargetIsReached() {
        Explanation explanation = Fixture.empty()
                .node("n", Fixture.listener(9080, Protocol.HTTP))
                .service(Fixture.SERVICE, new VirtualService.Provider.Node("n"))
                .gateway("gw", new PortMapping(80, Protocol.HTTP))
                .gatewayRoute("gw", "g", null, http(prefix("/")))
                .atGateway("gw", at(HOST));

        assertThat(explanation.targets()).singleElement().satisfies(target -> {
            assertThat(target.virtualNode()).isEqualTo("n");
            assertThat(target.port()).isEqualTo(9080);
        });
    }

    @Test
    void grpcCallsAreRoutedByServiceAndKeepTheirPath() {
        Fixture mesh = Fixture.withRouter(new PortMapping(9090, Protocol.GRPC))
                .route("all", GrpcMatch.ALL)
                .gateway("gw", new PortMapping(9090, Protocol.GRPC))
                .gatewayRoute("gw", "cart", null, grpc(new GrpcMatch("shop.Cart", null, null, null, List.of())))
                .gatewayRoute(
                        "gw",
                        "tenant",
                        null,
                        grpc(new GrpcMatch(null, null, null, null, List.of(new HeaderMatch("tenant", null, false)))));

        Explanation cart = mesh.atGateway("gw", at(HOST).path("/shop.Cart/Add"));
        assertThat(cart.gatewayRoute()).isEqualTo("cart");
        assertThat(cart.forwardedPath()).isEqualTo("/shop.Cart/Add");
        assertThat(cart.forwardedHost()).isEqualTo(Fixture.SERVICE);
        assertThat(taken(mesh, at(HOST).path("/shop.Pay/Add").header("tenant", "a")))
                .isEqualTo("tenant");
        assertThat(taken(mesh, at(HOST).path("/shop.Pay/Add"))).isNull();
    }

    @Test
    void withoutAGatewayRouteTheRequestIsRefused() {
        Fixture mesh = mesh().gatewayRoute("gw", "a", null, http(prefix("/a")));

        Explanation explanation = mesh.atGateway("gw", at(HOST).path("/b"));

        assertThat(explanation.gatewayRoutes())
                .singleElement()
                .satisfies(tried -> assertThat(tried.mismatch()).isEqualTo("path does not start with /a"));
        assertThat(explanation.refusal()).isNotNull();
        assertThat(explanation.gatewayRoute()).isNull();
        assertThat(explanation.virtualService()).isNull();
    }

    @Test
    void aTargetThatDoesNotExistIsARefusal() {
        Explanation.Refused refused = refusal(
                mesh().gatewayRoute(
                                "gw",
                                "g",
                                null,
                                new GatewayRoute.Http(
                                        Protocol.HTTP,
                                        prefix("/").build(),
                                        new GatewayRoute.Target("gone", null),
                                        true,
                                        null)),
                at(HOST));

        assertThat(refused.reason()).isEqualTo(Reason.NO_ROUTE);
        assertThat(refused.message()).contains("gatewayRoute 'g'").contains("'gone' does not exist");
    }

    @Test
    void anUnknownGatewayHasNoExplanation() {
        assertThat(mesh().table().explainAtGateway(get("/").build(), "gone")).isNull();
    }

    // ---- How

    private static Fixture mesh() {
        return Fixture.withHttpRouter().route("all", prefix("/")).gateway("gw", new PortMapping(8080, Protocol.HTTP));
    }

    private static ExplainRequest.Builder at(String host) {
        return to(host).method("GET").path("/");
    }

    private static @Nullable String taken(Fixture mesh, String path) {
        return taken(mesh, at(HOST).path(path));
    }

    private static @Nullable String taken(Fixture mesh, ExplainRequest.Builder request) {
        return mesh.atGateway("gw", request).gatewayRoute();
    }

    private static Explanation.Refused refusal(Fixture mesh, ExplainRequest.Builder request) {
        Explanation.Refused refused = mesh.atGateway("gw", request).refusal();
        if (refused == null) {
            throw new AssertionError("not refused");
        }
        return refused;
    }

    private static @Nullable String forwarded(HttpMatch.Builder match, @Nullable PathRewrite rewrite, String path) {
        return mesh().gatewayRoute(
                        "gw", "g", null, new GatewayRoute.Http(Protocol.HTTP, match.build(), target(), true, rewrite))
                .atGateway("gw", at(HOST).path(path))
                .forwardedPath();
    }

    private static HttpMatch.Builder host(HostnameMatch match) {
        return HttpMatch.builder().hostname(match);
    }

    private static GatewayRoute.Http http(HttpMatch.Builder match) {
        return new GatewayRoute.Http(Protocol.HTTP, match.build(), target(), true, null);
    }

    private static GatewayRoute.Grpc grpc(GrpcMatch match) {
        return new GatewayRoute.Grpc(match, target(), true);
    }

    private static GatewayRoute.Target target() {
        return new GatewayRoute.Target(Fixture.SERVICE, null);
    }
}
