/** The mesh: decides everything, sends nothing. What is exported here is API; nothing else is. */
@SuppressWarnings("module") // io.intramesh.testing is built after this module.
module io.intramesh {
    requires com.fasterxml.jackson.core;
    requires java.net.http;
    requires org.dnsjava;
    requires io.github.resilience4j.circuitbreaker;
    requires org.slf4j;
    requires org.snakeyaml.engine;
    requires re2j;
    requires static com.nimbusds.jose.jwt;
    requires static io.netty.buffer;
    requires static io.netty.common;
    requires static io.netty.handler;
    requires static org.jspecify;

    uses io.intramesh.registry.EndpointSourceFactory;

    exports io.intramesh;
    exports io.intramesh.call;
    exports io.intramesh.document;
    exports io.intramesh.explain;
    exports io.intramesh.model;
    exports io.intramesh.registry;
    exports io.intramesh.tls;
    exports io.intramesh.internal.issue to
            io.intramesh.testing;
    exports io.intramesh.internal.pipeline to
            io.intramesh.testing;
    exports io.intramesh.internal.time to
            io.intramesh.testing;
}
