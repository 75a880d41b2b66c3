package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.SERVICE;
import static io.intramesh.internal.route.Fixture.exact;
import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.prefix;
import static io.intramesh.internal.route.Fixture.regex;
import static io.intramesh.internal.route.Fixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Reason;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.HttpScheme;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.Route;
import io.intramesh.model.ValueMatch;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules RM-01 to RM-30 of the reference, in its order. */
final class RouteMatchingTest {
    private static final PortMapping HTTP_8080 = new PortMapping(8080, Protocol.HTTP);
    private static final PortMapping GRPC_9090 = new PortMapping(9090, Protocol.GRPC);

    // ---- Candidates and order: RM-01 to RM-06

    @Test
    void onlyRoutesOfTheListenersProtocolAreCandidates() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("grpc", GrpcMatch.ALL)
                .route("http2", null, new Route.Http(Protocol.HTTP2, HttpMatch.ALL, targets(), null, null))
                .route("http", prefix("/"));

        assertThat(mesh.routeOf(get("/a"))).isEqualTo("http");
    }

    @Test
    void theFirstMatchWinsAndTheRestIsNotLookedAt() {
        Fixture mesh = Fixture.withHttpRouter().route("one", 1, prefix("/")).route("zero", 0, prefix("/"));

        assertThat(mesh.explain(get("/a")).routes()).singleElement().satisfies(tried -> {
            assertThat(tried.name()).isEqualTo("zero");
            assertThat(tried.mismatch()).isNull();
        });
    }

    @Test
    void aLowerPriorityNumberGoesFirstAndNoneGoesLast() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("none", exact("/a/b"))
                .route("thousand", 1000, prefix("/a"))
                .route("five", 5, prefix("/"));

        assertThat(mesh.routeOf(get("/a/b"))).isEqualTo("five");
        assertThat(mesh.explain(get("/a/b")).routes()).hasSize(1);
        Fixture without = Fixture.withHttpRouter().route("none", exact("/a/b")).route("thousand", 1000, prefix("/a"));
        assertThat(without.routeOf(get("/a/b"))).isEqualTo("thousand");
    }

    @Test
    void amongEqualPrioritiesTheLongerPrefixGoesFirst() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("short", 7, prefix("/"))
                .route("long", 7, prefix("/a/b"))
                .route("middle", 7, prefix("/a"));

        assertThat(mesh.routeOf(get("/a/b/c"))).isEqualTo("long");
        assertThat(mesh.routeOf(get("/a/x"))).isEqualTo("middle");
        assertThat(mesh.routeOf(get("/x"))).isEqualTo("short");
    }

    @Test
    void equallySpecificRoutesKeepTheirOrderOfDeclaration() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("first", prefix("/a"))
                .route("second", prefix("/a").headers(List.of(new HeaderMatch("x", null, false))));

        assertThat(mesh.routeOf(get("/a").header("x", "1"))).isEqualTo("first");
    }

    @Test
    void exactGoesBeforePrefixBeforeRegexBeforeNoPath() {
        Fixture mesh = Fixture.withHttpRouter()
                .route("none", HttpMatch.builder())
                .route("regex", regex("/a.*"))
                .route("prefix", prefix("/a/"))
                .route("exact", exact("/a/b"));

        assertThat(mesh.routeOf(get("/a/b"))).isEqualTo("exact");
        assertThat(mesh.routeOf(get("/a/c"))).isEqualTo("prefix");
        assertThat(mesh.routeOf(get("/ab"))).isEqualTo("regex");
        assertThat(mesh.routeOf(get("/b"))).isEqualTo("none");
    }

    @Test
    void allConditionsMustHold() {
        Fixture mesh = Fixture.withHttpRouter()
                .route(
                        "all",
                        prefix("/a")
                                .method(HttpMethod.GET)
                                .port(8080)
                                .headers(List.of(header("x", new ValueMatch.Exact("1")), header("y", null)))
                                .queryParameters(List.of(new QueryParameterMatch("q", "2"))));

        assertThat(mesh.routeOf(get("/a?q=2").header("x", "1").header("y", ""))).isEqualTo("all");
        assertThat(mesh.routeOf(get("/b?q=2").header("x", "1").header("y", ""))).isNull();
        assertThat(mesh.routeOf(get("/a?q=2").method("PUT").header("x", "1").header("y", "")))
                .isNull();
        assertThat(mesh.routeOf(get("/a?q=2").header("x", "2").header("y", ""))).isNull();
        assertThat(mesh.routeOf(get("/a?q=2").header("x", "1"))).isNull();
        assertThat(mesh.routeOf(get("/a?q=3").header("x", "1").header("y", ""))).isNull();
    }

    // ---- Path: RM-07 to RM-12

    @Test
    void aPrefixIsAStringPrefixAndNotOneOfSegments() {
        Fixture mesh = Fixture.withHttpRouter().route("chapter", prefix("/chapter"));

        assertThat(mesh.routeOf(get("/chapter"))).isEqualTo("chapter");
        assertThat(mesh.routeOf(get("/chapter/"))).isEqualTo("chapter");
        assertThat(mesh.routeOf(get("/chapter1"))).isEqualTo("chapter");
        assertThat(mesh.routeOf(get("/Chapter"))).isNull();
    }

    @Test
    void aTrailingSlashOfAPrefixCounts() {
        Fixture mesh = Fixture.withHttpRouter().route("red", prefix("/red/"));

        assertThat(mesh.routeOf(get("/red/"))).isEqualTo("red");
        assertThat(mesh.routeOf(get("/red"))).isNull();
    }

    @Test
    void anExactPathIsComparedWithoutQueryAndWithCase() {
        Fixture mesh = Fixture.withHttpRouter().route("a", exact("/a"));

        assertThat(mesh.routeOf(get("/a?b=c"))).isEqualTo("a");
        assertThat(mesh.routeOf(get("/a/"))).isNull();
        assertThat(mesh.routeOf(get("/A"))).isNull();
    }

    @Test
    void aRegexMustMatchTheWholePathWithoutQuery() {
        Fixture mesh = Fixture.withHttpRouter().route("v", regex("/v[0-9]+/x"));

        assertThat(mesh.routeOf(get("/v12/x?y=/z"))).isEqualTo("v");
        assertThat(mesh.routeOf(get("/v12/xy"))).isNull();
        assertThat(mesh.routeOf(get("/a/v12/x"))).isNull();
    }

    @Test
    void anExpressionThatRe2RefusesMatchesNothing() {
        Fixture mesh = Fixture.withHttpRouter().route("bad", regex("(?=a).*")).route("all", prefix("/"));

        assertThat(mesh.routeOf(get("/a"))).isEqualTo("all");
    }

    @Test
    void theQueryIsNoPartOfTheTestedPath() {
        Fixture mesh = Fixture.withHttpRouter().route("q", prefix("/a?b"));

        assertThat(mesh.routeOf(get("/a?b=c"))).isNull();
    }

    @Test
    void theCanonicalPathIsMatchedAndForwarded() {
        Fixture mesh = Fixture.withHttpRouter().route("admin", prefix("/admin")).route("all", prefix("/"));

        for (String sent :
                List.of("/x/../admin/a", "//admin/a", "/./admin/a", "/%61dmin/a", "/x/%2e%2e/admin/a", "/admin//a")) {
            Decision decision = mesh.decide(get(sent));
            assertThat(decision.route()).as(sent).isEqualTo("admin");
            assertThat(decision.canonicalPath()).as(sent).isEqualTo("/admin/a");
            assertThat(mesh.explain(get(sent + "?q=%2e")).forwardedPath()).isEqualTo("/admin/a?q=%2e");
        }
    }

    @Test
    void aCanonicalPathIsForwardedAsItIs() {
        Fixture mesh = Fixture.withHttpRouter().route("all", prefix("/"));

        assertThat(mesh.decide(get("/a/b%20c")).canonicalPath()).isNull();
    }

    @Test
    void anEncodedSlashStaysEncodedAndPartsNothing() {
        Fixture mesh =
                Fixture.withHttpRouter().route("admin", prefix("/admin/")).route("all", prefix("/"));

        Decision decision = mesh.decide(get("/admin%2Fa"));

        assertThat(decision.route()).isEqualTo("all");
        assertThat(decision.canonicalPath()).isNull();
    }

    // ---- Method, scheme, port: RM-13 to RM-15

    @Test
    void aMethodIsOneValueAndCaseCounts() {
        Fixture mesh = Fixture.withHttpRouter().route("post", prefix("/").method(HttpMethod.POST));

        assertThat(mesh.routeOf(get("/").method("POST"))).isEqualTo("post");
        assertThat(mesh.routeOf(get("/").method("post"))).isNull();
        assertThat(mesh.routeOf(get("/").method("GET"))).isNull();
    }

    @Test
    void aSchemeIsCompared() {
        Fixture mesh = Fixture.withRouter(new PortMapping(8080, Protocol.HTTP2))
                .route(
                        "secure",
                        null,
                        new Route.Http(
                                Protocol.HTTP2,
                                prefix("/").scheme(HttpScheme.HTTPS).build(),
                                targets(),
                                null,
                                null));

        assertThat(mesh.routeOf(get("/").scheme("https"))).isEqualTo("secure");
        assertThat(mesh.routeOf(get("/").scheme("http"))).isNull();
    }

    @Test
    void whatTheRequestLeavesOpenLetsConditionsHold() {
        Fixture mesh = Fixture.withHttpRouter().route("one", exact("/a").method(HttpMethod.PUT));

        assertThat(mesh.routeOf(to(SERVICE))).isEqualTo("one");
        assertThat(mesh.routeOf(to(SERVICE).path("/a"))).isEqualTo("one");
        assertThat(mesh.routeOf(to(SERVICE).method("PUT"))).isEqualTo("one");
        assertThat(mesh.routeOf(to(SERVICE).method("GET"))).isNull();
    }

    @Test
    void theDialledPortChoosesTheListenerAndItsRoutes() {
        Fixture mesh = Fixture.withRouter(HTTP_8080, new PortMapping(9080, Protocol.HTTP))
                .route("other", prefix("/").port(9080))
                .route("main", prefix("/").port(8080));

        assertThat(mesh.routeOf(get("/").port(9080))).isEqualTo("other");
        assertThat(mesh.routeOf(get("/").port(8080))).isEqualTo("main");
    }

    @Test
    void withoutAPortTheFirstListenerIsMeant() {
        Fixture mesh = Fixture.withRouter(HTTP_8080, new PortMapping(9080, Protocol.HTTP))
                .route("other", prefix("/").port(9080))
                .route("main", prefix("/").port(8080));

        assertThat(mesh.routeOf(get("/"))).isEqualTo("main");
        assertThat(mesh.routeOf(get("/").impliedPort(80))).isEqualTo("main");
        assertThat(mesh.routeOf(get("/").impliedPort(9080))).isEqualTo("other");
    }

    @Test
    void aPortInTheHostIsADialledPort() {
        Fixture mesh = Fixture.withRouter(HTTP_8080, new PortMapping(9080, Protocol.HTTP))
                .route("other", prefix("/").port(9080))
                .route("main", prefix("/").port(8080));

        assertThat(mesh.routeOf(to(SERVICE + ":9080").path("/"))).isEqualTo("other");
        assertThat(mesh.decide(to(SERVICE + ":7").path("/")).refusal()).isEqualTo(Reason.NO_ROUTE);
    }

    @Test
    void aRouterWithoutListenersTakesEveryPortAndProtocol() {
        Fixture mesh = Fixture.withRouter()
                .route("grpc", new GrpcMatch(null, null, null, 9090, List.of()))
                .route("http", prefix("/").port(8080));

        assertThat(mesh.routeOf(get("/").port(8080))).isEqualTo("http");
        assertThat(mesh.routeOf(get("/").port(9090))).isEqualTo("grpc");
        assertThat(mesh.routeOf(get("/").protocol(Protocol.GRPC))).isEqualTo("grpc");
        assertThat(mesh.routeOf(get("/").protocol(Protocol.HTTP))).isEqualTo("http");
        assertThat(mesh.routeOf(get("/").port(7))).isNull();
    }

    @Test
    void aRequestOfAnotherProtocolIsNotTaken() {
        Fixture mesh = Fixture.withRouter(new PortMapping(8080, Protocol.HTTP2))
                .route("two", null, new Route.Http(Protocol.HTTP2, HttpMatch.ALL, targets(), null, null));

        assertThat(mesh.decide(get("/").protocol(Protocol.HTTP2)).refusal()).isNull();
        Decision refused = mesh.decide(get("/").protocol(Protocol.HTTP));
        assertThat(refused.refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(refused.refusalMessage()).contains("port 8080 speaks http2, the request http");
    }

    @Test
    void aGrpcCallMayGoToAnHttp2Listener() {
        Fixture mesh = Fixture.withRouter(new PortMapping(8080, Protocol.HTTP2))
                .route("two", null, new Route.Http(Protocol.HTTP2, HttpMatch.ALL, targets(), null, null));

        assertThat(mesh.routeOf(get("/s/m").protocol(Protocol.GRPC))).isEqualTo("two");
    }

    // ---- Headers: RM-16 to RM-21

    @Test
    void headerNamesIgnoreCaseAndValuesDoNot() {
        Fixture mesh = withHeader(new HeaderMatch("X-Canary", new ValueMatch.Exact("Yes"), false));

        assertThat(mesh.routeOf(get("/").header("x-CANARY", "Yes"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/").header("x-canary", "yes"))).isNull();
    }

    @Test
    void withoutAValueAHeaderMustBePresent() {
        Fixture mesh = withHeader(new HeaderMatch("x", null, false));

        assertThat(mesh.routeOf(get("/").header("x", ""))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/"))).isNull();
    }

    @Test
    void invertedPresenceIsAbsence() {
        Fixture mesh = withHeader(new HeaderMatch("x", null, true));

        assertThat(mesh.routeOf(get("/"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/").header("x", ""))).isNull();
    }

    @Test
    void severalLinesOfAHeaderAreJoinedWithAComma() {
        Fixture mesh = withHeader(header("x", new ValueMatch.Exact("a,b")));

        assertThat(mesh.routeOf(get("/").header("x", "a").header("X", "b"))).isEqualTo("h");
    }

    @Test
    void prefixAndSuffixOfAValueAreCompared() {
        Fixture starts = withHeader(header("x", new ValueMatch.Prefix("ab")));
        Fixture ends = withHeader(header("x", new ValueMatch.Suffix("ab")));

        assertThat(starts.routeOf(get("/").header("x", "abc"))).isEqualTo("h");
        assertThat(starts.routeOf(get("/").header("x", "cab"))).isNull();
        assertThat(ends.routeOf(get("/").header("x", "cab"))).isEqualTo("h");
        assertThat(ends.routeOf(get("/").header("x", "abc"))).isNull();
    }

    @Test
    void aRegexMustMatchTheWholeValue() {
        Fixture mesh = withHeader(header("x", new ValueMatch.Regex("a+")));

        assertThat(mesh.routeOf(get("/").header("x", "aaa"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/").header("x", "aaab"))).isNull();
    }

    @Test
    void aRangeIsHalfOpenAndTakesIntegersOnly() {
        Fixture mesh = withHeader(header("x", new ValueMatch.Range(-5, 10)));

        for (String taken : List.of("-5", "0", "9", "+9", "-0", "007")) {
            assertThat(mesh.routeOf(get("/").header("x", taken))).as(taken).isEqualTo("h");
        }
        for (String refused : List.of(
                "-6",
                "10",
                "5somestring",
                "",
                "+",
                "-",
                "1.0",
                " 1",
                "0x1",
                "--1",
                "٣",
                "18446744073709551617",
                "9223372036854775808",
                "-9223372036854775809")) {
            assertThat(mesh.routeOf(get("/").header("x", refused))).as(refused).isNull();
        }
    }

    @Test
    void aRangeReachesToTheEndsOfLong() {
        assertThat(HeaderCriterion.isIntegerWithin("-9223372036854775808", Long.MIN_VALUE, 0))
                .isTrue();
        assertThat(HeaderCriterion.isIntegerWithin("9223372036854775806", 0, Long.MAX_VALUE))
                .isTrue();
        assertThat(HeaderCriterion.isIntegerWithin("9223372036854775807", 0, Long.MAX_VALUE))
                .isFalse();
        assertThat(HeaderCriterion.isIntegerWithin("9223372036854775808", Long.MIN_VALUE, Long.MAX_VALUE))
                .isFalse();
        assertThat(HeaderCriterion.isIntegerWithin("-9223372036854775809", Long.MIN_VALUE, Long.MAX_VALUE))
                .isFalse();
    }

    @Test
    void anInvertedValueNeedsTheHeaderToBePresent() {
        Fixture mesh = withHeader(new HeaderMatch("x", new ValueMatch.Exact("a"), true));

        assertThat(mesh.routeOf(get("/").header("x", "b"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/").header("x", "a"))).isNull();
        assertThat(mesh.routeOf(get("/"))).isNull();
    }

    @Test
    void anInvertedRangeTakesWhatIsNoNumber() {
        Fixture mesh = withHeader(new HeaderMatch("x", new ValueMatch.Range(0, 10), true));

        assertThat(mesh.routeOf(get("/").header("x", "abc"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/").header("x", "5"))).isNull();
    }

    // ---- Query: RM-22

    @Test
    void theFirstQueryParameterOfANameCounts() {
        Fixture mesh = withQuery(new QueryParameterMatch("q", "1"));

        assertThat(mesh.routeOf(get("/?q=1&q=2"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q=2&q=1"))).isNull();
        assertThat(mesh.routeOf(get("/?Q=1"))).isNull();
        assertThat(mesh.routeOf(get("/?qq=1"))).isNull();
        assertThat(mesh.routeOf(get("/?a=q=1"))).isNull();
        assertThat(mesh.routeOf(get("/"))).isNull();
    }

    @Test
    void aQueryParameterWithoutAValueAsksForPresence() {
        Fixture mesh = withQuery(new QueryParameterMatch("q", null));

        assertThat(mesh.routeOf(get("/?a=b&q"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q="))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?a=b"))).isNull();
    }

    @Test
    void queryParametersAreComparedDecoded() {
        Fixture mesh = withQuery(new QueryParameterMatch("a b", "ü&+"));

        assertThat(mesh.routeOf(get("/?a%20b=%C3%BC%26+"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?a%20b=ü%26%2B"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?a+b=%C3%BC%26+"))).isNull();
        assertThat(mesh.routeOf(get("/?a%20b=%C3%BC%26%20"))).isNull();
    }

    @Test
    void aStrayPercentInAQueryStandsForItself() {
        Fixture mesh = withQuery(new QueryParameterMatch("q", "100%"));

        assertThat(mesh.routeOf(get("/?q=100%"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q=100%25"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q=100%2"))).isNull();
    }

    @Test
    void anEmptyQueryValueIsAValue() {
        Fixture mesh = withQuery(new QueryParameterMatch("q", ""));

        assertThat(mesh.routeOf(get("/?q"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q=&b"))).isEqualTo("h");
        assertThat(mesh.routeOf(get("/?q=1"))).isNull();
    }

    // ---- gRPC: RM-23, RM-24

    @Test
    void grpcServiceAndMethodComeFromThePath() {
        Fixture mesh = Fixture.withRouter(GRPC_9090)
                .route("any", GrpcMatch.ALL)
                .route("service", grpc("shop.Cart", null))
                .route("method", grpc("shop.Cart", "Add"));

        assertThat(mesh.routeOf(get("/shop.Cart/Add"))).isEqualTo("method");
        assertThat(mesh.routeOf(get("/shop.Cart/Remove"))).isEqualTo("service");
        assertThat(mesh.routeOf(get("/shop.Cart/Add2"))).isEqualTo("service");
        assertThat(mesh.routeOf(get("/shop.Cart2/Add"))).isEqualTo("any");
        assertThat(mesh.routeOf(get("/shop.Cart"))).isEqualTo("any");
    }

    @Test
    void aGrpcServiceNameEndsAtTheSecondSlash() {
        Fixture mesh = Fixture.withRouter(GRPC_9090).route("odd", grpc("a/b", null));

        assertThat(mesh.routeOf(get("/a/b/c"))).isNull();
    }

    @Test
    void grpcMetadataFollowTheRulesOfHeaders() {
        Fixture mesh = Fixture.withRouter(GRPC_9090)
                .route(
                        "meta",
                        new GrpcMatch(
                                null,
                                null,
                                null,
                                null,
                                List.of(new HeaderMatch("Tenant", new ValueMatch.Prefix("a"), false))));

        assertThat(mesh.routeOf(get("/s/m").header("tenant", "abc"))).isEqualTo("meta");
        assertThat(mesh.routeOf(get("/s/m").header("tenant", "b"))).isNull();
        assertThat(mesh.routeOf(get("/s/m"))).isNull();
    }

    // ---- Nothing takes it: RM-25 to RM-27

    @Test
    void noMatchingRouteIsARefusalWith404() {
        Decision decision = Fixture.withHttpRouter().route("a", prefix("/a")).decide(get("/b"));

        assertThat(decision.refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(decision.refusalStatus()).isEqualTo(404);
        assertThat(decision.refusalMessage()).contains("virtualRouter 'r'").contains("GET /b");
        assertThat(decision.virtualService()).isEqualTo(SERVICE);
        assertThat(decision.virtualRouter()).isEqualTo("r");
    }

    @Test
    void aServiceWithoutProviderIsARefusalWith503() {
        assertNothingBehind(Fixture.empty().service(SERVICE, null), "no provider");
    }

    @Test
    void aRouterWithoutRoutesIsARefusalWith503() {
        assertNothingBehind(Fixture.withHttpRouter(), "virtualRouter 'r' has no routes");
    }

    @Test
    void aMissingProviderIsARefusalWith503() {
        assertNothingBehind(
                Fixture.empty().service(SERVICE, new VirtualService.Provider.Router("gone")),
                "virtualRouter 'gone' does not exist");
        assertNothingBehind(
                Fixture.empty().service(SERVICE, new VirtualService.Provider.Node("gone")),
                "virtualNode 'gone' does not exist");
    }

    @Test
    void aPortWithoutListenerIsARefusal() {
        Decision decision = Fixture.withRouter(HTTP_8080, GRPC_9090)
                .route("all", prefix("/"))
                .decide(get("/").port(9999));

        assertThat(decision.refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(decision.refusalMessage()).contains("no listener on port 9999 (has: 8080, 9090)");
    }

    // ---- Node as provider, TCP, names: RM-28 to RM-30

    @Test
    void aNodeAsProviderTakesEverythingOfItsListener() {
        Listener http = Fixture.listener(8080, Protocol.HTTP);
        Listener grpc = Fixture.listener(9090, Protocol.GRPC);
        Fixture mesh = Fixture.empty().node("n", http, grpc).service(SERVICE, new VirtualService.Provider.Node("n"));

        Decision first = mesh.decide(get("/whatever"));
        assertThat(first.route()).isNull();
        assertThat(first.virtualRouter()).isNull();
        assertThat(first.target().virtualNode()).isEqualTo("n");
        assertThat(first.target().listener()).isEqualTo(http);
        assertThat(mesh.decide(get("/").port(9090)).target().listener()).isEqualTo(grpc);
        assertThat(mesh.decide(get("/").port(7)).refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(mesh.decide(get("/").port(9090).protocol(Protocol.HTTP)).refusal())
                .isEqualTo(Reason.NO_ROUTE);
    }

    @Test
    void aNodeWithoutListenersTakesEveryPort() {
        Decision decision = Fixture.empty()
                .node("n")
                .service(SERVICE, new VirtualService.Provider.Node("n"))
                .decide(get("/").port(7));

        assertThat(decision.target().virtualNode()).isEqualTo("n");
        assertThat(decision.target().listener()).isNull();
        assertThat(decision.target().port()).isNull();
    }

    @Test
    void aTcpRouteAsksForThePortAlone() {
        Fixture mesh = Fixture.withRouter(new PortMapping(5432, Protocol.TCP), new PortMapping(5433, Protocol.TCP))
                .route("replica", null, new Route.Tcp(5433, targets(), null))
                .route("primary", null, new Route.Tcp(null, targets(), null));

        assertThat(mesh.routeOf(to(SERVICE).port(5432))).isEqualTo("primary");
        assertThat(mesh.routeOf(to(SERVICE).port(5433).path("/x").method("GET")))
                .isEqualTo("replica");
    }

    @Test
    void onlyTheNameOfTheVirtualServiceIsItsHost() {
        Fixture mesh = Fixture.withHttpRouter().route("all", prefix("/"));

        assertThat(mesh.decide(to("svc").path("/")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(mesh.decide(to("x.svc.local").path("/")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
    }

    @Test
    void caseAndAFinalDotOfTheHostDoNotCount() {
        Fixture mesh = Fixture.withHttpRouter().route("all", prefix("/"));

        assertThat(mesh.routeOf(to("SVC.Local").path("/"))).isEqualTo("all");
        assertThat(mesh.routeOf(to("svc.local.").path("/"))).isEqualTo("all");
        assertThat(mesh.routeOf(to("Svc.local.:8080").path("/"))).isEqualTo("all");
        assertThat(mesh.decide(to("SVC.local").path("/")).virtualService()).isEqualTo(SERVICE);
    }

    @Test
    void aNameInCapitalsIsFoundToo() {
        Fixture mesh = Fixture.empty().node("n").service("Payments", new VirtualService.Provider.Node("n"));

        assertThat(mesh.decide(to("payments")).virtualService()).isEqualTo("Payments");
    }

    // ---- How

    private static void assertNothingBehind(Fixture mesh, String message) {
        Decision decision = mesh.decide(get("/"));
        assertThat(decision.refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(decision.refusalStatus()).isEqualTo(503);
        assertThat(decision.refusalMessage()).contains(SERVICE).contains(message);
        assertThat(decision.isPassThrough()).isFalse();
    }

    private static List<WeightedTarget> targets() {
        return List.of(new WeightedTarget("n", 1, null));
    }

    private static HeaderMatch header(String name, @Nullable ValueMatch match) {
        return new HeaderMatch(name, match, false);
    }

    private static Fixture withHeader(HeaderMatch match) {
        return Fixture.withHttpRouter().route("h", prefix("/").headers(List.of(match)));
    }

    private static Fixture withQuery(QueryParameterMatch match) {
        return Fixture.withHttpRouter().route("h", prefix("/").queryParameters(List.of(match)));
    }

    private static GrpcMatch grpc(String service, @Nullable String method) {
        return new GrpcMatch(service, method, null, null, List.of());
    }
}
