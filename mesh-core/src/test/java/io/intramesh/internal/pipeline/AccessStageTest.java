package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.testing.FakeNanoClock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Access policies of node pay, as calls of node orders meet them before they leave. */
final class AccessStageTest {
    private static final String PAY = "{ kind: VirtualNode, name: pay }";

    @Test
    void aCallThatItsCalleeSurelyRefusesDoesNotLeave() {
        PipelineFixture mesh = mesh(policy(
                PAY,
                "rules:",
                "  - { name: callers, effect: ALLOW, callers: [{ virtualNode: orders }] }",
                "  - { name: no-delete, effect: DENY, callers: [{ virtualNode: orders }], methods: [DELETE] }"));

        assertThatCode(() -> mesh.call("GET")).doesNotThrowAnyException();
        assertThatThrownBy(() -> mesh.call("DELETE"))
                .hasMessage(
                        "virtualService 'pay.local' virtualNode 'pay' does not let virtualNode 'orders' make this call"
                                + " (DELETE): denied by rule 'no-delete' of accessPolicy 'pay'; make another call, or let a rule"
                                + " allow this one")
                .asInstanceOf(type(MeshCallException.class))
                .returns(Reason.POLICY, MeshCallException::reason)
                .returns(403, MeshCallException::status)
                .returns(false, MeshCallException::mayHaveReachedPeer);
    }

    @Test
    void whomNoRuleAllowsIsToldSo() {
        PipelineFixture mesh =
                mesh(policy(PAY, "rules: [{ name: others, effect: ALLOW, callers: [{ virtualNode: pay }] }]"));

        assertThatThrownBy(mesh::call).hasMessageContaining("denied by the default of 'pay'");
    }

    @Test
    void whatOnlyTheCalleeKnowsIsLeftToIt() {
        for (String rule : new String[] {
            "callers: [{ spiffeId: 'spiffe://shop.example/shop/*' }]",
            "callers: [{ trustDomain: shop.example }]",
            "callers: [{ virtualNode: orders }], claims: { scope: pay }",
            "headers: [{ name: x-added-later, match: { exact: a } }]",
        }) {
            PipelineFixture mesh = mesh(policy(
                    PAY,
                    "jwt: [{ issuer: i, audiences: [a], jwks: { file: /nowhere } }]",
                    "rules: [{ name: r, effect: ALLOW, " + rule + " }]"));
            assertThatCode(mesh::call).as(rule).doesNotThrowAnyException();

            PipelineFixture denying = mesh(policy(
                    PAY,
                    "defaultDeny: false",
                    "jwt: [{ issuer: i, audiences: [a], jwks: { file: /nowhere } }]",
                    "rules: [{ name: r, effect: DENY, " + rule + " }]"));
            assertThatCode(denying::call).as(rule).doesNotThrowAnyException();
        }
    }

    @Test
    void withinAMinuteOfAWindowsEdgeTheCalleesClockDecides() {
        PipelineFixture mesh = mesh(
                policy(
                        PAY,
                        "rules: [{ name: r, effect: ALLOW, notBefore: '2026-11-27T00:00:00Z', notAfter: '2026-11-28T00:00:00Z' }]"));
        mesh.now = Instant.parse("2026-11-26T23:58:59Z");
        assertThatThrownBy(mesh::call).isInstanceOf(MeshCallException.class);

        for (String time : new String[] {"2026-11-26T23:59:00Z", "2026-11-27T12:00:00Z", "2026-11-28T00:00:59Z"}) {
            mesh.now = Instant.parse(time);
            assertThatCode(mesh::call).as(time).doesNotThrowAnyException();
        }

        mesh.now = Instant.parse("2026-11-28T00:01:00Z");
        assertThatThrownBy(mesh::call).isInstanceOf(MeshCallException.class);
    }

    @Test
    void aPolicyInShadowAndTheOwnDefaultHoldNothingBack() {
        PipelineFixture mesh = mesh(policy(PAY, "mode: SHADOW", "defaultDeny: true"));

        assertThatCode(mesh::call).doesNotThrowAnyException();
    }

    @Test
    void anExplanationShowsWhatDeniesAndTheRulesInTheirOrder() {
        PipelineFixture mesh = mesh(policy(
                PAY,
                "rules:",
                "  - { name: callers, effect: ALLOW, callers: [{ virtualNode: orders }] }",
                "  - { name: no-get, effect: DENY, methods: [GET] }"));

        String explained = mesh.explain().toString();

        assertThat(explained).contains("""
                access
                  pay   denied by rule 'no-get' of accessPolicy 'pay'
                    * DENY 'no-get' of accessPolicy 'pay'   method is GET or HEAD
                    * ALLOW 'callers' of accessPolicy 'pay'   caller is virtualNode 'orders'
                refused: POLICY: virtualService 'pay.local' virtualNode 'pay' does not let virtualNode 'orders' make this \
                call: denied by rule 'no-get' of accessPolicy 'pay'""");
    }

    private static PipelineFixture mesh(String policy) {
        return new PipelineFixture(
                FakeNanoClock.create(), PipelineFixture.mesh("http", ""), PipelineFixture.endpoints(1), policy);
    }

    private static String policy(String target, String... lines) {
        return """
                apiVersion: intramesh.io/v1
                kind: AccessPolicy
                metadata: { mesh: shop, name: pay }
                spec:
                  targetRef: %s
                  %s
                """.formatted(target, String.join("\n  ", lines));
    }
}
