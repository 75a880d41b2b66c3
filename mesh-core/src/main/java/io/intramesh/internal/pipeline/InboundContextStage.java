package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshContext;
import io.intramesh.internal.time.NanoClock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Gives each request the id under which logs and calls out know it, the one that arrived or else a new one, and notes how long
 * its caller waits.
 */
final class InboundContextStage implements InboundStage {
    /** Twice what any known proxy or tracer sends; what is longer is not an id but an attempt to fill our logs. */
    static final int MAX_ID_LENGTH = 128;

    private static final long VERSION_MASK = 0xFFFF_FFFF_FFFF_0FFFL;
    private static final long VERSION_4 = 0x0000_0000_0000_4000L;
    private static final long VARIANT_MASK = 0x3FFF_FFFF_FFFF_FFFFL;
    private static final long VARIANT_RFC = 0x8000_0000_0000_0000L;

    private final RandomGenerator random;
    private final NanoClock clock;

    InboundContextStage(RandomGenerator random, NanoClock clock) {
        this.random = random;
        this.clock = clock;
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        String arrived = exchange.request().firstHeader(MeshContext.REQUEST_ID_HEADER);
        long left = TimeLeft.of(exchange.request());
        long now = left == TimeLeft.UNSAID ? 0 : clock.nanoTime();
        exchange.context(
                arrived != null && isSane(arrived)
                        ? new MeshContext(arrived, now, left)
                        : new MeshContext(newId(), now, left));
        return InboundAdmission.PASS;
    }

    /** Printable ASCII without spaces: can neither forge a log line nor split a header of a call out. */
    private static boolean isSane(String id) {
        if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    /** The id is for finding things again, not a secret: UUID.randomUUID() would draw on SecureRandom, and its lock. */
    private UUID newId() {
        long high = (random.nextLong() & VERSION_MASK) | VERSION_4;
        long low = (random.nextLong() & VARIANT_MASK) | VARIANT_RFC;
        return new UUID(high, low);
    }
}
