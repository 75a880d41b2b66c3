package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import io.intramesh.model.ListenerTls;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.ServerTls;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses what a listener's TLS does not let in: plaintext where it takes TLS only, and clients whose certificate does not hold
 * now. Containers that the mesh set up refuse both at the connection; this stage knows no container. It holds where one was set
 * up by somebody else, where the mode became STRICT while a plaintext connection was open, and for all that was true at the
 * handshake and no longer is.
 *
 * <p>What is left of the peer's certificates below this stage was checked by the listener's own rules. A listener that
 * declares TLS without a validation knows no identities.
 */
final class InboundTlsStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundTlsStage.class);

    // The reason's own status, 503, is that of a call out; a caller here is at fault, and is not to try again.
    private static final int FORBIDDEN = 403;

    private static final InboundAdmission.Refused PLAINTEXT = new InboundAdmission.Refused(
            new Refusal(Reason.PEER_UNTRUSTED, FORBIDDEN, "This service is called over TLS only"));
    private static final InboundAdmission.Refused NO_CERTIFICATE = new InboundAdmission.Refused(
            Refusal.of(Reason.NO_TRUSTED_IDENTITY, "This service is called with a client certificate only"));
    private static final InboundAdmission.Refused UNTRUSTED = new InboundAdmission.Refused(
            new Refusal(Reason.PEER_UNTRUSTED, FORBIDDEN, "The client certificate is not trusted"));

    private final AtomicLong refusedSinceWarning = new AtomicLong();
    private final OnceAMinute warning;
    private final BiConsumer<InboundExchange, Reason> audit;

    /**
     * @param audit writes down what is refused, and what the caller is told
     */
    InboundTlsStage(NanoClock clock, BiConsumer<InboundExchange, Reason> audit) {
        this.audit = audit;
        this.warning = new OnceAMinute(clock);
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        InboundListener listener = exchange.listener();
        if (listener == null || listener.tls() == null) {
            // What the container's own TLS proved, where it has any, stands.
            return InboundAdmission.PASS;
        }
        ServerTls tls = listener.tls();
        ListenerTls.Mode mode = tls.mode();
        if (!exchange.isEncrypted()) {
            return mode == ListenerTls.Mode.STRICT
                    ? refused(exchange, listener, PLAINTEXT, "plaintext")
                    : InboundAdmission.PASS;
        }
        if (mode == ListenerTls.Mode.DISABLED || !tls.requiresClientCertificate()) {
            exchange.peerCertificates(List.of());
            return InboundAdmission.PASS;
        }
        try {
            tls.checkPeer(exchange.peerCertificates());
            return InboundAdmission.PASS;
        } catch (PeerCertificateException e) {
            boolean isAbsent = e.reason() == PeerCertificateException.Reason.NO_CERTIFICATE;
            return refused(exchange, listener, isAbsent ? NO_CERTIFICATE : UNTRUSTED, e.getMessage());
        } catch (CertificateException e) {
            return refused(exchange, listener, UNTRUSTED, e.getMessage());
        }
    }

    private InboundAdmission refused(
            InboundExchange exchange, InboundListener listener, InboundAdmission.Refused how, @Nullable String why) {
        audit.accept(exchange, how.refusal().reason());
        refusedSinceWarning.incrementAndGet();
        if (warning.isTime()) {
            log.warn(
                    "inbound tls refused listener={} refused={} last=\"{}\"",
                    listener.port(),
                    refusedSinceWarning.getAndSet(0),
                    why);
        }
        return how;
    }
}
