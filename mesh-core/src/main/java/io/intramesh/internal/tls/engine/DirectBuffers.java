package io.intramesh.internal.tls.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Buffers outside the heap, each for one record, used again by later connections: the JVM frees such memory late, and
 * libraries outside the heap would have to copy from others. Safe for use by several threads.
 */
final class DirectBuffers {
    /** Four for each of 16 connections, about 1.2 MB: enough for those that come and go. Those that stay keep their own. */
    private static final int MAX_IDLE = 64;

    private final BlockingQueue<ByteBuffer> idle = new ArrayBlockingQueue<>(MAX_IDLE);

    /** Returns an empty buffer with room for a record. */
    ByteBuffer take() {
        ByteBuffer used = idle.poll();
        return used == null ? ByteBuffer.allocateDirect(TlsLimits.MAX_RECORD) : used;
    }

    /** Takes a buffer back that nobody uses any more; whatever it held is not read again. */
    void give(@Nullable ByteBuffer buffer) {
        if (buffer != null) {
            buffer.clear();
            // Where enough wait already, the JVM frees it.
            idle.offer(buffer);
        }
    }
}
