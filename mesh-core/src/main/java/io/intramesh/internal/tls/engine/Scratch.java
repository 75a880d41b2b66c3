package io.intramesh.internal.tls.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Room for one record outside the heap, encrypted and not, since libraries there would have to copy from elsewhere. Borrowed for
 * as long as something is in it: a connection that waits holds none. Each serves one borrower at a time.
 */
final class Scratch {
    /** Those that wait for the next borrower, 3.5 MB at most: what 64 threads use at a time. More are made, and dropped again. */
    private static final int MAX_IDLE = 64;

    /** References on a line of the processor's cache: neighbours would slow each other down. */
    private static final int APART = 16;

    private static final AtomicReferenceArray<@Nullable Scratch> IDLE = new AtomicReferenceArray<>(MAX_IDLE * APART);

    final ByteBuffer plain = ByteBuffer.allocateDirect(TlsLimits.MAX_RECORD);

    private @Nullable ByteBuffer records;
    private byte @Nullable [] bounce;

    private Scratch() {}

    /** Returns one with nothing to read in it. Takes no lock: a thread finds what it gave back last, if no other was quicker. */
    static Scratch take() {
        int first = home();
        for (int i = 0; i < MAX_IDLE; i++) {
            int slot = slot(first + i);
            if (IDLE.getPlain(slot) != null) {
                Scratch used = IDLE.getAndSet(slot, null);
                if (used != null) {
                    return used;
                }
            }
        }
        Scratch made = new Scratch();
        made.plain.limit(0);
        return made;
    }

    /** Takes one back that nobody uses any more; whatever it held is not read again. */
    static void give(Scratch scratch) {
        scratch.plain.clear().limit(0);
        ByteBuffer used = scratch.records;
        if (used != null) {
            used.clear().limit(0);
        }
        int first = home();
        for (int i = 0; i < MAX_IDLE; i++) {
            int slot = slot(first + i);
            if (IDLE.getPlain(slot) == null && IDLE.compareAndSet(slot, null, scratch)) {
                return;
            }
        }
        // Enough wait already: the JVM frees it.
    }

    private static int home() {
        return System.identityHashCode(Thread.currentThread());
    }

    private static int slot(int number) {
        return (number & (MAX_IDLE - 1)) * APART;
    }

    /** Returns the place for encrypted records. */
    ByteBuffer records() {
        ByteBuffer ready = records;
        if (ready == null) {
            ready = ByteBuffer.allocateDirect(TlsLimits.MAX_RECORD).limit(0);
            records = ready;
        }
        return ready;
    }

    /** Returns a record's room on the heap, for streams, which take nothing else. */
    byte[] bounce() {
        byte[] ready = bounce;
        if (ready == null) {
            ready = new byte[TlsLimits.MAX_RECORD];
            bounce = ready;
        }
        return ready;
    }
}
