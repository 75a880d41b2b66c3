package io.intramesh.internal.tls.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.tls.openssl.OpenSslProbe;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Engines as containers drive them, in memory. */
final class EpochEngineTest {
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("shop", InstantSource.system());

    record Case(TlsBackend backend, String protocol) {
        @Override
        public String toString() {
            return backend.describe() + " " + protocol;
        }
    }

    static Stream<Case> cases() throws GeneralSecurityException {
        return Stream.of(openSsl(), JcaBackend.ofJdk())
                .flatMap(backend -> TlsLimits.PROTOCOLS.stream().map(protocol -> new Case(backend, protocol)));
    }

    private static TlsBackend openSsl() {
        OpenSslProbe.Found found = OpenSslProbe.look();
        TlsBackend backend = found.backend();
        if (backend == null) {
            throw new AssertionError(found.problem());
        }
        return backend;
    }

    private static TlsEpoch epoch(TlsBackend backend, TlsRole role) throws SSLException {
        IssuedCertificate issued =
                AUTHORITY.issue(CertificateSpec.builder().dnsNames("node.local").build());
        return new TlsEpoch(backend, role, new TlsIdentity(issued.chain(), issued.key()), trust());
    }

    private static X509ExtendedTrustManager trust() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("shop", AUTHORITY.root());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An engine with what it has to send and to say. */
    private static final class End {
        final SSLEngine engine;
        final ByteBuffer toPeer;
        final ByteBuffer plain;
        int finished;

        End(SSLEngine engine) {
            this.engine = engine;
            // As large as a session says before it has begun: containers allocate then.
            this.toPeer = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        }

        SSLEngineResult wrap(ByteBuffer text) throws SSLException {
            return noted(engine.wrap(text, toPeer));
        }

        SSLEngineResult unwrap(ByteBuffer records) throws SSLException {
            return noted(engine.unwrap(records, plain));
        }

        private SSLEngineResult noted(SSLEngineResult result) {
            if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
                finished++;
            }
            return result;
        }

        boolean isBusy() {
            HandshakeStatus status = engine.getHandshakeStatus();
            return status != HandshakeStatus.NOT_HANDSHAKING;
        }
    }

    private static End end(TlsRole role, EpochSource source, String protocol, String... applicationProtocols) {
        SSLEngine engine =
                RotatingSslContext.of(role, source, new ScratchPool()).createSSLEngine("10.0.0.1", 443);
        engine.setUseClientMode(role == TlsRole.CLIENT);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setApplicationProtocols(applicationProtocols);
        engine.setSSLParameters(parameters);
        return new End(engine);
    }

    private static void shakeHands(End client, End server) throws SSLException {
        client.engine.beginHandshake();
        server.engine.beginHandshake();
        for (int turn = 0; turn < 100 && (client.isBusy() || server.isBusy()); turn++) {
            step(client, server);
            step(server, client);
        }
    }

    /** Does what the one end asks for, with what the other has sent. */
    private static void step(End end, End peer) throws SSLException {
        switch (end.engine.getHandshakeStatus()) {
            case NEED_WRAP -> end.wrap(ByteBuffer.allocate(0));
            case NEED_TASK -> {
                for (Runnable task = end.engine.getDelegatedTask();
                        task != null;
                        task = end.engine.getDelegatedTask()) {
                    task.run();
                }
            }
            default -> {
                peer.toPeer.flip();
                end.unwrap(peer.toPeer);
                peer.toPeer.compact();
            }
        }
    }

    private static String said(End from, End to, String text) throws SSLException {
        SSLEngineResult sent = from.wrap(text(text));
        assertThat(sent.getStatus()).isEqualTo(Status.OK);
        return heard(from, to);
    }

    private static String heard(End from, End to) throws SSLException {
        from.toPeer.flip();
        while (from.toPeer.hasRemaining() && to.plain.position() == 0) {
            to.unwrap(from.toPeer);
        }
        from.toPeer.compact();
        to.plain.flip();
        String heard = StandardCharsets.UTF_8.decode(to.plain).toString();
        to.plain.clear();
        return heard;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothEndsTellTheEndOfTheHandshakeOnce(Case each) throws Exception {
        TlsEpoch clients = epoch(each.backend(), TlsRole.CLIENT);
        TlsEpoch servers = epoch(each.backend(), TlsRole.SERVER);
        End client = end(TlsRole.CLIENT, () -> clients, each.protocol(), "h2", "http/1.1");
        End server = end(TlsRole.SERVER, () -> servers, each.protocol(), "h2", "http/1.1");

        shakeHands(client, server);

        assertThat(client.finished).isEqualTo(1);
        assertThat(server.finished).isEqualTo(1);
        assertThat(client.engine.getApplicationProtocol()).isEqualTo("h2");
        assertThat(server.engine.getApplicationProtocol()).isEqualTo("h2");
        assertThat(server.engine.getSession().getProtocol()).isEqualTo(each.protocol());
        assertThat(said(client, server, "hello")).isEqualTo("hello");
        assertThat(said(server, client, "welcome")).isEqualTo("welcome");
    }

    /** HTTP/2 in Tomcat hands over the head of a frame apart from what is in it. */
    @ParameterizedTest
    @MethodSource("cases")
    void severalSourcesMakeOneRecord(Case each) throws Exception {
        Ends ends = connected(each);
        said(ends.server(), ends.client(), "tickets come with this");
        ByteBuffer[] sources = {text("not this"), text("head,"), text(""), text("body"), text("nor this")};

        SSLEngineResult result = ends.server().engine.wrap(sources, 1, 3, ends.server().toPeer);

        assertThat(result.getStatus()).isEqualTo(Status.OK);
        assertThat(result.bytesConsumed()).isEqualTo("head,body".length());
        assertThat(sources).extracting(ByteBuffer::remaining).containsExactly(8, 0, 0, 0, 8);
        int record = 5 + ends.server().toPeer.getShort(3);
        assertThat(ends.server().toPeer.position()).isEqualTo(record).isEqualTo(result.bytesProduced());
        assertThat(heard(ends.server(), ends.client())).isEqualTo("head,body");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sourcesThatHoldMoreThanARecordAreTakenBitByBit(Case each) throws Exception {
        Ends ends = connected(each);
        said(ends.server(), ends.client(), "tickets come with this");
        String head = "h".repeat(9);
        String body = "b".repeat(20_000);
        String trailer = "t".repeat(30_000);
        ByteBuffer[] sources = {text(head), text(body), text(trailer)};

        StringBuilder heard = new StringBuilder();
        for (int records = 0; records < 10 && sources[2].hasRemaining(); records++) {
            int before = Stream.of(sources).mapToInt(ByteBuffer::remaining).sum();
            SSLEngineResult result = ends.server().engine.wrap(sources, ends.server().toPeer);
            int after = Stream.of(sources).mapToInt(ByteBuffer::remaining).sum();
            assertThat(result.getStatus()).isEqualTo(Status.OK);
            assertThat(result.bytesConsumed()).isEqualTo(before - after);
            heard.append(heard(ends.server(), ends.client()));
        }

        assertThat(heard).hasToString(head + body + trailer);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sourcesThatARecordHasNoRoomForStayAsTheyWere(Case each) throws Exception {
        Ends ends = connected(each);
        ByteBuffer[] sources = {text("head,"), text("body")};

        SSLEngineResult result = ends.client().engine.wrap(sources, ByteBuffer.allocate(8));

        assertThat(result.getStatus()).isEqualTo(Status.BUFFER_OVERFLOW);
        assertThat(sources).extracting(ByteBuffer::remaining).containsExactly(5, 4);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRecordFillsSeveralBuffersInTurn(Case each) throws Exception {
        Ends ends = connected(each);
        ends.client().wrap(text("head,body"));
        ends.client().toPeer.flip();
        ByteBuffer untouched = ByteBuffer.allocate(7);
        ByteBuffer head = ByteBuffer.allocate(5);
        ByteBuffer body = ByteBuffer.allocateDirect(20_000);
        ByteBuffer[] destinations = {untouched, head, ByteBuffer.allocate(0), body, untouched};

        SSLEngineResult result = ends.server().engine.unwrap(ends.client().toPeer, destinations, 1, 3);

        assertThat(result.getStatus()).isEqualTo(Status.OK);
        assertThat(result.bytesProduced()).isEqualTo("head,body".length());
        assertThat(StandardCharsets.UTF_8.decode(head.flip()).toString()).isEqualTo("head,");
        assertThat(StandardCharsets.UTF_8.decode(body.flip()).toString()).isEqualTo("body");
        assertThat(untouched.position()).isZero();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRecordThatThereIsNoRoomForWaits(Case each) throws Exception {
        Ends ends = connected(each);
        ends.client().wrap(text("head,body"));
        ends.client().toPeer.flip();
        ByteBuffer[] tooSmall = {ByteBuffer.allocate(2), ByteBuffer.allocate(3)};

        SSLEngineResult result = ends.server().engine.unwrap(ends.client().toPeer, tooSmall);
        ends.client().toPeer.compact();

        assertThat(result.getStatus()).isEqualTo(Status.BUFFER_OVERFLOW);
        assertThat(result.bytesProduced()).isZero();
        assertThat(heard(ends.client(), ends.server())).isEqualTo("head,body");
    }

    /** Both ends of one connection. */
    private record Ends(End client, End server) {}

    private static Ends connected(Case each) throws Exception {
        Ends ends = new Ends(
                end(TlsRole.CLIENT, epochs(each, TlsRole.CLIENT), each.protocol()),
                end(TlsRole.SERVER, epochs(each, TlsRole.SERVER), each.protocol()));
        shakeHands(ends.client(), ends.server());
        return ends;
    }

    private static EpochSource epochs(Case each, TlsRole role) throws SSLException {
        TlsEpoch epoch = epoch(each.backend(), role);
        return () -> epoch;
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anEngineTakesTheCertificateOfTheMomentItBegins(Case each) throws Exception {
        List<TlsEpoch> current = new ArrayList<>();
        current.add(epoch(each.backend(), TlsRole.SERVER));
        TlsEpoch clients = epoch(each.backend(), TlsRole.CLIENT);
        End client = end(TlsRole.CLIENT, () -> clients, each.protocol());
        End server = end(TlsRole.SERVER, () -> current.get(0), each.protocol());
        TlsEpoch renewed = epoch(each.backend(), TlsRole.SERVER);
        current.set(0, renewed);

        shakeHands(client, server);

        assertThat(client.engine.getSession().getPeerCertificates()[0])
                .isEqualTo(renewed.localChain().get(0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anEngineWithoutAnEpochSaysWhy(Case each) {
        End server = end(
                TlsRole.SERVER,
                () -> {
                    throw new SSLHandshakeException("expired; renew it");
                },
                each.protocol());

        assertThatThrownBy(server.engine::beginHandshake).hasMessageContaining("renew it");
    }

    @Test
    void anEngineOfOneRoleCannotBeMadeOneOfTheOther() throws Exception {
        TlsEpoch servers = epoch(JcaBackend.ofJdk(), TlsRole.SERVER);
        SSLEngine engine = RotatingSslContext.of(TlsRole.SERVER, () -> servers, new ScratchPool())
                .createSSLEngine();

        assertThatThrownBy(() -> engine.setUseClientMode(true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> engine.setEnabledProtocols(new String[] {"TLSv1.1"}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- What lies outside the heap

    /** Hands on to BoringSSL, and keeps the engines that it makes. */
    private static final class Watched implements TlsBackend {
        private final TlsBackend backend = openSsl();
        private final List<ReferenceCounted> made = new ArrayList<>();

        @Override
        public String describe() {
            return backend.describe();
        }

        @Override
        public boolean isFips() {
            return backend.isFips();
        }

        @Override
        public Engines engines(TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust)
                throws SSLException {
            Engines engines = backend.engines(role, identity, trust);
            return wishes -> {
                Opened opened = engines.open(wishes);
                made.add((ReferenceCounted) opened.engine());
                return opened;
            };
        }
    }

    @Test
    void whatTwoEnginesHoldIsGivenBackOnceTheyHaveSaidGoodbye() throws Exception {
        Watched watched = new Watched();
        TlsEpoch clients = epoch(watched, TlsRole.CLIENT);
        TlsEpoch servers = epoch(watched, TlsRole.SERVER);
        End client = end(TlsRole.CLIENT, () -> clients, "TLSv1.3");
        End server = end(TlsRole.SERVER, () -> servers, "TLSv1.3");
        shakeHands(client, server);
        said(server, client, "tickets come with this");

        client.engine.closeOutbound();
        client.wrap(ByteBuffer.allocate(0));
        client.toPeer.flip();
        server.unwrap(client.toPeer);
        server.engine.closeOutbound();
        server.wrap(ByteBuffer.allocate(0));
        server.toPeer.flip();
        client.unwrap(server.toPeer);

        assertThat(watched.made).hasSize(2).extracting(ReferenceCounted::refCnt).containsOnly(0);
        // Who asks later is answered all the same.
        assertThat(server.engine.getSession().getPeerCertificates()).hasSize(1);
        assertThat(server.engine.wrap(ByteBuffer.allocate(1), server.toPeer).getStatus())
                .isEqualTo(Status.CLOSED);
    }

    @Test
    void whatADroppedEngineHoldsIsGivenBackByTheCleaner() throws Exception {
        Watched watched = new Watched();
        TlsEpoch servers = epoch(watched, TlsRole.SERVER);
        beginAndDrop(servers);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            assertThat(watched.made)
                    .hasSize(1)
                    .extracting(ReferenceCounted::refCnt)
                    .containsOnly(0);
        });
    }

    private static void beginAndDrop(TlsEpoch servers) throws SSLException {
        end(TlsRole.SERVER, () -> servers, "TLSv1.3").engine.beginHandshake();
    }
}
