package io.intramesh.samples.shop.storefront;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** What browsers reach. Each method is one call into the mesh; some are calls that the mesh does not let out. */
@RestController
final class ShopController {
    private static final ParameterizedTypeReference<List<Item>> ITEMS = new ParameterizedTypeReference<>() {};

    private final RestClient mesh;

    ShopController(RestClient.Builder builder) {
        mesh = builder.build();
    }

    @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<String> home() {
        ResponseEntity<List<Item>> stock =
                mesh.get().uri("http://inventory.local/stock").retrieve().toEntity(ITEMS);
        List<Item> items = stock.getBody();
        return Hops.to("inventory.local/stock", stock).body(HomePage.of(items == null ? List.of() : items));
    }

    @PostMapping("/checkout")
    ResponseEntity<String> checkout(
            @RequestParam(defaultValue = "tea") String sku,
            @RequestParam(defaultValue = "false") boolean beta,
            @RequestHeader(name = "x-shop-tester", required = false) @Nullable String tester) {
        ResponseEntity<String> order = mesh.post()
                .uri("http://orders.local/orders?sku={sku}&beta={beta}", sku, beta)
                .headers(headers -> {
                    if (tester != null) {
                        headers.set("x-shop-tester", tester);
                    }
                })
                .retrieve()
                .toEntity(String.class);
        return Hops.to("orders.local/orders", order)
                .contentType(MediaType.APPLICATION_JSON)
                .body(String.valueOf(order.getBody()));
    }

    /** Orders accepts refunds, but the mesh has no route that would take them to payments. */
    @PostMapping("/refund")
    ResponseEntity<String> refund() {
        ResponseEntity<String> refund =
                mesh.post().uri("http://orders.local/refunds").retrieve().toEntity(String.class);
        return Hops.to("orders.local/refunds", refund).body(String.valueOf(refund.getBody()));
    }

    /** Somebody wanted advertisements here. Their server lies outside the mesh. */
    @GetMapping("/offers")
    ResponseEntity<String> offers() {
        ResponseEntity<String> offers =
                mesh.get().uri("http://ads.example/offers").retrieve().toEntity(String.class);
        return Hops.to("ads.example/offers", offers).body(String.valueOf(offers.getBody()));
    }

    /** Takes money without an order. Payments is in the mesh, but no declared backend of the storefront. */
    @PostMapping("/shortcut")
    ResponseEntity<String> shortcut() {
        ResponseEntity<String> payment = mesh.post()
                .uri("http://payments.local/pay?amount=590")
                .retrieve()
                .toEntity(String.class);
        return Hops.to("payments.local/pay", payment).body(String.valueOf(payment.getBody()));
    }

    /** Lists everybody's orders. Orders is a declared backend, but its access policy lets nobody list them. */
    @GetMapping("/books")
    ResponseEntity<String> books() {
        ResponseEntity<String> books =
                mesh.get().uri("http://orders.local/orders").retrieve().toEntity(String.class);
        return Hops.to("orders.local/orders", books).body(String.valueOf(books.getBody()));
    }

    /** A shelf of the inventory; the price in cents. */
    record Item(String sku, String name, int cents, int left) {}
}
