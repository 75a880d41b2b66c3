package io.intramesh.okhttp;

import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/**
 * Weighs the timeouts of the application's client against those of the mesh. Whatever differs from OkHttp's default was set
 * on purpose, and the shorter of the two holds; OkHttp's own 10 s would make the mesh's settings pointless.
 *
 * @param connectMillis of the application's client, like the rest; 0 means none
 */
record ClientTimeouts(int connectMillis, int readMillis, int writeMillis) {
    /** What Envoy gives a connection to come about, and with it App Mesh. */
    static final int DEFAULT_CONNECT_MILLIS = 5_000;

    /** OkHttp's default for all three. */
    private static final int OKHTTP_DEFAULT_MILLIS = 10_000;

    /** In place of an idle timeout: nothing watches how long the peer is silent, because something else ends it before. */
    static final long UNWATCHED = -1;

    static ClientTimeouts of(OkHttpClient client) {
        return new ClientTimeouts(
                client.connectTimeoutMillis() == OKHTTP_DEFAULT_MILLIS
                        ? DEFAULT_CONNECT_MILLIS
                        : client.connectTimeoutMillis(),
                client.readTimeoutMillis(),
                client.writeTimeoutMillis());
    }

    long readMillis(long idleNanos) {
        return shorter(readMillis, idleNanos);
    }

    long writeMillis(long idleNanos) {
        return shorter(writeMillis, idleNanos);
    }

    /** Tells whether neither reading nor writing is given up before so much time has passed. */
    boolean areLongerThan(long nanos, long idleNanos) {
        return isLonger(readMillis(idleNanos), nanos) && isLonger(writeMillis(idleNanos), nanos);
    }

    private static boolean isLonger(long limitMillis, long nanos) {
        return limitMillis == 0 || TimeUnit.MILLISECONDS.toNanos(limitMillis) > nanos;
    }

    private static long shorter(int ownMillis, long idleNanos) {
        if (idleNanos == UNWATCHED) {
            return 0;
        }
        // At least 1 ms, because 0 means no limit; at most what OkHttp takes.
        long idleMillis =
                idleNanos == 0 ? 0 : Math.min(Integer.MAX_VALUE, Math.max(1, TimeUnit.NANOSECONDS.toMillis(idleNanos)));
        if (ownMillis == OKHTTP_DEFAULT_MILLIS || ownMillis == 0) {
            return idleMillis;
        }
        return idleMillis == 0 ? ownMillis : Math.min(ownMillis, idleMillis);
    }
}
