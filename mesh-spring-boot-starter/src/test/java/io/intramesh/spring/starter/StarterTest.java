package io.intramesh.spring.starter;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.RawDocument;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.spring.client.MeshConnector;
import io.intramesh.spring.client.MeshRequestFactory;
import io.intramesh.testing.FakeRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.HealthContributorRegistry;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ClientHttpConnector;

/** An application of Spring Boot 3.5 with the whole starter, the jar for Spring Boot 4 included. */
class StarterTest {
    private static final String DOCUMENTS = """
            apiVersion: intramesh.io/v1
            kind: Mesh
            metadata: { name: shop }
            spec: {}
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: orders }
            spec: {}
            """;

    @Test
    void theJarOfTheOtherLineSleeps() {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Orders.class)
                .registerShutdownHook(false)
                .properties(
                        "intramesh.virtual-node=orders",
                        "intramesh.shutdown.grace=0s",
                        "server.port=0",
                        "spring.main.banner-mode=off")
                .run()) {
            assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class).build())
                    .isInstanceOf(MeshRequestFactory.class);
            assertThat(context.getBean(ClientHttpConnector.class)).isInstanceOf(MeshConnector.class);
            assertThat(context.getBean(HealthContributorRegistry.class).getContributor("mesh"))
                    .isNotNull();
            assertThat(context.getBeanDefinitionNames())
                    .noneMatch(name -> name.startsWith("io.intramesh.spring.boot4.MeshHealth")
                            || name.startsWith("io.intramesh.spring.boot4.MeshHttpClientAutoConfiguration$"));
            assertThat(context.containsBean("meshFilter")).isTrue();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Orders {
        @Bean
        MeshRegistry registry() {
            return FakeRegistry.of(RawDocument.of("shop.yaml", DOCUMENTS));
        }
    }
}
