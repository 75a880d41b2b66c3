package io.intramesh.internal.access.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A set of keys that is read again and again: in its interval, and soon where a token names a key that is not in it, which is how
 * a new key shows. What cannot be read leaves the last good set in force, for a day. Keys are read on the mesh thread; asked for
 * on any.
 */
final class KeySet implements AutoCloseable {
    /** Between readings because of unknown keys, which anybody can name. As Nimbus has it (DEFAULT_RATE_LIMIT_MIN_INTERVAL). */
    static final Duration HINT_INTERVAL = Duration.ofSeconds(30);

    /** Until a failed reading is tried again. */
    static final Duration RETRY_INTERVAL = Duration.ofSeconds(10);

    /**
     * How long a set stays in force that cannot be read again. Long enough for an issuer to be mended, short enough for a key
     * that was withdrawn meanwhile not to live on.
     */
    static final Duration MAX_AGE = Duration.ofDays(1);

    /** RFC 7518, section 3.3: a key of 2048 bits or larger must be used. */
    private static final int MIN_RSA_BITS = 2048;

    private static final Logger log = LoggerFactory.getLogger(KeySet.class);

    private final KeyPlace place;
    private final MeshScheduler scheduler;
    private final NanoClock clock;
    private final AtomicLong hintedAt;

    // Of the mesh thread.
    private byte[] content = {};
    private MeshScheduler.@Nullable Task next;
    private @Nullable CompletableFuture<?> underWay;
    private @Nullable String problem;
    private boolean isClosed;

    // Written by the mesh thread, read by all.
    private volatile @Nullable Keys keys;

    KeySet(KeyPlace place, MeshScheduler scheduler, NanoClock clock) {
        this.place = place;
        this.scheduler = scheduler;
        this.clock = clock;
        this.hintedAt = new AtomicLong(clock.nanoTime() - HINT_INTERVAL.toNanos());
    }

    /** Keys as they were read; the same object for as long as they stay the same. */
    static final class Keys {
        private final JWKSet set;

        // Written by the mesh thread, read by all.
        private volatile long readAtNanos;

        private Keys(JWKSet set, long readAtNanos) {
            this.set = set;
            this.readAtNanos = readAtNanos;
        }

        JWKSet set() {
            return set;
        }
    }

    /** Returns the keys in force, or null where there are none yet, or none new enough. */
    @Nullable
    Keys current() {
        Keys known = keys;
        return known == null || clock.nanoTime() - known.readAtNanos > MAX_AGE.toNanos() ? null : known;
    }

    /** Hears that a token names a key that is not there. Any thread; returns at once. */
    void unknownKey() {
        long last = hintedAt.get();
        long now = clock.nanoTime();
        if (now - last >= HINT_INTERVAL.toNanos() && hintedAt.compareAndSet(last, now)) {
            scheduler.execute(this::read);
        }
    }

    /** Begins to read. On the mesh thread. */
    void start() {
        read();
    }

    private void read() {
        if (isClosed || (underWay != null && !underWay.isDone())) {
            return;
        }
        if (next != null) {
            next.cancel();
            next = null;
        }
        CompletableFuture<byte[]> reading = place.read();
        if (reading.isDone()) {
            underWay = reading;
            reading.handle((octets, failure) -> {
                        take(octets, failure);
                        return true;
                    })
                    .join();
        } else {
            underWay = reading.whenComplete((octets, failure) -> scheduler.execute(() -> take(octets, failure)));
        }
    }

    private void take(byte @Nullable [] octets, @Nullable Throwable failure) {
        if (isClosed) {
            return;
        }
        String wrong = octets == null ? words(failure) : parse(octets);
        if (wrong != null && !wrong.equals(problem)) {
            log.warn("token keys unreadable place=\"{}\" problem=\"{}\" lastGood={}", place, wrong, keys != null);
        }
        problem = wrong;
        next = scheduler.schedule(this::read, wrong == null ? place.interval() : RETRY_INTERVAL);
    }

    /** Takes a set over; returns why it cannot be, or null. */
    private @Nullable String parse(byte[] octets) {
        Keys known = keys;
        if (known != null && Arrays.equals(octets, content)) {
            known.readAtNanos = clock.nanoTime();
            return null;
        }
        List<JWK> usable;
        try {
            usable = JWKSet.parse(new String(octets, StandardCharsets.UTF_8)).getKeys().stream()
                    .filter(KeySet::isUsable)
                    .toList();
        } catch (ParseException | RuntimeException e) {
            return "not a JSON Web Key Set: " + e.getMessage();
        }
        if (usable.isEmpty()) {
            return "no public key in it that tokens may be signed for";
        }
        content = octets;
        keys = new Keys(new JWKSet(usable).toPublicJWKSet(), clock.nanoTime());
        log.info(
                "token keys read place=\"{}\" keys={}",
                place,
                usable.stream().map(JWK::getKeyID).toList());
        return null;
    }

    /** Shared secrets are none of a public set's business, and short keys are no proof. */
    private static boolean isUsable(JWK key) {
        try {
            return switch (key.getKeyType().getValue()) {
                case "EC" -> key.toECKey().toECPublicKey() != null;
                case "RSA" -> isLong(key.toRSAKey());
                default -> false;
            };
        } catch (JOSEException | RuntimeException unusable) {
            return false;
        }
    }

    private static boolean isLong(RSAKey key) {
        return key.size() >= MIN_RSA_BITS;
    }

    private static String words(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause);
    }

    @Override
    public void close() {
        isClosed = true;
        if (next != null) {
            next.cancel();
        }
        if (underWay != null) {
            underWay.cancel(true);
        }
    }

    @Override
    public String toString() {
        return place + (problem == null ? "" : " (" + problem + ")");
    }
}
