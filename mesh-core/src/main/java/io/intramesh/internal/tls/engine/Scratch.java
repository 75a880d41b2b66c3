package io.intramesh.internal.tls.engine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Room for one record outside the heap, encrypted and not, since libraries there would have to copy from elsewhere. Borrowed from a
 * {@link ScratchPool} for as long as something is in it: a connection that waits holds none.
 */
final class Scratch {
    final ByteBuffer plain = ByteBuffer.allocateDirect(TlsLimits.MAX_RECORD).limit(0);

    private @Nullable ByteBuffer records;
    private byte @Nullable [] bounce;

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

    /** Leaves nothing to read. */
    void empty() {
        plain.clear().limit(0);
        ByteBuffer used = records;
        if (used != null) {
            used.clear().limit(0);
        }
    }
}
