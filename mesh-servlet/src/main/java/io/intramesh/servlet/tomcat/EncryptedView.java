package io.intramesh.servlet.tomcat;

import org.apache.coyote.Processor;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.http.parser.HttpParser;

/**
 * The protocol as the streams of an encrypted HTTP/2 connection see it: the same in all that they ask for, but encrypted.
 * Neither initialized nor started.
 */
final class EncryptedView extends Http11NioProtocol {
    private final AbstractHttp11Protocol<?> protocol;

    EncryptedView(AbstractHttp11Protocol<?> protocol) {
        this.protocol = protocol;
    }

    @Override
    public boolean isSSLEnabled() {
        return true;
    }

    /** There is one certificate, whatever name the client asked for. */
    @Override
    public boolean checkSni(String sniHostName, String protocolHostName) {
        return true;
    }

    @Override
    public HttpParser getHttpParser() {
        return protocol.getHttpParser();
    }

    @Override
    public String getServer() {
        return protocol.getServer();
    }

    @Override
    public boolean getServerRemoveAppProvidedValues() {
        return protocol.getServerRemoveAppProvidedValues();
    }

    @Override
    public void addWaitingProcessor(Processor processor) {
        protocol.addWaitingProcessor(processor);
    }

    @Override
    public void removeWaitingProcessor(Processor processor) {
        protocol.removeWaitingProcessor(processor);
    }
}
