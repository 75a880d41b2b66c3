package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How much each endpoint of a list counts. Immutable. */
final class Weights {
    /** Sums of the weights up to and with each endpoint. */
    private final long[] sums;

    private final boolean areEqual;
    private final int greatest;

    private Weights(long[] sums, boolean areEqual, int greatest) {
        this.sums = sums;
        this.areEqual = areEqual;
        this.greatest = greatest;
    }

    static Weights of(List<Endpoint> endpoints) {
        long[] sums = new long[endpoints.size()];
        long sum = 0;
        int least = Integer.MAX_VALUE;
        int greatest = 1;
        for (int i = 0; i < sums.length; i++) {
            int weight = endpoints.get(i).weight();
            sum += weight;
            sums[i] = sum;
            least = Math.min(least, weight);
            greatest = Math.max(greatest, weight);
        }
        return new Weights(sums, sums.length == 0 || least == greatest, greatest);
    }

    /** Tells whether all count the same, and nothing here has to be asked. */
    boolean areEqual() {
        return areEqual;
    }

    /** Returns the greatest weight. */
    int greatest() {
        return greatest;
    }

    /**
     * Returns which endpoint a point falls on, if each takes a stretch as long as its weight.
     *
     * @param unit from 0 to 1, without 1
     */
    int at(double unit) {
        double point = unit * sums[sums.length - 1];
        int low = 0;
        int high = sums.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sums[middle] > point) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Returns what the point falls on among those that are usable; null where nobody is.
     *
     * @param unit from 0 to 1, without 1
     */
    static @Nullable Endpoint at(double unit, List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        long total = 0;
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            total += usable.test(endpoint) ? endpoint.weight() : 0;
        }
        double point = unit * total;
        long sum = 0;
        Endpoint last = null;
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            if (usable.test(endpoint)) {
                sum += endpoint.weight();
                last = endpoint;
                if (sum > point) {
                    return endpoint;
                }
            }
        }
        // Somebody became unusable between the two walks.
        return last;
    }
}
