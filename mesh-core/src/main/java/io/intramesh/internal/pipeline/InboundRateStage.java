package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import io.intramesh.internal.limit.RateBuckets;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.RateLimit;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses requests beyond the rate that a traffic policy sets for this process's node. Health checks are let through. */
final class InboundRateStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundRateStage.class);
    private static final long WARN_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final String TITLE = "Too many requests";

    /** Type of a URI among a certificate's alternative names (RFC 5280, section 4.2.1.6). */
    private static final int URI_NAME = 6;

    private final Supplier<@Nullable RateLimit> limit;
    private final NanoClock clock;
    private final AtomicReference<@Nullable RateBuckets> inForce = new AtomicReference<>();
    private final AtomicLong refusedSinceWarning = new AtomicLong();
    private final AtomicLong warnedAt;

    /**
     * @param limit of the snapshot in force, read for each request; null where it has none
     */
    InboundRateStage(Supplier<@Nullable RateLimit> limit, NanoClock clock) {
        this.limit = limit;
        this.clock = clock;
        this.warnedAt = new AtomicLong(clock.nanoTime() - WARN_INTERVAL_NANOS);
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        RateLimit settings = limit.get();
        if (settings == null || exchange.isHealthCheck()) {
            return InboundAdmission.PASS;
        }
        long wait = buckets(settings).take(key(settings.by(), exchange));
        if (wait == 0) {
            return InboundAdmission.PASS;
        }
        warn(settings);
        // Whole seconds (RFC 9110, section 10.2.3); rounded up, so that who comes back in time is let in.
        long seconds = TimeUnit.NANOSECONDS.toSeconds(wait + TimeUnit.SECONDS.toNanos(1) - 1);
        return new InboundAdmission.Refused(
                new Refusal(Reason.RATE_LIMITED, Reason.RATE_LIMITED.status(), TITLE, seconds));
    }

    /** Returns the buckets for these settings: the same ones for as long as the settings stay, whatever else is reloaded. */
    private RateBuckets buckets(RateLimit settings) {
        RateBuckets known = inForce.get();
        while (known == null || !known.settings().equals(settings)) {
            RateBuckets next = new RateBuckets(settings, clock);
            if (inForce.compareAndSet(known, next)) {
                return next;
            }
            known = inForce.get();
        }
        return known;
    }

    private static @Nullable String key(RateLimit.By by, InboundExchange exchange) {
        if (by instanceof RateLimit.Header header) {
            return exchange.request().header(header.name());
        }
        List<X509Certificate> chain = exchange.peerCertificates();
        return by instanceof RateLimit.Caller && !chain.isEmpty() ? identity(chain.get(0)) : null;
    }

    /** Returns the certificate's first URI, which is the SPIFFE ID where it has one, else its subject. */
    private static String identity(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                for (List<?> name : names) {
                    if (name.get(0).equals(URI_NAME) && name.get(1) instanceof String uri) {
                        return uri;
                    }
                }
            }
        } catch (CertificateParsingException unreadable) {
            log.debug("alternative names unreadable subject={}", certificate.getSubjectX500Principal(), unreadable);
        }
        return certificate.getSubjectX500Principal().getName();
    }

    private void warn(RateLimit settings) {
        refusedSinceWarning.incrementAndGet();
        long last = warnedAt.get();
        long now = clock.nanoTime();
        if (now - last >= WARN_INTERVAL_NANOS && warnedAt.compareAndSet(last, now)) {
            log.warn(
                    "inbound rate limit reached requests={} perMillis={} by=\"{}\" refused={}",
                    settings.requests(),
                    settings.per().toMillis(),
                    settings.by().text(),
                    refusedSinceWarning.getAndSet(0));
        }
    }
}
