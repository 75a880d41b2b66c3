package io.intramesh.spring.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.okhttp.MeshClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

/**
 * Two real applications of one line of Spring Boot, unchanged but for the dependency and three properties, that talk through the
 * mesh over real sockets.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // Some tests share a pair of applications, which take seconds to start.
public abstract class MeshApplicationContract {
    private final HttpClient browser = HttpClient.newHttpClient();

    // Not the common pool: it may have a single thread, and both tasks here take their time.
    private final ExecutorService threads = Executors.newCachedThreadPool();

    // The shared pair, which no test changes.
    private final List<ConfigurableApplicationContext> shared = new ArrayList<>();
    private ConfigurableApplicationContext storefront;
    private int paymentsPort;

    // For tests that start their own.
    private final List<ConfigurableApplicationContext> started = new ArrayList<>();
    private Path folder;
    private RegistryFolder registry;
    private Set<Thread> known = Set.of();

    /** Returns a configuration with a {@link RestTemplate} from this line's builder. */
    protected abstract Class<?> restTemplateConfiguration();

    @BeforeAll
    void startPair(@TempDir Path pair) throws IOException {
        folder = pair;
        registry = new RegistryFolder(pair);
        ConfigurableApplicationContext payments = payments();
        paymentsPort = port(payments);
        registry.payments(paymentsPort);
        storefront = storefront();
        shared.addAll(List.of(payments, storefront));
        started.clear();
    }

    @AfterAll
    void stopPair() {
        shared.forEach(ConfigurableApplicationContext::close);
        threads.shutdownNow();
    }

    @BeforeEach
    void writeRegistry(@TempDir Path own) throws IOException {
        folder = own;
        registry = new RegistryFolder(own);
        known = Thread.getAllStackTraces().keySet();
    }

    @AfterEach
    void stopApplications() {
        started.forEach(ConfigurableApplicationContext::close);
        started.clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client", "http-interface"})
    void everyClientThatBootBuildsGoesThroughTheMesh(String client) throws Exception {
        HttpRequest request = get(port(storefront), "/" + client + "/7")
                .header("x-request-id", "id-" + client)
                .build();

        HttpResponse<String> answer = browser.send(request, text());

        // The virtual service's name has no address: only the mesh can have found the port. The id shows that the
        // request's context came along, through the filter, the application and the client.
        assertThat(answer.body())
                .isEqualTo("charge 7 host payments.local request id-" + client + " port " + paymentsPort);
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyGoesThrough() {
        RestClient restClient = storefront.getBean(RestClient.class);
        WebClient webClient = storefront.getBean(WebClient.class);

        String seventh =
                restClient.post().uri("/charges").body("order 7").retrieve().body(String.class);
        String eighth = webClient
                .post()
                .uri("/charges")
                .bodyValue("order 8")
                .retrieve()
                .bodyToMono(String.class)
                .block();

        assertThat(seventh).isEqualTo("charged order 7");
        assertThat(eighth).isEqualTo("charged order 8");
    }

    @Test
    void aRefusalIsTheCauseOfWhatEachClientThrows() {
        RestClient restClient = storefront.getBean(RestClient.class);
        RestTemplate restTemplate = storefront.getBean(RestTemplate.class);
        WebClient webClient = storefront.getBean(WebClient.class);

        assertThatThrownBy(() -> restClient.get().uri("/elsewhere").retrieve().toBodilessEntity())
                .isInstanceOf(ResourceAccessException.class)
                .cause()
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_ROUTE));
        assertThatThrownBy(() -> restTemplate.getForObject("http://undeclared.local/", String.class))
                .isInstanceOf(ResourceAccessException.class)
                .cause()
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EGRESS_DENIED));
        assertThatThrownBy(() -> webClient
                        .get()
                        .uri("/elsewhere")
                        .retrieve()
                        .toBodilessEntity()
                        .block())
                .isInstanceOf(WebClientRequestException.class)
                .cause()
                .isInstanceOfSatisfying(
                        MeshCallException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_ROUTE));
    }

    @Test
    void aRefusalCanBeAResponse() {
        storefront("intramesh.refusals=response")
                .getBean(RestClient.class)
                .get()
                .uri("/elsewhere")
                .exchange((request, response) -> {
                    assertThat(response.getStatusCode().value()).isEqualTo(404);
                    assertThat(response.getHeaders().getFirst("x-mesh-refusal")).isEqualTo("NO_ROUTE");
                    return response;
                });
    }

    @Test
    void healthShowsTheMesh() throws Exception {
        int port = port(storefront("management.endpoint.health.show-details=always"));

        HttpResponse<String> healthy =
                browser.send(get(port, "/actuator/health").build(), text());
        registry.write("broken.yaml", "kind: [");

        assertThat(healthy.statusCode()).isEqualTo(200);
        assertThat(healthy.body())
                .contains("\"mesh\":\"shop\"", "\"virtualNode\":\"storefront\"", "\"revision\":1", "\"errors\":0");
        // The last good configuration is in force, so a broken file makes nobody unhealthy; it only shows.
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            HttpResponse<String> broken =
                    browser.send(get(port, "/actuator/health").build(), text());
            assertThat(broken.body()).contains("\"errors\":1");
            assertThat(broken.statusCode()).isEqualTo(200);
        });
    }

    @Test
    void anApplicationLeavesUnderTrafficWithoutAFailedCall() throws Exception {
        ConfigurableApplicationContext leaving = payments("intramesh.shutdown.grace=2s");
        ConfigurableApplicationContext staying = payments();
        int leavingPort = port(leaving);
        int stayingPort = port(staying);
        registry.payments(leavingPort, stayingPort);
        RestClient client = storefront().getBean(RestClient.class);
        Payments.Charges charges = leaving.getBean(Payments.Charges.class);
        CompletableFuture<HttpResponse<String>> slow =
                browser.sendAsync(get(leavingPort, "/charges/slow").build(), text());
        charges.awaitSlow();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        Future<?> traffic = threads.submit(() -> {
            while (!isOver.get()) {
                assertThat(client.get().uri("/charges/7").retrieve().body(String.class))
                        .startsWith("charge 7");
                calls.incrementAndGet();
            }
        });

        Future<?> closing = threads.submit(leaving::close);
        // As an orchestrator would: it sees the health check fail and takes the endpoint out. Until the grace is over,
        // the application serves on.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> status(leavingPort, "/ping") == 503);
        assertThat(status(leavingPort, "/actuator/health")).isEqualTo(503);
        assertThat(status(leavingPort, "/charges/8")).isEqualTo(200);
        registry.payments(stayingPort);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> status(leavingPort, "/charges/8") == 503);

        // What was under way ends well, and holds the application up until then.
        assertThat(closing.isDone()).isFalse();
        charges.endSlow();
        closing.get(20, TimeUnit.SECONDS);
        assertThat(slow.get(5, TimeUnit.SECONDS).body()).isEqualTo("slow");
        isOver.set(true);
        traffic.get(20, TimeUnit.SECONDS);
        assertThat(calls).hasPositiveValue();
    }

    @Test
    void switchedOffItLeavesNothingBehind() {
        ConfigurableApplicationContext off = storefront("intramesh.enabled=false");

        assertThat(off.getBeanDefinitionNames())
                .filteredOn(name -> beanClass(off, name).startsWith("io.intramesh."))
                .allMatch(name -> beanClass(off, name).startsWith("io.intramesh.spring.contract.")
                        || beanClass(off, name)
                                .startsWith(restTemplateConfiguration().getName()));
        assertThat(factoryBuilder(off)).startsWith("org.springframework.");
        assertThat(off.getBean(ClientHttpConnector.class).getClass().getName()).startsWith("org.springframework.");
        awaitNoNewMeshThread();
    }

    @Test
    void closedItLeavesNoThreadAndStartsAgain() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (ConfigurableApplicationContext payments = payments()) {
                registry.payments(port(payments));
                try (ConfigurableApplicationContext again = storefront()) {
                    HttpResponse<String> answer =
                            browser.send(get(port(again), "/web-client/7").build(), text());
                    assertThat(answer.body()).startsWith("charge 7");
                }
            }
            awaitNoNewMeshThread();
        }
    }

    @Test
    void callsAloneOrRequestsAloneCanBeLeftToBoot() {
        ConfigurableApplicationContext inboundOnly = storefront("intramesh.outbound.enabled=false");
        ConfigurableApplicationContext outboundOnly = storefront("intramesh.inbound.enabled=false");

        assertThat(inboundOnly.getBeansOfType(MeshClient.class)).isEmpty();
        assertThat(factoryBuilder(inboundOnly)).startsWith("org.springframework.");
        assertThat(inboundOnly.containsBean("meshFilter")).isTrue();
        assertThat(outboundOnly.getBeansOfType(MeshClient.class)).hasSize(1);
        assertThat(outboundOnly.containsBean("meshFilter")).isFalse();
    }

    private ConfigurableApplicationContext payments(String... properties) {
        return start("payments", List.of(Payments.class), properties);
    }

    private ConfigurableApplicationContext storefront(String... properties) {
        return start("storefront", List.of(Storefront.class, restTemplateConfiguration()), properties);
    }

    private ConfigurableApplicationContext start(String virtualNode, List<Class<?>> sources, String... properties) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "intramesh.registry", folder.toString(),
                "intramesh.mesh", "shop",
                "intramesh.virtual-node", virtualNode,
                // No test but the one about leaving has callers who would need it.
                "intramesh.shutdown.grace", "0s",
                "server.port", "0",
                "spring.main.banner-mode", "off"));
        for (String property : properties) {
            int equals = property.indexOf('=');
            all.put(property.substring(0, equals), property.substring(equals + 1));
        }
        ConfigurableApplicationContext context = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .web(WebApplicationType.SERVLET)
                .registerShutdownHook(false)
                .properties(all)
                .run();
        started.add(context);
        return context;
    }

    private int status(int port, String path) throws IOException, InterruptedException {
        return browser.send(get(port, path).build(), text()).statusCode();
    }

    private static String factoryBuilder(ConfigurableApplicationContext context) {
        return context.getBean(ClientHttpRequestFactoryBuilder.class).getClass().getName();
    }

    private static String beanClass(ConfigurableApplicationContext context, String name) {
        try {
            Class<?> type = context.getType(name);
            return type == null ? "" : type.getName();
        } catch (NoSuchBeanDefinitionException e) {
            return "";
        }
    }

    private static int port(ConfigurableApplicationContext application) {
        return application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static HttpRequest.Builder get(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private void awaitNoNewMeshThread() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> !known.contains(thread))
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.startsWith("intramesh") || name.startsWith("mesh-")));
    }
}
