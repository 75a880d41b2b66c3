package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.prefix;
import static io.intramesh.internal.route.Fixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.explain.Explanation;
import io.intramesh.explain.Explanation.Tried;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.ValueMatch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people read. */
final class ExplanationTest {

    @Test
    void routesAreListedInOrderWithTheFirstThingThatDidNotMatch() {
        Explanation explanation = Fixture.withHttpRouter()
                .route("canary", 1, prefix("/").headers(List.of(header("x-canary", new ValueMatch.Exact("yes")))))
                .route("beta", 0, prefix("/beta").method(HttpMethod.GET))
                .route("all", prefix("/"))
                .route("never", prefix("/").port(1))
                .explain(get("/a?b=c").header("x-canary", "no"));

        assertThat(explanation.routes())
                .containsExactly(
                        new Tried("beta", "path starts with /beta and method is GET", "path does not start with /beta"),
                        new Tried(
                                "canary",
                                "path starts with / and header x-canary is exactly 'yes'",
                                "header x-canary is 'no', which is not exactly 'yes'"),
                        new Tried("all", "path starts with /", null));
        assertThat(explanation.route()).isEqualTo("all");
        assertThat(explanation.forwardedHost()).isEqualTo(Fixture.SERVICE);
        assertThat(explanation.forwardedPath()).isEqualTo("/a?b=c");
        assertThat(explanation.gatewayRoutes()).isEmpty();
        assertThat(explanation.toString()).contains("virtual router: r", "* all", "- beta");
    }

    @Test
    void everyKindOfMismatchIsSaidInWords() {
        assertMismatch(header("x", null), "header x is absent");
        assertMismatch(new HeaderMatch("y", null, true), "header y is present");
        assertMismatch(header("x", new ValueMatch.Exact("1")), "header x is absent");
        assertMismatch(header("y", new ValueMatch.Prefix("a")), "header y is '5', which does not start with 'a'");
        assertMismatch(header("y", new ValueMatch.Suffix("a")), "header y is '5', which does not end with 'a'");
        assertMismatch(header("y", new ValueMatch.Regex("a+")), "header y is '5', which does not match 'a+'");
        assertMismatch(
                header("y", new ValueMatch.Range(1, 5)), "header y is '5', which is not an integer from 1 to below 5");
        assertMismatch(
                new HeaderMatch("y", new ValueMatch.Range(1, 6), true),
                "header y is '5', which is an integer from 1 to below 6");
        assertThat(mismatch(Fixture.withHttpRouter()
                        .route("r", prefix("/").queryParameters(List.of(new QueryParameterMatch("q", "1"))))))
                .isEqualTo("query parameter q is '2', not '1'");
        assertThat(mismatch(Fixture.withHttpRouter()
                        .route("r", prefix("/").queryParameters(List.of(new QueryParameterMatch("z", null))))))
                .isEqualTo("query parameter z is absent");
        assertThat(mismatch(Fixture.withHttpRouter().route("r", prefix("/").method(HttpMethod.PUT))))
                .isEqualTo("method is GET, not PUT");
        assertThat(mismatch(Fixture.withHttpRouter().route("r", prefix("/").port(9))))
                .isEqualTo("port is 8080, not 9");
        assertThat(mismatch(Fixture.withHttpRouter().route("r", GrpcMatch.ALL)))
                .isEqualTo("it is a route of grpc, the listener on port 8080 speaks http");
    }

    @Test
    void aRefusalSaysHowToMend() {
        Explanation explanation = Fixture.withHttpRouter().caller("orders").explain("orders", to("other"));

        assertThat(explanation.virtualService()).isNull();
        assertThat(explanation.refusal()).isNotNull();
        assertThat(explanation.toString()).contains("EGRESS_DENIED", "spec.backends");
    }

    private static void assertMismatch(HeaderMatch match, String words) {
        assertThat(mismatch(Fixture.withHttpRouter().route("r", prefix("/").headers(List.of(match)))))
                .isEqualTo(words);
    }

    private static String mismatch(Fixture mesh) {
        return String.valueOf(
                mesh.explain(get("/a?q=2").header("y", "5")).routes().get(0).mismatch());
    }

    private static HeaderMatch header(String name, @org.jspecify.annotations.Nullable ValueMatch match) {
        return new HeaderMatch(name, match, false);
    }
}
