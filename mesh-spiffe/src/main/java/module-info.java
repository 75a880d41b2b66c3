/** Certificates and trust from the SPIFFE Workload API. Nothing of java-spiffe or gRPC shows. */
module io.intramesh.spiffe {
    requires transitive io.intramesh;
    requires com.google.protobuf;
    requires io.grpc;
    requires io.grpc.netty;
    requires io.grpc.stub;
    requires io.netty.common;
    requires io.netty.transport;
    requires java.spiffe.core;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.intramesh.spiffe;
}
