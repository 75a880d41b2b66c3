package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.Surroundings;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Virtual time, and chance that depends on a seed alone. Events happen one after the other in the order of their time; those
 * of one instant in the order in which they were planned. Not thread-safe.
 */
public final class Simulation {
    private final long seed;
    private final FakeNanoClock clock;
    private final FakeScheduler scheduler;
    private final long start;

    private Simulation(long seed, FakeNanoClock clock) {
        this.seed = seed;
        this.clock = clock;
        this.scheduler = FakeScheduler.on(clock);
        this.start = clock.nanoTime();
    }

    /** Returns a simulation at its beginning. */
    public static Simulation of(long seed) {
        return new Simulation(seed, FakeNanoClock.create());
    }

    /** Returns a simulation whose clock is that one, which nobody else may advance. */
    static Simulation of(long seed, FakeNanoClock clock) {
        return new Simulation(seed, clock);
    }

    /** Returns the time since the beginning, in nanoseconds. */
    public long nowNanos() {
        return clock.nanoTime() - start;
    }

    /** Returns random numbers that depend on the seed and the keys alone, and not on what else was drawn before. */
    public RandomGenerator chance(long... keys) {
        return SeededChance.of(seed, keys);
    }

    /** Does something that many nanoseconds from now. */
    public Event after(long nanos, Runnable action) {
        MeshScheduler.Task task =
                scheduler.schedule(requireNonNull(action, "action"), Duration.ofNanos(Math.max(0, nanos)));
        return task::cancel;
    }

    /** Does something at that time since the beginning, or now where that is past. */
    public Event at(Duration time, Runnable action) {
        return after(time.toNanos() - nowNanos(), action);
    }

    /** Lets time pass until that time since the beginning. */
    public void runUntil(Duration time) {
        scheduler.advance(Duration.ofNanos(Math.max(0, time.toNanos() - nowNanos())));
    }

    /** Does all that is to be done at this instant. */
    void settle() {
        scheduler.runDue();
    }

    /** Returns what a mesh takes for the world, with random numbers of that key. */
    Surroundings surroundings(long key) {
        return new Surroundings(
                clock, () -> Instant.EPOCH.plusNanos(nowNanos()), SeededChance.of(seed, key), scheduler);
    }

    /** Something that is going to happen. */
    @FunctionalInterface
    public interface Event {
        /** Keeps it from happening, if it has not yet. */
        void cancel();
    }
}
