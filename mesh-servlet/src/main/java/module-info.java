/** Admits, limits and observes the requests of a Jakarta servlet container. */
module io.intramesh.servlet {
    requires transitive io.intramesh;
    requires transitive jakarta.servlet;
    requires org.slf4j;
    requires static org.apache.tomcat.coyote;
    requires static org.apache.tomcat.util;
    requires static org.eclipse.jetty.http;
    requires static org.eclipse.jetty.http2.common;
    requires static org.eclipse.jetty.http2.server;
    requires static org.eclipse.jetty.io;
    requires static org.eclipse.jetty.server;
    requires static org.eclipse.jetty.util;
    requires static org.jspecify;

    exports io.intramesh.servlet;
    exports io.intramesh.servlet.jetty;
    exports io.intramesh.servlet.tomcat;
}
