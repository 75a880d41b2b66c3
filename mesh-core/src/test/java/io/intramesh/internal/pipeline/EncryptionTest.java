package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.explain.Explanation;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.PeerCertificateException;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which calls are encrypted, with what, and which are refused instead; the test plays the transport. */
@NullMarked
final class EncryptionTest {
    private static final String POLICY = "validation: { trust: { file: { certificateChain: /ca.pem } } }";
    private static final String CERTIFICATE =
            "certificate: { file: { certificateChain: /me.pem, privateKey: /me.key } }";
    private static final TlsCertificate ME = new TlsCertificate.File("/me.pem", "/me.key");
    private static final TlsValidation CA = new TlsValidation(new TlsTrust.File("/ca.pem"), List.of());

    /** The table of {@link OutboundTls}, and of docs/decisions/0017. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            in force             | none       | refused
            in force             | DISABLED   | refused
            in force             | PERMISSIVE | checked
            in force             | STRICT     | checked
            not enforced         | none       | plaintext
            not enforced         | DISABLED   | plaintext
            not enforced         | PERMISSIVE | unchecked
            not enforced         | STRICT     | checked
            for another port     | none       | plaintext
            for another port     | PERMISSIVE | unchecked
            for another port     | STRICT     | checked
            for this port        | none       | refused
            for this port        | STRICT     | checked
            without tls          | none       | plaintext
            without tls          | PERMISSIVE | unchecked
            without tls          | STRICT     | refused
            none                 | none       | plaintext
            none                 | DISABLED   | plaintext
            none                 | PERMISSIVE | unchecked
            none                 | STRICT     | refused
            """)
    void bothSidesSayHowACallGoesOut(String policy, String mode, String expected) throws Exception {
        PipelineFixture mesh = mesh(defaults(policy), mode.equals("none") ? "" : tls(mode, ""));

        if (expected.equals("refused")) {
            assertThat(refusal(mesh::call).reason()).isEqualTo(Reason.PEER_UNTRUSTED);
            assertThat(mesh.tls.handles).isEmpty();
            return;
        }
        OutboundCall call = mesh.call();
        ClientTls tls = call.nextAttempt().tls();
        call.cancel();

        if (expected.equals("plaintext")) {
            assertThat(tls).isNull();
            assertThat(mesh.tls.handles).isEmpty();
        } else {
            assertThat(tls).isNotNull().isSameAs(mesh.tls.only().current());
            FakeTls.Asked asked = mesh.tls.handles.keySet().iterator().next();
            assertThat(asked.validation()).isEqualTo(expected.equals("checked") ? CA : null);
            assertThat(asked.expectedNames()).containsExactly("pay.invalid");
        }
    }

    @Test
    void theBackendsOwnPolicyStandsInPlaceOfTheDefaultAsAWhole() throws Exception {
        PipelineFixture mesh = mesh(defaults("in force") + """
                          backends:
                            - virtualService:
                                virtualServiceName: pay.local
                                clientPolicy: { tls: { validation: {
                                  trust: { sds: { secretName: bundle } }, subjectAlternativeNames: { match: { exact: [ a, b ] } } } } }
                        """, tls("STRICT", ""));
        mesh.call().cancel();

        assertThat(mesh.tls.handles.keySet())
                .containsExactly(new FakeTls.Asked(
                        null,
                        new TlsValidation(new TlsTrust.Sds("bundle"), List.of("a", "b")),
                        List.of("pay.invalid")));
    }

    @Test
    void aBackendsPolicyWithoutTlsTakesTheDefaultAway() {
        PipelineFixture mesh = mesh(
                defaults("in force")
                        + "  backends: [{ virtualService: { virtualServiceName: pay.local, clientPolicy: {} } }]\n",
                tls("STRICT", ""));

        assertThat(refusal(mesh::call))
                .hasMessageContaining(
                        "virtualNode 'orders' backend 'pay.local' clientPolicy does not say whom to trust");
    }

    @Test
    void theOwnCertificateIsShownToListenersThatTakeTls() throws Exception {
        PipelineFixture mesh = mesh(clientPolicy(CERTIFICATE + ", " + POLICY), tls("PERMISSIVE", ""));
        mesh.call().cancel();

        assertThat(mesh.tls.handles.keySet()).containsExactly(new FakeTls.Asked(ME, CA, List.of("pay.invalid")));
    }

    @Test
    void whoHasNoCertificateToShowAndNeedNotEncryptDoesNotToAListenerThatAsksForOne() throws Exception {
        String asking = "validation: { trust: { file: { certificateChain: /clients.pem } } }";
        PipelineFixture without = mesh("", tls("PERMISSIVE", asking));
        OutboundCall call = without.call();
        assertThat(call.nextAttempt().tls()).isNull();
        call.cancel();

        PipelineFixture with =
                mesh(clientPolicy("enforce: false, " + CERTIFICATE + ", " + POLICY), tls("PERMISSIVE", asking));
        with.call().cancel();
        assertThat(with.tls.handles.keySet()).containsExactly(new FakeTls.Asked(ME, null, List.of("pay.invalid")));
    }

    @Test
    void cloudMapNamesAreExpectedAsAppMeshDid() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                PipelineFixture.mesh("http", tls("STRICT", ""))
                        .replace(
                                "dns: { hostname: pay.invalid }",
                                "awsCloudMap: { namespaceName: shop.local, serviceName: pay }")
                        .replace("name: orders }\nspec:\n", "name: orders }\nspec:\n" + defaults("in force")),
                PipelineFixture.endpoints(1));
        mesh.call().cancel();

        assertThat(mesh.tls.handles.keySet().iterator().next().expectedNames()).containsExactly("pay.shop.local");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            in force     | none       | virtualService 'pay.local' virtualNode 'pay' must be called by TLS (virtualNode 'orders' backendDefaults.clientPolicy), but its listener 80 declares no tls; declare tls with mode PERMISSIVE or STRICT on it, or set 'enforce: false' in the client policy
            in force     | DISABLED   | virtualService 'pay.local' virtualNode 'pay' must be called by TLS (virtualNode 'orders' backendDefaults.clientPolicy), but its listener 80 has tls mode DISABLED; declare tls with mode PERMISSIVE or STRICT on it, or set 'enforce: false' in the client policy
            none         | STRICT     | virtualService 'pay.local' virtualNode 'pay' takes TLS only (listener 80, tls mode STRICT), and virtualNode 'orders' backendDefaults.clientPolicy does not say whom to trust there; add tls.validation to it
            """)
    void aRefusalSaysWhatWhereAndHowToMend(String policy, String mode, String message) {
        PipelineFixture mesh = mesh(defaults(policy), mode.equals("none") ? "" : tls(mode, ""));

        assertThat(refusal(mesh::call)).hasMessage(message);
    }

    @Test
    void httpsIsTakenWhereThePeerIsChecked() throws Exception {
        PipelineFixture checked = mesh(defaults("in force"), tls("STRICT", ""));
        OutboundCall call = checked.call("GET", "https");
        assertThat(call.nextAttempt().tls()).isSameAs(checked.tls.only().current());
        call.cancel();

        assertThat(refusal(() -> mesh("", "").call("GET", "https")))
                .hasMessageContaining("is called by https, but would go out in plaintext")
                .hasMessageContaining("call it by http, or let the mesh encrypt");
        assertThat(refusal(() -> mesh(defaults("not enforced"), "").call("GET", "https")))
                .hasMessageContaining("would go out in plaintext");
        assertThat(refusal(() -> mesh("", tls("PERMISSIVE", "")).call("GET", "https")))
                .hasMessageContaining("nobody says whom to trust there");
    }

    @Test
    void withoutValidMaterialTheCallIsRefusedAndNothingCountsAsUnderWay() throws Exception {
        PipelineFixture mesh = mesh(defaults("in force"), tls("STRICT", ""));
        mesh.tls.only().current = null;
        OutboundCall call = mesh.call();

        assertThat(refusal(call::nextAttempt).reason()).isEqualTo(Reason.PEER_UNTRUSTED);
        assertThat(refusal(call::nextAttempt)).hasMessageContaining("file /ca.pem: not there; put it there");
        assertThat(mesh.explain().targets().get(0).endpoints())
                .allMatch(endpoint -> endpoint.inFlight() == 0)
                .allMatch(endpoint -> endpoint.state().equals("healthy"));

        ClientTls loaded = mesh.tls.only().rotate();
        assertThat(call.nextAttempt().tls()).isSameAs(loaded);
        call.cancel();
    }

    @Test
    void eachAttemptIsEncryptedByWhatIsInForceThen() throws Exception {
        PipelineFixture mesh = mesh(defaults("in force"), tls("STRICT", ""));
        OutboundCall call = mesh.call();
        Attempt first = call.nextAttempt();
        ClientTls before = mesh.tls.only().inForce();
        ClientTls renewed = mesh.tls.only().rotate();

        Verdict verdict = first.failed(new IOException("refused"), false);
        assertThat(verdict.isRetry()).isTrue();
        Attempt second = call.nextAttempt();

        assertThat(first.tls()).isSameAs(before);
        assertThat(second.tls()).isSameAs(renewed);
        call.cancel();
    }

    @Test
    void aReloadKeepsTheSecurityOfWhatItDoesNotTouch() throws Exception {
        PipelineFixture mesh = mesh(defaults("in force"), tls("STRICT", ""));
        OutboundCall before = mesh.call();
        ClientTls security = before.nextAttempt().tls();

        mesh.reload(documents(defaults("in force"), tls("STRICT", "")), PipelineFixture.endpoints(3));
        OutboundCall after = mesh.call();

        assertThat(after.nextAttempt().tls()).isNotNull().isSameAs(security);
        before.cancel();
        after.cancel();
    }

    @Test
    void aCallUnderWayKeepsToTheRulesThatItBeganUnder() throws Exception {
        PipelineFixture mesh = mesh(defaults("in force"), tls("STRICT", ""));
        OutboundCall call = mesh.call();

        // Nobody asks for TLS any longer; the call that began under force must not go out in plaintext all the same.
        mesh.reload(documents("", ""), PipelineFixture.endpoints(2));
        assertThat(call.nextAttempt().tls()).isNotNull();
        OutboundCall later = mesh.call();
        assertThat(later.nextAttempt().tls()).isNull();
        call.cancel();
        later.cancel();
    }

    @Test
    void whatNobodyAsksForAnyLongerIsNotInUse() {
        PipelineFixture mesh = mesh(defaults("in force"), tls("STRICT", ""));
        assertThat(mesh.snapshot().encryption().handles()).containsExactly(mesh.tls.only());

        mesh.reload(documents("", ""), PipelineFixture.endpoints(2));

        assertThat(mesh.snapshot().encryption().handles()).isEmpty();
    }

    @Test
    void anUntrustedPeerIsNotTheNetworksFault() throws Exception {
        SSLException untrusted = new SSLHandshakeException("certificate_unknown");
        untrusted.initCause(new PeerCertificateException(
                PeerCertificateException.Reason.WRONG_NAME, "CN=other is for other.local, not for pay.invalid"));

        assertThat(failed(untrusted))
                .hasMessage(
                        "virtualService 'pay.local' virtualNode 'pay' endpoint 127.0.0.1:7000: its certificate is not"
                                + " trusted (WRONG_NAME: CN=other is for other.local, not for pay.invalid); check its certificate,"
                                + " and trust and subjectAlternativeNames of the client policy")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.PEER_UNTRUSTED))
                .satisfies(failure -> assertThat(failure.mayHaveReachedPeer()).isFalse());
        assertThat(failed(new SSLHandshakeException("Received fatal alert: bad_certificate")))
                .hasMessageContaining("it refused this node's certificate")
                .hasMessageContaining("trust and subjectAlternativeNames of the listener's validation")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.PEER_UNTRUSTED));
        assertThat(failed(new SSLException("Unsupported or unrecognized SSL message")))
                .hasMessageContaining("check that what listens there speaks TLS")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.PEER_UNTRUSTED));
        SSLException broken = new SSLHandshakeException("Remote host terminated the handshake");
        broken.initCause(new EOFException());
        assertThat(failed(broken).reason()).isEqualTo(Reason.CONNECTION_FAILED);
    }

    @Test
    void outlierDetectionCountsUntrustedEndpointsAsOutOfOrder() throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                documents(
                        defaults("in force"),
                        tls("STRICT", "")
                                + ", outlierDetection: { maxServerErrors: 1, interval: { unit: s, value: 10 },"
                                + " baseEjectionDuration: { unit: s, value: 30 }, maxEjectionPercent: 100 }"),
                PipelineFixture.endpoints(3));
        Attempt attempt = mesh.call("POST").nextAttempt();

        Verdict verdict = attempt.failed(new SSLHandshakeException("certificate_unknown"), false);

        assertThat(verdict.isRetry())
                .as("another endpoint may be tried, the request never left")
                .isTrue();
        mesh.scheduler.runDue();
        assertThat(mesh.states())
                .filteredOn(state -> !state.equals("healthy"))
                .singleElement()
                .asString()
                .contains("ejected")
                .contains("not trusted");
    }

    @Test
    void healthChecksAreEncryptedAsCallsAre() {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                documents(defaults("in force"), tls("STRICT", "") + CHECK),
                PipelineFixture.endpoints(1));
        Probes probes = new Probes();
        AutoCloseable unused = mesh.probeWith(probes);
        assertThat(unused).isNotNull();

        assertThat(probes.tls).containsExactly(mesh.tls.only().inForce());
        probes.answers.get(0).accept(new HealthProber.Outcome(HealthProber.Outcome.Kind.PASSED, "status 200"));
        mesh.scheduler.runDue();
        assertThat(mesh.states()).containsExactly("healthy");
    }

    @Test
    void aHealthCheckWithoutValidMaterialIsNotSentInPlaintext() {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                documents(defaults("in force"), tls("STRICT", "") + CHECK),
                PipelineFixture.endpoints(1));
        mesh.tls.only().current = null;
        Probes probes = new Probes();
        AutoCloseable unused = mesh.probeWith(probes);
        assertThat(unused).isNotNull();

        assertThat(probes.tls).isEmpty();
        assertThat(mesh.states()).singleElement().asString().contains("file /ca.pem: not there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "in force"})
    void aListenerThatCannotBeCalledIsNotChecked(String policy) {
        String listener = policy.isEmpty() ? tls("STRICT", "") : tls("DISABLED", "");
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                documents(policy.isEmpty() ? "" : defaults(policy), listener + CHECK),
                PipelineFixture.endpoints(1));
        Probes probes = new Probes();
        AutoCloseable unused = mesh.probeWith(probes);
        assertThat(unused).isNotNull();

        assertThat(probes.tls).isEmpty();
    }

    @Test
    void explanationsSayHowByWhoseWordAndWithWhat() {
        PipelineFixture mesh = mesh(clientPolicy(CERTIFICATE + ", " + POLICY), tls("STRICT", ""));

        assertThat(mesh.explain().settings())
                .contains(
                        new Explanation.Setting(
                                "tls",
                                "TLS; own certificate: file /me.pem; trust: file /ca.pem; name expected: pay.invalid"
                                        + " (as discovery knows it)",
                                "virtualNode 'orders' backendDefaults.clientPolicy, virtualNode 'pay' listener 80 tls STRICT"),
                        new Explanation.Setting(
                                "tls in force", "until " + FakeTls.END, "files and secrets, as read last"));

        mesh.tls.only().current = null;
        assertThat(mesh.explain().settings())
                .contains(new Explanation.Setting(
                        "tls in force",
                        "nothing valid, calls are refused: file /ca.pem: not there; put it there",
                        "files and secrets, as read last"));
    }

    @Test
    void explanationsSayThatAnHttpsUrlIsRefused() {
        assertThat(mesh("", "").explain("https").settings())
                .filteredOn(setting -> setting.name().equals("tls"))
                .singleElement()
                .satisfies(setting -> assertThat(setting.value())
                        .startsWith("refused: it is called by https, but would go out in plaintext"));
        assertThat(mesh(defaults("in force"), tls("STRICT", ""))
                        .explain("https")
                        .settings())
                .filteredOn(setting -> setting.name().equals("tls"))
                .singleElement()
                .satisfies(setting -> assertThat(setting.value()).startsWith("TLS; own certificate: none"));
    }

    @Test
    void explanationsOfMeshesWithoutTlsSayNothingOfIt() {
        assertThat(mesh("", "").explain().settings())
                .noneMatch(setting -> setting.name().startsWith("tls"));
    }

    private static final String CHECK = ", healthCheck: { protocol: http, path: /up, healthyThreshold: 2,"
            + " unhealthyThreshold: 2, intervalMillis: 5000, timeoutMillis: 2000 }";

    /** Returns what a call comes to whose attempts all fail like that. */
    private static MeshCallException failed(IOException failure) throws Exception {
        PipelineFixture mesh = new PipelineFixture(
                FakeNanoClock.create(),
                documents(defaults("in force"), tls("STRICT", "")),
                PipelineFixture.endpoints(1));
        OutboundCall call = mesh.call();
        for (int attempts = 1; ; attempts++) {
            assertThat(attempts).isLessThan(10);
            Verdict verdict = call.nextAttempt().failed(failure, false);
            if (!verdict.isRetry()) {
                MeshCallException refusal = requireNonNull(verdict.failure());
                // How often it is tried is not what is looked at here.
                return attempts == 1
                        ? refusal
                        : new MeshCallException(
                                refusal.reason(),
                                refusal.status(),
                                requireNonNull(refusal.getMessage()).replaceFirst(" after \\d attempts", ""),
                                refusal.mayHaveReachedPeer(),
                                null);
            }
        }
    }

    private static MeshCallException refusal(Step step) {
        MeshCallException[] thrown = new MeshCallException[1];
        assertThatThrownBy(step::take).isInstanceOfSatisfying(MeshCallException.class, refusal -> thrown[0] = refusal);
        return requireNonNull(thrown[0]);
    }

    private interface Step {
        @Nullable
        Object take() throws Exception;
    }

    private static PipelineFixture mesh(String callerMembers, String listenerParts) {
        return new PipelineFixture(
                FakeNanoClock.create(), documents(callerMembers, listenerParts), PipelineFixture.endpoints(2));
    }

    private static String documents(String callerMembers, String listenerParts) {
        String mesh = PipelineFixture.mesh("http", listenerParts);
        return callerMembers.contains("  backends:")
                ? mesh.replace("  backends: [{ virtualService: { virtualServiceName: pay.local } }]\n", callerMembers)
                : mesh.replace("name: orders }\nspec:\n", "name: orders }\nspec:\n" + callerMembers);
    }

    private static String tls(String mode, String more) {
        return "tls: { mode: " + mode + ", certificate: { file: { certificateChain: /pay.pem, privateKey: /pay.key } }"
                + (more.isEmpty() ? "" : ", " + more) + " }";
    }

    private static String defaults(String policy) {
        return switch (policy) {
            case "in force" -> clientPolicy(POLICY);
            case "not enforced" -> clientPolicy("enforce: false, " + POLICY);
            case "for another port" -> clientPolicy("ports: [ 8443 ], " + POLICY);
            case "for this port" -> clientPolicy("ports: [ 8443, 80 ], " + POLICY);
            case "without tls" -> "  backendDefaults: { clientPolicy: {} }\n";
            default -> "";
        };
    }

    private static String clientPolicy(String tls) {
        return "  backendDefaults: { clientPolicy: { tls: { " + tls + " } } }\n";
    }

    /** Takes the checks, and leaves them to the test to answer. */
    private static final class Probes implements HealthProber {
        final List<ClientTls> tls = new ArrayList<>();
        final List<Consumer<Outcome>> answers = new ArrayList<>();

        @Override
        public void probe(Endpoint endpoint, HealthCheck check, Consumer<Outcome> done) {
            throw new AssertionError("a check in plaintext");
        }

        @Override
        public void probe(Endpoint endpoint, HealthCheck check, @Nullable ClientTls security, Consumer<Outcome> done) {
            tls.add(requireNonNull(security));
            answers.add(done);
        }
    }
}
