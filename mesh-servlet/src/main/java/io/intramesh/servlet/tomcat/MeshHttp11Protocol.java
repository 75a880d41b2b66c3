package io.intramesh.servlet.tomcat;

import static java.util.Objects.requireNonNull;

import io.intramesh.tls.ServerTls;
import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 and HTTP/2 for a listener of the mesh. Each connection is encrypted or not as the listener says when it is
 * made: STRICT takes TLS only and closes what begins otherwise, without an answer; PERMISSIVE takes both; DISABLED takes
 * plaintext only. A change of the mode, the certificate or the trust needs no restart.
 *
 * <pre>{@code
 * Connector connector = new Connector(MeshHttp11Protocol.of(mesh.serverTls(8443)));
 * connector.setPort(8443);
 * }</pre>
 *
 * <p>HTTP/2 is chosen by ALPN over TLS, and by prior knowledge or upgrade in plaintext; settings are those of the
 * {@link Http2Protocol} that was added to the connector, or its defaults. What a request says of its connection
 * ({@code isSecure}, scheme, {@code jakarta.servlet.request.X509Certificate}) is true for that connection; the connector's own
 * {@code secure}, {@code scheme} and {@code SSLEnabled} stay as they are by default. Runs on Tomcat 10.1 and 11.
 *
 * <p>A connection has {@link #DEFAULT_HANDSHAKE_TIMEOUT_MILLIS} for its handshake, counted from its begin, or the connector's
 * {@code connectionTimeout} where that is shorter, and holds no thread meanwhile.
 */
public final class MeshHttp11Protocol extends Http11NioProtocol {
    /** How long a handshake may take, when nothing else is said: 10 s, as Netty's SslHandler. */
    public static final int DEFAULT_HANDSHAKE_TIMEOUT_MILLIS = 10_000;

    private static final String H2 = "h2";
    private static final String H2C = "h2c";

    private final MeshNioEndpoint endpoint;
    private @Nullable PlainHttp2 plain;
    private @Nullable EncryptedHttp2 encrypted;

    /** Makes a protocol that needs {@link #serverTls} before it is initialized; for containers that know it by name. */
    public MeshHttp11Protocol() {
        this(new MeshNioEndpoint());
    }

    private MeshHttp11Protocol(MeshNioEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /** Returns the protocol of a connector that serves that listener. */
    public static MeshHttp11Protocol of(ServerTls tls) {
        MeshHttp11Protocol protocol = new MeshHttp11Protocol();
        protocol.serverTls(tls);
        return protocol;
    }

    /** Sets which listener is served. Before the connector is initialized. */
    public void serverTls(ServerTls tls) {
        endpoint.serverTls(requireNonNull(tls, "tls"));
    }

    /** Sets how long a handshake may take, in milliseconds; default {@link #DEFAULT_HANDSHAKE_TIMEOUT_MILLIS}. */
    public void setHandshakeTimeout(int millis) {
        if (millis <= 0) {
            throw new IllegalArgumentException("handshakeTimeout: " + millis + " ms (expected: 1 or more)");
        }
        endpoint.handshakeTimeout(millis);
    }

    public int getHandshakeTimeout() {
        return endpoint.handshakeTimeout();
    }

    /**
     * Binds the port.
     *
     * @throws IllegalStateException when no listener was set, or the connector was given TLS of its own
     */
    @Override
    public void init() throws Exception {
        if (!endpoint.hasServerTls()) {
            throw new IllegalStateException(
                    "mesh listener: not set; call serverTls(mesh.serverTls(port)) before the start");
        }
        if (isSSLEnabled()) {
            throw new IllegalStateException(
                    "SSLEnabled: true (expected: false); the mesh's listener brings the TLS of this"
                            + " connector, so take off the connector's own");
        }
        Http2Protocol http2 = null;
        for (UpgradeProtocol upgrade : findUpgradeProtocols()) {
            if (upgrade instanceof Http2Protocol found) {
                http2 = found;
            }
        }
        if (http2 == null) {
            http2 = new Http2Protocol();
            addUpgradeProtocol(http2);
        }
        // Makes Tomcat ask the engine what was negotiated.
        endpoint.addNegotiatedProtocol(H2);
        super.init();
        encrypted = new EncryptedHttp2(http2, this);
        plain = new PlainHttp2(http2, encrypted);
    }

    @Override
    public UpgradeProtocol getNegotiatedProtocol(String name) {
        return H2.equals(name) && encrypted != null ? encrypted : super.getNegotiatedProtocol(name);
    }

    @Override
    public UpgradeProtocol getUpgradeProtocol(String name) {
        return H2C.equals(name) && plain != null ? plain : super.getUpgradeProtocol(name);
    }

    @Override
    protected Processor createProcessor() {
        return new MeshHttp11Processor(this, new ConnectionAdapter(getAdapter()));
    }
}
