package io.intramesh.internal.tls;

import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsEvent.Kind;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Material that is watched where it lies. What is new is put in force only when two looks agree on it, so that files that
 * are being written are left alone, and only when all of it is good; otherwise what was in force stays, unless whoever gave
 * it takes it back. At the first look there is nothing to wait for.
 *
 * <p>Looked at on the mesh thread; read by any.
 */
final class Secret<T> {
    private final MaterialReader<T> reader;
    private final Function<T, Instant> notAfter;
    private final Consumer<TlsEvent> events;

    // The mesh thread's.
    private @Nullable String fingerprint;
    private @Nullable String seen;
    private boolean missedBefore;
    private boolean expiryTold;

    // Written by the mesh thread, read by all.
    private volatile @Nullable T current;
    private volatile String problem = "";

    Secret(MaterialReader<T> reader, Function<T, Instant> notAfter, Consumer<TlsEvent> events) {
        this.reader = reader;
        this.notAfter = notAfter;
        this.events = events;
    }

    String describe() {
        return reader.describe();
    }

    /** Looks whether there is something new. */
    void look(Instant now) {
        try {
            MaterialReader.Sighting<T> sighting = reader.look();
            missedBefore = false;
            consider(sighting, now);
        } catch (MaterialException e) {
            if (e.isWithdrawn()) {
                withdrawn(e.text());
            } else {
                missed(e.text());
            }
        } catch (IOException e) {
            missed(message(e));
        }
        T inForce = current;
        if (inForce != null && !expiryTold && !now.isBefore(notAfter.apply(inForce))) {
            expiryTold = true;
            events.accept(new TlsEvent(Kind.EXPIRED, describe(), expired(inForce)));
        }
    }

    private void consider(MaterialReader.Sighting<T> sighting, Instant now) {
        if (sighting.fingerprint().equals(fingerprint)) {
            seen = fingerprint;
            if (!problem.isEmpty()) {
                problem = "";
                told(Kind.LOADED);
            }
            return;
        }
        boolean settled =
                current == null || sighting.whole() || sighting.fingerprint().equals(seen);
        seen = sighting.fingerprint();
        if (!settled) {
            return;
        }
        try {
            T before = current;
            current = sighting.judge().made(now, before);
            fingerprint = sighting.fingerprint();
            problem = "";
            expiryTold = false;
            told(before == null ? Kind.LOADED : Kind.ROTATED);
        } catch (MaterialException e) {
            refused(e.text());
        }
    }

    private void told(Kind kind) {
        T inForce = current;
        if (inForce != null) {
            events.accept(new TlsEvent(kind, describe(), "until " + notAfter.apply(inForce)));
        }
    }

    /** Files are away for a moment while they are exchanged; only the second look in a row says that they are gone. */
    private void missed(String why) {
        if (current == null || missedBefore) {
            refused(why);
        }
        missedBefore = true;
        seen = null;
    }

    /** What was in force is so no more, and comes back only as something new. */
    private void withdrawn(String why) {
        current = null;
        fingerprint = null;
        seen = null;
        missedBefore = false;
        refused(why);
    }

    private void refused(String why) {
        if (!why.equals(problem)) {
            problem = why;
            events.accept(new TlsEvent(Kind.REFUSED, describe(), why));
        }
    }

    private static String message(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    /** Returns what was last found good, in date or not, or null. */
    @Nullable
    T current() {
        return current;
    }

    /** Returns what is in force and in date, or null. */
    @Nullable
    T valid(Instant now) {
        T inForce = current;
        return inForce == null || !now.isBefore(notAfter.apply(inForce)) ? null : inForce;
    }

    /** Returns why there is nothing valid. */
    String whyNot() {
        T inForce = current;
        String newer = problem;
        if (inForce == null) {
            return newer.isEmpty() ? describe() + ": not read yet" : newer;
        }
        return expired(inForce) + (newer.isEmpty() ? "" : "; the newer material is no good: " + newer);
    }

    private String expired(T inForce) {
        return describe() + ": has expired at " + notAfter.apply(inForce) + "; renew it";
    }

    /** Returns why the newest material is not in force; empty where it is. */
    String problem() {
        return problem;
    }
}
