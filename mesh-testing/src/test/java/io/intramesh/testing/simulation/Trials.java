package io.intramesh.testing.simulation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.NullMarked;

/** Runs trials on all processors: each is a world of its own, and the results keep the order of the keys. */
@NullMarked
final class Trials {
    private Trials() {}

    static <K, V> Map<K, V> run(List<K> keys, Function<K, V> trial) {
        List<V> results = keys.parallelStream().map(trial).toList();
        Map<K, V> byKey = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            byKey.put(keys.get(i), results.get(i));
        }
        return byKey;
    }
}
