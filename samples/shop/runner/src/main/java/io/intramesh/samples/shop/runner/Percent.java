package io.intramesh.samples.shop.runner;

/** Shares as people read them. */
final class Percent {
    private Percent() {}

    /** Returns {@code 90 %}; a part of nothing is {@code -}. */
    static String of(long part, long whole) {
        return whole == 0 ? "-" : Math.round(100.0 * part / whole) + " %";
    }
}
