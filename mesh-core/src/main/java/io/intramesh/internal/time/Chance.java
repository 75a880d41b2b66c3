package io.intramesh.internal.time;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** Random numbers for decisions. */
public final class Chance {
    private Chance() {}

    /** Returns a generator that any thread may use without contention. Not for secrets. */
    public static RandomGenerator shared() {
        return () -> ThreadLocalRandom.current().nextLong();
    }
}
