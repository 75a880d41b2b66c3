package io.intramesh.cli;

import java.time.Duration;

/** Waits. A test's waits for nothing. */
@FunctionalInterface
interface Pause {
    /** Lets the time pass. */
    Pause REAL = duration -> Thread.sleep(duration.toMillis());

    /** Waits for so long, or throws where the program is to end. */
    void await(Duration duration) throws InterruptedException;
}
