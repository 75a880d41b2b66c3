package io.intramesh.internal.route;

import static io.intramesh.internal.route.Fixture.SERVICE;
import static io.intramesh.internal.route.Fixture.get;
import static io.intramesh.internal.route.Fixture.prefix;
import static io.intramesh.internal.route.Fixture.to;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Reason;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.Protocol;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The rules EG-01 to EG-06 of the reference, and whom a caller may reach. */
final class EgressTest {

    @Test
    void aDeclaredBackendIsReached() {
        assertThat(mesh().caller("orders", "SVC.local")
                        .decide("orders", get("/"))
                        .route())
                .isEqualTo("all");
    }

    @Test
    void withoutAMeshResourceTheUndeclaredIsDropped() {
        Decision decision = mesh().caller("orders").decide("orders", to("example.org"));

        assertThat(decision.refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(decision.refusalStatus()).isEqualTo(404);
        assertThat(decision.refusalMessage())
                .contains("virtualNode 'orders'", "example.org", "spec.backends", "ALLOW_ALL");
        assertThat(decision.virtualService()).isEqualTo("example.org");
    }

    @Test
    void existenceInTheMeshIsNotEnough() {
        Fixture mesh = mesh().egress(EgressFilter.DROP_ALL).caller("orders");

        assertThat(mesh.decide("orders", get("/")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(mesh.explain("orders", get("/")).refusal()).isNotNull();
    }

    @Test
    void amazonsOwnHostsAreReachedUnderDropAll() {
        Fixture mesh = mesh().egress(EgressFilter.DROP_ALL).caller("orders");

        assertThat(mesh.decide("orders", to("sqs.eu-west-1.amazonaws.com")).isPassThrough())
                .isTrue();
        assertThat(mesh.decide("orders", to("S3.AmazonAWS.com.")).isPassThrough())
                .isTrue();
        assertThat(mesh.decide("orders", to("amazonaws.com")).isPassThrough()).isFalse();
        assertThat(mesh.decide("orders", to("evilamazonaws.com")).isPassThrough())
                .isFalse();
        assertThat(mesh.decide("orders", to("x.amazonaws.com.example.org")).isPassThrough())
                .isFalse();
    }

    @Test
    void allowAllLetsTheUndeclaredPassEvenWhereAServiceHasThatName() {
        Fixture mesh = mesh().egress(EgressFilter.ALLOW_ALL).caller("orders");

        Decision decision = mesh.decide("orders", get("/a/../b"));

        assertThat(decision.isPassThrough()).isTrue();
        assertThat(decision.refusal()).isNull();
        assertThat(decision.virtualService()).isEqualTo(SERVICE);
        assertThat(decision.canonicalPath()).isNull();
        assertThat(mesh.explain("orders", get("/a/../b?c")).forwardedPath()).isEqualTo("/a/../b?c");
    }

    @Test
    void allowAllStillTakesTheDeclaredThroughTheMesh() {
        Fixture mesh = mesh().egress(EgressFilter.ALLOW_ALL).caller("orders", SERVICE);

        assertThat(mesh.decide("orders", get("/")).route()).isEqualTo("all");
        assertThat(mesh.decide("orders", to("10.0.0.1")).isPassThrough()).isTrue();
    }

    @Test
    void addressesFollowTheEgressFilterToo() {
        Fixture drop = mesh().egress(EgressFilter.DROP_ALL).caller("orders");

        assertThat(drop.decide("orders", to("10.0.0.1").port(8080)).refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(drop.decide("orders", to("::1")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(drop.decide("orders", to("[::1]:8080")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
    }

    @Test
    void anyCallerReachesEveryServiceAndTheOutsideByTheFilter() {
        assertThat(mesh().decide(get("/")).route()).isEqualTo("all");
        assertThat(mesh().decide(to("example.org")).refusal()).isEqualTo(Reason.EGRESS_DENIED);
        assertThat(mesh().egress(EgressFilter.ALLOW_ALL)
                        .decide(to("example.org"))
                        .isPassThrough())
                .isTrue();
    }

    @Test
    void aDeclaredBackendThatDoesNotExistIsARefusalWith503() {
        Decision decision = Fixture.empty()
                .egress(EgressFilter.ALLOW_ALL)
                .caller("orders", "later.local")
                .decide("orders", to("later.local"));

        assertThat(decision.refusal()).isEqualTo(Reason.NO_ROUTE);
        assertThat(decision.refusalStatus()).isEqualTo(503);
        assertThat(decision.refusalMessage()).contains("later.local").contains("does not exist");
    }

    @Test
    void anExternalServiceIsAVirtualServiceOfItsHost() {
        Fixture mesh = Fixture.empty()
                .node("github", Fixture.listener(443, Protocol.HTTP))
                .service("api.github.com", new VirtualService.Provider.Node("github"))
                .caller("orders", "api.github.com");

        assertThat(mesh.decide("orders", to("api.github.com").impliedPort(443))
                        .target()
                        .virtualNode())
                .isEqualTo("github");
    }

    @Test
    void anUnknownCallerIsNoCaller() {
        assertThat(mesh().table().caller("nobody")).isNull();
    }

    @Test
    void aBackendsOwnPolicyReplacesTheDefault() {
        ClientPolicy own = new ClientPolicy(null);
        ClientPolicy byDefault = new ClientPolicy(new ClientPolicy.Tls(
                false,
                List.of(),
                null,
                new io.intramesh.model.TlsValidation(new io.intramesh.model.TlsTrust.File("/ca.pem"), List.of())));
        RoutingTable table = Fixture.empty()
                .add(VirtualNode.builder(Fixture.MESH, "orders")
                        .backends(List.of(new Backend("A.local", own), new Backend("b.local", null)))
                        .backendDefaults(byDefault)
                        .build())
                .table();
        Caller caller = Objects.requireNonNull(table.caller("orders"));

        assertThat(caller.clientPolicyFor("A.local")).isSameAs(own);
        assertThat(caller.clientPolicyFor("a.local")).isSameAs(own);
        assertThat(caller.clientPolicyFor("b.local")).isSameAs(byDefault);
        assertThat(Objects.requireNonNull(table.caller(null)).clientPolicyFor("A.local"))
                .isNull();
    }

    @Test
    void theTargetsOfACallerAreThoseOfItsBackends() {
        Fixture mesh = mesh().route("more", prefix("/a"))
                .node("other")
                .service("other.local", new VirtualService.Provider.Node("other"))
                .service("void.local", null)
                .caller("orders", SERVICE, "later.local", "void.local");
        RoutingTable table = mesh.table();

        assertThat(table.targetsOf(Objects.requireNonNull(table.caller("orders"))))
                .extracting(Target::virtualNode)
                .containsExactlyInAnyOrder("all-node", "more-node");
        assertThat(table.targetsOf(Objects.requireNonNull(table.caller(null))))
                .extracting(Target::virtualNode)
                .containsExactlyInAnyOrder("all-node", "more-node", "other");
    }

    private static Fixture mesh() {
        return Fixture.withHttpRouter().route("all", prefix("/"));
    }
}
