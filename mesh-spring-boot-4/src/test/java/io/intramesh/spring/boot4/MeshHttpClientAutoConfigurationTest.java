package io.intramesh.spring.boot4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.intramesh.document.RawDocument;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.spring.MeshAutoConfiguration;
import io.intramesh.spring.MeshClientAutoConfiguration;
import io.intramesh.spring.client.MeshConnector;
import io.intramesh.spring.client.MeshRequestFactory;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpCookieHandling;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.service.ReactiveHttpServiceClientAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;

class MeshHttpClientAutoConfigurationTest {
    private final CountDownLatch hold = new CountDownLatch(1);
    private HttpServer callee;
    private ApplicationContextRunner runner;

    @BeforeEach
    void start() throws IOException {
        callee = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        callee.setExecutor(Executors.newCachedThreadPool());
        callee.createContext("/", exchange -> {
            byte[] body = ("answer to " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        callee.createContext("/away", exchange -> {
            exchange.getResponseHeaders().add("Location", "/here");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        callee.createContext("/silent", exchange -> {
            try {
                hold.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        callee.start();
        runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        MeshAutoConfiguration.class,
                        MeshClientAutoConfiguration.class,
                        MeshHttpClientAutoConfiguration.class,
                        SslAutoConfiguration.class,
                        HttpClientAutoConfiguration.class,
                        ImperativeHttpClientAutoConfiguration.class,
                        ReactiveHttpClientAutoConfiguration.class,
                        RestClientAutoConfiguration.class,
                        WebClientAutoConfiguration.class,
                        HttpServiceClientPropertiesAutoConfiguration.class,
                        HttpServiceClientAutoConfiguration.class,
                        ReactiveHttpServiceClientAutoConfiguration.class))
                .withBean(MeshRegistry.class, () -> FakeRegistry.of(RawDocument.of("shop.yaml", resources())))
                .withPropertyValues("intramesh.virtual-node=storefront");
    }

    @AfterEach
    void stop() {
        hold.countDown();
        callee.stop(0);
    }

    @Test
    void theTransportsAreTheMeshs() {
        runner.run(context -> {
            assertThat(context.getBean(ClientHttpRequestFactory.class)).isInstanceOf(MeshRequestFactory.class);
            assertThat(context.getBean(ClientHttpConnector.class)).isInstanceOf(MeshConnector.class);
        });
    }

    @Test
    void buildersOfTheApplicationWin() {
        ClientHttpRequestFactoryBuilder<?> factories = ClientHttpRequestFactoryBuilder.jdk();
        ClientHttpConnectorBuilder<?> connectors = ClientHttpConnectorBuilder.jdk();

        runner.withBean("own", ClientHttpRequestFactoryBuilder.class, () -> factories)
                .withBean("ownReactive", ClientHttpConnectorBuilder.class, () -> connectors)
                .run(context -> {
                    assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class))
                            .isSameAs(factories);
                    assertThat(context.getBean(ClientHttpConnectorBuilder.class))
                            .isSameAs(connectors);
                });
    }

    @Test
    void withoutWebClientTheBlockingTransportStays() {
        runner.withClassLoader(new FilteredClassLoader(Mono.class, WebClient.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasBean("meshRequestFactoryBuilder")
                        .doesNotHaveBean("meshConnectorBuilder"));
    }

    @Test
    void serviceGroupsGoThroughTheMesh() {
        runner.withUserConfiguration(Groups.class)
                .withPropertyValues(
                        "spring.http.serviceclient.payments.base-url=http://payments.local",
                        "spring.http.serviceclient.reactive.base-url=http://payments.local")
                .run(context -> {
                    assertThat(context.getBean(Payments.class).charge()).isEqualTo("answer to /charges");
                    assertThat(context.getBean(ReactivePayments.class).charge().block())
                            .isEqualTo("answer to /charges");
                });
    }

    @Test
    void bootsReadTimeoutHolds() {
        runner.withPropertyValues("spring.http.clients.read-timeout=50ms").run(context -> {
            assertThat(failure(() -> restClient(context.getBean(RestClient.Builder.class))
                            .uri("/silent")
                            .retrieve()
                            .toBodilessEntity()))
                    .hasCauseInstanceOf(SocketTimeoutException.class);
            assertThat(failure(() -> context.getBean(WebClient.Builder.class)
                            .baseUrl("http://payments.local")
                            .build()
                            .get()
                            .uri("/silent")
                            .retrieve()
                            .toBodilessEntity()
                            .block()))
                    .hasCauseInstanceOf(SocketTimeoutException.class);
        });
    }

    @Test
    void bootsRedirectsHold() {
        runner.run(context ->
                assertThat(status(context.getBean(RestClient.Builder.class))).isEqualTo(200));
        runner.withPropertyValues("spring.http.clients.redirects=dont-follow", "spring.http.clients.connect-timeout=2s")
                .run(context -> assertThat(status(context.getBean(RestClient.Builder.class)))
                        .isEqualTo(302));
    }

    @Test
    void whatTheMeshCannotDoIsRefused() {
        runner.run(context -> {
            ClientHttpRequestFactoryBuilder<?> builder = context.getBean(ClientHttpRequestFactoryBuilder.class);
            HttpClientSettings settings = HttpClientSettings.defaults();

            assertThat(failure(() -> builder.build(settings.withCookieHandling(HttpCookieHandling.ENABLE))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cookie handling: enabled");
            assertThat(failure(
                            () -> builder.build(settings.withInetAddressFilter(InetAddressFilter.externalAddresses()))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("address filter: set");
        });
    }

    private static int status(RestClient.Builder builder) {
        HttpStatusCode status =
                restClient(builder).uri("/away").retrieve().toBodilessEntity().getStatusCode();
        return status.value();
    }

    private static RestClient.RequestHeadersUriSpec<?> restClient(RestClient.Builder builder) {
        return builder.baseUrl("http://payments.local").build().get();
    }

    private static Throwable failure(Runnable call) {
        return requireNonNull(org.assertj.core.api.Assertions.catchThrowable(call::run));
    }

    private String resources() {
        return """
                apiVersion: intramesh.io/v1
                kind: Mesh
                metadata: { name: shop }
                spec: {}
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: storefront }
                spec: { backends: [{ virtualService: { virtualServiceName: payments.local } }] }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualNode
                metadata: { mesh: shop, name: payments }
                spec:
                  listeners: [{ portMapping: { port: 8080, protocol: http } }]
                  serviceDiscovery: { dns: { hostname: payments.invalid } }
                ---
                apiVersion: intramesh.io/v1
                kind: VirtualService
                metadata: { mesh: shop, name: payments.local }
                spec: { provider: { virtualNode: { virtualNodeName: payments } } }
                ---
                apiVersion: intramesh.io/v1
                kind: Endpoints
                metadata: { mesh: shop, name: payments }
                spec: { virtualNode: payments, endpoints: [{ address: 127.0.0.1, port: %d }] }
                """.formatted(callee.getAddress().getPort());
    }

    interface Payments {
        @GetExchange("/charges")
        String charge();
    }

    interface ReactivePayments {
        @GetExchange("/charges")
        Mono<String> charge();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "payments", types = Payments.class)
    @ImportHttpServices(
            group = "reactive",
            types = ReactivePayments.class,
            clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    static class Groups {}
}
