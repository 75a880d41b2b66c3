package io.intramesh.benchmarks.incident;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import io.intramesh.servlet.MeshFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.LogManager;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.jspecify.annotations.Nullable;

/**
 * A service in a chain: Tomcat with the mesh's filter, which calls the next service for each request, or is the last and
 * answers itself. Lines on its input: {@code ok} and {@code fail} set how the last answers; {@code counts} makes it print how many
 * requests it had and how many connections to the next one it tried.
 */
final class Link extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final byte[] BODY = new byte[256];

    private final transient @Nullable MeshClient client;
    private final transient @Nullable Request next;
    private final AtomicLong requests = new AtomicLong();
    private volatile boolean isFailing;

    private Link(@Nullable MeshClient client, @Nullable Request next) {
        this.client = client;
        this.next = next;
    }

    /** Arguments: the port, 0 for any; a folder for Tomcat's work; the registry; the virtual node; the next service, or none. */
    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        Mesh mesh = Mesh.builder()
                .registry(FileRegistry.of(Path.of(args[2])))
                .virtualNode(args[3])
                .start();
        Connects connects = new Connects();
        Link link = args.length == 4
                ? new Link(null, null)
                : new Link(
                        connects.client(mesh),
                        new Request.Builder().url("http://" + args[4] + "/").build());
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[1]);
        tomcat.setPort(Integer.parseInt(args[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", args[1]);
        FilterDef filter = new FilterDef();
        filter.setFilterName("mesh");
        filter.setFilter(new MeshFilter(mesh));
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap everything = new FilterMap();
        everything.setFilterName("mesh");
        everything.addURLPattern("/*");
        context.addFilterMap(everything);
        Tomcat.addServlet(context, "link", link);
        context.addServletMappingDecoded("/*", "link");
        tomcat.start();
        say("port " + tomcat.getConnector().getLocalPort());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("counts")) {
                say(link.requests.get() + " " + connects.count());
            } else {
                link.isFailing = line.equals("fail");
                say("is " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        requests.incrementAndGet();
        if (client == null) {
            answer(response);
            return;
        }
        try (Response answer = client.newCall(requireNonNull(next)).execute()) {
            response.setStatus(answer.code());
            response.getOutputStream().write(answer.body().bytes());
        } catch (IOException e) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
    }

    private void answer(HttpServletResponse response) throws IOException {
        if (isFailing) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } else {
            response.setContentLength(BODY.length);
            response.getOutputStream().write(BODY);
        }
    }
}
