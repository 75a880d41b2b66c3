package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.call.Verdict;
import io.intramesh.internal.retry.Backoff;
import io.intramesh.internal.retry.Loss;
import io.intramesh.internal.retry.RetryAfter;
import io.intramesh.internal.retry.RetryBudget;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.retry.RetryRules;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.OnceAMinute;
import io.intramesh.model.TrafficPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes attempts again. A policy that somebody wrote means what it meant in App Mesh, whatever the method (RT-09). App Mesh's
 * default policy, which nobody wrote, holds for what is safe alone: what cannot have reached the peer, idempotent requests, and
 * those that a route or the request itself declares to be. All of it within the call's time and the virtual service's budget.
 */
final class RetryStage implements CallStage.OfAnswers {
    /**
     * By it a request says that it may be sent twice (draft-ietf-httpapi-idempotency-key-header); Go's HTTP client takes it in
     * the same way.
     */
    static final String IDEMPOTENCY_KEY_HEADER = "Idempotency-Key";

    private static final int UNAVAILABLE = 503;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final Logger log = LoggerFactory.getLogger(RetryStage.class);

    private final RandomGenerator chance;
    private final NanoClock clock;
    private final InstantSource time;
    private final RetryBudgets budgets;
    private final boolean strict;
    private final AtomicLong overBudget = new AtomicLong();
    private final OnceAMinute warning;

    /**
     * @param strict whether written policies, too, repeat only what is safe
     */
    RetryStage(RandomGenerator chance, NanoClock clock, InstantSource time, RetryBudgets budgets, boolean strict) {
        this.chance = chance;
        this.clock = clock;
        this.time = time;
        this.budgets = budgets;
        this.strict = strict;
        this.warning = new OnceAMinute(clock);
    }

    @Override
    public void begin(MeshCall call) {
        RetryBudget budget = budgets.of(call.decision().virtualService());
        budget.deposit(call.startNanos());
        call.chargeTo(budget);
    }

    @Override
    public @Nullable Verdict responded(MeshCall call, MeshAttempt attempt, int status, Attempt.HeaderLookup headers) {
        if (status < 400 && !isGrpcFailure(call, headers)) {
            return null;
        }
        if (status >= FIRST_SERVER_ERROR && headers.get(MeshContext.RETRIES_EXHAUSTED_HEADER) != null) {
            // Somebody nearer to the trouble has tried already; to try again would multiply what it tried.
            exhausted(call);
            return null;
        }
        if (attempt.isTurnedAway() && call.isOtherUnderWay(attempt)) {
            return Verdict.AWAIT_OTHER;
        }
        if (attempt.isTurnedAway() && call.request().isRepeatable() && canGoElsewhere(call, attempt, false)) {
            return moved(call, attempt);
        }
        // Who is over a rate limit is not to come again at once (RT-07).
        if (!call.request().isRepeatable() || headers.get(Refusal.RATE_LIMITED_HEADER) != null) {
            return null;
        }
        RetryRules rules = rules(call);
        boolean isUnprocessed = status == UNAVAILABLE && isUnprocessed(headers.get(Refusal.HEADER));
        boolean isTaken = rules.takesStatus(status)
                || (rules.takesGrpc() && rules.takesGrpcStatus(headers.get(GrpcStatus.HEADER)))
                || (isUnprocessed && rules.takes(Loss.REFUSED));
        if (!isTaken || !(isUnprocessed || isAllowed(call, rules))) {
            return null;
        }
        if (call.isOtherUnderWay(attempt)) {
            return Verdict.AWAIT_OTHER;
        }
        long wanted = RetryAfter.pauseNanos(
                headers.get(RetryAfter.HEADER), headers.get(RetryAfter.PUSHBACK_HEADER), time.instant());
        return again(call, attempt, rules, wanted, false, Integer.toString(status));
    }

    @Override
    public @Nullable Verdict failed(
            MeshCall call, MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        Loss loss = call.isOtherUnderWay(attempt) ? null : loss(attempt, failure, mayHaveReachedPeer);
        if (loss == null) {
            return null;
        }
        // Where no connection came about, nothing has begun to read the body.
        if (loss != Loss.NOT_CONNECTED && !call.request().isRepeatable()) {
            return null;
        }
        RetryRules rules = rules(call);
        if (!rules.takes(loss) || !(loss != Loss.RESET || isAllowed(call, rules))) {
            return null;
        }
        // Nobody got anything of this attempt, and who gets the next is well: that adds no load that a budget would
        // bound.
        // With all of them in trouble each attempt counts, though a callee that is down may not notice.
        boolean isFree = loss == Loss.NOT_CONNECTED && canGoElsewhere(call, attempt, true);
        return again(call, attempt, rules, RetryAfter.UNSAID, isFree, loss.name());
    }

    /**
     * Nobody looked at the request, and somebody else will: that is the first attempt still, late. So no retry policy is asked,
     * which App Mesh's users wrote without knowing of this, and no budget is charged. Each endpoint turns a call away at most
     * once, since the next attempt goes to one that is untried.
     */
    private @Nullable Verdict moved(MeshCall call, MeshAttempt attempt) {
        long limit = call.timeoutNanos();
        if (limit != 0 && limit - (clock.nanoTime() - call.startNanos()) <= 0) {
            return null;
        }
        call.move();
        log.debug(
                "attempt moved virtualService={} endpoint={} attempt={} cause=draining",
                call.decision().virtualService(),
                attempt.endpoint(),
                attempt.number());
        return Verdict.retryAfter(0);
    }

    /** Returns how the attempt was lost, or null where it was not lost but ended: by an interrupt, or by silence. */
    private @Nullable Loss loss(MeshAttempt attempt, IOException failure, boolean mayHaveReachedPeer) {
        if (!mayHaveReachedPeer) {
            return attempt.isRefusedByPeer() ? Loss.REFUSED : Loss.NOT_CONNECTED;
        }
        if (failure instanceof InterruptedIOException) {
            long limit = attempt.answerTimeoutNanos();
            boolean isPerTry = limit != 0 && clock.nanoTime() - attempt.startNanos() >= limit;
            // Whoever was silent for the idle timeout gets no second request; an interrupt wants an end.
            return isPerTry ? Loss.RESET : null;
        }
        return Loss.RESET;
    }

    private @Nullable Verdict again(
            MeshCall call, MeshAttempt attempt, RetryRules rules, long wantedPause, boolean isFree, String cause) {
        if (call.attempts() - call.moves() > rules.maxRetries()) {
            if (rules.maxRetries() > 0) {
                exhausted(call);
            }
            return null;
        }
        long pause = isFree ? 0 : pauseNanos(call, attempt, wantedPause);
        long now = clock.nanoTime();
        long limit = call.timeoutNanos();
        if (pause == RetryAfter.NEVER || (limit != 0 && limit - (now - call.startNanos()) <= pause)) {
            exhausted(call);
            return null;
        }
        if (!isAnyEndpointLeft(call, attempt)) {
            exhausted(call);
            call.noteWhyNotAgain("not sent again: no endpoint is left that would take it");
            return null;
        }
        if (!isFree && !call.budget().withdraw(now, terms(call))) {
            exhausted(call);
            call.noteWhyNotAgain("not sent again: the retry budget of the virtual service is used up");
            warn(call);
            return null;
        }
        log.debug(
                "attempt repeated virtualService={} endpoint={} attempt={} cause={} pauseMillis={}",
                call.decision().virtualService(),
                attempt.endpoint(),
                attempt.number(),
                cause,
                TimeUnit.NANOSECONDS.toMillis(pause));
        return Verdict.retryAfter(pause);
    }

    /**
     * The pause spares an endpoint that is in trouble. Where another one has not been tried yet the first retry goes there, and
     * goes at once, as Finagle's requeues do; zero is also among what App Mesh's backoff could draw. A callee that is down as a
     * whole is spared by the budget.
     */
    private long pauseNanos(MeshCall call, MeshAttempt attempt, long wanted) {
        if (wanted != RetryAfter.UNSAID) {
            return wanted == RetryAfter.NEVER
                    ? RetryAfter.NEVER
                    : Math.max(wanted, Backoff.pauseNanos(call.attempts(), chance));
        }
        return call.attempts() == 1 && canGoElsewhere(call, attempt, false)
                ? 0
                : Backoff.pauseNanos(call.attempts(), chance);
    }

    /**
     * Tells whether there is an endpoint that the call has not tried.
     *
     * @param well whether the last attempt there must have gone well
     */
    static boolean canGoElsewhere(MeshCall call, MeshAttempt attempt, boolean well) {
        NodeBinding binding = call.binding();
        List<Endpoint> endpoints = binding.endpoints().endpoints();
        Predicate<Endpoint> usable = binding.availability().usable(endpoints);
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            if (endpoint != attempt.endpoint()
                    && !call.hasTried(endpoint)
                    && !(well && endpoint.isFailing())
                    && usable.test(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether some endpoint would take another attempt, as far as its health, circuit breaker and limit go. */
    private static boolean isAnyEndpointLeft(MeshCall call, MeshAttempt attempt) {
        NodeBinding binding = call.binding();
        List<Endpoint> endpoints = binding.endpoints().endpoints();
        Predicate<Endpoint> usable = binding.availability().usable(endpoints);
        TrafficPolicy breaking = call.snapshot().policies().circuitBreaker(call.decision());
        Breakers breakers = breaking == null ? null : binding.breakers(breaking);
        TrafficPolicy limiting = call.snapshot().policies().outboundLimit(call.decision());
        EndpointLimits limits = limiting == null ? null : binding.limits(limiting);
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            if (usable.test(endpoint)
                    && (breakers == null || breakers.of(endpoint).mayPass())
                    // The place of the attempt itself comes free before the next one is made.
                    && (limits == null || endpoint == attempt.endpoint() || limits.hasRoom(endpoint))) {
                return true;
            }
        }
        return false;
    }

    static RetryRules rules(MeshCall call) {
        MeshRequest request = call.request();
        return RetryRules.of(call.decision().retryPolicy())
                .with(
                        request.header(RetryRules.RETRY_ON_HEADER),
                        request.header(RetryRules.RETRY_GRPC_ON_HEADER),
                        request.header(RetryRules.MAX_RETRIES_HEADER),
                        request.header(RetryRules.STATUSES_HEADER));
    }

    /** Tells whether the request may be sent again although the peer may have acted on it. */
    private boolean isAllowed(MeshCall call, RetryRules rules) {
        return (rules.isWritten() && !strict) || isSafe(call);
    }

    /** Tells whether it does no harm to send the request twice: by its method, by its own word, or by a policy's. */
    static boolean isSafe(MeshCall call) {
        if (isIdempotent(call.request().method()) || call.request().header(IDEMPOTENCY_KEY_HEADER) != null) {
            return true;
        }
        TrafficPolicy policy = call.snapshot().policies().find(call.decision(), has -> has.idempotent() != null);
        return policy != null && Boolean.TRUE.equals(policy.idempotent());
    }

    /** RFC 9110, section 9.2.2. */
    private static boolean isIdempotent(@Nullable String method) {
        if (method == null) {
            return false;
        }
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** A callee's own mesh refused before its application saw the request. */
    private static boolean isUnprocessed(@Nullable String refusal) {
        return refusal != null
                && (refusal.equals(Reason.DRAINING.name()) || refusal.equals(Reason.LIMIT_REACHED.name()));
    }

    /** gRPC fails with a status of 200. It needs HTTP/2, which spares other calls the look. */
    private static boolean isGrpcFailure(MeshCall call, Attempt.HeaderLookup headers) {
        if (!call.binding().protocol().isHttp2OnTheWire()) {
            return false;
        }
        String status = headers.get(GrpcStatus.HEADER);
        return status != null && !status.equals("0");
    }

    /** Tells who waits for this call that there is no sense in trying once more. */
    static void exhausted(MeshCall call) {
        MeshContext context = call.context();
        if (context != null) {
            context.exhaustRetries();
        }
    }

    static RetryBudget.Terms terms(MeshCall call) {
        TrafficPolicy policy = call.snapshot().policies().find(call.decision(), has -> has.retryBudget() != null);
        return terms(policy == null ? null : policy.retryBudget());
    }

    static RetryBudget.Terms terms(TrafficPolicy.@Nullable RetryBudget written) {
        return written == null
                ? RetryBudget.Terms.DEFAULT
                : new RetryBudget.Terms(written.percent(), written.minRetriesPerSecond(), written.windowSeconds());
    }

    private void warn(MeshCall call) {
        overBudget.incrementAndGet();
        if (warning.isTime()) {
            log.warn(
                    "retry budget used up virtualService={} notRepeated={}",
                    call.decision().virtualService(),
                    overBudget.getAndSet(0));
        }
    }
}
