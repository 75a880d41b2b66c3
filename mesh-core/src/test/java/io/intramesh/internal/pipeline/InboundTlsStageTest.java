package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.VirtualNode;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.ServerTls;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

final class InboundTlsStageTest {
    private static final List<X509Certificate> STOREFRONT = CertificateAuthority.create("test", InstantSource.system())
            .issue(CertificateSpec.builder().dnsNames("storefront").build())
            .chain();

    private final FakeNanoClock clock = FakeNanoClock.create();
    private final Declared tls = new Declared();
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    private final List<String> audited = new ArrayList<>();

    private boolean isDeclared = true;
    private final InboundPipeline pipeline = new InboundPipeline(
            this::node,
            () -> InboundRules.NONE,
            listener -> isDeclared ? tls : null,
            (exchange, reason) -> audited.add(exchange.request().path() + " " + reason),
            clock,
            Duration.ZERO,
            new SplittableRandom(7));

    @BeforeEach
    void collectWarnings() {
        warnings.start();
        log().setAdditive(false);
        log().addAppender(warnings);
    }

    @AfterEach
    void stop() {
        log().detachAppender(warnings);
        log().setAdditive(true);
    }

    @Test
    void strictRefusesPlaintextHealthChecksIncluded() {
        tls.mode = ListenerTls.Mode.STRICT;

        for (String path : List.of("/orders", "/ping")) {
            InboundExchange exchange = begin(path, false, List.of());

            assertThat(exchange.refusal())
                    .isEqualTo(new Refusal(Reason.PEER_UNTRUSTED, 403, "This service is called over TLS only"));
        }
        assertThat(audited).containsExactly("/orders PEER_UNTRUSTED", "/ping PEER_UNTRUSTED");
    }

    @ParameterizedTest
    @EnumSource(
            value = ListenerTls.Mode.class,
            names = {"PERMISSIVE", "DISABLED"})
    void theOtherModesLetPlaintextInWithoutAnIdentity(ListenerTls.Mode mode) {
        tls.mode = mode;
        tls.demands = true;

        InboundExchange exchange = begin("/orders", false, STOREFRONT);

        assertThat(exchange.refusal()).isNull();
        assertThat(exchange.peerCertificates())
                .as("what a plaintext connection shows is not proved")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = ListenerTls.Mode.class,
            names = {"PERMISSIVE", "STRICT"})
    void aCertificateThatHoldsIsTheIdentity(ListenerTls.Mode mode) {
        tls.mode = mode;
        tls.demands = true;

        InboundExchange exchange = begin("/orders", true, STOREFRONT);

        assertThat(exchange.refusal()).isNull();
        assertThat(exchange.peerCertificates()).isEqualTo(STOREFRONT);
    }

    @Test
    void aCertificateThatHoldsNoLongerIsRefused() {
        tls.mode = ListenerTls.Mode.STRICT;
        tls.demands = true;
        assertThat(begin("/orders", true, STOREFRONT).refusal()).isNull();

        tls.verdict = new PeerCertificateException(PeerCertificateException.Reason.REVOKED, "storefront: revoked");

        assertThat(begin("/orders", true, STOREFRONT).refusal())
                .isEqualTo(new Refusal(Reason.PEER_UNTRUSTED, 403, "The client certificate is not trusted"));
        assertThat(audited).containsExactly("/orders PEER_UNTRUSTED");
    }

    @Test
    void aMissingCertificateIsRefusedWhereOneIsDemandedAnew() {
        tls.mode = ListenerTls.Mode.STRICT;
        assertThat(begin("/orders", true, List.of()).refusal()).isNull();

        tls.demands = true;
        tls.verdict = new PeerCertificateException(PeerCertificateException.Reason.NO_CERTIFICATE, "none shown");

        assertThat(begin("/orders", true, List.of()).refusal())
                .isEqualTo(new Refusal(
                        Reason.NO_TRUSTED_IDENTITY, 401, "This service is called with a client certificate only"));
    }

    @Test
    void aListenerThatChecksNobodyKnowsNobody() {
        tls.mode = ListenerTls.Mode.STRICT;
        assertThat(begin("/orders", true, STOREFRONT).peerCertificates()).isEmpty();

        tls.mode = ListenerTls.Mode.DISABLED;
        tls.demands = true;
        assertThat(begin("/orders", true, STOREFRONT).peerCertificates()).isEmpty();
    }

    @Test
    void whereNothingIsDeclaredTheContainersOwnTlsStands() {
        isDeclared = false;

        assertThat(begin("/orders", true, STOREFRONT).peerCertificates()).isEqualTo(STOREFRONT);
        assertThat(begin("/orders", false, List.of()).refusal()).isNull();
    }

    @Test
    void refusalsAreLoggedOnceAMinuteWithTheirNumber() {
        tls.mode = ListenerTls.Mode.STRICT;

        for (int i = 0; i < 3; i++) {
            begin("/orders", false, List.of());
        }
        clock.advance(Duration.ofNanos(TimeUnit.MINUTES.toNanos(1)));
        begin("/orders", false, List.of());

        assertThat(warnings.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "inbound tls refused listener=8080 refused=1 last=\"plaintext\"",
                        "inbound tls refused listener=8080 refused=3 last=\"plaintext\"");
    }

    private InboundExchange begin(String path, boolean isEncrypted, List<X509Certificate> chain) {
        return (InboundExchange) pipeline.begin(new Get(path), 8080, isEncrypted, chain);
    }

    private final VirtualNode node = VirtualNode.builder("shop", "orders")
            .listeners(List.of(Listener.builder(new PortMapping(8080, Protocol.HTTP))
                    .healthCheck(new HealthCheck(
                            Protocol.HTTP, "/ping", null, 2, 2, Duration.ofSeconds(5), Duration.ofSeconds(2)))
                    .tls(new ListenerTls(
                            ListenerTls.Mode.STRICT, new TlsCertificate.File("/orders.pem", "/orders.key"), null))
                    .build()))
            .build();

    private VirtualNode node() {
        return node;
    }

    private static Logger log() {
        return (Logger) LoggerFactory.getLogger(InboundTlsStage.class);
    }

    private static final class Declared implements ServerTls {
        private ListenerTls.Mode mode = ListenerTls.Mode.DISABLED;
        private boolean demands;
        private @Nullable CertificateException verdict;

        @Override
        public SSLContext context() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Lease lease() {
            return () -> false;
        }

        @Override
        public ListenerTls.Mode mode() {
            return mode;
        }

        @Override
        public boolean requiresClientCertificate() {
            return demands;
        }

        @Override
        public void checkPeer(List<X509Certificate> chain) throws CertificateException {
            if (verdict != null) {
                throw verdict;
            }
        }
    }

    private record Get(String path) implements MeshRequest {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "orders";
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }
}
