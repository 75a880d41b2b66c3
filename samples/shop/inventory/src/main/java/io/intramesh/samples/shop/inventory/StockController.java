package io.intramesh.samples.shop.inventory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class StockController {
    private final String servedBy;
    private final Map<String, Shelf> shelves = new LinkedHashMap<>();

    StockController(@Value("${intramesh.virtual-node}") String virtualNode) {
        servedBy = virtualNode;
        shelves.put("tea", new Shelf("tea", "Green tea", 590));
        shelves.put("coffee", new Shelf("coffee", "Coffee beans", 1250));
        shelves.put("honey", new Shelf("honey", "Forest honey", 780));
    }

    @GetMapping("/stock")
    ResponseEntity<List<Shelf.Item>> stock() {
        return answer(shelves.values().stream().map(Shelf::look).toList());
    }

    @PostMapping("/stock/{sku}/reservations")
    ResponseEntity<Shelf.Item> reserve(@PathVariable String sku) {
        Shelf shelf = shelves.get(sku);
        return shelf == null ? ResponseEntity.notFound().build() : answer(shelf.take());
    }

    /** Says who answered, so that the runner can show how calls spread. */
    private <T> ResponseEntity<T> answer(T body) {
        return ResponseEntity.ok().header("x-served-by", servedBy).body(body);
    }
}
