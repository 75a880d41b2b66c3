package io.intramesh.samples.shop.orders;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.servlet.jetty.MeshConnectionFactory;
import jakarta.servlet.DispatcherType;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts orders: {@code java -jar orders.jar}. The environment may name another port ({@code SERVER_PORT}) and another
 * folder of mesh resources ({@code INTRAMESH_REGISTRY}).
 */
final class Orders {
    private static final Logger log = LoggerFactory.getLogger(Orders.class);

    /** Nobody's deployment waits for a shop on one machine; the default is longer. */
    private static final Duration DRAIN_GRACE = Duration.ofMillis(500);

    /** Longest time that requests under way get to finish when the process is asked to stop. */
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(3);

    private Orders() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> environment = System.getenv();
        int port = Integer.parseInt(environment.getOrDefault("SERVER_PORT", "8081"));
        Path registry = Path.of(environment.getOrDefault("INTRAMESH_REGISTRY", "samples/shop/mesh"));

        Mesh mesh = Mesh.builder()
                .registry(FileRegistry.of(registry))
                .mesh("shop")
                .virtualNode("orders")
                .drainGrace(DRAIN_GRACE)
                .start();
        Server server = serve(mesh, port);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(mesh, server), "stop"));
        log.info("orders started port={}", port);
    }

    private static Server serve(Mesh mesh, int port) throws Exception {
        ServletContextHandler context = new ServletContextHandler("/");
        FilterHolder filter = new FilterHolder(new MeshFilter(mesh));
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new OrderServlet(MeshClient.create(mesh))), "/*");

        Server server = new Server();
        // Encrypted as the listener of our virtual node says, which the mesh follows while we run.
        ServerConnector connector = MeshConnectionFactory.connector(server, mesh.serverTls(port));
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        connector.setPort(port);
        server.addConnector(connector);
        server.setHandler(context);
        server.start();
        return server;
    }

    // Jetty declares Exception, of which InterruptedException is one case among others.
    @SuppressWarnings("InterruptedExceptionSwallowed")
    private static void stop(Mesh mesh, Server server) {
        try {
            mesh.drain();
            mesh.awaitDrained(DRAIN_LIMIT);
            server.stop();
        } catch (Exception e) {
            log.warn("jetty did not stop well", e);
        } finally {
            mesh.close();
        }
    }
}
