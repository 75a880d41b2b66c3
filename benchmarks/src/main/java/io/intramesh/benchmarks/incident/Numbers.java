package io.intramesh.benchmarks.incident;

import java.util.HashMap;
import java.util.Map;

/** Options of a command line that are all numbers. */
public record Numbers(Map<String, Integer> values) {
    public Numbers {
        values = Map.copyOf(values);
    }

    /**
     * Parses the arguments.
     *
     * @param defaults the options that there are
     */
    public static Numbers parse(String[] args, Map<String, Integer> defaults) {
        Map<String, Integer> values = new HashMap<>(defaults);
        for (int i = 0; i < args.length; i += 2) {
            if (!defaults.containsKey(args[i]) || i + 1 == args.length) {
                throw new IllegalArgumentException(
                        args[i] + ": unknown, or without a number; there are " + defaults.keySet());
            }
            values.put(args[i], Integer.parseInt(args[i + 1]));
        }
        return new Numbers(values);
    }

    /** Returns the value of an option. */
    public int of(String option) {
        Integer value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException(option + ": no such option");
        }
        return value;
    }
}
