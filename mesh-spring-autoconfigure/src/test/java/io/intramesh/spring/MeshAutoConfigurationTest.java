package io.intramesh.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Mesh;
import io.intramesh.MeshConfigException;
import io.intramesh.MeshListener;
import io.intramesh.MeshState;
import io.intramesh.call.MeshRequest;
import io.intramesh.document.RawDocument;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.spring.client.MeshConnectors;
import io.intramesh.spring.client.MeshTransports;
import io.intramesh.testing.FakeRegistry;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TrustSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

class MeshAutoConfigurationTest {
    private static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
            MeshAutoConfiguration.class, MeshClientAutoConfiguration.class, MeshFilterAutoConfiguration.class);

    private final FakeRegistry registry = TestRegistry.create();
    private final ApplicationContextRunner bare = new ApplicationContextRunner().withConfiguration(AUTO_CONFIGURATIONS);
    private final ApplicationContextRunner runner =
            bare.withBean(MeshRegistry.class, () -> registry).withPropertyValues("intramesh.virtual-node=orders");
    private final WebApplicationContextRunner web = new WebApplicationContextRunner()
            .withConfiguration(AUTO_CONFIGURATIONS)
            .withBean(MeshRegistry.class, () -> registry)
            .withPropertyValues("intramesh.virtual-node=orders", "intramesh.shutdown.grace=0s");

    @Test
    void itStartsTheMeshAndEndsItWithTheContext() {
        runner.run(context -> {
            assertThat(context).hasSingleBean(Mesh.class).hasSingleBean(MeshClient.class);
            assertThat(context.getBean(Mesh.class)).hasToString("mesh 'shop' virtualNode 'orders'");
            assertThat(registry.isStarted()).isTrue();
        });

        assertThat(registry.isClosed()).isTrue();
    }

    @Test
    void theRegistryIsAFolderOrAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("shop.yaml"), TestRegistry.DOCUMENTS);

        for (String place :
                new String[] {folder.toString(), file.toString(), folder.toUri().toString(), "file:" + file}) {
            bare.withPropertyValues("intramesh.registry=" + place, "intramesh.virtual-node=orders")
                    .run(context -> {
                        assertThat(context).hasNotFailed().hasSingleBean(FileRegistry.class);
                        assertThat(context.getBean(Mesh.class).name()).isEqualTo("shop");
                    });
        }
    }

    @Test
    void aRegistryOfAnUnknownSchemeIsRefused() {
        bare.withPropertyValues("intramesh.registry=etcd://localhost:2379", "intramesh.virtual-node=orders")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(MeshConfigException.class)
                        .hasMessage("intramesh.registry: 'etcd://localhost:2379': scheme 'etcd' is unknown (expected: a"
                                + " path, or a file: URL); or define a MeshRegistry bean"));
    }

    @Test
    void whatIsMissingIsNamedAllAtOnce() {
        bare.run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOfSatisfying(
                        MissingMeshPropertiesException.class,
                        e -> assertThat(e.missing()).containsExactly("intramesh.registry", "intramesh.virtual-node")));
    }

    @Test
    void aRegistryOfItsOwnNeedsNoPropertyForIt() {
        bare.withBean(MeshRegistry.class, () -> registry)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOfSatisfying(
                                MissingMeshPropertiesException.class,
                                e -> assertThat(e.missing()).containsExactly("intramesh.virtual-node")));
    }

    @ParameterizedTest
    @CsvSource({
        "APPMESH_RESOURCE_ARN, arn:aws:appmesh:eu-west-1:111122223333:mesh/shop/virtualNode/orders",
        "APPMESH_RESOURCE_NAME, mesh/shop@111122223333/virtualNode/orders",
        "APPMESH_VIRTUAL_NODE_NAME, mesh/shop/virtualNode/orders",
    })
    void appMeshsEnvironmentNamesTheNode(String variable, String value) {
        bare.withBean(MeshRegistry.class, () -> registry)
                .withPropertyValues(variable + "=" + value)
                .run(context ->
                        assertThat(context.getBean(Mesh.class)).hasToString("mesh 'shop' virtualNode 'orders'"));
    }

    @Test
    void theFirstVariableCounts() {
        bare.withBean(MeshRegistry.class, () -> registry)
                .withPropertyValues(
                        "APPMESH_VIRTUAL_NODE_NAME=mesh/shop/virtualNode/last",
                        "APPMESH_RESOURCE_NAME=mesh/shop/virtualNode/middle",
                        "APPMESH_RESOURCE_ARN=arn:aws:appmesh:eu-west-1:111122223333:mesh/shop/virtualNode/orders")
                .run(context ->
                        assertThat(context.getBean(Mesh.class).virtualNode()).isEqualTo("orders"));
    }

    @Test
    void aPropertyWinsOverTheEnvironment() {
        runner.withPropertyValues("APPMESH_RESOURCE_ARN=mesh/shop/virtualNode/other")
                .run(context ->
                        assertThat(context.getBean(Mesh.class).virtualNode()).isEqualTo("orders"));
    }

    @Test
    void aVariableOfAnotherFormIsNamed() {
        bare.withBean(MeshRegistry.class, () -> registry)
                .withPropertyValues(
                        "APPMESH_RESOURCE_ARN=arn:aws:appmesh:eu-west-1:111122223333:mesh/shop/virtualGateway/in")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining(
                                "APPMESH_RESOURCE_ARN: 'arn:aws:appmesh:eu-west-1:111122223333:mesh/shop/"
                                        + "virtualGateway/in' (expected: mesh/<mesh>/virtualNode/<node>"));
    }

    @Test
    void switchedOffNothingIsThere() {
        web.withPropertyValues("intramesh.enabled=false").run(context -> {
            assertThat(context)
                    .doesNotHaveBean(Mesh.class)
                    .doesNotHaveBean(MeshClient.class)
                    .doesNotHaveBean(MeshProperties.class)
                    .doesNotHaveBean(MeshShutdown.class)
                    .doesNotHaveBean("meshFilter");
            assertThat(registry.isStarted()).isFalse();
        });
    }

    @Test
    void aMeshOfTheApplicationWins() {
        Mesh own = Mesh.builder().registry(registry).virtualNode("orders").start();

        bare.withBean(Mesh.class, () -> own).run(context -> {
            assertThat(context.getBean(Mesh.class)).isSameAs(own);
            assertThat(context).doesNotHaveBean(MeshRegistry.class).hasSingleBean(MeshClient.class);
        });
    }

    @Test
    void aClientOfTheApplicationWins() {
        runner.withUserConfiguration(OwnClient.class).run(context -> {
            assertThat(context).hasSingleBean(MeshClient.class).doesNotHaveBean(MeshOkHttp.class);
            assertThat(context.getBean(MeshClient.class)).isSameAs(context.getBean("ownClient"));
            assertThat(context).hasSingleBean(MeshTransports.class);
        });
    }

    @Test
    void customizersAndListenersAreAsked() {
        AtomicReference<MeshState> heard = new AtomicReference<>();
        OkHttpClient[] seen = new OkHttpClient[1];
        runner.withBean(MeshListener.class, () -> new MeshListener() {
                    @Override
                    public void configurationChanged(MeshState state) {
                        heard.set(state);
                    }
                })
                .withBean(MeshCustomizer.class, () -> mesh -> mesh.virtualNode("orders"))
                .withBean(MeshClientCustomizer.class, () -> okHttp -> okHttp.followRedirects(false))
                .withPropertyValues("intramesh.virtual-node=replaced-by-the-customizer")
                .run(context -> {
                    assertThat(context.getBean(Mesh.class).virtualNode()).isEqualTo("orders");
                    seen[0] = context.getBean(MeshOkHttp.class).client();
                    assertThat(seen[0].followRedirects()).isFalse();

                    registry.deliver(RawDocument.of(
                            "shop.yaml",
                            TestRegistry.DOCUMENTS.replaceFirst(
                                    "spec: \\{}", "spec: { egressFilter: { type: ALLOW_ALL } }")));

                    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> heard.get() != null);
                });

        assertThat(seen[0].dispatcher().executorService().isShutdown()).isTrue();
    }

    @Test
    void everyPropertyIsBound() {
        runner.withPropertyValues(
                        "intramesh.start-timeout=7s",
                        "intramesh.warm-up=0s",
                        "intramesh.strict=true",
                        "intramesh.retries.strict=true",
                        "intramesh.values.region=eu",
                        "intramesh.refusals=response",
                        "intramesh.inbound.order=5",
                        "intramesh.shutdown.grace=1s",
                        "intramesh.shutdown.drain=2s",
                        "intramesh.tls.provider=jsse",
                        "intramesh.tls.reload-interval=5s",
                        "intramesh.tls.trust-domain=shop.example",
                        "intramesh.tls.certificates[certificate/6e3f].certificate-chain=a.pem",
                        "intramesh.tls.certificates[certificate/6e3f].private-key=a.key",
                        "intramesh.tls.certificates.orders.key-store=orders.p12",
                        "intramesh.tls.certificates.orders.password-file=orders.password",
                        "intramesh.tls.certificates.orders.alias=own",
                        "intramesh.tls.trusts.shop.bundle=shop.pem",
                        "intramesh.tls.trusts.other.key-store=other.p12",
                        "intramesh.tls.trusts.other.password=hush",
                        "intramesh.tls.revocation-lists=one.crl,two.crl")
                .run(context -> {
                    MeshProperties properties = context.getBean(MeshProperties.class);
                    assertThat(properties.startTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(properties.warmUp()).isZero();
                    assertThat(properties.strict()).isTrue();
                    assertThat(properties.retries().strict()).isTrue();
                    assertThat(properties.values()).containsOnly(Map.entry("region", "eu"));
                    assertThat(properties.refusals()).isEqualTo(MeshProperties.Refusals.RESPONSE);
                    assertThat(properties.inbound()).isEqualTo(new MeshProperties.Inbound(true, 5));
                    assertThat(properties.shutdown())
                            .isEqualTo(new MeshProperties.Shutdown(Duration.ofSeconds(1), Duration.ofSeconds(2)));
                    TlsSettings tls = MeshTls.settings(properties.tls());
                    assertThat(tls.provider()).isEqualTo(TlsSettings.Provider.JSSE);
                    assertThat(tls.fips()).isFalse();
                    assertThat(tls.reloadInterval()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(tls.trustDomain()).isEqualTo("shop.example");
                    assertThat(tls.certificates())
                            .containsEntry(
                                    "certificate/6e3f", CertificateSource.pem(Path.of("a.pem"), Path.of("a.key")))
                            .hasSize(2);
                    assertThat(tls.certificates().get("orders"))
                            .isInstanceOfSatisfying(CertificateSource.KeyStoreFile.class, store -> {
                                assertThat(store.file()).isEqualTo(Path.of("orders.p12"));
                                assertThat(store.alias()).isEqualTo("own");
                            });
                    assertThat(tls.trusts())
                            .containsEntry("shop", TrustSource.pem(Path.of("shop.pem")))
                            .hasSize(2);
                    assertThat(tls.trusts().get("other"))
                            .isInstanceOfSatisfying(
                                    TrustSource.KeyStoreFile.class,
                                    store -> assertThat(store.file()).isEqualTo(Path.of("other.p12")));
                    assertThat(tls.revocationLists()).containsExactly(Path.of("one.crl"), Path.of("two.crl"));
                    assertThat(properties.toString()).doesNotContain("hush");
                });
    }

    @Test
    void whatIsWrongWithTlsIsNamedAllAtOnce() {
        runner.withPropertyValues(
                        "intramesh.tls.trust-domain=spiffe://shop.example",
                        "intramesh.tls.certificates.both.certificate-chain=a.pem",
                        "intramesh.tls.certificates.both.key-store=a.p12",
                        "intramesh.tls.certificates.open.key-store=a.p12",
                        "intramesh.tls.trusts.none.password=hush")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOfSatisfying(
                                MeshConfigException.class,
                                e -> assertThat(e.problems())
                                        .containsExactlyInAnyOrder(
                                                "intramesh.tls.certificates[both]: certificate-chain and key-store both set"
                                                        + " (expected: one of them)",
                                                "intramesh.tls.certificates[open]: no password (expected: password, or"
                                                        + " password-file, of the key store)",
                                                "intramesh.tls.trusts[none]: bundle and key-store absent (expected: one of"
                                                        + " them)",
                                                "intramesh.tls: trustDomain: 'spiffe://shop.example' (expected: a name"
                                                        + " such as shop.example, of a-z 0-9 . - _, without"
                                                        + " spiffe://)")));
    }

    @Test
    void tlsIsThatOfTheMeshWhereNothingIsSaid() {
        runner.run(context -> assertThat(
                        MeshTls.settings(context.getBean(MeshProperties.class).tls()))
                .isEqualTo(TlsSettings.defaults()));
    }

    @Test
    void defaultsAreThoseOfTheMesh() {
        runner.run(context -> {
            MeshProperties properties = context.getBean(MeshProperties.class);
            assertThat(properties.startTimeout()).isEqualTo(Mesh.Builder.DEFAULT_START_TIMEOUT);
            assertThat(properties.warmUp()).isEqualTo(Mesh.Builder.DEFAULT_WARM_UP);
            assertThat(properties.shutdown())
                    .isEqualTo(new MeshProperties.Shutdown(Mesh.Builder.DEFAULT_DRAIN_GRACE, Duration.ofSeconds(20)));
            assertThat(properties.refusals()).isEqualTo(MeshProperties.Refusals.EXCEPTION);
        });
    }

    @Test
    void aServletApplicationGetsTheFilterInFrontAndAnOrderlyWayOut() {
        web.run(context -> {
            assertThat(context).hasSingleBean(MeshShutdown.class);
            FilterRegistrationBean<?> registration = context.getBean("meshFilter", FilterRegistrationBean.class);
            assertThat(registration.getFilter()).isInstanceOf(MeshFilter.class);
            assertThat(registration.getOrder()).isEqualTo(MeshProperties.DEFAULT_INBOUND_ORDER);
            assertThat(registration.isAsyncSupported()).isTrue();
        });
    }

    @Test
    @Timeout(60) // Far less than the grace that must not be waited for.
    void withoutAServerOfItsOwnNobodyWaitsForTheGrace() {
        Mesh[] mesh = new Mesh[1];

        web.withPropertyValues("intramesh.shutdown.grace=1h").run(context -> {
            mesh[0] = context.getBean(Mesh.class);
            // Served once, so that the mesh itself would keep to its grace.
            mesh[0].inbound().begin(new Ping(), 8080, List.of()).ended(200, null);
        });

        assertThat(mesh[0].state().isDraining()).isTrue();
    }

    @Test
    void aContextThatIsOnlyStoppedIsNotDrained() {
        web.run(context -> {
            context.getSourceApplicationContext().stop();

            assertThat(context.getBean(Mesh.class).state().isDraining()).isFalse();
        });
    }

    @Test
    void noFilterComesWhereItDoesNotBelong() {
        runner.run(context -> assertThat(context).doesNotHaveBean("meshFilter").doesNotHaveBean(MeshShutdown.class));
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(AUTO_CONFIGURATIONS)
                .withBean(MeshRegistry.class, TestRegistry::create)
                .withPropertyValues("intramesh.virtual-node=orders")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("meshFilter"));
        web.withPropertyValues("intramesh.inbound.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("meshFilter"));
    }

    @Test
    void aFilterOfTheApplicationWins() {
        web.withUserConfiguration(OwnFilter.class)
                .run(context -> assertThat(context).hasBean("ownFilter").doesNotHaveBean("meshFilter"));
    }

    @Test
    void eachHalfWorksWithoutTheOther() {
        web.withClassLoader(new FilteredClassLoader(MeshClient.class))
                .run(context ->
                        assertThat(context).hasNotFailed().hasBean("meshFilter").doesNotHaveBean(MeshTransports.class));
        web.withClassLoader(new FilteredClassLoader(MeshFilter.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(MeshClient.class)
                        .doesNotHaveBean("meshFilter"));
    }

    @Test
    void noReactorNoConnectors() {
        runner.withClassLoader(new FilteredClassLoader(Mono.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(MeshTransports.class)
                        .doesNotHaveBean(MeshConnectors.class));
    }

    @Test
    void noSpringWebNoTransports() {
        runner.withClassLoader(new FilteredClassLoader("org.springframework.http", "org.springframework.web"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(MeshClient.class)
                        .doesNotHaveBean(MeshTransports.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnClient {
        @Bean
        MeshClient ownClient(Mesh mesh) {
            return MeshClient.create(mesh);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFilter {
        @Bean
        FilterRegistrationBean<MeshFilter> ownFilter(Mesh mesh) {
            return new FilterRegistrationBean<>(MeshFilter.of(mesh));
        }
    }

    /** The plainest request. */
    private static final class Ping implements MeshRequest {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "orders";
        }

        @Override
        public int port() {
            return 8080;
        }

        @Override
        public String path() {
            return "/ping";
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }
}
