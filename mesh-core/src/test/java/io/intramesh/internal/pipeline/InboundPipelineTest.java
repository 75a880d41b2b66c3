package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.Reason;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Concurrency;
import io.intramesh.model.ConnectionPool;
import io.intramesh.model.HealthCheck;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.RateLimit;
import io.intramesh.model.Timeouts;
import io.intramesh.model.VirtualNode;
import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class InboundPipelineTest {
    private static final int PORT = 8080;
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeNanoClock clock = FakeNanoClock.create();
    private final AtomicReference<@Nullable VirtualNode> self = new AtomicReference<>();
    private final AtomicReference<@Nullable RateLimit> rate = new AtomicReference<>();
    private final InboundPipeline pipeline =
            InboundPipelines.inPlaintext(self::get, this::rules, clock, GRACE, new SplittableRandom(7));
    private final AtomicReference<@Nullable Concurrency> concurrency = new AtomicReference<>();
    private final ExecutorService executor = Executors.newCachedThreadPool();

    /** Warnings about limits: collected, and kept from the console. */
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    private InboundRules rules() {
        return InboundRules.of(rate.get(), concurrency.get());
    }

    @BeforeEach
    void collectWarnings() {
        warnings.start();
        limitLog().setAdditive(false);
        limitLog().addAppender(warnings);
        rateLog().setAdditive(false);
        concurrencyLog().setAdditive(false);
    }

    @AfterEach
    void stop() {
        executor.shutdownNow();
        limitLog().detachAppender(warnings);
        limitLog().setAdditive(true);
        rateLog().setAdditive(true);
        concurrencyLog().setAdditive(true);
    }

    // ---- Limits

    @Test
    void aListenerWithoutConnectionPoolLimitsNothing() {
        listensWith(listener(PORT, Protocol.HTTP).build());

        for (int i = 0; i < 1_000; i++) {
            assertThat(begin().refusal()).isNull();
        }

        assertThat(pipeline.inFlight()).isEqualTo(1_000);
    }

    @Test
    void aNodeWithoutListenersAndAMeshWithoutTheNodeLimitNothing() {
        assertThat(begin().refusal()).isNull();
        listensWith();
        assertThat(begin().refusal()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP2", "GRPC"})
    void beyondTheRequestsOfAMultiplexedListenerNoneWait(Protocol protocol) throws Exception {
        ConnectionPool pool = protocol == Protocol.GRPC ? new ConnectionPool.Grpc(2) : new ConnectionPool.Http2(2);
        listensWith(listener(PORT, protocol).connectionPool(pool).build());
        InboundRequest first = begin();
        begin();

        InboundRequest third = begin();
        third.awaitAdmission();

        assertRefused(third, Reason.LIMIT_REACHED, 503);
        third.ended(503, null);
        first.ended(200, null);
        assertThat(begin().refusal()).as("after one has ended").isNull();
    }

    @Test
    void aTcpPoolCountsConnectionsAndSoNoRequests() {
        listensWith(listener(PORT, Protocol.TCP)
                .connectionPool(new ConnectionPool.Tcp(1))
                .build());

        assertThat(begin().refusal()).isNull();
        assertThat(begin().refusal()).isNull();
    }

    @Test
    void beyondTheConnectionsOfAnHttpListenerSomeWaitAndMoreAreRefused() throws Exception {
        listensWith(http(PORT, 1, 1));
        InboundRequest first = begin();
        InboundRequest second = begin();
        InboundRequest third = begin();

        assertThat(first.refusal()).isNull();
        assertRefused(third, Reason.LIMIT_REACHED, 503);
        Future<?> admitted = awaits(second);
        first.ended(200, null);
        admitted.get();
        assertThat(second.refusal()).isNull();
    }

    @Test
    void aWaitIsBoundedByTheListenersPerRequestTimeout() throws Exception {
        listensWith(listener(PORT, Protocol.HTTP)
                .connectionPool(new ConnectionPool.Http(1, 1))
                .timeout(new Timeouts(Duration.ofMillis(20), null))
                .build());
        begin();
        InboundRequest second = begin();

        second.awaitAdmission();

        assertRefused(second, Reason.DEADLINE_EXCEEDED, 504);
        second.ended(504, null);
        assertThat(pipeline.inFlight()).isOne();
    }

    @Test
    void anInterruptedWaitCountsAsRefused() {
        listensWith(http(PORT, 1, 1));
        InboundRequest first = begin();
        InboundRequest second = begin();

        Thread.currentThread().interrupt();
        assertThatThrownBy(second::awaitAdmission).isInstanceOf(InterruptedException.class);

        assertRefused(second, Reason.LIMIT_REACHED, 503);
        second.ended(503, null);
        first.ended(200, null);
        assertThat(pipeline.inFlight()).isZero();
        assertThat(begin().refusal()).isNull();
    }

    @Test
    void aRequestThatEndsWhileItWaitsLeavesTheQueue() throws Exception {
        listensWith(http(PORT, 1, 1));
        begin();
        begin().ended(499, null);

        InboundRequest third = begin();

        assertThat(third.refusal()).as("waits in the place that came free").isNull();
        assertThat(pipeline.inFlight()).isEqualTo(2);
    }

    @Test
    void aRequestIsReleasedOnce() {
        listensWith(http2(PORT, 2));
        InboundRequest first = begin();
        begin();

        first.ended(200, null);
        first.ended(200, null);
        first.ended(500, new IllegalStateException());

        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void aRefusedRequestReleasesNothing() {
        listensWith(http2(PORT, 1));
        begin();

        for (int i = 0; i < 3; i++) {
            InboundRequest refused = begin();
            assertRefused(refused, Reason.LIMIT_REACHED, 503);
            refused.ended(503, null);
        }

        assertThat(pipeline.inFlight()).isOne();
    }

    @Test
    void awaitingReturnsAtOnceWhereThereIsNothingToWaitFor() throws Exception {
        listensWith(http2(PORT, 1));
        InboundRequest admitted = begin();
        InboundRequest refused = begin();

        admitted.awaitAdmission();
        refused.awaitAdmission();

        assertThat(admitted.refusal()).isNull();
        assertRefused(refused, Reason.LIMIT_REACHED, 503);
    }

    @Test
    void overflowsAreWarnedOfAtMostOnceAMinuteAndCounted() {
        listensWith(http2(PORT, 1));
        begin();

        begin();
        begin();
        clock.advance(Duration.ofSeconds(59));
        begin();
        assertThat(warnings.list).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        begin();

        assertThat(warnings.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "inbound limit reached listener=8080 maxConcurrent=1 maxWaiting=0 refused=1",
                        "inbound limit reached listener=8080 maxConcurrent=1 maxWaiting=0 refused=3");
    }

    // ---- Reloads

    @Test
    void countsAreCarriedOverAReload() {
        listensWith(http2(PORT, 3));
        InboundRequest first = begin();
        begin();
        listensWith(http2(PORT, 2));

        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
        first.ended(200, null);
        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void aRequestEndsWhereItBeganThoughItsListenerIsGone() {
        listensWith(http2(PORT, 1));
        InboundRequest first = begin();
        listensWith();
        first.ended(200, null);
        listensWith(http2(PORT, 1));

        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void aLimitThatComesAndGoesCountsWhatCameInBetween() {
        listensWith(listener(PORT, Protocol.HTTP2).build());
        begin();
        begin();
        listensWith(http2(PORT, 2));

        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void aGreaterLimitLetsInWhoWaitsOnceTheConfigurationChanges() throws Exception {
        listensWith(http(PORT, 1, 5));
        begin();
        InboundRequest waiting = begin();
        Future<?> admitted = awaits(waiting);

        listensWith(http(PORT, 2, 5));
        pipeline.configurationChanged();

        admitted.get();
        assertThat(waiting.refusal()).isNull();
    }

    // ---- Listeners

    @Test
    void aSingleListenerIsTakenWhateverThePort() {
        listensWith(http2(PORT, 1));
        begin("GET", "/", 54321);

        assertRefused(begin("GET", "/", 54322), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void eachListenerHasItsOwnLimit() {
        listensWith(http2(PORT, 1), http2(9090, 1));

        assertThat(begin("GET", "/", PORT).refusal()).isNull();
        assertThat(begin("GET", "/", 9090).refusal()).isNull();
        assertRefused(begin("GET", "/", PORT), Reason.LIMIT_REACHED, 503);
        assertRefused(begin("GET", "/", 9090), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void whereNoneOfSeveralListenersFitsTheFirstStandsIn() {
        listensWith(http2(PORT, 1), http2(9090, 5));
        begin("GET", "/", PORT);

        assertRefused(begin("GET", "/", 1), Reason.LIMIT_REACHED, 503);
    }

    // ---- Health checks

    @Test
    void aGetOfTheDeclaredPathIsAHealthCheckAndCountsTowardsNoLimit() {
        listensWith(checked(http2(PORT, 1), Protocol.HTTP2, "/health"));
        begin();

        InboundRequest check = begin("GET", "/health", PORT);

        assertThat(check.isHealthCheck()).isTrue();
        assertThat(check.refusal()).isNull();
        check.ended(200, null);
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @Test
    void theQueryOfADeclaredPathDoesNotCount() {
        listensWith(checked(http2(PORT, 1), Protocol.HTTP2, "/health?deep=true"));

        assertThat(begin("GET", "/health", PORT).isHealthCheck()).isTrue();
    }

    @Test
    void otherMethodsAndPathsAreNoHealthChecks() {
        listensWith(checked(http2(PORT, 9), Protocol.HTTP, "/health"));

        assertThat(begin("POST", "/health", PORT).isHealthCheck()).isFalse();
        assertThat(begin("GET", "/health/", PORT).isHealthCheck()).isFalse();
        assertThat(begin("GET", "/", PORT).isHealthCheck()).isFalse();
    }

    @Test
    void theGrpcHealthServiceIsAHealthCheckWhereItIsDeclared() {
        listensWith(checked(listener(PORT, Protocol.GRPC).build(), Protocol.GRPC, null));

        assertThat(begin("POST", "/grpc.health.v1.Health/Check", PORT).isHealthCheck())
                .isTrue();
        assertThat(begin("POST", "/grpc.health.v1.Health/Watch", PORT).isHealthCheck())
                .isFalse();

        listensWith(listener(PORT, Protocol.GRPC).build());
        assertThat(begin("POST", "/grpc.health.v1.Health/Check", PORT).isHealthCheck())
                .isFalse();
    }

    @Test
    void aCheckWithoutAPathIsNotRecognized() {
        listensWith(checked(http2(PORT, 9), Protocol.HTTP, null));
        assertThat(begin("GET", "/", PORT).isHealthCheck()).isFalse();

        listensWith(checked(http2(PORT, 9), Protocol.TCP, "/"));
        assertThat(begin("GET", "/", PORT).isHealthCheck()).isFalse();
    }

    // ---- Draining

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 1_000_000_000L})
    void aDrainingProcessAdmitsRequestsDuringItsGraceAndRefusesThemAfterwards(long startNanos) {
        FakeNanoClock ticking = FakeNanoClock.startingAt(startNanos);
        InboundPipeline draining = InboundPipelines.inPlaintext(self::get, () -> InboundRules.NONE, ticking, GRACE);
        draining.drain();

        ticking.advance(GRACE.minusNanos(1));
        InboundRequest during = draining.begin(request("GET", "/", Map.of()), PORT, List.of());
        ticking.advance(Duration.ofNanos(1));
        InboundRequest after = draining.begin(request("GET", "/", Map.of()), PORT, List.of());

        assertThat(during.refusal()).isNull();
        assertThat(during.closesConnection()).isTrue();
        assertRefused(after, Reason.DRAINING, 503);
        assertThat(after.closesConnection()).isTrue();
        assertThat(draining.inFlight()).isOne();
    }

    @Test
    void healthChecksFailAsSoonAsTheDrainBegins() {
        listensWith(checked(http2(PORT, 1), Protocol.HTTP, "/health"));
        pipeline.drain();

        InboundRequest check = begin("GET", "/health", PORT);

        assertThat(check.isHealthCheck()).isTrue();
        assertRefused(check, Reason.DRAINING, 503);
        assertThat(begin().refusal()).isNull();
    }

    @Test
    void aRequestThatBeganBeforeTheDrainClosesItsConnectionToo() {
        InboundRequest earlier = begin();
        assertThat(earlier.closesConnection()).isFalse();

        pipeline.drain();

        assertThat(earlier.closesConnection()).isTrue();
    }

    @Test
    void aSecondDrainDoesNotProlongTheGrace() {
        pipeline.drain();
        clock.advance(GRACE);
        pipeline.drain();

        assertThat(pipeline.isDraining()).isTrue();
        assertRefused(begin(), Reason.DRAINING, 503);
    }

    @Test
    void aRequestThatWaitsForAPlaceIsServedThoughTheDrainBegan() throws Exception {
        listensWith(http(PORT, 1, 1));
        InboundRequest first = begin();
        InboundRequest second = begin();
        pipeline.drain();
        clock.advance(GRACE);

        first.ended(200, null);
        second.awaitAdmission();

        assertThat(second.refusal()).isNull();
    }

    @Test
    void theDrainEndsWithTheLastRequestAfterTheGrace() throws Exception {
        InboundPipeline draining =
                InboundPipelines.inPlaintext(self::get, () -> InboundRules.NONE, NanoClock.system(), Duration.ZERO);
        InboundRequest first = draining.begin(request("GET", "/", Map.of()), PORT, List.of());
        InboundRequest second = draining.begin(request("GET", "/", Map.of()), PORT, List.of());
        draining.drain();
        Future<Boolean> drained = blocked(() -> draining.awaitDrained(Duration.ofMinutes(1)));

        first.ended(200, null);
        assertThat(draining.awaitDrained(Duration.ofMillis(10))).isFalse();
        assertThat(drained.isDone()).isFalse();
        second.ended(200, null);

        assertThat(drained.get()).isTrue();
    }

    @Test
    void theDrainWaitsForTheGraceSinceRequestsMayStillCome() throws Exception {
        begin().ended(200, null);
        pipeline.drain();

        assertThat(pipeline.awaitDrained(Duration.ZERO))
                .as("nothing in flight at the limit")
                .isTrue();
        Future<Boolean> drained = blocked(() -> pipeline.awaitDrained(Duration.ofMinutes(1)));
        InboundRequest late = begin();
        clock.advance(GRACE);
        assertThat(drained.isDone()).isFalse();
        late.ended(200, null);
        assertThat(pipeline.awaitDrained(Duration.ZERO)).isTrue();
        assertThat(drained.isDone()).as("its response may still be on its way").isFalse();
        clock.advance(Duration.ofMillis(100));

        assertThat(drained.get()).isTrue();
    }

    @Test
    void aProcessThatNeverServedIsDrainedAtOnce() throws Exception {
        listensWith(checked(http2(PORT, 1), Protocol.HTTP, "/health"));
        begin("GET", "/health", PORT).ended(200, null);
        pipeline.drain();

        assertThat(pipeline.awaitDrained(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void aGraceOfAnyLengthIsTaken() {
        InboundPipeline patient = InboundPipelines.inPlaintext(
                self::get, () -> InboundRules.NONE, clock, Duration.ofSeconds(Long.MAX_VALUE));
        patient.drain();
        clock.advance(Duration.ofDays(1));

        assertThat(patient.begin(request("GET", "/", Map.of()), PORT, List.of()).refusal())
                .isNull();
    }

    // ---- Context

    @Test
    void theRequestIdThatArrivedGoesOn() {
        assertThat(idFor("4bf92f3577b34da6-a_b.c~!")).isEqualTo("4bf92f3577b34da6-a_b.c~!");
        assertThat(idFor("x".repeat(128))).isEqualTo("x".repeat(128));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\nb", "a\tb", "caf\u00e9", "a\u007fb", "a\u0000"})
    void anIdThatIsNotPrintableIsReplaced(String arrived) {
        assertNewId(idFor(arrived));
    }

    @Test
    void anIdThatIsTooLongOrMissingIsReplaced() {
        assertNewId(idFor("x".repeat(129)));
        assertNewId(begin().context().requestId());
    }

    @Test
    void newIdsDiffer() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(begin().context().requestId());
        }

        assertThat(ids).hasSize(10_000);
    }

    @Test
    void aRefusedRequestHasAContextToo() {
        listensWith(http2(PORT, 1));
        begin();

        InboundRequest refused = begin();

        assertRefused(refused, Reason.LIMIT_REACHED, 503);
        assertNewId(refused.context().requestId());
    }

    // ---- All together

    @Test
    void nothingIsLeftInFlightUnderContentionAndReloads() throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            AtomicReference<VirtualNode> node = new AtomicReference<>(node(http(PORT, 2, 3)));
            InboundPipeline busy =
                    InboundPipelines.inPlaintext(node::get, () -> InboundRules.NONE, NanoClock.system(), Duration.ZERO);
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                SplittableRandom own = random.split();
                tasks.add(() -> {
                    int admitted = 0;
                    for (int round = 0; round < 500; round++) {
                        InboundRequest exchange = busy.begin(request("GET", "/", Map.of()), PORT, List.of());
                        if (own.nextInt(10) > 0) {
                            exchange.awaitAdmission();
                        }
                        admitted += exchange.refusal() == null ? 1 : 0;
                        if (own.nextInt(20) == 0) {
                            node.set(node(http(PORT, 1 + own.nextInt(4), 1 + own.nextInt(4))));
                        }
                        exchange.ended(200, null);
                        exchange.ended(200, null);
                    }
                    return admitted;
                });
            }

            int admitted = 0;
            for (Future<Integer> task : executor.invokeAll(tasks)) {
                admitted += task.get();
            }

            assertThat(admitted).as("seed %d", seed).isPositive();
            assertThat(busy.inFlight()).as("seed %d", seed).isZero();
            node.set(node(http2(PORT, 1)));
            assertThat(busy.begin(request("GET", "/", Map.of()), PORT, List.of())
                            .refusal())
                    .as("seed %d: no place was lost", seed)
                    .isNull();
            assertThat(busy.begin(request("GET", "/", Map.of()), PORT, List.of())
                            .refusal())
                    .as("seed %d: no place was won", seed)
                    .isNotNull();
        }
    }

    @Test
    void aStageThatThrowsLeavesNothingTaken() {
        InboundPipeline failing = InboundPipelines.inPlaintext(self::get, () -> InboundRules.NONE, clock, GRACE);
        MeshRequest broken = new TestRequest("GET", "/", Map.of()) {
            @Override
            public String path() {
                throw new IllegalStateException("the container took the request back");
            }
        };
        listensWith(checked(http2(PORT, 1), Protocol.HTTP, "/health"));

        assertThatThrownBy(() -> failing.begin(broken, PORT, List.of())).isInstanceOf(IllegalStateException.class);

        assertThat(failing.inFlight()).isZero();
    }

    private static Logger limitLog() {
        return (Logger) LoggerFactory.getLogger(InboundLimitStage.class);
    }

    private static Logger concurrencyLog() {
        return (Logger) LoggerFactory.getLogger(InboundConcurrencyStage.class);
    }

    private static Logger rateLog() {
        return (Logger) LoggerFactory.getLogger(InboundRateStage.class);
    }

    private Future<Boolean> awaits(InboundRequest request) throws Exception {
        return blocked(() -> {
            request.awaitAdmission();
            return true;
        });
    }

    /** Runs a task on a thread of its own and returns once it blocks. */
    private Future<Boolean> blocked(Callable<Boolean> task) throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        Future<Boolean> result = executor.submit(() -> {
            thread.complete(Thread.currentThread());
            return task.call();
        });
        Thread blocked = thread.get();
        await().until(() -> blocked.getState() == Thread.State.TIMED_WAITING);
        assertThat(result.isDone()).isFalse();
        return result;
    }

    private static void assertRefused(InboundRequest request, Reason reason, int status) {
        Refusal refusal = requireNonNull(request.refusal(), "refusal");
        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal.status()).isEqualTo(status);
    }

    private static void assertNewId(String id) {
        assertThat(UUID.fromString(id).version()).isEqualTo(4);
        assertThat(UUID.fromString(id).variant()).isEqualTo(2);
    }

    private String idFor(String arrived) {
        return pipeline.begin(request("GET", "/", Map.of("x-request-id", arrived)), PORT, List.of())
                .context()
                .requestId();
    }

    // ---- Rates

    @Test
    void beyondTheRateRequestsAreRefusedUntilThereIsATokenAgain() {
        rate.set(new RateLimit(2, Duration.ofSeconds(1), 3, new RateLimit.All()));
        for (int i = 0; i < 3; i++) {
            assertThat(begin().refusal()).isNull();
        }

        InboundRequest refused = begin();
        assertRefused(refused, Reason.RATE_LIMITED, 429);
        assertThat(requireNonNull(refused.refusal()).retryAfterSeconds()).isEqualTo(1);
        refused.ended(429, null);
        assertThat(pipeline.inFlight()).as("those that were let in").isEqualTo(3);

        clock.advance(Duration.ofMillis(499));
        assertRefused(begin(), Reason.RATE_LIMITED, 429);
        clock.advance(Duration.ofMillis(1));
        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.RATE_LIMITED, 429);
    }

    @Test
    void aReloadThatLeavesTheRateAsItIsEmptiesNoBucketAndFillsNone() {
        rate.set(new RateLimit(1, Duration.ofSeconds(10), 1, new RateLimit.All()));
        assertThat(begin().refusal()).isNull();

        rate.set(new RateLimit(1, Duration.ofSeconds(10), 1, new RateLimit.All()));
        assertRefused(begin(), Reason.RATE_LIMITED, 429);

        rate.set(new RateLimit(2, Duration.ofSeconds(10), 1, new RateLimit.All()));
        assertThat(begin().refusal()).isNull();
        rate.set(null);
        assertThat(begin().refusal()).isNull();
    }

    @Test
    void eachValueOfAHeaderHasItsOwnRate() {
        rate.set(new RateLimit(1, Duration.ofHours(1), 1, new RateLimit.Header("x-tenant")));
        for (String tenant : List.of("a", "b")) {
            assertThat(begin(Map.of("x-tenant", tenant)).refusal()).as(tenant).isNull();
        }

        assertRefused(begin(Map.of("x-tenant", "a")), Reason.RATE_LIMITED, 429);
        assertThat(begin().refusal()).as("those without the header").isNull();
        assertRefused(begin(), Reason.RATE_LIMITED, 429);
    }

    @Test
    void aHealthCheckTakesNoToken() {
        listensWith(checked(http2(PORT, 100), Protocol.HTTP2, "/up"));
        rate.set(new RateLimit(1, Duration.ofHours(1), 1, new RateLimit.All()));
        for (int i = 0; i < 3; i++) {
            assertThat(begin("GET", "/up", PORT).refusal()).isNull();
        }

        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.RATE_LIMITED, 429);
        assertThat(begin("GET", "/up", PORT).refusal()).isNull();
    }

    // ---- Requests at a time

    @Test
    void beyondTheRequestsThatAPolicyAllowsAtATimeTheProcessIsOverloaded() {
        concurrency.set(new Concurrency.Fixed(2));
        InboundRequest first = begin();
        assertThat(begin().refusal()).isNull();

        InboundRequest third = begin();

        assertRefused(third, Reason.LIMIT_REACHED, 503);
        assertThat(requireNonNull(third.refusal()).retryAfterSeconds())
                .as("callers go elsewhere at once")
                .isZero();
        third.ended(503, null);
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
        first.ended(200, null);
        assertThat(begin().refusal()).isNull();
        assertThat(pipeline.concurrency()).isEqualTo("2 of 2 requests under way");
    }

    @Test
    void aHealthCheckTakesNoPlaceOfThePolicy() {
        listensWith(checked(http2(PORT, 100), Protocol.HTTP2, "/up"));
        concurrency.set(new Concurrency.Fixed(1));
        begin();

        InboundRequest check = begin("GET", "/up", PORT);
        check.ended(200, null);

        assertThat(check.refusal()).isNull();
        assertThat(pipeline.concurrency()).isEqualTo("1 of 1 request under way");
    }

    @Test
    void aPlaceIsGivenBackWhereAStageBelowRefuses() {
        listensWith(http2(PORT, 1));
        concurrency.set(new Concurrency.Fixed(5));
        begin();

        InboundRequest refused = begin();
        refused.ended(503, null);

        assertRefused(refused, Reason.LIMIT_REACHED, 503);
        assertThat(pipeline.concurrency()).isEqualTo("1 of 5 requests under way");
    }

    @Test
    void noReloadForgetsWhoIsUnderWay() {
        concurrency.set(new Concurrency.Fixed(2));
        InboundRequest first = begin();
        begin();

        concurrency.set(new Concurrency.Fixed(3));
        begin();
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
        concurrency.set(null);
        assertThat(pipeline.concurrency()).isNull();
        first.ended(200, null);
        assertThat(begin().refusal()).isNull();
        concurrency.set(new Concurrency.Fixed(3));

        assertThat(begin().refusal()).isNull();
        assertRefused(begin(), Reason.LIMIT_REACHED, 503);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAdaptiveLimitOfAProcessFollowsItsLatency(boolean wraps) {
        FakeNanoClock time = wraps ? FakeNanoClock.aboutToWrap() : FakeNanoClock.create();
        InboundPipeline adaptive =
                InboundPipelines.inPlaintext(self::get, this::rules, time, GRACE, new SplittableRandom(7));
        concurrency.set(new Concurrency.Gradient(4, 100));
        // One after the other, then as many at a time as it lets in, each of which takes as long as all together.
        serve(adaptive, time, 1, 100);
        int before = limitOf(adaptive);
        for (int i = 0; i < 20; i++) {
            serve(adaptive, time, limitOf(adaptive), 10);
        }

        assertThat(before).isEqualTo(20);
        assertThat(limitOf(adaptive)).isLessThan(10);
    }

    private static void serve(InboundPipeline pipeline, FakeNanoClock time, int atATime, int rounds) {
        for (int round = 0; round < rounds; round++) {
            List<InboundRequest> requests = new ArrayList<>();
            for (int i = 0; i < atATime; i++) {
                requests.add(pipeline.begin(request("GET", "/orders", Map.of()), PORT, List.of()));
            }
            time.advance(Duration.ofMillis(10).multipliedBy(atATime));
            requests.forEach(request -> request.ended(200, null));
        }
    }

    private static int limitOf(InboundPipeline pipeline) {
        String words = requireNonNull(pipeline.concurrency());
        return Integer.parseInt(words.substring(words.indexOf(" of ") + 4, words.indexOf(" requests")));
    }

    private InboundRequest begin(Map<String, String> headers) {
        return pipeline.begin(request("GET", "/orders", headers), PORT, List.of());
    }

    private InboundRequest begin() {
        return begin("GET", "/orders", PORT);
    }

    private InboundRequest begin(String method, String path, int port) {
        return pipeline.begin(request(method, path, Map.of()), port, List.of());
    }

    private void listensWith(Listener... listeners) {
        self.set(node(listeners));
    }

    private static VirtualNode node(Listener... listeners) {
        return VirtualNode.builder("shop", "orders")
                .listeners(List.of(listeners))
                .build();
    }

    private static Listener http(int port, int maxConnections, int maxPending) {
        return listener(port, Protocol.HTTP)
                .connectionPool(new ConnectionPool.Http(maxConnections, maxPending))
                .build();
    }

    private static Listener http2(int port, int maxRequests) {
        return listener(port, Protocol.HTTP2)
                .connectionPool(new ConnectionPool.Http2(maxRequests))
                .build();
    }

    private static Listener checked(Listener listener, Protocol protocol, @Nullable String path) {
        Duration interval = Duration.ofSeconds(5);
        Duration timeout = Duration.ofSeconds(2);
        return listener.toBuilder()
                .healthCheck(new HealthCheck(protocol, path, null, 2, 2, interval, timeout))
                .build();
    }

    private static Listener.Builder listener(int port, Protocol protocol) {
        return Listener.builder(new PortMapping(port, protocol));
    }

    private static MeshRequest request(String method, String path, Map<String, String> headers) {
        return new TestRequest(method, path, headers);
    }

    private static class TestRequest implements MeshRequest {
        private final String method;
        private final String path;
        private final Map<String, String> headers;

        TestRequest(String method, String path, Map<String, String> headers) {
            this.method = method;
            this.path = path;
            this.headers = headers;
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "orders";
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }
}
