package io.intramesh.spring.contract;

import java.util.Map;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * An application that calls, by every client that Spring has, each built as Spring Boot's documentation says. It knows nothing of
 * the mesh. The {@link RestTemplate} is a bean of the line's test, since its builder moved between the lines.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(Storefront.Front.class)
public class Storefront {
    /** The service that the storefront calls, as its virtual service is named. */
    static final String PAYMENTS = "http://payments.local";

    /** The service as an interface. */
    @HttpExchange("/charges")
    interface Charges {
        @GetExchange("/{id}")
        String charge(@PathVariable("id") String id);
    }

    @Bean
    RestClient paymentsRestClient(RestClient.Builder builder) {
        return builder.baseUrl(PAYMENTS).build();
    }

    @Bean
    WebClient paymentsWebClient(WebClient.Builder builder) {
        return builder.baseUrl(PAYMENTS).build();
    }

    @Bean
    Charges charges(RestClient paymentsRestClient) {
        return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(paymentsRestClient))
                .build()
                .createClient(Charges.class);
    }

    /** Passes each request on by the client that its path names. */
    @RestController
    static final class Front {
        private final RestClient restClient;
        private final RestTemplate restTemplate;
        private final WebClient webClient;
        private final Charges charges;

        Front(RestClient restClient, RestTemplate restTemplate, WebClient webClient, Charges charges) {
            this.restClient = restClient;
            this.restTemplate = restTemplate;
            this.webClient = webClient;
            this.charges = charges;
        }

        @GetMapping("/rest-client/{id}")
        String byRestClient(@PathVariable("id") String id) {
            return String.valueOf(
                    restClient.get().uri("/charges/{id}", id).retrieve().body(String.class));
        }

        @GetMapping("/rest-template/{id}")
        String byRestTemplate(@PathVariable("id") String id) {
            return String.valueOf(
                    restTemplate.getForObject(PAYMENTS + "/charges/{id}", String.class, Map.of("id", id)));
        }

        @GetMapping("/web-client/{id}")
        String byWebClient(@PathVariable("id") String id) {
            return String.valueOf(webClient
                    .get()
                    .uri("/charges/{id}", id)
                    .retrieve()
                    .bodyToMono(String.class)
                    .block());
        }

        @GetMapping("/http-interface/{id}")
        String byInterface(@PathVariable("id") String id) {
            return charges.charge(id);
        }
    }
}
