package io.intramesh.servlet;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.intramesh.servlet.jetty.MeshConnectionFactory;
import io.intramesh.tls.ServerTls;
import jakarta.servlet.ServletContainerInitializer;
import java.time.Duration;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.LoggerFactory;

final class JettyEe11Container implements Container {
    private final Server server = new Server();
    private final ServerConnector connector;

    JettyEe11Container() {
        this(0);
    }

    /**
     * @param port 0 for any
     */
    JettyEe11Container(int port) {
        HttpConfiguration http = new HttpConfiguration();
        connector =
                new ServerConnector(server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
        connector.setPort(port);
    }

    /**
     * Returns one that serves a listener of the mesh, with the defaults.
     *
     * @param port 0 for any
     */
    static JettyEe11Container of(int port, ServerTls tls) {
        JettyEe11Container container = new JettyEe11Container(port);
        MeshConnectionFactory.install(container.connector, tls);
        return container;
    }

    /** Returns one that serves a listener of the mesh. */
    static JettyEe11Container of(ServerTls tls, Duration handshakeTimeout) {
        JettyEe11Container container = new JettyEe11Container();
        MeshConnectionFactory.install(container.connector, tls, handshakeTimeout);
        return container;
    }

    @Override
    public void start(ServletContainerInitializer application, String errorPage) throws Exception {
        // Tests throw on purpose.
        ((Logger) LoggerFactory.getLogger("org.eclipse.jetty")).setLevel(Level.OFF);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServletContainerInitializer(application);
        ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
        errors.addErrorPage(418, errorPage);
        context.setErrorHandler(errors);
        server.setHandler(context);
        server.start();
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public boolean closesAfter503() {
        return false;
    }

    @Override
    public boolean dropsWhatThrowsAfterGoingAsynchronous() {
        return false;
    }

    @Override
    public void stop() throws Exception {
        server.stop();
    }
}
