package io.intramesh.benchmarks.tls;

import io.intramesh.benchmarks.macro.Filters;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;

/** Tomcat with one servlet. */
final class Servers {
    private Servers() {}

    /**
     * Makes one that listens on a free port of 127.0.0.1 once it is started.
     *
     * @param filter stands in front, null for none
     */
    static Tomcat tomcat(Path work, Connector connector, Servlet servlet, @Nullable Filter filter) throws IOException {
        Files.createDirectories(work);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(work.toString());
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setProperty("keepAliveTimeout", "600000");
        Http2Protocol http2 = new Http2Protocol();
        http2.setMaxConcurrentStreams(1000);
        // Its guard against floods takes a benchmark for one.
        http2.setOverheadCountFactor(0);
        connector.addUpgradeProtocol(http2);
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", work.toString());
        Tomcat.addServlet(context, "answer", servlet);
        context.addServletMappingDecoded("/*", "answer");
        if (filter != null) {
            Filters.add(context, filter);
        }
        return tomcat;
    }
}
