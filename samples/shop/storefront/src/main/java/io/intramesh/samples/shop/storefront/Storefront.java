package io.intramesh.samples.shop.storefront;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the storefront. Nothing here speaks of the mesh: the starter and three properties do. */
@SpringBootApplication(proxyBeanMethods = false)
final class Storefront {
    public static void main(String[] args) {
        SpringApplication.run(Storefront.class, args);
    }
}
