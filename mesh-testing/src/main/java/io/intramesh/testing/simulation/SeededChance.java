package io.intramesh.testing.simulation;

import java.util.random.RandomGenerator;

/*
 * SplitMix64 [1]. The default methods of RandomGenerator may draw in another way with each version of the JDK; a report that
 * is compared byte for byte must not depend on that, so all that is drawn here is computed here.
 *
 * [1] Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; constants of java.util.SplittableRandom.
 */

/** Random numbers that depend on the seed alone. Not thread-safe. */
final class SeededChance implements RandomGenerator {
    private static final long GAMMA = 0x9E37_79B9_7F4A_7C15L;
    private static final double DOUBLE_UNIT = 0x1.0p-53;

    private long state;

    private SeededChance(long state) {
        this.state = state;
    }

    /** Returns the generator of that seed and these keys: others draw independently of it, in whatever order they are asked. */
    static SeededChance of(long seed, long... keys) {
        long state = mixed(seed + GAMMA);
        for (long key : keys) {
            state = mixed(state ^ mixed(key + GAMMA));
        }
        return new SeededChance(state);
    }

    @Override
    public long nextLong() {
        state += GAMMA;
        return mixed(state);
    }

    @Override
    public int nextInt() {
        return (int) (nextLong() >>> Integer.SIZE);
    }

    @Override
    public int nextInt(int bound) {
        return Math.toIntExact(nextLong(bound));
    }

    @Override
    public long nextLong(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound: " + bound + " (expected: more than 0)");
        }
        // Favours small numbers by less than one in 2^63 / bound.
        return (nextLong() >>> 1) % bound;
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * DOUBLE_UNIT;
    }

    @Override
    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** Draws from the exponential distribution with mean 1. */
    @Override
    public double nextExponential() {
        return -StrictMath.log(1 - nextDouble());
    }

    /** Draws from the standard normal distribution, after Box and Muller. */
    @Override
    public double nextGaussian() {
        double radius = StrictMath.sqrt(2 * nextExponential());
        return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
    }

    private static long mixed(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }
}
