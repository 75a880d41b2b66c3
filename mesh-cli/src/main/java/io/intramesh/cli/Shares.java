package io.intramesh.cli;

import io.intramesh.model.VirtualNode;
import io.intramesh.model.WeightedTarget;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the traffic of a route divides. Weights are brought to their smallest form, and what gets nothing is left out, so that
 * {@code 10/90} equals {@code 1/9} and a target of weight 0 equals none.
 *
 * @param weights by target, which is {@code node} or, for a listener that is not its first, {@code node:port}
 */
record Shares(Map<String, Integer> weights) {
    private static final Comparator<Entry<String, Integer>> LARGEST_FIRST =
            Entry.<String, Integer>comparingByValue().reversed().thenComparing(Entry.comparingByKey());

    /**
     * Returns the shares of a route's targets.
     *
     * @param nodes finds a node by name; null where it is unknown
     */
    static Shares of(List<WeightedTarget> targets, Function<String, @Nullable VirtualNode> nodes) {
        Map<String, Integer> raw = new TreeMap<>();
        for (WeightedTarget target : targets) {
            if (target.weight() > 0) {
                raw.merge(name(target, nodes.apply(target.virtualNode())), target.weight(), Integer::sum);
            }
        }
        int divisor = raw.values().stream()
                .map(BigInteger::valueOf)
                .reduce(BigInteger.ZERO, BigInteger::gcd)
                .intValueExact();
        raw.replaceAll((name, weight) -> weight / divisor);
        return new Shares(raw);
    }

    /** Returns how a target is called: its port is named only where it makes a difference. */
    static String name(WeightedTarget target, @Nullable VirtualNode node) {
        Integer port = target.port();
        boolean isFirst = port == null
                || (node != null
                        && !node.listeners().isEmpty()
                        && node.listeners().get(0).port() == port);
        return isFirst ? target.virtualNode() : target.virtualNode() + ":" + port;
    }

    /** Returns a target's part of the traffic in percent. */
    double percent(String target) {
        int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
        return sum == 0 ? 0 : 100.0 * weights.getOrDefault(target, 0) / sum;
    }

    /** Returns {@code 10 %} or {@code 33.33 %}. */
    static String text(double percent) {
        String text = String.format(Locale.ROOT, "%.2f", percent);
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        String shown = text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
        // What gets one request in a million gets more than none.
        return (shown.equals("0") && percent > 0 ? "less than 0.01" : shown) + " %";
    }

    /** Returns {@code payments-v1 90 %, payments-v2 10 %}, the largest share first. */
    @Override
    public String toString() {
        return weights.entrySet().stream()
                .sorted(LARGEST_FIRST)
                .map(entry -> entry.getKey() + " " + text(percent(entry.getKey())))
                .collect(Collectors.joining(", "));
    }
}
