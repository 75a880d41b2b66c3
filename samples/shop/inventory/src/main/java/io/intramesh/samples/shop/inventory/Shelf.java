package io.intramesh.samples.shop.inventory;

import java.util.concurrent.atomic.AtomicInteger;

/** One kind of goods. An empty shelf is filled again at once, so that the shop never closes. Safe for several threads. */
final class Shelf {
    private static final int FULL = 100;

    private final String sku;
    private final String name;
    private final int cents;
    private final AtomicInteger left = new AtomicInteger(FULL);

    Shelf(String sku, String name, int cents) {
        this.sku = sku;
        this.name = name;
        this.cents = cents;
    }

    Item look() {
        return new Item(sku, name, cents, left.get());
    }

    /** Takes one away. */
    Item take() {
        return new Item(sku, name, cents, left.updateAndGet(count -> count == 1 ? FULL : count - 1));
    }

    /** A shelf as callers see it; prices in cents. */
    record Item(String sku, String name, int cents, int left) {}
}
