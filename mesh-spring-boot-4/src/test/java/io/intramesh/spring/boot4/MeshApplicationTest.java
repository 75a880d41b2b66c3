package io.intramesh.spring.boot4;

import io.intramesh.spring.contract.MeshApplicationContract;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestTemplate;

class MeshApplicationTest extends MeshApplicationContract {
    @Override
    protected Class<?> restTemplateConfiguration() {
        return Templates.class;
    }

    @Configuration(proxyBeanMethods = false)
    static class Templates {
        @Bean
        RestTemplate paymentsRestTemplate(RestTemplateBuilder builder) {
            return builder.build();
        }
    }
}
