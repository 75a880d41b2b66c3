package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import io.intramesh.internal.limit.RateBuckets;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import io.intramesh.model.RateLimit;
import io.intramesh.model.ResourceId;
import io.intramesh.model.TrafficPolicy;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses requests beyond the rate that traffic policies set: for the route or virtual service of the request, and for this
 * process's node. Both hold. Health checks are let through.
 */
final class InboundRateStage implements InboundStage {
    private static final Logger log = LoggerFactory.getLogger(InboundRateStage.class);
    private static final String TITLE = "Too many requests";

    /** Type of a URI among a certificate's alternative names (RFC 5280, section 4.2.1.6). */
    private static final int URI_NAME = 6;

    private final Supplier<InboundRules> rules;
    private final NanoClock clock;
    private final AtomicReference<@Nullable RateBuckets> ofNode = new AtomicReference<>();

    /** By policy of a route or virtual service. Bounded by the policies in force. */
    private final ConcurrentMap<ResourceId, AtomicReference<@Nullable RateBuckets>> narrower =
            new ConcurrentHashMap<>();

    private final AtomicLong refusedSinceWarning = new AtomicLong();
    private final OnceAMinute warning;

    /**
     * @param rules of the snapshot in force, read for each request
     */
    InboundRateStage(Supplier<InboundRules> rules, NanoClock clock) {
        this.rules = rules;
        this.clock = clock;
        this.warning = new OnceAMinute(clock);
    }

    @Override
    public InboundAdmission admit(InboundExchange exchange) {
        if (exchange.isHealthCheck()) {
            return InboundAdmission.PASS;
        }
        InboundRules now = rules.get();
        // The narrower one first: what it refuses takes no token from the rest of the node's requests.
        TrafficPolicy policy = now.narrowerRate(exchange.request());
        RateLimit narrow = policy == null ? null : policy.rateLimit();
        if (policy != null && narrow != null) {
            InboundAdmission refused = refusal(bucketsOf(policy), narrow, exchange, policy.id());
            if (refused != null) {
                return refused;
            }
        }
        RateLimit wide = now.rate();
        InboundAdmission refused = wide == null ? null : refusal(ofNode, wide, exchange, "node");
        return refused == null ? InboundAdmission.PASS : refused;
    }

    /** Forgets what policies counted that are gone. */
    void refresh() {
        InboundRules now = rules.get();
        narrower.keySet().removeIf(policy -> !now.limitsRateBy(policy));
    }

    private AtomicReference<@Nullable RateBuckets> bucketsOf(TrafficPolicy policy) {
        AtomicReference<@Nullable RateBuckets> known = narrower.get(policy.id());
        return known == null ? narrower.computeIfAbsent(policy.id(), id -> new AtomicReference<>()) : known;
    }

    private @Nullable InboundAdmission refusal(
            AtomicReference<@Nullable RateBuckets> inForce,
            RateLimit settings,
            InboundExchange exchange,
            Object limitedBy) {
        long wait = buckets(inForce, settings).take(key(settings.by(), exchange));
        if (wait == 0) {
            return null;
        }
        warn(settings, limitedBy);
        // Whole seconds (RFC 9110, section 10.2.3); rounded up, so that who comes back in time is let in.
        long seconds = TimeUnit.NANOSECONDS.toSeconds(wait + TimeUnit.SECONDS.toNanos(1) - 1);
        return new InboundAdmission.Refused(
                new Refusal(Reason.RATE_LIMITED, Reason.RATE_LIMITED.status(), TITLE, seconds));
    }

    /** Returns the buckets for these settings: the same ones for as long as the settings stay, whatever else is reloaded. */
    private RateBuckets buckets(AtomicReference<@Nullable RateBuckets> inForce, RateLimit settings) {
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

    private void warn(RateLimit settings, Object limitedBy) {
        refusedSinceWarning.incrementAndGet();
        if (warning.isTime()) {
            log.warn(
                    "inbound rate limit reached of=\"{}\" requests={} perMillis={} by=\"{}\" refused={}",
                    limitedBy,
                    settings.requests(),
                    settings.per().toMillis(),
                    settings.by().text(),
                    refusedSinceWarning.getAndSet(0));
        }
    }
}
