package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.Pem;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every library must do, over real sockets, among ourselves and with a peer that is not ours. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class TlsContract {
    private static final int PORT = 8443;

    @TempDir
    Path folder;

    /** Holds a whole flight of a handshake. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final int MAX_TURNS = 100;

    private TlsFixture tls;
    private TlsSettings settings;
    private TlsStore store;

    abstract TlsSettings.Provider provider();

    @BeforeEach
    void makeStore() {
        tls = new TlsFixture(folder);
        tls.issue("server", TlsFixture.SERVER_ID, "payments.shop.local");
        tls.issue("client", TlsFixture.CLIENT_ID, "orders.shop.local");
        settings = TlsFixture.settings(provider());
        store = tls.store(settings);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private ServerHandle server(TlsValidation validation) {
        ServerHandle handle = store.server(PORT);
        handle.configure(tls.strict("server", validation), List.of());
        assertThat(handle.problem()).isEmpty();
        return handle;
    }

    private ClientTls client() {
        return client(tls.validation(TlsFixture.SERVER_ID));
    }

    private ClientTls client(TlsValidation validation) {
        ClientHandle handle = store.client(tls.certificate("client"), validation, List.of("payments.shop.local"));
        assertThat(handle.problem()).isEmpty();
        ClientTls current = handle.current();
        assertThat(current).isNotNull();
        return current;
    }

    /** Leaves an accepted socket as it is. */
    private static void asIs(SSLSocket socket) {}

    // ---- Handshakes

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothEndsProveWhoTheyAre(String protocol) throws Exception {
        ServerHandle handle = server(tls.validation(TlsFixture.CLIENT_ID));
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient client = LineClient.connect(
                        client().socketFactory(), server.port(), new String[] {protocol}, List.of())) {
            assertThat(client.exchange("hello")).isEqualTo("hello");

            SSLSession seenByClient = client.socket.getSession();
            SSLSession seenByServer = server.sessions.take();
            assertThat(seenByClient.getProtocol()).isEqualTo(protocol);
            assertThat(seenByClient.getCipherSuite()).contains("GCM");
            assertThat(PeerIdentity.of(chain(seenByClient)).spiffeId()).isEqualTo(TlsFixture.SERVER_ID);
            assertThat(PeerIdentity.of(chain(seenByServer)).spiffeId()).isEqualTo(TlsFixture.CLIENT_ID);
            assertThat(client().hostnameVerifier().verify("whatever", seenByClient))
                    .isTrue();
            handle.checkPeer(chain(seenByServer));
        }
    }

    @Test
    void largeTextsGoBothWays() throws Exception {
        ServerHandle handle = server(tls.validation());
        String large = "0123456789abcdef".repeat(20_000);
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient client = LineClient.connect(client().socketFactory(), server.port())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.exchange(large)).isEqualTo(large);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void http2IsAgreedOn(String protocol) throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), socket -> offer(socket, "h2", "http/1.1"));
                LineClient both = LineClient.connect(
                        client().socketFactory(), server.port(), new String[] {protocol}, List.of("h2", "http/1.1"));
                LineClient old = LineClient.connect(
                        client().socketFactory(), server.port(), new String[] {protocol}, List.of("http/1.1"));
                LineClient none = LineClient.connect(
                        client().socketFactory(), server.port(), new String[] {protocol}, List.of())) {
            both.exchange("hello");
            assertThat(both.socket.getApplicationProtocol()).isEqualTo("h2");
            assertThat(old.socket.getApplicationProtocol()).isEqualTo("http/1.1");
            assertThat(none.socket.getApplicationProtocol()).isEmpty();
        }
    }

    private static void offer(SSLSocket socket, String... protocols) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theSecondConnectionResumesTheSessionOfTheFirst(String protocol) throws Exception {
        ServerHandle handle = server(tls.validation());
        ClientTls client = client();
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            byte[] full = handshake(client, server, protocol);
            byte[] resumed = handshake(client, server, protocol);

            assertThat(isResumed(resumed, full)).isTrue();
        }
    }

    /**
     * A resumed handshake carries no certificates, which shows in the text of one of TLS 1.2. In TLS 1.3 it is encrypted, but
     * the shorter for it, and no tickets are within.
     */
    private static boolean isResumed(byte[] handshake, byte[] full) {
        String name = "payments.shop.local";
        return text(full).contains(name) ? !text(handshake).contains(name) : handshake.length < full.length / 2;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aResumedSessionKnowsBothCertificates() throws Exception {
        ServerHandle handle = server(tls.validation());
        ClientTls tlsOfClient = client();
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            handshake(tlsOfClient, server, "TLSv1.3");
            server.sessions.take();
            try (LineClient client = LineClient.connect(tlsOfClient.socketFactory(), server.port())) {
                client.exchange("hello");
                SSLSession session = client.socket.getSession();

                assertThat(PeerIdentity.of(chain(session)).spiffeId()).isEqualTo(TlsFixture.SERVER_ID);
                assertThat(session.getLocalCertificates()).isNotEmpty();
                assertThat(PeerIdentity.of(chain(server.sessions.take())).spiffeId())
                        .isEqualTo(TlsFixture.CLIENT_ID);
                assertThat(tlsOfClient.hostnameVerifier().verify("", session)).isTrue();
            }
        }
    }

    @Test
    void aSessionOfAnOlderCertificateIsNotResumed() throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            ClientTls before = client();
            byte[] full = handshake(before, server, "TLSv1.3");
            tls.issue("server", TlsFixture.SERVER_ID, "payments.shop.local");
            tls.look(settings, 2);

            assertThat(isResumed(handshake(before, server, "TLSv1.3"), full)).isFalse();
        }
    }

    private static byte[] handshake(ClientTls tls, LineServer server, String protocol) throws IOException {
        try (LineClient client =
                LineClient.connect(tls.socketFactory(), server.port(), new String[] {protocol}, List.of())) {
            // A ticket of TLS 1.3 comes with the first answer.
            client.exchange("hello");
            return client.handshake;
        }
    }

    @Test
    void aForeignClientAndAForeignServerAreUnderstood() throws Exception {
        ServerHandle handle = server(tls.validation(TlsFixture.CLIENT_ID));
        IssuedCertificate foreign =
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID).build());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient client =
                        LineClient.connect(ForeignTls.showing(foreign).getSocketFactory(), server.port())) {
            assertThat(client.exchange("hello")).isEqualTo("hello");
        }
        IssuedCertificate foreignServer =
                tls.authority.issue(TlsFixture.node(TlsFixture.SERVER_ID).build());
        try (LineServer server =
                        new LineServer(ForeignTls.showing(foreignServer), socket -> socket.setNeedClientAuth(true));
                LineClient client = LineClient.connect(client().socketFactory(), server.port())) {
            assertThat(client.exchange("hello")).isEqualTo("hello");
            assertThat(PeerIdentity.of(chain(server.sessions.take())).spiffeId())
                    .isEqualTo(TlsFixture.CLIENT_ID);
        }
    }

    // ---- Refusals

    /** A certificate that must not be taken, why, and the alert of TLS that says so. */
    record Attack(String name, Reason reason, String alert, Shown shown) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Makes the certificate of an attacker, who would be that node. */
    interface Shown {
        IssuedCertificate by(TlsFixture tls, String id);
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                new Attack(
                        "expired",
                        Reason.EXPIRED,
                        "certificate_expired",
                        (tls, id) -> tls.authority.issue(TlsFixture.node(id)
                                .validFrom(now(tls).minus(Duration.ofDays(2)))
                                .validUntil(now(tls).minus(Duration.ofDays(1)))
                                .build())),
                new Attack(
                        "not yet valid",
                        Reason.NOT_YET_VALID,
                        "certificate_expired",
                        (tls, id) -> tls.authority.issue(TlsFixture.node(id)
                                .validFrom(now(tls).plus(Duration.ofDays(1)))
                                .validUntil(now(tls).plus(Duration.ofDays(2)))
                                .build())),
                new Attack(
                        "another authority",
                        Reason.UNTRUSTED,
                        "unknown_ca",
                        (tls, id) -> CertificateAuthority.create("other", tls.time)
                                .issue(TlsFixture.node(id).build())),
                new Attack(
                        "an authority of the same name",
                        Reason.UNTRUSTED,
                        "unknown_ca",
                        (tls, id) -> CertificateAuthority.create("shop", tls.time)
                                .issue(TlsFixture.node(id).build())),
                new Attack("self-signed", Reason.SELF_SIGNED, "unknown_ca", (tls, id) -> selfSigned(tls, id)),
                new Attack("revoked", Reason.REVOKED, "certificate_revoked", TlsContract::revoked),
                new Attack(
                        "another name",
                        Reason.WRONG_NAME,
                        "bad_certificate",
                        (tls, id) -> tls.authority.issue(
                                TlsFixture.node("spiffe://shop.local/shop/intruder", "intruder.shop.local")
                                        .build())),
                new Attack(
                        "the name of another trust domain",
                        Reason.WRONG_NAME,
                        "bad_certificate",
                        (tls, id) -> tls.authority.issue(TlsFixture.node(id.replace("shop.local", "evil.example"))
                                .build())),
                new Attack(
                        "two names, one of them right",
                        Reason.WRONG_NAME,
                        "bad_certificate",
                        (tls, id) -> tls.authority.issue(CertificateSpec.builder()
                                .uris(URI.create("spiffe://shop.local/shop/intruder"), URI.create(id))
                                .build())));
    }

    private static Instant now(TlsFixture tls) {
        return tls.time.instant();
    }

    private static IssuedCertificate selfSigned(TlsFixture tls, String id) {
        CertificateAuthority self = CertificateAuthority.create(
                TlsFixture.node(id).commonName("self").build(), tls.time);
        return new IssuedCertificate(self.key(), List.of(self.root()));
    }

    private static IssuedCertificate revoked(TlsFixture tls, String id) {
        IssuedCertificate issued = tls.authority.issue(TlsFixture.node(id).build());
        Map<BigInteger, Instant> revoked = Map.of(issued.certificate().getSerialNumber(), now(tls));
        tls.write(
                "trust.pem",
                tls.authority.trustPem()
                        + Pem.crl(tls.authority.crl(revoked, BigInteger.ONE, now(tls).plus(Duration.ofDays(1)))));
        return issued;
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void aClientRefusesSuchAServer(Attack attack) throws Exception {
        IssuedCertificate shown = attack.shown().by(tls, TlsFixture.SERVER_ID);
        ClientTls client = client();
        try (LineServer server = new LineServer(ForeignTls.showing(shown), TlsContract::asIs)) {
            Throwable refusal = catchThrowable(() -> LineClient.connect(client.socketFactory(), server.port()));

            assertThat(refusal).isInstanceOf(SSLException.class);
            assertThat(reasonOf(refusal)).isEqualTo(attack.reason());
        }
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void aServerRefusesSuchAClient(Attack attack) throws Exception {
        IssuedCertificate shown = attack.shown().by(tls, TlsFixture.CLIENT_ID);
        ServerHandle handle = server(tls.validation(TlsFixture.CLIENT_ID));
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            assertThat(catchThrowable(() -> exchangeOnce(ForeignTls.showing(shown), server)))
                    .isInstanceOf(IOException.class);

            assertThat(reasonOf(server.nextFailure())).isEqualTo(attack.reason());
            // What the handshake refuses, the check of a request refuses, too.
            assertThatThrownBy(() -> handle.checkPeer(shown.chain()))
                    .isInstanceOfSatisfying(
                            PeerCertificateException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(attack.reason()));
        }
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void aRefusedClientIsToldWhyAsFarAsTlsHasAWordForIt(Attack attack) throws Exception {
        IssuedCertificate shown = attack.shown().by(tls, TlsFixture.CLIENT_ID);
        SSLEngine server =
                server(tls.validation(TlsFixture.CLIENT_ID)).context().createSSLEngine("localhost", PORT);
        server.setUseClientMode(false);
        SSLEngine client = ForeignTls.showing(shown).createSSLEngine("localhost", PORT);
        client.setUseClientMode(true);
        client.setEnabledProtocols(new String[] {"TLSv1.2"});
        // The JDK's servers have one word for all.
        String alert = provider() == TlsSettings.Provider.JSSE ? "certificate_unknown" : attack.alert();

        assertThat(catchThrowable(() -> shakeHands(client, server))).hasMessageContaining("fatal alert: " + alert);
    }

    /** In memory: over a socket, a server that closes with something unread may take its alert back. */
    private static void shakeHands(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(BUFFER_BYTES);
        ByteBuffer toClient = ByteBuffer.allocate(BUFFER_BYTES);
        client.beginHandshake();
        server.beginHandshake();
        for (int turn = 0; turn < MAX_TURNS; turn++) {
            step(client, toClient, toServer);
            try {
                step(server, toServer, toClient);
            } catch (SSLException refused) {
                // What it has to say of that is still to come.
                while (server.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                    if (server.wrap(ByteBuffer.allocate(0), toClient).bytesProduced() == 0) {
                        break;
                    }
                }
            }
        }
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            default -> {
                in.flip();
                try {
                    engine.unwrap(in, ByteBuffer.allocate(BUFFER_BYTES));
                } finally {
                    in.compact();
                }
            }
        }
    }

    private static void exchangeOnce(SSLContext context, LineServer server) throws IOException {
        try (LineClient client = LineClient.connect(context.getSocketFactory(), server.port())) {
            // In TLS 1.3 a client learns that it is refused only when it reads.
            client.exchange("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aServerRefusesAClientWithoutACertificate(String protocol) throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            Throwable refusal = catchThrowable(() -> {
                try (LineClient client = LineClient.connect(
                        ForeignTls.showing(null).getSocketFactory(),
                        server.port(),
                        new String[] {protocol},
                        List.of())) {
                    client.exchange("hello");
                }
            });

            assertThat(refusal).isInstanceOf(IOException.class);
            assertThat(server.nextFailure()).isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> handle.checkPeer(List.of()))
                    .isInstanceOfSatisfying(
                            PeerCertificateException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Reason.NO_CERTIFICATE));
        }
    }

    @Test
    void aContainerCannotDropTheDemandForAClientCertificate() throws Exception {
        ServerHandle handle = server(tls.validation());
        Consumer<SSLSocket> careless = socket -> {
            socket.setNeedClientAuth(false);
            socket.setWantClientAuth(true);
        };
        try (LineServer server = new LineServer(handle.context(), careless)) {
            assertThat(catchThrowable(() -> exchangeOnce(ForeignTls.showing(null), server)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerWithoutValidationAsksForNoCertificate() throws Exception {
        ServerHandle handle = store.server(PORT);
        handle.configure(tls.strict("server", null), List.of());
        assertThat(handle.requiresClientCertificate()).isFalse();
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            exchangeOnce(ForeignTls.showing(null), server);
            handle.checkPeer(List.of());
        }
    }

    @Test
    void whereNoNamesAreListedAServerMustBearTheNameItWasFoundBy() throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            ClientTls right = client(tls.validation());
            try (LineClient client = LineClient.connect(right.socketFactory(), server.port())) {
                assertThat(client.exchange("hello")).isEqualTo("hello");
            }
            ClientTls wrong = store.client(tls.certificate("client"), tls.validation(), List.of("stock.shop.local"))
                    .current();
            assertThat(wrong).isNotNull();

            Throwable refusal = catchThrowable(() -> LineClient.connect(wrong.socketFactory(), server.port()));
            assertThat(reasonOf(refusal)).isEqualTo(Reason.WRONG_NAME);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void olderVersionsAreRefused(String protocol) throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                Socket raw = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            raw.setSoTimeout(10_000);
            raw.getOutputStream().write(clientHello(protocol));

            // An alert (21) or the end; never a ServerHello (22).
            assertThat(raw.getInputStream().read()).isNotEqualTo(22);
            assertThat(server.nextFailure()).isInstanceOf(SSLException.class);
        }
    }

    /** A ClientHello of RFC 4346 §7.4.1.2 with one suite of that time, TLS_RSA_WITH_AES_128_CBC_SHA. */
    private static byte[] clientHello(String protocol) {
        byte minor = (byte) (protocol.equals("TLSv1") ? 1 : 2);
        byte[] hello = new byte[4 + 2 + 32 + 1 + 4 + 2];
        hello[0] = 1;
        hello[3] = (byte) (hello.length - 4);
        hello[4] = 3;
        hello[5] = minor;
        hello[40] = 2;
        hello[42] = 0x2f;
        hello[43] = 1;
        byte[] record = new byte[5 + hello.length];
        record[0] = 22;
        record[1] = 3;
        record[2] = minor;
        record[4] = (byte) hello.length;
        System.arraycopy(hello, 0, record, 5, hello.length);
        return record;
    }

    // ---- Nonsense, and slowness

    static Stream<byte[]> nonsense() {
        byte[] oversized = new byte[5 + 17 * 1024 + 2048];
        oversized[0] = 22;
        oversized[1] = 3;
        oversized[2] = 1;
        oversized[3] = (byte) ((oversized.length - 5) >>> 8);
        oversized[4] = (byte) (oversized.length - 5);
        // A handshake message of 16 MB, in records of an allowed size.
        byte[] endless = new byte[40 * (5 + 16_000)];
        for (int at = 0; at < endless.length; at += 5 + 16_000) {
            endless[at] = 22;
            endless[at + 1] = 3;
            endless[at + 2] = 1;
            endless[at + 3] = (byte) (16_000 >>> 8);
            endless[at + 4] = (byte) 16_000;
        }
        endless[5] = 1;
        endless[6] = (byte) 0xff;
        endless[7] = (byte) 0xff;
        endless[8] = (byte) 0xff;
        byte[] empty = {22, 3, 1, 0, 0, 22, 3, 1, 0, 0};
        return Stream.of(
                "GET / HTTP/1.1\r\nHost: shop\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                "\0\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII),
                oversized,
                endless,
                empty);
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void nonsenseEndsItsConnectionAndNoOther(byte[] nonsense) throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient before = LineClient.connect(client().socketFactory(), server.port())) {
            try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                raw.setSoTimeout(10_000);
                try {
                    raw.getOutputStream().write(nonsense);
                    raw.shutdownOutput();
                    raw.getInputStream().readAllBytes();
                } catch (IOException reset) {
                    // As good an end as any.
                }
                assertThat(server.nextFailure()).isInstanceOf(IOException.class);
            }

            assertThat(before.exchange("still here")).isEqualTo("still here");
            try (LineClient after = LineClient.connect(client().socketFactory(), server.port())) {
                assertThat(after.exchange("hello")).isEqualTo("hello");
            }
        }
    }

    @Test
    void closingFromAnotherThreadEndsAReadAtOnce() throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient client = LineClient.connect(client().socketFactory(), server.port())) {
            client.exchange("hello");
            CountDownLatch reading = new CountDownLatch(1);
            CompletableFuture<Throwable> end = CompletableFuture.supplyAsync(() -> catchThrowable(() -> {
                InputStream in = client.socket.getInputStream();
                reading.countDown();
                // Either the end or an exception: the server may answer the goodbye first.
                assertThat(in.read()).isEqualTo(-1);
            }));
            reading.await();

            client.socket.close();

            Throwable failure = end.get(5, TimeUnit.SECONDS);
            assertThat(failure == null || failure instanceof IOException)
                    .as("ended by %s", failure)
                    .isTrue();
        }
    }

    @Test
    void closingFromAnotherThreadEndsAHandshakeAtOnce() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Socket raw = new Socket(InetAddress.getLoopbackAddress(), silent.getLocalPort());
                Socket accepted = silent.accept()) {
            SSLSocket socket = (SSLSocket) client().socketFactory().createSocket(raw, "127.0.0.1", raw.getPort(), true);
            CompletableFuture<Throwable> end =
                    CompletableFuture.supplyAsync(() -> catchThrowable(socket::startHandshake));
            // The hello is here, so that the handshake has begun.
            assertThat(accepted.getInputStream().read()).isEqualTo(22);

            socket.close();

            assertThat(end.get(5, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aReadThatTimesOutLosesNothing() throws Exception {
        ServerHandle handle = server(tls.validation());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs);
                LineClient client = LineClient.connect(client().socketFactory(), server.port())) {
            client.exchange("hello");
            client.socket.setSoTimeout(1);
            assertThat(catchThrowable(() -> client.socket.getInputStream().read()))
                    .isInstanceOf(SocketTimeoutException.class);
            client.socket.setSoTimeout(10_000);

            assertThat(client.exchange("again")).isEqualTo("again");
        }
    }

    // ---- Life

    @Test
    void renewedCertificatesServeNewConnectionsAndLeaveOldOnesOpen() throws Exception {
        ServerHandle handle = server(tls.validation());
        ClientHandle clientHandle =
                store.client(tls.certificate("client"), tls.validation(TlsFixture.SERVER_ID), List.of());
        ClientTls before = clientHandle.current();
        assertThat(before).isNotNull();
        SSLContext context = handle.context();
        ServerTls.Lease lease = handle.lease();
        try (LineServer server = new LineServer(context, TlsContract::asIs);
                LineClient old = LineClient.connect(before.socketFactory(), server.port())) {
            IssuedCertificate renewed = tls.issue("server", TlsFixture.SERVER_ID, "payments.shop.local");
            tls.issue("client", TlsFixture.CLIENT_ID, "orders.shop.local");
            tls.look(settings, 2);

            ClientTls after = clientHandle.current();
            assertThat(after).isNotNull().isNotSameAs(before);
            assertThat(handle.context()).isSameAs(context);
            try (LineClient fresh = LineClient.connect(after.socketFactory(), server.port());
                    LineClient late = LineClient.connect(before.socketFactory(), server.port())) {
                assertThat(fresh.socket.getSession().getPeerCertificates()[0]).isEqualTo(renewed.certificate());
                assertThat(fresh.exchange("fresh")).isEqualTo("fresh");
                // A call that was begun before the rotation may connect after it.
                assertThat(late.exchange("late")).isEqualTo("late");
                assertThat(old.exchange("old")).isEqualTo("old");
            }
            tls.time.advance(ServerSecurity.MOVE);
            assertThat(lease.isOver()).isTrue();
        }
    }

    @Test
    void withoutAValidCertificateNoHandshakeSucceeds() throws Exception {
        ServerHandle handle = server(tls.validation());
        ClientHandle clientHandle =
                store.client(tls.certificate("client"), tls.validation(TlsFixture.SERVER_ID), List.of());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            tls.time.advance(CertificateAuthority.DEFAULT_TTL.plusSeconds(1));
            tls.look(settings, 1);

            assertThat(clientHandle.current()).isNull();
            assertThat(clientHandle.problem()).contains("expired").contains("renew");
            assertThat(catchThrowable(() -> exchangeOnce(ForeignTls.showing(null), server)))
                    .isInstanceOf(IOException.class);
            assertThat(server.nextFailure()).isInstanceOf(SSLException.class).hasMessageContaining("expired");
        }
    }

    @Test
    void aDisabledListenerShakesNoHands() throws Exception {
        ServerHandle handle = server(tls.validation());
        handle.configure(
                new ListenerTls(ListenerTls.Mode.DISABLED, tls.certificate("server"), tls.validation()), List.of());
        try (LineServer server = new LineServer(handle.context(), TlsContract::asIs)) {
            assertThat(handle.mode()).isEqualTo(ListenerTls.Mode.DISABLED);
            assertThat(catchThrowable(() -> exchangeOnce(ForeignTls.showing(null), server)))
                    .isInstanceOf(IOException.class);
        }
    }

    private static Reason reasonOf(Throwable failure) {
        PeerCertificateException why = PeerCertificateException.in(failure);
        if (why == null) {
            throw new AssertionError("not for the peer's certificate", failure);
        }
        return why.reason();
    }

    static List<X509Certificate> chain(SSLSession session) throws SSLException {
        return Arrays.stream(session.getPeerCertificates())
                .map(X509Certificate.class::cast)
                .toList();
    }
}
