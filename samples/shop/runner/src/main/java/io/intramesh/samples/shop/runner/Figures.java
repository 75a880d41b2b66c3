package io.intramesh.samples.shop.runner;

import java.util.List;

/**
 * What was counted up to a moment.
 *
 * @param seconds since the first customer
 * @param served visits that went well
 */
record Figures(long seconds, long served, List<Row> rows, List<Refused> refused, List<Failed> failed) {
    Figures {
        rows = List.copyOf(rows);
        refused = List.copyOf(refused);
        failed = List.copyOf(failed);
    }

    long refusedTotal() {
        return refused.stream().mapToLong(Refused::total).sum();
    }

    long failedTotal() {
        return failed.stream().mapToLong(Failed::total).sum();
    }

    /** Where the calls to one destination went. */
    record Row(String destination, List<Share> shares) {
        Row {
            shares = List.copyOf(shares);
        }

        long recent() {
            return shares.stream().mapToLong(Share::recent).sum();
        }

        long total() {
            return shares.stream().mapToLong(Share::total).sum();
        }
    }

    /** Calls that one virtual node answered. */
    record Share(String virtualNode, long recent, long total) {}

    /** Calls that the mesh refused. */
    record Refused(String caller, String reason, String message, long recent, long total) {}

    /** Visits that failed. */
    record Failed(String what, long recent, long total) {}
}
