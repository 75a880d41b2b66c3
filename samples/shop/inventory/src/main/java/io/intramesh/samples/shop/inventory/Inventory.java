package io.intramesh.samples.shop.inventory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the inventory. Nothing here speaks of the mesh: the starter and three properties do. */
@SpringBootApplication(proxyBeanMethods = false)
final class Inventory {
    public static void main(String[] args) {
        SpringApplication.run(Inventory.class, args);
    }
}
