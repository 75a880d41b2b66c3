package io.intramesh.spring;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.okhttp.RefusalStyle;
import io.intramesh.spring.client.MeshConnectors;
import io.intramesh.spring.client.MeshTransports;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import reactor.core.publisher.Mono;

/**
 * Makes the clients that call out through the mesh: a {@link MeshClient} for OkHttp, Retrofit and others, and what the two lines
 * of Spring Boot build their own clients on. A {@link MeshClient} of the application wins.
 */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnClass({MeshClient.class, OkHttpClient.class})
@ConditionalOnBean(Mesh.class)
@ConditionalOnProperty(
        prefix = "intramesh",
        name = {"enabled", "outbound.enabled"},
        matchIfMissing = true)
public final class MeshClientAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(MeshClient.class)
    MeshOkHttp meshOkHttp(ObjectProvider<MeshClientCustomizer> customizers) {
        return new MeshOkHttp(customizers.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    MeshClient meshClient(Mesh mesh, MeshOkHttp okHttp, MeshProperties properties) {
        return MeshClient.builder(mesh)
                .okHttp(okHttp.client())
                .refusals(style(properties))
                .build();
    }

    private static RefusalStyle style(MeshProperties properties) {
        return properties.refusals() == MeshProperties.Refusals.RESPONSE
                ? RefusalStyle.RESPONSE
                : RefusalStyle.EXCEPTION;
    }

    /** For applications that have Spring's blocking clients. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ClientHttpRequestFactory.class)
    static class Blocking {
        @Bean
        @ConditionalOnMissingBean
        MeshTransports meshTransports(
                Mesh mesh, MeshClient client, ObjectProvider<MeshOkHttp> okHttp, MeshProperties properties) {
            MeshOkHttp own = okHttp.getIfAvailable();
            return new MeshTransports(mesh, client, style(properties), own == null ? null : own.client());
        }
    }

    /** For applications that have Spring's reactive client too. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ClientHttpConnector.class, Mono.class})
    static class Reactive {
        @Bean
        @ConditionalOnMissingBean
        MeshConnectors meshConnectors(MeshTransports transports) {
            return new MeshConnectors(transports);
        }
    }
}
