package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import io.intramesh.internal.limit.RequestLimit;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Concurrency;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the process to the number of requests at a time that a traffic policy allows, or that latency does. Health checks are
 * let through, as Envoy does by its documentation's advice.
 *
 * <p>A refusal says that the process is overloaded, and not when to come back: callers then go to another process at once, where
 * {@code Retry-After} would make them wait for it.
 */
final class InboundConcurrencyStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundConcurrencyStage.class);
    private static final InboundAdmission REFUSED =
            new InboundAdmission.Refused(Refusal.of(Reason.LIMIT_REACHED, "Too many requests at a time"));
    private static final int FIRST_CLIENT_ERROR = 400;
    private static final int FIRST_SERVER_ERROR = 500;

    private final Supplier<InboundRules> rules;
    private final NanoClock clock;
    private final RandomGenerator chance;

    /** Stays the same object once there was one, so that no reload forgets who is under way. Written under the lock. */
    private volatile @Nullable RequestLimit limit;

    /**
     * @param rules of the snapshot in force, read for each request
     */
    InboundConcurrencyStage(Supplier<InboundRules> rules, NanoClock clock, RandomGenerator chance) {
        this.rules = rules;
        this.clock = clock;
        this.chance = chance;
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        Concurrency settings = rules.get().concurrency();
        if (settings == null || exchange.isHealthCheck()) {
            return InboundAdmission.PASS;
        }
        RequestLimit known = limit;
        RequestLimit inForce = known != null && known.settings().equals(settings) ? known : configured(settings);
        if (!inForce.tryAcquire()) {
            if (inForce.isTimeToTell()) {
                log.warn(
                        "inbound concurrency limit reached limit=\"{}\" refused={}",
                        inForce.describe(),
                        inForce.refused());
            }
            return REFUSED;
        }
        exchange.holds(inForce, clock.nanoTime());
        return InboundAdmission.PASS;
    }

    @Override
    public void ended(InboundExchange exchange, int status, @Nullable Throwable failure) {
        RequestLimit held = exchange.heldLimit();
        if (held == null) {
            return;
        }
        // What a stage below refused took no time of the application's.
        if (exchange.refusal() == null) {
            if (failure != null || status >= FIRST_SERVER_ERROR) {
                held.failed(exchange.heldSinceNanos());
            } else if (status < FIRST_CLIENT_ERROR) {
                // A client error is mostly found at the door, and says little about the work behind it.
                held.succeeded(exchange.heldSinceNanos());
            }
        }
        held.release();
    }

    /** Returns what is in force and in use, in words; null where nothing is limited. */
    @Nullable
    String describe() {
        Concurrency settings = rules.get().concurrency();
        return settings == null ? null : configured(settings).describe();
    }

    private synchronized RequestLimit configured(Concurrency settings) {
        RequestLimit known = limit;
        if (known == null) {
            known = new RequestLimit(settings, clock, chance);
            limit = known;
        } else {
            known.configure(settings);
        }
        return known;
    }
}
