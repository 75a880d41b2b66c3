package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Attempt;
import io.intramesh.call.MeshContext;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.pipeline.VirtualMesh.Request;
import io.intramesh.testing.FakeNanoClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Copies of requests for another virtual node; the test plays the transport. */
@NullMarked
final class MirroringTest {
    private static final Request GET = Request.of("GET");

    @Test
    void withoutAPolicyThereIsNoCopy() throws Exception {
        OutboundCall call = VirtualMesh.routed("").begin(GET);
        call.nextAttempt();

        assertThat(call.isMirrored()).isFalse();
        assertThat(call.mirror(GET)).isNull();
        call.cancel();
    }

    @Test
    void aCopyGoesToTheOtherNodeUnderAnotherName() throws Exception {
        OutboundCall call = mirrored(100).begin(GET);
        Attempt real = call.nextAttempt();
        assertThat(call.isMirrored()).isTrue();

        OutboundCall copy = requireNonNull(call.mirror(GET));
        Attempt attempt = copy.nextAttempt();

        assertThat(attempt.virtualNode()).isEqualTo("shadow");
        assertThat(attempt.endpoint().name()).isEqualTo("10.0.1.1");
        assertThat(attempt.hedgeAfterNanos()).isZero();
        assertThat(VirtualMesh.sent(attempt)).containsEntry("Host", "payments.local-shadow");
        assertThat(VirtualMesh.sent(real)).doesNotContainKey("Host");
        assertThat(attempt.responded(503, name -> null)).isSameAs(Verdict.DELIVER);
        attempt.ended(Attempt.End.COMPLETED);
        assertThat(attempt.endpoint().isFailing()).isTrue();
        assertThat(attempt.endpoint().inFlight()).isZero();
        assertThat(real.endpoint().isFailing()).isFalse();
        call.cancel();
    }

    @Test
    void aCopyThatFailsIsNotRepeatedAndConcernsNobodyElse() throws Exception {
        OutboundCall call = mirrored(100).begin(GET);
        Attempt real = call.nextAttempt();
        Attempt copy = requireNonNull(call.mirror(GET)).nextAttempt();

        assertThat(copy.failed(new IOException("reset"), false).isRetry()).isFalse();

        assertThat(real.responded(200, name -> null)).isSameAs(Verdict.DELIVER);
        real.ended(Attempt.End.COMPLETED);
    }

    @Test
    void theShareIsDrawn() throws Exception {
        VirtualMesh mesh = mirrored(25);
        int copies = 0;
        for (int i = 0; i < 4000; i++) {
            OutboundCall call = mesh.begin(GET);
            call.nextAttempt();
            copies += call.isMirrored() ? 1 : 0;
            call.cancel();
        }

        // Seed 7 of the mesh; three standard deviations of 4000 draws are 82.
        assertThat(copies).isBetween(918, 1082);
    }

    @Test
    void onlyTheFirstAttemptIsCopied() throws Exception {
        OutboundCall call = mirrored(100).begin(GET);
        assertThat(call.isMirrored()).isFalse();
        assertThat(call.nextAttempt().responded(503, name -> null).isRetry()).isTrue();
        call.nextAttempt();

        assertThat(call.isMirrored()).isFalse();
        call.cancel();
    }

    @Test
    void aBodyThatCannotBeRepeatedIsNotCopied() throws Exception {
        VirtualMesh mesh = mirrored(100);
        OutboundCall oneShot = mesh.begin(Request.of("POST").oneShot());
        oneShot.nextAttempt();
        OutboundCall post = mesh.begin(Request.of("POST"));
        post.nextAttempt();

        assertThat(oneShot.isMirrored()).isFalse();
        assertThat(post.isMirrored()).isTrue();
        oneShot.cancel();
        post.cancel();
    }

    @Test
    void onlySoManyAreUnderWay() throws Exception {
        VirtualMesh mesh = mirrored(100);
        List<OutboundCall> copies = new ArrayList<>();
        for (int i = 0; i < MirrorPlaces.LIMIT; i++) {
            copies.add(requireNonNull(copy(mesh)));
        }
        assertThat(copy(mesh)).isNull();

        // Each end leaves one place, by whatever way and however often it is said.
        Attempt answered = copies.get(0).nextAttempt();
        answered.responded(200, name -> null);
        answered.ended(Attempt.End.COMPLETED);
        copies.get(0).cancel();
        copies.get(1).cancel();
        copies.get(1).cancel();
        copies.get(2).nextAttempt().failed(new IOException("reset"), true);

        for (int i = 0; i < 3; i++) {
            copies.set(i, requireNonNull(copy(mesh)));
        }
        assertThat(copy(mesh)).isNull();
        assertThat(places(mesh).dropped()).isEqualTo(2);
        assertThat(places(mesh).taken()).isEqualTo(MirrorPlaces.LIMIT);
        // What is under way is known after a reload as well.
        mesh.route("httpRoute", "", documents(50, ""));
        assertThat(places(mesh).taken()).isEqualTo(MirrorPlaces.LIMIT);
        copies.forEach(OutboundCall::cancel);
        assertThat(places(mesh).taken()).isZero();
    }

    @Test
    void explanationsSayHowManyAreUnderWay() throws Exception {
        VirtualMesh mesh = mirrored(100);
        for (int i = 0; i < MirrorPlaces.LIMIT; i++) {
            requireNonNull(copy(mesh));
        }
        assertThat(copy(mesh)).isNull();

        assertThat(LiveExplanations.explain(
                                mesh.snapshot(),
                                ExplainRequest.builder("payments.local")
                                        .method("GET")
                                        .scheme("http")
                                        .path("/")
                                        .build(),
                                mesh.budgets,
                                mesh.clock.nanoTime())
                        .settings())
                .contains(
                        new Explanation.Setting(
                                "mirror",
                                "copies of 100 % of the calls to virtualNode 'shadow', at most 32 under way",
                                "trafficPolicy 'mirrored' mirror"),
                        new Explanation.Setting(
                                "copies to shadow",
                                "32 under way, 1 dropped so far",
                                "trafficPolicy 'mirrored' mirror"));
    }

    @Test
    void aCopyHasTheRoutesTimeAndNotThatOfTheRequestAtWork() throws Exception {
        VirtualMesh mesh = new VirtualMesh(FakeNanoClock.aboutToWrap(), false)
                .route("httpRoute", "timeout: { perRequest: { unit: s, value: 5 } }", documents(100, ""));
        MeshContext context = new MeshContext("id-7", mesh.clock.nanoTime(), TimeUnit.MILLISECONDS.toNanos(100));
        mesh.during(context, () -> {
            OutboundCall call = mesh.begin(GET);
            assertThat(call.nextAttempt().timeoutNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
            mesh.scheduler.advance(Duration.ofMillis(90));

            OutboundCall copy = requireNonNull(call.mirror(GET));
            Attempt attempt = copy.nextAttempt();

            assertThat(attempt.timeoutNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
            assertThat(VirtualMesh.sent(attempt)).containsEntry("x-request-id", "id-7");
            copy.cancel();
            call.cancel();
        });
    }

    @Test
    void aCopyThatMustNotLeaveInPlaintextIsNotSent() throws Exception {
        VirtualMesh mesh = new VirtualMesh()
                .route(
                        "httpRoute",
                        "",
                        documents(
                                100,
                                ", tls: { mode: STRICT, certificate: { file: { certificateChain: /c, privateKey: /k } } }"));

        assertThat(copy(mesh)).isNull();
        assertThat(places(mesh).taken()).isZero();
    }

    private static @Nullable OutboundCall copy(VirtualMesh mesh) throws Exception {
        OutboundCall call = mesh.begin(GET);
        call.nextAttempt();
        OutboundCall copy = call.mirror(GET);
        call.cancel();
        return copy;
    }

    private static MirrorPlaces places(VirtualMesh mesh) {
        return requireNonNull(mesh.snapshot().bindings().get(new NodeBinding.Key("shadow", 8080)))
                .mirrorPlaces();
    }

    private static VirtualMesh mirrored(int percent) {
        return new VirtualMesh().route("httpRoute", "", documents(percent, ""));
    }

    private static String documents(int percent, String listenerParts) {
        return """
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: shadow }
                spec: { listeners: [{ portMapping: { port: 8080, protocol: http } %s }], serviceDiscovery: { dns: { hostname: s.invalid } } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: shadow }
                spec: { virtualNode: shadow, endpoints: [{ address: 10.0.1.1 }] }
                ---
                apiVersion: intramesh.io/v1
                kind: TrafficPolicy
                metadata: { mesh: shop, name: mirrored }
                spec: { targetRef: { kind: VirtualService, name: payments.local }, mirror: { virtualNode: shadow, percent: %d } }
                """.formatted(listenerParts, percent);
    }
}
