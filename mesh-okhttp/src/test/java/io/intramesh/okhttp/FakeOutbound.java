package io.intramesh.okhttp;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Outbound;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import mockwebserver3.MockWebServer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** A mesh that sends every call round its endpoints, as the test sets, and writes down what it is told. */
@NullMarked
final class FakeOutbound implements Outbound, AutoCloseable {
    final List<Endpoint> endpoints = new CopyOnWriteArrayList<>();
    final Set<String> passThrough = ConcurrentHashMap.newKeySet();
    final Map<String, Reason> refused = new ConcurrentHashMap<>();
    final Map<String, String> headers = new LinkedHashMap<>();
    final List<String> begun = new CopyOnWriteArrayList<>();
    final List<String> reports = new CopyOnWriteArrayList<>();

    /** Why peers did not look at requests; these are among the reports as well. */
    final List<String> refusals = new CopyOnWriteArrayList<>();

    volatile Protocol protocol = Protocol.HTTP;
    volatile @Nullable ClientTls tls;
    volatile int attempts = 1;
    volatile boolean hasNoRetry;
    volatile Duration pause = Duration.ZERO;
    volatile Duration timeout = Duration.ZERO;
    volatile Duration idle = Duration.ZERO;
    volatile @Nullable String path;
    volatile @Nullable CompletionStage<?> pending;
    volatile @Nullable RuntimeException crash;
    volatile Runnable onBegin = () -> {};
    volatile Runnable onFailed = () -> {};

    /**
     * What must have happened before a limit of time is felt: a test of what happens when the time is up after something has been
     * sent or read says so here, and does not hope that it was in time.
     */
    volatile CompletableFuture<?> beforeTimeIsUp = CompletableFuture.completedFuture("at once");

    private final AtomicInteger turn = new AtomicInteger();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "fake-mesh");
        thread.setDaemon(true);
        return thread;
    });

    Endpoint add(MockWebServer server) {
        return add(server.getPort());
    }

    Endpoint add(int port) {
        Endpoint endpoint =
                new Endpoint("payments", "127.0.0.1", port, null, List.of(InetAddress.getLoopbackAddress()));
        endpoints.add(endpoint);
        return endpoint;
    }

    int inFlight() {
        return endpoints.stream().mapToInt(Endpoint::inFlight).sum();
    }

    @Override
    public OutboundCall begin(MeshRequest request) throws MeshCallException {
        onBegin.run();
        begun.add(request.method() + " " + request.scheme() + "://" + request.host() + ":" + request.port()
                + (request.isPortImplied() ? " (implied)" : "") + " " + request.path() + " " + request.query());
        RuntimeException failure = crash;
        if (failure != null) {
            throw failure;
        }
        Reason reason = refused.get(request.host());
        if (reason != null) {
            throw new MeshCallException(reason, request.host() + " is refused by the test");
        }
        return new FakeCall(request);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void schedule(Runnable task, Duration after, Executor executor) {
        CompletableFuture<?> before = beforeTimeIsUp;
        var unused = timer.schedule(() -> run(before, task, executor), after.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void run(CompletableFuture<?> before, Runnable task, Executor executor) {
        var unused = before.thenRunAsync(task, executor);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private final class FakeCall implements OutboundCall {
        private final String host;
        private final boolean repeatable;
        private int made;

        private FakeCall(MeshRequest request) {
            host = request.host();
            repeatable = request.isRepeatable();
        }

        @Override
        public boolean isPassThrough() {
            return passThrough.contains(host);
        }

        @Override
        public @Nullable String forwardedPath() {
            return path;
        }

        @Override
        public String destination() {
            return host;
        }

        @Override
        public @Nullable CompletionStage<?> pending() {
            return pending;
        }

        @Override
        public Attempt nextAttempt() throws MeshCallException {
            if (endpoints.isEmpty()) {
                throw new MeshCallException(Reason.NO_HEALTHY_ENDPOINT, "the test has no endpoint");
            }
            return new FakeAttempt(this, ++made, endpoints.get(turn.getAndIncrement() % endpoints.size()));
        }

        @Override
        public @Nullable Attempt retry() throws MeshCallException {
            return hasNoRetry ? null : nextAttempt();
        }

        @Override
        public void cancel() {
            reports.add("call cancelled");
        }

        private Verdict verdict(boolean safe) {
            return made < attempts && (safe || repeatable) ? Verdict.retryAfter(pause.toNanos()) : Verdict.DELIVER;
        }
    }

    private final class FakeAttempt implements Attempt {
        private final FakeCall call;
        private final int number;
        private final Endpoint endpoint;
        private final AtomicBoolean over = new AtomicBoolean();

        private FakeAttempt(FakeCall call, int number, Endpoint endpoint) {
            this.call = call;
            this.number = number;
            this.endpoint = endpoint;
            endpoint.requestStarted();
        }

        @Override
        public Endpoint endpoint() {
            return endpoint;
        }

        @Override
        public String virtualNode() {
            return endpoint.virtualNode();
        }

        @Override
        public Protocol protocol() {
            return protocol;
        }

        @Override
        public @Nullable ClientTls tls() {
            return tls;
        }

        @Override
        public int number() {
            return number;
        }

        @Override
        public long timeoutNanos() {
            return timeout.toNanos();
        }

        @Override
        public long idleTimeoutNanos() {
            return idle.toNanos();
        }

        @Override
        public void headers(BiConsumer<String, String> set) {
            headers.forEach(set);
        }

        @Override
        public Verdict responded(int status, HeaderLookup answer) {
            reports.add(number + " responded " + status);
            Verdict verdict = status >= 500 ? call.verdict(false) : Verdict.DELIVER;
            if (verdict.isRetry()) {
                over();
            }
            return verdict;
        }

        @Override
        public Verdict failed(IOException failure, boolean mayHaveReachedPeer) {
            reports.add(number + " failed " + (mayHaveReachedPeer ? "maybe reached" : "not reached"));
            over();
            onFailed.run();
            Verdict verdict = call.verdict(!mayHaveReachedPeer);
            if (verdict.isRetry()) {
                return verdict;
            }
            Reason reason =
                    failure instanceof InterruptedIOException ? Reason.DEADLINE_EXCEEDED : Reason.CONNECTION_FAILED;
            return Verdict.fail(new MeshCallException(
                    reason, reason.status(), "attempt at " + endpoint + " failed", mayHaveReachedPeer, failure));
        }

        @Override
        public Verdict refused(IOException failure) {
            refusals.add(String.valueOf(failure.getMessage()));
            return failed(failure, false);
        }

        @Override
        public void ended(End end) {
            if (over()) {
                reports.add(number + " ended " + end);
            }
        }

        private boolean over() {
            boolean first = over.compareAndSet(false, true);
            if (first) {
                endpoint.requestEnded();
            }
            return first;
        }
    }
}
