package io.intramesh.internal.tls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A time of day that the test sets. Starts at this second: foreign TLS peers look at the machine's clock. */
final class SettableTime implements InstantSource {
    private volatile Instant now;

    private SettableTime(Instant now) {
        this.now = now;
    }

    static SettableTime ofMachine() {
        return new SettableTime(InstantSource.system().instant());
    }

    @Override
    public Instant instant() {
        return now;
    }

    void advance(Duration by) {
        now = now.plus(by);
    }
}
