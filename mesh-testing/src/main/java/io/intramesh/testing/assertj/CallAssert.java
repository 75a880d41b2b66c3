package io.intramesh.testing.assertj;

import io.intramesh.OfflineMesh;
import io.intramesh.Reason;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.testing.expectation.Claim;
import io.intramesh.testing.expectation.Expectation;
import io.intramesh.testing.expectation.ExpectationChecker;
import io.intramesh.testing.expectation.Outcome;
import io.intramesh.testing.expectation.Share;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on what becomes of one call. A failure shows what was expected, what happens, and the explanation of the mesh. A
 * name that the mesh does not know fails as well.
 */
public final class CallAssert extends AbstractAssert<CallAssert, OfflineMesh> {
    private final ExplainRequest.Builder request;
    private final String call;
    private boolean isOutside;

    CallAssert(OfflineMesh actual, ExplainRequest.Builder request, String call) {
        super(actual, CallAssert.class);
        this.request = request;
        this.call = call;
    }

    /** Adds a header to the call, for the assertions that follow. */
    public CallAssert withHeader(String name, String value) {
        request.header(name, value);
        return this;
    }

    /** Says that the host is none of the mesh's services, and so no misspelling of one. */
    public CallAssert outsideTheMesh() {
        isOutside = true;
        return this;
    }

    /** Checks that all such calls go to that virtual node. */
    public CallAssert goesTo(String virtualNode) {
        return goesTo(virtualNode, BigDecimal.valueOf(100));
    }

    /** Checks how many of such calls go to that virtual node; what rounds to that whole number will do, but for 0 and 100. */
    public CallAssert goesTo(String virtualNode, int percent) {
        return goesTo(virtualNode, BigDecimal.valueOf(percent));
    }

    /** Checks the share with as many decimals as are written. */
    public CallAssert goesTo(String virtualNode, double percent) {
        return goesTo(virtualNode, BigDecimal.valueOf(percent));
    }

    private CallAssert goesTo(String virtualNode, BigDecimal percent) {
        return holds(new Claim.GoesTo(List.of(new Share(percent, virtualNode, null)), true));
    }

    /** Checks that the mesh refuses the call, for whatever reason. */
    public CallAssert isRefused() {
        return holds(new Claim.IsRefused(null));
    }

    /** Checks that the mesh refuses the call for that reason. */
    public CallAssert isRefused(Reason reason) {
        return holds(new Claim.IsRefused(reason));
    }

    /** Checks that access policies let the caller in. */
    public CallAssert isAllowed() {
        return holds(new Claim.IsAllowed(null));
    }

    /** Checks that a rule of that name lets the caller in. */
    public CallAssert isAllowedByRule(String rule) {
        return holds(new Claim.IsAllowed(rule));
    }

    /** Checks that access policies deny the call, by whatever rule. */
    public CallAssert isDenied() {
        return holds(new Claim.IsDenied(new Claim.IsDenied.By.Anything()));
    }

    /** Checks that a rule of that name denies the call. */
    public CallAssert isDeniedByRule(String rule) {
        return holds(new Claim.IsDenied(new Claim.IsDenied.By.Rule(rule)));
    }

    /** Checks that no rule allows the call, and a policy denies that by default. */
    public CallAssert isDeniedByDefault() {
        return holds(new Claim.IsDenied(new Claim.IsDenied.By.Default()));
    }

    /** Sets the SPIFFE ID that the caller's certificate proves, for the assertions that follow. */
    public CallAssert provenAs(String spiffeId) {
        request.spiffeId(spiffeId);
        return this;
    }

    /** Adds a claim that the caller's token proves, for the assertions that follow. */
    public CallAssert withClaim(String claim, String value) {
        request.claim(claim, value);
        return this;
    }

    /** Says that the caller has no token, for the assertions that follow. */
    public CallAssert withoutToken() {
        request.noToken();
        return this;
    }

    /** Sets when the call is made, for the assertions that follow. */
    public CallAssert at(Instant time) {
        request.at(time);
        return this;
    }

    /** Checks that the destination is outside the mesh, and the call passes through. */
    public CallAssert leavesTheMesh() {
        return holds(new Claim.LeavesTheMesh());
    }

    /** Checks which route takes the call. */
    public CallAssert takesRoute(String route) {
        return holds(new Claim.TakesRoute(route));
    }

    /** Checks which gateway route takes the request. */
    public CallAssert takesGatewayRoute(String gatewayRoute) {
        return holds(new Claim.TakesGatewayRoute(gatewayRoute));
    }

    /**
     * Checks under which host and path the request goes on, after what the gateway rewrites.
     *
     * @param hostAndPath {@code payments.local /x}, {@code payments.local} or {@code /x}
     */
    public CallAssert isRewrittenTo(String hostAndPath) {
        int blank = hostAndPath.indexOf(' ');
        int slash = hostAndPath.indexOf('/');
        int middle = blank >= 0 ? blank : slash < 0 ? hostAndPath.length() : slash;
        String host = hostAndPath.substring(0, middle).strip();
        String path = hostAndPath.substring(middle).strip();
        return holds(new Claim.IsForwardedAs(host.isEmpty() ? null : host, path.isEmpty() ? null : path));
    }

    /** Checks how long a request may take; zero means that it never times out. */
    public CallAssert timesOutAfter(Duration limit) {
        return holds(new Claim.TimesOutAfter(limit, false));
    }

    /** Checks how long a request may be idle; zero means that it never times out for that. */
    public CallAssert timesOutWhenIdleFor(Duration limit) {
        return holds(new Claim.TimesOutAfter(limit, true));
    }

    /** Checks that a call is not sent again more often than that. */
    public CallAssert retriesAtMost(int times) {
        return holds(new Claim.RetriesAtMost(times));
    }

    private CallAssert holds(Claim claim) {
        ExplainRequest asked = request.build();
        Outcome outcome = ExpectationChecker.of(actual).check(new Expectation(asked, isOutside, List.of(claim)));
        if (!outcome.isMet()) {
            failWithMessage(
                    "%s calling %s%n%s%s",
                    who(asked), call, outcome, outcome.explanation() == null ? "" : "\n" + outcome.explanation());
        }
        return this;
    }

    private static String who(ExplainRequest asked) {
        @Nullable String gateway = asked.virtualGateway();
        @Nullable String caller = asked.virtualNode();
        return gateway != null ? "through gateway " + gateway : caller != null ? caller : "anyone";
    }
}
