package io.intramesh.internal.limit;

import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.RateLimit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/*
 * Token buckets as one number each: the time at which the bucket will be full again, which is the generic cell rate algorithm
 * of ATM [1]. A request moves that time on by the interval of one token, from now where it lies in the past; it is refused where
 * that would move it further than a burst of intervals into the future. Equal to a bucket that is filled continuously, without
 * a timer or a second number, so that one compare-and-set both checks and takes.
 *
 * There is a bucket for each key, and keys may be what callers like. Beyond MAX_KEYS those that are full are forgotten, which
 * changes nothing for their keys; where none is, further keys share one bucket, so that many keys buy nobody more room.
 *
 * Cost: one look-up and one compare-and-set; no allocation for keys that are known.
 *
 * [1] ITU-T Recommendation I.371, annex A.
 */

/** Says which requests are within their rate. Safe for use by several threads, without locks. */
public final class RateBuckets {
    /** Some megabytes; more callers than a process of a mesh has. */
    static final int MAX_KEYS = 10_000;

    private static final String SHARED = "";

    private final RateLimit settings;
    private final NanoClock clock;
    private final long origin;
    private final long intervalNanos;
    private final long burstNanos;
    private final ConcurrentMap<String, AtomicLong> fullAt = new ConcurrentHashMap<>();
    private final AtomicLong sharedFullAt = new AtomicLong();

    public RateBuckets(RateLimit settings, NanoClock clock) {
        this.settings = settings;
        this.clock = clock;
        this.origin = clock.nanoTime();
        this.intervalNanos = Math.max(1, settings.per().toNanos() / settings.requests());
        this.burstNanos = intervalNanos * settings.burst();
    }

    /** Returns what they are made for. */
    public RateLimit settings() {
        return settings;
    }

    /**
     * Takes a token.
     *
     * @param key null where the request has none
     * @return 0 where there was one, else the nanoseconds until there is one
     */
    public long take(@Nullable String key) {
        long now = clock.nanoTime() - origin;
        AtomicLong bucket = bucket(key == null ? SHARED : key, now);
        for (; ; ) {
            long seen = bucket.get();
            long next = Math.max(seen, now) + intervalNanos;
            long early = next - now - burstNanos;
            if (early > 0) {
                return early;
            }
            if (bucket.compareAndSet(seen, next)) {
                return 0;
            }
        }
    }

    private AtomicLong bucket(String key, long now) {
        AtomicLong known = fullAt.get(key);
        if (known != null) {
            return known;
        }
        if (fullAt.size() >= MAX_KEYS) {
            fullAt.values().removeIf(bucket -> bucket.get() <= now);
            if (fullAt.size() >= MAX_KEYS) {
                return sharedFullAt;
            }
        }
        return fullAt.computeIfAbsent(key, unseen -> new AtomicLong());
    }
}
