/** Endpoints by AWS Cloud Map. On the module path it is found by {@code requires} or {@code --add-modules}. */
module io.intramesh.discovery.cloudmap {
    requires transitive io.intramesh;
    requires org.slf4j;
    requires software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.urlconnection;
    requires software.amazon.awssdk.identity.spi;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.services.servicediscovery;
    requires static org.jspecify;

    exports io.intramesh.discovery.cloudmap;

    provides io.intramesh.registry.EndpointSourceFactory with
            io.intramesh.discovery.cloudmap.CloudMapFactory;
}
