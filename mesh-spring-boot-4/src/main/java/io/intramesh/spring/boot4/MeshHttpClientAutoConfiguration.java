package io.intramesh.spring.boot4;

import io.intramesh.spring.MeshClientAutoConfiguration;
import io.intramesh.spring.client.MeshConnector;
import io.intramesh.spring.client.MeshConnectors;
import io.intramesh.spring.client.MeshRequestFactory;
import io.intramesh.spring.client.MeshTransports;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ClientHttpConnector;
import reactor.core.publisher.Mono;

/**
 * Puts the mesh below the clients that Spring Boot 4 builds: {@code RestClient}, {@code RestTemplate}, {@code WebClient} and
 * the HTTP interfaces on top of them. Comes before Spring Boot's own choice of a transport, which would win in silence
 * otherwise; a builder of the application wins over both.
 */
@AutoConfiguration(
        after = MeshClientAutoConfiguration.class,
        // Names, so that this class can be looked at under Spring Boot 3, where they do not exist.
        beforeName = {
            "org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration",
            "org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration"
        })
@ConditionalOnProperty(
        prefix = "intramesh",
        name = {"enabled", "outbound.enabled"},
        matchIfMissing = true)
public final class MeshHttpClientAutoConfiguration {

    /** For {@code RestClient} and {@code RestTemplate}. The condition's class is one that only Spring Boot 4 has. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpClientSettings.class, ImperativeHttpClientAutoConfiguration.class})
    @ConditionalOnBean(MeshTransports.class)
    static class Blocking {
        @Bean
        @ConditionalOnMissingBean(ClientHttpRequestFactoryBuilder.class)
        ClientHttpRequestFactoryBuilder<MeshRequestFactory> meshRequestFactoryBuilder(MeshTransports transports) {
            return new RequestFactoryBuilder(transports);
        }
    }

    /** For {@code WebClient}. The condition's class is one that only Spring Boot 4 has. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ReactiveHttpClientAutoConfiguration.class, ClientHttpConnector.class, Mono.class})
    @ConditionalOnBean(MeshConnectors.class)
    static class Reactive {
        @Bean
        @ConditionalOnMissingBean(ClientHttpConnectorBuilder.class)
        ClientHttpConnectorBuilder<MeshConnector> meshConnectorBuilder(MeshConnectors connectors) {
            return new ConnectorBuilder(connectors);
        }
    }

    // Classes, not lambdas: the interfaces differ between the lines by what build takes, and these must stay unread
    // under the other.

    private static final class RequestFactoryBuilder implements ClientHttpRequestFactoryBuilder<MeshRequestFactory> {
        private final MeshTransports transports;

        RequestFactoryBuilder(MeshTransports transports) {
            this.transports = transports;
        }

        @Override
        public MeshRequestFactory build(@Nullable HttpClientSettings settings) {
            return transports.requestFactory(Settings.of(settings));
        }
    }

    private static final class ConnectorBuilder implements ClientHttpConnectorBuilder<MeshConnector> {
        private final MeshConnectors connectors;

        ConnectorBuilder(MeshConnectors connectors) {
            this.connectors = connectors;
        }

        @Override
        public MeshConnector build(@Nullable HttpClientSettings settings) {
            return connectors.connector(Settings.of(settings));
        }
    }
}
