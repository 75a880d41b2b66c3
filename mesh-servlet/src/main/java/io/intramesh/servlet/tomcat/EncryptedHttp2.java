package io.intramesh.servlet.tomcat;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/2 over TLS on a connector that Tomcat takes for a plain one. Tomcat holds the {@code :scheme} of each stream against the
 * connector; here it must be https.
 */
final class EncryptedHttp2 extends Http2Protocol {
    private final EncryptedView view;

    /** Takes over the settings of the plain one, and tells Tomcat of itself. */
    EncryptedHttp2(Http2Protocol like, AbstractHttp11Protocol<?> http11) {
        this.view = new EncryptedView(http11);
        setReadTimeout(like.getReadTimeout());
        setWriteTimeout(like.getWriteTimeout());
        setKeepAliveTimeout(like.getKeepAliveTimeout());
        setStreamReadTimeout(like.getStreamReadTimeout());
        setStreamWriteTimeout(like.getStreamWriteTimeout());
        setMaxConcurrentStreams(like.getMaxConcurrentStreams());
        setMaxConcurrentStreamExecution(like.getMaxConcurrentStreamExecution());
        setInitialWindowSize(like.getInitialWindowSize());
        setUseSendfile(like.getUseSendfile());
        setMaxHeaderCount(like.getMaxHeaderCount());
        setMaxTrailerCount(like.getMaxTrailerCount());
        setOverheadCountFactor(like.getOverheadCountFactor());
        setOverheadResetFactor(like.getOverheadResetFactor());
        setOverheadContinuationThreshold(like.getOverheadContinuationThreshold());
        setOverheadDataThreshold(like.getOverheadDataThreshold());
        setOverheadWindowUpdateThreshold(like.getOverheadWindowUpdateThreshold());
        setInitiatePingDisabled(like.getInitiatePingDisabled());
        setDiscardRequestsAndResponses(like.getDiscardRequestsAndResponses());
        setDrainTimeout(like.getDrainTimeout());
        setHttp11Protocol(http11);
    }

    /** What streams ask by; the superclass has the protocol itself. */
    @Override
    public AbstractHttp11Protocol<?> getHttp11Protocol() {
        return view;
    }

    @Override
    public String getUpgradeProtocolName() {
        return "h2";
    }

    @Override
    public Processor getProcessor(SocketWrapperBase<?> socket, Adapter adapter) {
        return super.getProcessor(socket, ConnectionAdapter.of(TomcatTlsConnection.of(socket), adapter));
    }

    @Override
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socket, Adapter adapter, Request request) {
        TomcatTlsConnection connection = TomcatTlsConnection.of(socket);
        InternalHttpUpgradeHandler handler =
                super.getInternalUpgradeHandler(socket, ConnectionAdapter.of(connection, adapter), request);
        if (connection != null) {
            connection.http2(handler);
        }
        return handler;
    }
}
