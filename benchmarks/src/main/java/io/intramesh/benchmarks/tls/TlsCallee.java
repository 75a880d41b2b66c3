package io.intramesh.benchmarks.tls;

import io.intramesh.Mesh;
import io.intramesh.benchmarks.macro.ProcessFigures;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import io.intramesh.tls.TlsSettings;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.LogManager;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * The callee's process, which demands a client certificate. Prints its port, then answers each line on its input with its
 * figures; ends with its input.
 */
final class TlsCallee {
    private TlsCallee() {}

    /** Arguments: the {@link TlsBenchmark.Kind}, the folder of the {@link Shop}. */
    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        TlsBenchmark.Kind kind = TlsBenchmark.Kind.valueOf(args[0]);
        Path folder = Path.of(args[1]);
        Tomcat tomcat;
        if (kind == TlsBenchmark.Kind.JSSE) {
            tomcat = Servers.tomcat(folder.resolve("work-" + kind), jsse(folder.resolve("callee")), new Answer(), null);
        } else {
            Mesh mesh = Shop.start(
                    folder,
                    "callee",
                    TlsSettings.builder().provider(TlsSettings.Provider.OPENSSL).build());
            tomcat = Servers.tomcat(
                    folder.resolve("work-" + kind),
                    new Connector(MeshHttp11Protocol.of(mesh.serverTls(8443))),
                    new Answer(),
                    kind == TlsBenchmark.Kind.MESH ? MeshFilter.of(mesh) : null);
        }
        tomcat.start();
        print("port " + tomcat.getConnector().getLocalPort());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            print("figures " + ProcessFigures.read().cpuNanos());
        }
        Runtime.getRuntime().halt(0);
    }

    /** Tomcat's own, as its documentation sets it up. */
    private static Connector jsse(Path keys) {
        Connector connector = new Connector();
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig config = new SSLHostConfig();
        config.setProtocols("TLSv1.2+TLSv1.3");
        config.setCertificateVerification("required");
        config.setTruststoreFile(keys.resolve(Shop.TRUST_STORE).toString());
        config.setTruststorePassword(Shop.PASSWORD);
        config.setTruststoreType("PKCS12");
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(config, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(keys.resolve(Shop.KEY_STORE).toString());
        certificate.setCertificateKeystorePassword(Shop.PASSWORD);
        certificate.setCertificateKeystoreType("PKCS12");
        config.addCertificate(certificate);
        connector.addSslHostConfig(config);
        return connector;
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static final class Answer extends HttpServlet {
        private static final long serialVersionUID = 1L;
        private static final byte[] BODY = new byte[256];

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getRequestURI().startsWith("/close")) {
                response.setHeader("Connection", "close");
            }
            response.setContentType("application/octet-stream");
            response.setContentLength(BODY.length);
            response.getOutputStream().write(BODY);
        }
    }
}
