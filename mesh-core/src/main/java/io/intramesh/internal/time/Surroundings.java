package io.intramesh.internal.time;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * All that a mesh takes from the world around it, beside its registry and the network.
 *
 * @param clock measures intervals
 * @param time tells the time of day
 * @param chance draws random numbers for decisions, for any thread
 * @param scheduler the mesh thread
 */
public record Surroundings(NanoClock clock, InstantSource time, RandomGenerator chance, MeshScheduler scheduler) {
    public Surroundings {
        requireNonNull(clock, "clock");
        requireNonNull(time, "time");
        requireNonNull(chance, "chance");
        requireNonNull(scheduler, "scheduler");
    }

    /** Returns the machine's clocks and randomness, with that thread. */
    public static Surroundings ofMachine(MeshThread thread) {
        return new Surroundings(NanoClock.system(), InstantSource.system(), Chance.shared(), thread);
    }
}
