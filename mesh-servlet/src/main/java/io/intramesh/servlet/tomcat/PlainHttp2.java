package io.intramesh.servlet.tomcat;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/2 that a client began without ALPN: by prior knowledge, or by upgrading from HTTP/1.1. Clients do so in plaintext; one
 * that does so over TLS gets HTTP/2 over TLS.
 */
final class PlainHttp2 implements UpgradeProtocol {
    private final Http2Protocol plain;
    private final EncryptedHttp2 encrypted;

    PlainHttp2(Http2Protocol plain, EncryptedHttp2 encrypted) {
        this.plain = plain;
        this.encrypted = encrypted;
    }

    private Http2Protocol of(SocketWrapperBase<?> socket) {
        return TomcatTlsConnection.of(socket) == null ? plain : encrypted;
    }

    @Override
    public Processor getProcessor(SocketWrapperBase<?> socket, Adapter adapter) {
        return of(socket).getProcessor(socket, ConnectionAdapter.of(TomcatTlsConnection.of(socket), adapter));
    }

    @Override
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socket, Adapter adapter, Request request) {
        return of(socket)
                .getInternalUpgradeHandler(
                        socket, ConnectionAdapter.of(TomcatTlsConnection.of(socket), adapter), request);
    }

    @Override
    public boolean accept(Request request) {
        return plain.accept(request);
    }

    @Override
    public String getHttpUpgradeName(boolean isSslEnabled) {
        return plain.getHttpUpgradeName(isSslEnabled);
    }

    @Override
    public byte[] getAlpnIdentifier() {
        return plain.getAlpnIdentifier();
    }

    @Override
    public String getAlpnName() {
        return plain.getAlpnName();
    }

    @Override
    public void setHttp11Protocol(AbstractHttp11Protocol<?> protocol) {
        // Told to the two when they were made.
    }
}
