package io.intramesh.servlet;

import io.intramesh.call.Inbound;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The mesh's inbound half, and a record of what the filter asked and told it. */
final class RecordingInbound implements Inbound {
    private final Inbound mesh;
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();

    RecordingInbound(Inbound mesh) {
        this.mesh = mesh;
    }

    @Override
    public InboundRequest begin(
            MeshRequest request, int localPort, boolean isEncrypted, List<X509Certificate> peerCertificates) {
        Seen seen = new Seen(
                request.method(),
                request.scheme(),
                request.host(),
                request.port(),
                request.isPortImplied(),
                request.path(),
                request.query(),
                request.header("x-TWICE"),
                request.header("x-absent"));
        InboundRequest begun = mesh.begin(request, localPort, isEncrypted, peerCertificates);
        Exchange exchange = new Exchange(begun, seen, localPort, isEncrypted, peerCertificates);
        exchanges.add(exchange);
        return exchange;
    }

    List<Exchange> exchanges() {
        return exchanges;
    }

    /** A request as the filter described it. */
    record Seen(
            @Nullable String method,
            @Nullable String scheme,
            String host,
            int port,
            boolean isPortImplied,
            @Nullable String path,
            @Nullable String query,
            @Nullable String twice,
            @Nullable String absent) {}

    /** A reported end. */
    record End(int status, @Nullable Throwable failure) {}

    static final class Exchange implements InboundRequest {
        private final InboundRequest begun;
        private final Seen seen;
        private final int localPort;
        private final boolean encrypted;
        private final List<X509Certificate> peerCertificates;
        private final List<End> ends = new CopyOnWriteArrayList<>();

        private Exchange(
                InboundRequest begun,
                Seen seen,
                int localPort,
                boolean encrypted,
                List<X509Certificate> peerCertificates) {
            this.begun = begun;
            this.seen = seen;
            this.localPort = localPort;
            this.encrypted = encrypted;
            this.peerCertificates = peerCertificates;
        }

        @Override
        public void awaitAdmission() throws InterruptedException {
            begun.awaitAdmission();
        }

        @Override
        public @Nullable Refusal refusal() {
            return begun.refusal();
        }

        @Override
        public boolean isHealthCheck() {
            return begun.isHealthCheck();
        }

        @Override
        public boolean closesConnection() {
            return begun.closesConnection();
        }

        @Override
        public MeshContext context() {
            return begun.context();
        }

        @Override
        public void ended(int status, @Nullable Throwable failure) {
            ends.add(new End(status, failure));
            begun.ended(status, failure);
        }

        Seen seen() {
            return seen;
        }

        int localPort() {
            return localPort;
        }

        boolean isEncrypted() {
            return encrypted;
        }

        List<X509Certificate> peerCertificates() {
            return peerCertificates;
        }

        List<End> ends() {
            return ends;
        }
    }
}
