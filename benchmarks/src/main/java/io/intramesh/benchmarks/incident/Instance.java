package io.intramesh.benchmarks.incident;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.logging.LogManager;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/** An instance of the callee: Tomcat, whose behaviour lines on its input set: {@code ok}, {@code fail}, {@code hang}. */
final class Instance extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final byte[] BODY = new byte[256];

    private final transient CountDownLatch never = new CountDownLatch(1);
    private volatile String mode = "ok";

    private Instance() {}

    /** Arguments: the port, 0 for any, and a folder for Tomcat's work. */
    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        Instance instance = new Instance();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[1]);
        tomcat.setPort(Integer.parseInt(args[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", args[1]);
        Tomcat.addServlet(context, "answer", instance);
        context.addServletMappingDecoded("/*", "answer");
        tomcat.start();
        System.out.println("port " + tomcat.getConnector().getLocalPort());
        System.out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            instance.mode = line;
            System.out.println("is " + line);
            System.out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (mode) {
            case "fail" -> response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            case "hang" -> hang();
            default -> {
                response.setContentLength(BODY.length);
                response.getOutputStream().write(BODY);
            }
        }
    }

    private void hang() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
