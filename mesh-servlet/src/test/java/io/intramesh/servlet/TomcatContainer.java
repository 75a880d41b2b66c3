package io.intramesh.servlet;

import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import io.intramesh.tls.ServerTls;
import jakarta.servlet.ServletContainerInitializer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;

final class TomcatContainer implements Container {
    /** Kept here, since java.util.logging forgets the level of a logger that nobody holds. Tests throw on purpose. */
    private static final Logger LOG = Logger.getLogger("org.apache");

    private final Tomcat tomcat = new Tomcat();
    private final Connector connector;
    private final Path folder;
    private final int port;

    TomcatContainer(Path folder) {
        this(folder, 0, new Connector());
    }

    private TomcatContainer(Path folder, int port, Connector connector) {
        this.folder = folder;
        this.port = port;
        this.connector = connector;
    }

    /** Returns one that serves a listener of the mesh. */
    static TomcatContainer of(Path folder, ServerTls tls, Duration handshakeTimeout) {
        MeshHttp11Protocol protocol = MeshHttp11Protocol.of(tls);
        protocol.setHandshakeTimeout((int) handshakeTimeout.toMillis());
        // Few, so that one that is held shows.
        protocol.setMaxThreads(4);
        return new TomcatContainer(folder, 0, new Connector(protocol));
    }

    /**
     * Returns one that serves a listener of the mesh, with the defaults.
     *
     * @param port 0 for any
     */
    static TomcatContainer of(Path folder, int port, ServerTls tls) {
        return new TomcatContainer(folder, port, new Connector(MeshHttp11Protocol.of(tls)));
    }

    @Override
    public void start(ServletContainerInitializer application, String errorPage) throws Exception {
        LOG.setLevel(Level.OFF);
        connector.setPort(port);
        connector.setThrowOnFailure(true);
        connector.setProperty("address", "127.0.0.1");
        connector.addUpgradeProtocol(new Http2Protocol());
        tomcat.setBaseDir(folder.toString());
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", folder.toString());
        context.addServletContainerInitializer(application, null);
        ErrorPage page = new ErrorPage();
        page.setErrorCode(418);
        page.setLocation(errorPage);
        context.addErrorPage(page);
        tomcat.start();
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public boolean closesAfter503() {
        return true;
    }

    @Override
    public boolean dropsWhatThrowsAfterGoingAsynchronous() {
        // As of 11.0.22: asyncPostProcess() refuses the state that asyncError() left.
        return true;
    }

    @Override
    public void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }
}
