package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.internal.access.AuditLog;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.limit.RequestLimit;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** A request on its way through the stages, and what they found out about it. */
final class InboundExchange implements InboundRequest {
    private static final Refusal INTERRUPTED = Refusal.of(Reason.LIMIT_REACHED, "The wait for a place was interrupted");

    // A field updater saves an object per request.
    private static final AtomicIntegerFieldUpdater<InboundExchange> OVER =
            AtomicIntegerFieldUpdater.newUpdater(InboundExchange.class, "over");

    private final InboundPipeline pipeline;
    private final InboundStage[] stages;
    private final MeshRequest request;
    private final @Nullable InboundListener listener;
    private final boolean encrypted;
    private final int localPort;

    // Touched by the one thread that drives the request at a time.
    private int passed;
    private @Nullable Refusal refusal;
    private InboundAdmission.@Nullable Waiting waiting;
    private @Nullable MeshContext context;
    private boolean healthCheck;
    private @Nullable RequestLimit heldLimit;
    private long heldSinceNanos;
    private List<X509Certificate> peerCertificates;

    @SuppressWarnings("unused") // through the updater
    private volatile int over;

    InboundExchange(
            InboundPipeline pipeline,
            InboundStage[] stages,
            MeshRequest request,
            @Nullable InboundListener listener,
            boolean encrypted,
            int localPort,
            List<X509Certificate> peerCertificates) {
        this.pipeline = pipeline;
        this.stages = stages;
        this.request = request;
        this.listener = listener;
        this.encrypted = encrypted;
        this.localPort = localPort;
        this.peerCertificates = peerCertificates;
    }

    /** Runs the stages until one refuses or wants to wait. */
    void proceed() {
        while (passed < stages.length) {
            InboundAdmission admission = stages[passed].admit(this);
            if (admission instanceof InboundAdmission.Refused refused) {
                refusal = refused.refusal();
                return;
            }
            if (admission instanceof InboundAdmission.Waiting wanted) {
                waiting = wanted;
                return;
            }
            passed++;
        }
    }

    @Override
    public void awaitAdmission() throws InterruptedException {
        while (waiting != null) {
            InboundAdmission.Waiting current = waiting;
            waiting = null;
            // Stands if the wait throws, so that the request can never count as admitted.
            refusal = INTERRUPTED;
            refusal = current.await();
            if (refusal == null) {
                passed++;
                proceed();
            }
        }
    }

    @Override
    public void ended(int status, @Nullable Throwable failure) {
        if (!OVER.compareAndSet(this, 0, 1)) {
            return;
        }
        if (waiting != null) {
            waiting.abandon();
        }
        for (int i = passed - 1; i >= 0; i--) {
            stages[i].ended(this, status, failure);
        }
    }

    @Override
    public @Nullable Refusal refusal() {
        return refusal;
    }

    @Override
    public boolean isHealthCheck() {
        return healthCheck;
    }

    @Override
    public boolean closesConnection() {
        return pipeline.isDraining();
    }

    @Override
    public MeshContext context() {
        return requireNonNull(context, "context");
    }

    MeshRequest request() {
        return request;
    }

    /** Returns the listener that the request came in by, or null where the node has none. */
    @Nullable
    InboundListener listener() {
        return listener;
    }

    /** Tells whether the connection is encrypted. */
    boolean isEncrypted() {
        return encrypted;
    }

    /** Returns the port that the request arrived on, whether or not the node has a listener there. */
    int localPort() {
        return localPort;
    }

    /** Returns the chain that the peer proved to own, its own certificate first; empty where there is none. */
    List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    /** Notes what is left of it for the stages below. */
    void peerCertificates(List<X509Certificate> value) {
        peerCertificates = value;
    }

    void context(MeshContext value) {
        context = value;
    }

    /** Notes which limit the request has a place of, to be given back when it ends. */
    void holds(RequestLimit limit, long nowNanos) {
        heldLimit = limit;
        heldSinceNanos = nowNanos;
    }

    /** Returns the limit that the request has a place of, or null. */
    @Nullable
    RequestLimit heldLimit() {
        return heldLimit;
    }

    long heldSinceNanos() {
        return heldSinceNanos;
    }

    /** Returns what the audit log says of the request. */
    AuditLog.Entry auditedAs(Principal principal, String virtualNode, long revision) {
        return new AuditLog.Entry(
                principal,
                virtualNode,
                localPort(),
                request().method(),
                request().path(),
                revision,
                context().requestId());
    }

    void markHealthCheck() {
        healthCheck = true;
    }
}
