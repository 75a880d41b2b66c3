package io.intramesh.samples.shop.runner;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What a customer does.
 *
 * @param path at the storefront
 * @param note marks the calls behind this visit where they go another way than others to the same path; empty for none
 */
record Visit(String method, String path, boolean isTester, String note) {
    static final Visit LOOK = new Visit("GET", "/", false, "");
    static final Visit BUY = new Visit("POST", "/checkout?sku=tea", false, "");
    static final Visit BUY_WITH_BETA = new Visit("POST", "/checkout?sku=coffee&beta=true", false, "");
    static final Visit TEST_BETA = new Visit("POST", "/checkout?sku=honey&beta=true", true, "tester");
    static final Visit ASK_REFUND = new Visit("POST", "/refund", false, "");
    static final Visit SEE_OFFERS = new Visit("GET", "/offers", false, "");
    static final Visit PAY_WITHOUT_ORDER = new Visit("POST", "/shortcut", false, "");
    static final Visit READ_BOOKS = new Visit("GET", "/books", false, "");

    /** Twenty customers; the same mix again and again keeps the figures steady. */
    static final List<Visit> MIX = mix();

    private static List<Visit> mix() {
        List<Visit> visits = new ArrayList<>();
        visits.addAll(Collections.nCopies(9, BUY_WITH_BETA));
        visits.addAll(Collections.nCopies(3, BUY));
        visits.addAll(Collections.nCopies(2, LOOK));
        visits.addAll(Collections.nCopies(2, TEST_BETA));
        visits.add(ASK_REFUND);
        visits.add(SEE_OFFERS);
        visits.add(PAY_WITHOUT_ORDER);
        visits.add(READ_BOOKS);
        // Any order will do, as long as the kinds come evenly and not in blocks.
        Collections.shuffle(visits, new Random(20));
        return List.copyOf(visits);
    }
}
