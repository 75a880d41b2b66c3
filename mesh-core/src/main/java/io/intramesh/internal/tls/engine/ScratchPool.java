package io.intramesh.internal.tls.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * {@link Scratch} that waits for its next borrower; one pool for all connections of a mesh, and gone with it. Each serves one borrower
 * at a time. Safe for use by several threads.
 */
public final class ScratchPool {
    /** Those that wait for the next borrower, 3.5 MB at most: what 64 threads use at a time. More are made, and dropped again. */
    private static final int MAX_IDLE = 64;

    /** References on a line of the processor's cache: neighbours would slow each other down. */
    private static final int APART = 16;

    private final AtomicReferenceArray<@Nullable Scratch> idle = new AtomicReferenceArray<>(MAX_IDLE * APART);

    /** Returns one with nothing to read in it. Takes no lock: a thread finds what it gave back last, if no other was quicker. */
    Scratch take() {
        int first = home();
        for (int i = 0; i < MAX_IDLE; i++) {
            int slot = slot(first + i);
            if (idle.getPlain(slot) != null) {
                Scratch used = idle.getAndSet(slot, null);
                if (used != null) {
                    return used;
                }
            }
        }
        return new Scratch();
    }

    /** Takes one back that nobody uses any more; whatever it held is not read again. */
    void give(Scratch scratch) {
        scratch.empty();
        int first = home();
        for (int i = 0; i < MAX_IDLE; i++) {
            int slot = slot(first + i);
            if (idle.getPlain(slot) == null && idle.compareAndSet(slot, null, scratch)) {
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
}
