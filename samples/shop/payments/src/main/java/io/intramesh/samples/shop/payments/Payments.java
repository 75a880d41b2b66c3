package io.intramesh.samples.shop.payments;

import io.intramesh.Mesh;
import io.intramesh.registry.FileRegistry;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one version of payments: {@code java -jar payments.jar v2}. The environment may name another port
 * ({@code SERVER_PORT}) and another folder of mesh resources ({@code INTRAMESH_REGISTRY}).
 */
final class Payments {
    private static final Logger log = LoggerFactory.getLogger(Payments.class);

    /** Nobody's deployment waits for a shop on one machine; the default is longer. */
    private static final Duration DRAIN_GRACE = Duration.ofMillis(500);

    /** Longest time that requests under way get to finish when the process is asked to stop. */
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(3);

    private static final Map<String, String> DEFAULT_PORTS = Map.of("v1", "8083", "v2", "8084");

    private Payments() {}

    public static void main(String[] args) throws Exception {
        String version = args.length == 1 ? args[0] : "";
        String defaultPort = DEFAULT_PORTS.get(version);
        if (defaultPort == null) {
            System.err.println("usage: java -jar payments.jar v1|v2");
            System.exit(2);
            return;
        }
        Map<String, String> environment = System.getenv();
        int port = Integer.parseInt(environment.getOrDefault("SERVER_PORT", defaultPort));
        Path registry = Path.of(environment.getOrDefault("INTRAMESH_REGISTRY", "samples/shop/mesh"));

        Mesh mesh = Mesh.builder()
                .registry(FileRegistry.of(registry))
                .mesh("shop")
                .virtualNode("payments-" + version)
                .drainGrace(DRAIN_GRACE)
                .start();
        Tomcat tomcat = serve(mesh, version, port);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(mesh, tomcat), "stop"));
        log.info("payments started version={} port={}", version, port);
    }

    private static Tomcat serve(Mesh mesh, String version, int port) throws Exception {
        // Encrypted as the listener of our virtual node says, which the mesh follows while we run.
        Connector connector = new Connector(MeshHttp11Protocol.of(mesh.serverTls(port)));
        connector.setProperty("address", "127.0.0.1");
        connector.setPort(port);
        connector.setThrowOnFailure(true);

        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("payments").toString());
        tomcat.setConnector(connector);

        Context context = tomcat.addContext("", null);
        FilterDef filter = new FilterDef();
        filter.setFilterName("mesh");
        filter.setFilter(new MeshFilter(mesh));
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap everything = new FilterMap();
        everything.setFilterName("mesh");
        everything.addURLPattern("/*");
        context.addFilterMap(everything);
        Tomcat.addServlet(context, "payments", new PaymentServlet(version, mesh.virtualNode()));
        context.addServletMappingDecoded("/*", "payments");

        tomcat.start();
        return tomcat;
    }

    private static void stop(Mesh mesh, Tomcat tomcat) {
        try {
            mesh.drain();
            mesh.awaitDrained(DRAIN_LIMIT);
            tomcat.stop();
        } catch (LifecycleException e) {
            log.warn("tomcat did not stop well", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            mesh.close();
        }
    }
}
