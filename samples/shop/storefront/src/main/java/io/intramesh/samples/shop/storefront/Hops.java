package io.intramesh.samples.shop.storefront;

import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/** Passes on which virtual node answered each call, so that the runner can show how calls spread. */
final class Hops {
    /** Every call behind an answer: {@code orders.local/orders orders, payments.local/beta payments-v2}. */
    static final String HEADER = "x-shop-hops";

    private Hops() {}

    static ResponseEntity.BodyBuilder to(String destination, ResponseEntity<?> answer) {
        HttpHeaders headers = answer.getHeaders();
        String own = destination + " " + headers.getFirst("x-served-by");
        String further = headers.getFirst(HEADER);
        return ResponseEntity.status(answer.getStatusCode())
                .header(HEADER, further == null ? own : own + ", " + further);
    }
}
