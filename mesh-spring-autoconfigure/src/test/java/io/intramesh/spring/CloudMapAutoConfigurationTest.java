package io.intramesh.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.Mesh;
import io.intramesh.discovery.cloudmap.CloudMapEndpointSource;
import io.intramesh.discovery.cloudmap.CloudMapHealth;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class CloudMapAutoConfigurationTest {
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
              backends: [{ virtualService: { virtualServiceName: payments.local } }]
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualService
            metadata: { mesh: shop, name: payments.local }
            spec: { provider: { virtualNode: { virtualNodeName: payments } } }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments }
            spec:
              listeners: [{ portMapping: { port: 8080, protocol: http } }]
              serviceDiscovery: { awsCloudMap: { namespaceName: prod, serviceName: payments } }
            """;

    private final MockWebServer cloudMap = new MockWebServer();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CloudMapAutoConfiguration.class, MeshAutoConfiguration.class))
            .withBean(MeshRegistry.class, () -> FakeRegistry.of(RawDocument.of("shop.yaml", DOCUMENTS)))
            .withPropertyValues("intramesh.virtual-node=orders", "intramesh.warm-up=20s");

    @BeforeEach
    void start() throws IOException {
        cloudMap.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .addHeader("Content-Type", "application/x-amz-json-1.1")
                        .body("{\"Instances\":[{\"InstanceId\":\"a\",\"HealthStatus\":\"UNKNOWN\",\"Attributes\":{"
                                + "\"AWS_INSTANCE_IPV4\":\"10.0.0.7\"}}],\"InstancesRevision\":1}")
                        .build();
            }
        });
        cloudMap.start();
    }

    @AfterEach
    void close() {
        cloudMap.close();
    }

    @Test
    void theJarAloneIsEnoughAndNodesOfCloudMapNeedNoDecision() {
        runner.withPropertyValues("intramesh.warm-up=0s", "intramesh.discovery.cloud-map.region=eu-test-1")
                .withPropertyValues("intramesh.discovery.cloud-map.endpoint=" + url())
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(CloudMapEndpointSource.class);
                    assertThat(decisions(context)).isFalse();
                });
    }

    @Test
    void propertiesAndCredentialsOfTheApplicationSayWhoAsksWhereAndTheAnswerIsUsed() {
        runner.withPropertyValues(
                        "intramesh.discovery.cloud-map.region=eu-test-1",
                        "intramesh.discovery.cloud-map.endpoint=" + url())
                .withBean(
                        AwsCredentialsProvider.class,
                        () -> StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDSPRING", "secret")))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(explained(context))
                            .contains("10.0.0.7:8080   healthy")
                            .contains("(cloud-map, by serviceDiscovery.awsCloudMap prod/payments)");
                });

        RecordedRequest asked = requireNonNull(takeRequest());
        assertThat(asked.getHeaders().get("X-Amz-Target")).isEqualTo("Route53AutoNaming_v20170314.DiscoverInstances");
        assertThat(asked.getHeaders().get("Authorization")).contains("Credential=AKIDSPRING/", "/eu-test-1/");
    }

    @Test
    void everyPropertyIsBound() {
        runner.withPropertyValues(
                        "intramesh.warm-up=0s",
                        "intramesh.discovery.cloud-map.region=eu-test-1",
                        "intramesh.discovery.cloud-map.endpoint=" + url(),
                        "intramesh.discovery.cloud-map.interval=30s",
                        "intramesh.discovery.cloud-map.timeout=2s",
                        "intramesh.discovery.cloud-map.health=healthy-or-else-all")
                .run(context -> assertThat(context.getBean(CloudMapProperties.class))
                        .isEqualTo(new CloudMapProperties(
                                true,
                                "eu-test-1",
                                URI.create(url()),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(2),
                                CloudMapHealth.HEALTHY_OR_ELSE_ALL)));
    }

    @Test
    void defaultsAreThoseOfTheSource() {
        runner.withPropertyValues("intramesh.warm-up=0s", "intramesh.discovery.cloud-map.endpoint=" + url())
                .run(context -> {
                    CloudMapProperties properties = context.getBean(CloudMapProperties.class);
                    assertThat(properties.interval()).isEqualTo(CloudMapEndpointSource.DEFAULT_INTERVAL);
                    assertThat(properties.timeout()).isEqualTo(CloudMapEndpointSource.DEFAULT_TIMEOUT);
                    assertThat(properties.health()).isEqualTo(CloudMapHealth.HEALTHY);
                });
    }

    @Test
    void aSourceOfTheApplicationWins() {
        CloudMapEndpointSource own = CloudMapEndpointSource.builder()
                .region("eu-own-1")
                .credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDOWN", "secret")))
                .endpoint(URI.create(url()))
                .build();

        runner.withBean(CloudMapEndpointSource.class, () -> own).run(context -> {
            assertThat(context).hasSingleBean(CloudMapEndpointSource.class);
            assertThat(explained(context)).contains("10.0.0.7:8080");
        });

        assertThat(requireNonNull(takeRequest()).getHeaders().get("Authorization"))
                .contains("Credential=AKIDOWN/", "/eu-own-1/");
    }

    @Test
    void switchedOffNobodyAsksAndTheNoteComesBack() {
        runner.withPropertyValues("intramesh.warm-up=0s", "intramesh.discovery.cloud-map.enabled=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(CloudMapEndpointSource.class);
                    assertThat(decisions(context)).isTrue();
                });
        runner.withPropertyValues("intramesh.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(CloudMapEndpointSource.class)
                        .doesNotHaveBean(CloudMapProperties.class));
    }

    @Test
    void withoutTheJarThereIsNothingOfIt() {
        runner.withClassLoader(new FilteredClassLoader("io.intramesh.discovery.cloudmap", "software.amazon.awssdk") {
                    @Override
                    public Enumeration<URL> getResources(String name) throws IOException {
                        return name.endsWith("EndpointSourceFactory")
                                ? Collections.emptyEnumeration()
                                : super.getResources(name);
                    }
                })
                .withPropertyValues("intramesh.warm-up=0s")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(Mesh.class);
                    assertThat(context).doesNotHaveBean("cloudMapEndpointSource");
                    assertThat(decisions(context)).isTrue();
                });
    }

    @Test
    void aValueThatMakesNoSenseIsNamed() {
        runner.withPropertyValues("intramesh.discovery.cloud-map.interval=10ms")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining(
                                "intramesh.discovery.cloud-map.interval: 'PT0.01S' (expected: 1 s or more)"));
    }

    private String url() {
        return "http://127.0.0.1:" + cloudMap.getPort();
    }

    private RecordedRequest takeRequest() {
        try {
            return cloudMap.takeRequest();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean decisions(ConfigurableApplicationContext context) {
        return context.getBean(Mesh.class).state().problems().stream()
                .map(Problem::message)
                .anyMatch(note -> note.contains("needs a decision"));
    }

    private static String explained(ConfigurableApplicationContext context) {
        return context.getBean(Mesh.class)
                .explain(ExplainRequest.builder("payments.local")
                        .method("GET")
                        .path("/")
                        .build())
                .toString();
    }
}
