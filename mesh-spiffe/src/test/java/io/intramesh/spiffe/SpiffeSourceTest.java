package io.intramesh.spiffe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.testing.tls.TestCertificate;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.SecretException;
import io.intramesh.tls.TrustSource;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source makes of what an agent says, over real sockets. */
@NullMarked
@Timeout(60)
final class SpiffeSourceTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String ORDERS = "spiffe://a.example/orders";
    private static final String AUDIT = "spiffe://a.example/audit";

    private final TestAuthority a = TestAuthority.create("a.example");
    private final TestAuthority b = TestAuthority.create("b.example");
    private final AtomicReference<Instant> now =
            new AtomicReference<>(InstantSource.system().instant());

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FakeAgent agent;

    private @Nullable SpiffeSource source;

    @BeforeEach
    void start() throws Exception {
        agent = FakeAgent.at(folder.resolve("agent.sock"));
        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, ""), FakeAgent.svid(a, AUDIT, "internal"))
                .putFederatedBundles("spiffe://b.example", FakeAgent.der(List.of(b.root())))
                .build());
    }

    @AfterEach
    void stop() throws Exception {
        if (source != null) {
            source.close();
        }
        agent.close();
    }

    private SpiffeSource open() {
        return open(agent.address(), LIMIT);
    }

    private SpiffeSource open(String socket, Duration timeout) {
        SpiffeSource opened = SpiffeSource.builder()
                .socket(socket)
                .startTimeout(timeout)
                .clock(now::get)
                .open();
        source = opened;
        return opened;
    }

    private static CertificateSource.Material svid(SpiffeSource source, String name) throws Exception {
        return ((CertificateSource.Supplied) requireNonNull(source.certificate(name)))
                .supplier()
                .current();
    }

    private static X509Certificate certificate(SpiffeSource source, String name) throws Exception {
        return svid(source, name).chain().get(0);
    }

    private static TrustSource.Bundles trust(SpiffeSource source, String name) throws Exception {
        return ((TrustSource.ByDomain) requireNonNull(source.trust(name)))
                .supplier()
                .current();
    }

    private static SecretException refusal(SpiffeSource source, String name) {
        return catchThrowableOfType(SecretException.class, () -> svid(source, name));
    }

    private static String uri(X509Certificate certificate) throws Exception {
        return requireNonNull(certificate.getSubjectAlternativeNames()).stream()
                .map(name -> name.get(1).toString())
                .findFirst()
                .orElseThrow();
    }

    // ---- Names

    @Test
    void svidsAreChosenBySpiffeIdByHintOrAsTheDefault() throws Exception {
        SpiffeSource spiffe = open();

        assertThat(uri(certificate(spiffe, ORDERS))).isEqualTo(ORDERS);
        assertThat(uri(certificate(spiffe, AUDIT))).isEqualTo(AUDIT);
        assertThat(uri(certificate(spiffe, "internal"))).isEqualTo(AUDIT);
        assertThat(uri(certificate(spiffe, "default"))).isEqualTo(ORDERS);
        SecretException none = refusal(spiffe, "spiffe://a.example/else");
        assertThat(none)
                .hasMessageContaining("no such SVID")
                .hasMessageContaining(ORDERS)
                .hasMessageContaining("hint internal");
        assertThat(none.isWithdrawn()).isTrue();
    }

    @Test
    void bundlesAreChosenByTrustDomain() throws Exception {
        SpiffeSource spiffe = open();

        assertThat(trust(spiffe, "spiffe://a.example").authorities()).containsOnlyKeys("a.example");
        assertThat(trust(spiffe, "spiffe://b.example").authorities().get("b.example"))
                .containsExactly(b.root());
        assertThat(trust(spiffe, "ROOTCA").authorities()).containsOnlyKeys("a.example");
        assertThat(trust(spiffe, "ALL").authorities()).containsOnlyKeys("a.example", "b.example");
        assertThatThrownBy(() -> trust(spiffe, "spiffe://c.example"))
                .isInstanceOf(SecretException.class)
                .hasMessageContaining("a.example, b.example");
    }

    @Test
    void oneNameIsOneSourceAndNamesThatAreNoneAreForeign() {
        SpiffeSource spiffe = open();

        assertThat(spiffe.certificate(ORDERS)).isEqualTo(spiffe.certificate(ORDERS));
        assertThat(spiffe.trust("ALL")).isEqualTo(spiffe.trust("ALL"));
        assertThat(spiffe.certificate("spiffe://a.example")).isNull();
        assertThat(spiffe.trust(ORDERS)).isNull();
        assertThat(spiffe.trust("yelb-ca")).isNull();
    }

    // ---- The stream

    @Test
    void whatTheAgentPushesIsKnownAndToldAtOnce() throws Exception {
        SpiffeSource spiffe = open();
        X509Certificate before = certificate(spiffe, ORDERS);
        AtomicInteger told = new AtomicInteger();
        spiffe.onChange(told::incrementAndGet);

        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, "")).build());

        await().atMost(LIMIT).until(() -> told.get() == 1);
        assertThat(certificate(spiffe, ORDERS)).isNotEqualTo(before);
        assertThat(refusal(spiffe, AUDIT).isWithdrawn()).isTrue();
        assertThatThrownBy(() -> trust(spiffe, "spiffe://b.example")).hasMessageContaining("no such bundle");
        assertThat(agent.asked()).isEqualTo(1);
    }

    @Test
    void theLastAnswerOutlivesTheAgentUntilItExpires() throws Exception {
        SpiffeSource spiffe = open();
        X509Certificate before = certificate(spiffe, ORDERS);

        agent.stop();
        await().atMost(LIMIT).until(() -> spiffe.problem().contains("no agent answers at unix://"));
        assertThat(certificate(spiffe, ORDERS)).isEqualTo(before);
        assertThat(trust(spiffe, "ALL").authorities()).hasSize(2);

        now.set(before.getNotAfter().toInstant());
        SecretException expired = refusal(spiffe, ORDERS);
        assertThat(expired).hasMessageContaining("has expired at").hasMessageContaining("no agent answers");
        assertThat(expired.isWithdrawn()).isFalse();
    }

    @Test
    void anAgentThatComesBackIsHeardAgain() throws Exception {
        SpiffeSource spiffe = open();
        X509Certificate before = certificate(spiffe, ORDERS);
        agent.stop();
        await().atMost(LIMIT).until(() -> !spiffe.problem().isEmpty());

        agent.start();
        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, "")).build());

        await().atMost(LIMIT).until(() -> spiffe.problem().isEmpty());
        await().atMost(LIMIT).until(() -> !certificate(spiffe, ORDERS).equals(before));
    }

    @Test
    void aStreamThatEndsInGoodOrderIsOpenedAgain() throws Exception {
        SpiffeSource spiffe = open();
        X509Certificate before = certificate(spiffe, ORDERS);

        agent.complete();

        await().atMost(LIMIT).until(() -> agent.asked() == 2 && spiffe.problem().isEmpty());
        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, "")).build());
        await().atMost(LIMIT).until(() -> !certificate(spiffe, ORDERS).equals(before));
    }

    @Test
    void whoIsNotRegisteredIsNobodyUntilItIs() throws Exception {
        agent.deny();
        SpiffeSource spiffe = open(agent.address(), Duration.ZERO);

        await().atMost(LIMIT).until(() -> spiffe.problem().contains("PERMISSION_DENIED: no identity issued"));
        assertThat(refusal(spiffe, ORDERS)).hasMessageContaining("register it");

        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, "")).build());
        await().atMost(LIMIT).until(() -> spiffe.problem().isEmpty());
        assertThat(uri(certificate(spiffe, "default"))).isEqualTo(ORDERS);
    }

    @Test
    void whoIsStruckOffTheRegisterHasNoSecretsAnyMoreEvenWhenTheAgentThenFails() throws Exception {
        SpiffeSource spiffe = open();
        AtomicInteger told = new AtomicInteger();
        spiffe.onChange(told::incrementAndGet);

        agent.deny();
        await().atMost(LIMIT).until(() -> told.get() == 1);
        assertThat(refusal(spiffe, ORDERS).isWithdrawn()).isTrue();

        agent.stop();
        await().atMost(LIMIT).until(() -> spiffe.problem().contains("no agent answers"));
        assertThat(refusal(spiffe, ORDERS).isWithdrawn()).isTrue();
    }

    @Test
    void anAnswerThatIsOfNoUseLeavesTheLastOneInForce() throws Exception {
        SpiffeSource spiffe = open();
        X509Certificate before = certificate(spiffe, ORDERS);
        TestCertificate other = FakeAgent.certificate(a, AUDIT);
        X509SVID torn = FakeAgent.svid(a, ORDERS, "").toBuilder()
                .setX509Svid(ByteString.copyFromUtf8("torn"))
                .build();
        X509SVID misnamed = FakeAgent.svid(a, ORDERS, "", other);

        for (X509SVID bad : List.of(torn, misnamed)) {
            agent.say(FakeAgent.answer(bad).build());
            await().atMost(LIMIT).until(() -> spiffe.problem().contains("of no use"));
            assertThat(certificate(spiffe, ORDERS)).isEqualTo(before);
            agent.say(FakeAgent.answer(FakeAgent.svid(
                            a,
                            ORDERS,
                            "",
                            new TestCertificate(
                                    svid(spiffe, ORDERS).key(),
                                    svid(spiffe, ORDERS).chain())))
                    .build());
            await().atMost(LIMIT).until(() -> spiffe.problem().isEmpty());
        }
        agent.say(FakeAgent.answer().build());
        await().atMost(LIMIT).until(() -> spiffe.problem().contains("no SVID in it"));
        assertThat(certificate(spiffe, ORDERS)).isEqualTo(before);
    }

    @Test
    void aFederatedBundleNeverSpeaksForTheOwnDomainAndABadOneIsLeftOut() throws Exception {
        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, ""))
                .putFederatedBundles("spiffe://a.example", FakeAgent.der(List.of(b.root())))
                .putFederatedBundles("spiffe://b.example", ByteString.copyFromUtf8("torn"))
                .build());
        SpiffeSource spiffe = open();

        TrustSource.Bundles all = trust(spiffe, "ALL");
        assertThat(all.authorities()).containsOnlyKeys("a.example");
        assertThat(all.authorities().get("a.example")).containsExactly(a.root());
    }

    @Test
    void revocationListsOfTheAgentComeAlong() throws Exception {
        agent.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, ""))
                .addCrl(ByteString.copyFrom(a.crl().getEncoded()))
                .build());

        assertThat(trust(open(), "ROOTCA").revocationLists()).hasSize(1);
    }

    // ---- Start and end

    @Test
    void theStartWaitsNoLongerThanItIsTold() throws Exception {
        agent.fallSilent();

        SpiffeSource spiffe = open(agent.address(), Duration.ofMillis(50));

        assertThat(spiffe.problem()).contains("has not answered yet");
        assertThat(refusal(spiffe, ORDERS).isWithdrawn()).isFalse();
    }

    @Test
    void anAgentIsFoundThatStartsLater() throws Exception {
        agent.stop();
        SpiffeSource spiffe = open(agent.address(), Duration.ZERO);
        await().atMost(LIMIT).until(() -> spiffe.problem().contains("no agent answers"));

        agent.start();

        await().atMost(LIMIT).until(() -> spiffe.problem().isEmpty());
    }

    @Test
    void theWorkloadApiMayBeOnTcp() throws Exception {
        try (FakeAgent tcp = FakeAgent.onTcp()) {
            tcp.say(FakeAgent.answer(FakeAgent.svid(a, ORDERS, "")).build());

            assertThat(tcp.address()).startsWith("tcp://");
            assertThat(uri(certificate(open(tcp.address(), LIMIT), "default"))).isEqualTo(ORDERS);
        }
    }

    @Test
    void aClosedSourceLeavesNoThreadsBehind() throws Exception {
        SpiffeSource spiffe = open();
        assertThat(threads()).isNotEmpty();

        spiffe.close();
        spiffe.close();

        await().atMost(LIMIT).until(() -> threads().isEmpty());
        agent.say(FakeAgent.answer().build());
        assertThat(spiffe.problem()).isEmpty();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("intramesh-spiffe"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "agent.sock",
                "unix:agent.sock",
                "unix://host/agent.sock",
                "unix:///",
                "http://127.0.0.1:1",
                "tcp://agent:8081",
                "tcp://127.0.0.1",
                "tcp://127.0.0.1:1/x",
                "tcp://1.2.3.999:80",
                "unix:///a?b"
            })
    void whatIsNoSocketIsRefused(String socket) {
        assertThatThrownBy(() -> open(socket, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("socket: '" + socket + "' (expected: unix:///path/of.sock");
    }

    @Test
    void theSocketOfSpiffeComesBeforeThatOfAppMesh() {
        assertThat(WorkloadSocket.named(
                        Map.of("SPIFFE_ENDPOINT_SOCKET", "unix:///a.sock", "APPMESH_SDS_SOCKET_PATH", "/b.sock")))
                .isEqualTo("unix:///a.sock");
        assertThat(WorkloadSocket.named(Map.of("APPMESH_SDS_SOCKET_PATH", "/b.sock")))
                .isEqualTo("/b.sock");
        assertThat(WorkloadSocket.named(Map.of("SPIFFE_ENDPOINT_SOCKET", " "))).isNull();
        assertThat(WorkloadSocket.parse("/run/agent.sock").address())
                .isEqualTo(WorkloadSocket.parse("unix:///run/agent.sock").address());
    }
}
