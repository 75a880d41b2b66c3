package io.intramesh.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.intramesh.Mesh;
import io.intramesh.document.RawDocument;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.spiffe.SpiffeSource;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.testing.tls.TestCertificate;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.SecretSource;
import io.intramesh.tls.TlsState;
import io.intramesh.tls.TrustSource;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.Version;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDRequest;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** With the Netty that Spring Boot 3 manages, over a Unix socket. */
class SpiffeAutoConfigurationTest {
    private static final String ID = "spiffe://a.example/shop/orders";
    private static final String DOCUMENTS = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec:
              listeners:
                - portMapping: { port: 8443, protocol: http }
                  tls:
                    mode: STRICT
                    certificate: { sds: { secretName: "spiffe://a.example/shop/orders" } }
                    validation: { trust: { sds: { secretName: "spiffe://a.example" } } }
              serviceDiscovery: { dns: { hostname: orders.invalid } }
            """;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SpiffeAutoConfiguration.class, MeshAutoConfiguration.class))
            .withBean(MeshRegistry.class, () -> FakeRegistry.of(RawDocument.of("shop.yaml", DOCUMENTS)))
            .withPropertyValues("intramesh.virtual-node=orders", "intramesh.warm-up=0s");
    private final NioEventLoopGroup network = new NioEventLoopGroup(1);

    @TempDir
    Path folder;

    private Server agent;
    private String socket;

    @BeforeEach
    void start() throws Exception {
        TestAuthority authority = TestAuthority.create("a.example");
        TestCertificate orders = authority.node("shop", "orders");
        X509SVID svid = X509SVID.newBuilder()
                .setSpiffeId(ID)
                .setX509Svid(ByteString.copyFrom(orders.certificate().getEncoded()))
                .setX509SvidKey(ByteString.copyFrom(orders.key().getEncoded()))
                .setBundle(ByteString.copyFrom(authority.root().getEncoded()))
                .build();
        Path path = folder.resolve("agent.sock");
        socket = "unix://" + path;
        agent = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(path))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(network)
                .workerEventLoopGroup(network)
                .addService(new SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase() {
                    @Override
                    public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> observer) {
                        observer.onNext(
                                X509SVIDResponse.newBuilder().addSvids(svid).build());
                    }
                })
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        agent.shutdownNow();
        network.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    @Test
    void secretsOfListenersComeFromTheAgent() {
        assertThat(requireNonNull(Version.identify().get("netty-transport")).artifactVersion())
                .startsWith("4.1.");
        runner.withPropertyValues("intramesh.tls.spiffe.socket=" + socket).run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(SpiffeSource.class);
            assertThat(context.getBean(Mesh.class).tls())
                    .extracting(TlsState::source)
                    .containsExactlyInAnyOrder("SPIFFE certificate '" + ID + "'", "SPIFFE trust 'spiffe://a.example'");
            assertThat(context.getBean(Mesh.class).tls())
                    .allSatisfy(state -> assertThat(state.problem()).isNull());
        });
    }

    @Test
    void theSocketOfTheEnvironmentCounts() {
        runner.withPropertyValues("SPIFFE_ENDPOINT_SOCKET=" + socket)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(SpiffeSource.class));
        runner.withPropertyValues("APPMESH_SDS_SOCKET_PATH=" + folder.resolve("agent.sock"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(SpiffeSource.class));
    }

    @Test
    void withoutASocketOrSwitchedOffOrWithoutTheJarNobodyIsAsked() {
        runner.run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean(SecretSource.class);
            assertThat(context.getBean(Mesh.class).serverTls(8443)).isNotNull();
        });
        runner.withPropertyValues("intramesh.tls.spiffe.socket=" + socket, "intramesh.tls.spiffe.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(SecretSource.class));
        runner.withPropertyValues("intramesh.tls.spiffe.socket=" + socket)
                .withClassLoader(new FilteredClassLoader("io.intramesh.spiffe", "io.grpc", "io.spiffe"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(SecretSource.class));
    }

    @Test
    void aSecretSourceOfTheApplicationWins() {
        SecretSource own = new SecretSource() {
            @Override
            public @Nullable CertificateSource certificate(String secretName) {
                return null;
            }

            @Override
            public @Nullable TrustSource trust(String secretName) {
                return null;
            }

            @Override
            public Registration onChange(Runnable listener) {
                return () -> {};
            }
        };
        runner.withPropertyValues("intramesh.tls.spiffe.socket=" + socket)
                .withBean(SecretSource.class, () -> own)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(SpiffeSource.class));
    }

    @Test
    void aValueThatMakesNoSenseIsNamed() {
        runner.withPropertyValues("intramesh.tls.spiffe.socket=http://agent")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("socket: 'http://agent' (expected: unix:///path/of.sock"));
    }
}
