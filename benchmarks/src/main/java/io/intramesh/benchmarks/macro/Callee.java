package io.intramesh.benchmarks.macro;

import io.intramesh.Mesh;
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
import java.util.Arrays;
import java.util.logging.LogManager;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/**
 * The callee's process: Tomcat with one servlet, with or without {@code MeshFilter}. Prints its port, then answers each line on
 * its input with its figures; ends with its input.
 */
final class Callee {
    private static final byte[] BODY = new byte[256];

    private Callee() {}

    /** Arguments: {@code bare} or {@code mesh}, the folder of resources, a folder for Tomcat's work. */
    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        Arrays.fill(BODY, (byte) 'x');
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[2]);
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        tomcat.getConnector().setProperty("keepAliveTimeout", "600000");
        Context context = tomcat.addContext("", args[2]);
        Tomcat.addServlet(context, "answer", new Answer());
        context.addServletMappingDecoded("/*", "answer");
        if (args[0].equals("mesh")) {
            Mesh mesh = Mesh.builder()
                    .registry(FileRegistry.of(Path.of(args[1])))
                    .virtualNode("callee-v1")
                    .start();
            Filters.add(context, MeshFilter.of(mesh));
        }
        tomcat.start();
        print("port " + tomcat.getConnector().getLocalPort());
        answerQuestions();
        Runtime.getRuntime().halt(0);
    }

    private static void answerQuestions() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            ProcessFigures figures = ProcessFigures.read();
            print("figures " + figures.cpuNanos() + " " + figures.allocatedBytes());
        }
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static final class Answer extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("application/octet-stream");
            response.setContentLength(BODY.length);
            response.getOutputStream().write(BODY);
        }
    }
}
