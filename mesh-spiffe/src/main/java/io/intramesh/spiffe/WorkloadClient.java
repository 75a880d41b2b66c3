package io.intramesh.spiffe;

import static io.intramesh.spiffe.WorkloadAnswer.UnusableException;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIStub;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDRequest;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a stream to the Workload API open, and opens it again whenever it ends, however it ends [1, §4.2]. Two daemon threads:
 * one for the network, one for everything else, on which the watcher is called.
 *
 * <p>[1] SPIFFE, "The SPIFFE Workload API".
 */
final class WorkloadClient implements AutoCloseable {
    /** Without it an endpoint must not answer: SPIFFE, "The SPIFFE Workload Endpoint", §5. */
    private static final Metadata.Key<String> SECURITY_HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    /** A first answer comes "without delay" [1, §4.3]; whoever is silent for so long is asked anew. */
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);

    /** An agent that restarts is back within seconds; asked locally, it does not mind being asked this often. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** Pauses vary by this part, so that the workloads of a machine do not all come at once. */
    private static final double JITTER = 0.2;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final WorkloadSocket socket;
    private final Watcher watcher;
    private final RandomGenerator random;
    private final ScheduledThreadPoolExecutor executor;
    private final EventLoopGroup network;
    private final ManagedChannel channel;
    private final SpiffeWorkloadAPIStub api;

    // The executor's thread's.
    private int failures;
    private @Nullable Future<?> next;

    private volatile boolean closed;

    /** Is told what comes of it, on one thread. */
    interface Watcher {
        void answered(WorkloadAnswer answer);

        /** The agent answers, and says that this process is nobody. */
        void denied(String problem);

        /** Nothing is known for now. */
        void lost(String problem);
    }

    WorkloadClient(WorkloadSocket socket, Watcher watcher, RandomGenerator random) {
        this.socket = socket;
        this.watcher = watcher;
        this.random = random;
        this.executor = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("intramesh-spiffe", true));
        executor.setRemoveOnCancelPolicy(true);
        this.network = network();
        this.channel = NettyChannelBuilder.forAddress(socket.address())
                .eventLoopGroup(network)
                .channelType(
                        socket.address() instanceof UnixDomainSocketAddress
                                ? NioDomainSocketChannel.class
                                : NioSocketChannel.class)
                // gRPC's own default, which Unix sockets do not know, and Netty says so.
                .withOption(ChannelOption.SO_KEEPALIVE, null)
                .overrideAuthority("localhost")
                .usePlaintext()
                .executor(executor)
                .offloadExecutor(executor)
                .disableRetry()
                .build();
        Metadata headers = new Metadata();
        headers.put(SECURITY_HEADER, "true");
        this.api = SpiffeWorkloadAPIGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** Netty 4.2 calls it dated; Netty 4.1, which Spring Boot 3 manages, has nothing else. */
    @SuppressWarnings("deprecation")
    private static EventLoopGroup network() {
        return new NioEventLoopGroup(1, new DefaultThreadFactory("intramesh-spiffe-io", true));
    }

    void start() {
        executor.execute(this::ask);
    }

    private void ask() {
        if (closed) {
            return;
        }
        // gRPC would wait up to two minutes before it tries an address again that did not answer.
        channel.resetConnectBackoff();
        Stream stream = new Stream();
        next = executor.schedule(stream::giveUp, FIRST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        api.fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    }

    private void askAgain() {
        if (closed) {
            return;
        }
        long pause = SHORTEST_PAUSE.toMillis() << Math.min(failures, 6);
        failures++;
        double varied = Math.min(pause, LONGEST_PAUSE.toMillis()) * (1 + JITTER * (2 * random.nextDouble() - 1));
        next = executor.schedule(this::ask, (long) varied, TimeUnit.MILLISECONDS);
    }

    private void forgetNext() {
        if (next != null) {
            next.cancel(false);
        }
    }

    /** One stream, from the question to its end. */
    private final class Stream implements ClientResponseObserver<X509SVIDRequest, X509SVIDResponse> {
        private @Nullable ClientCallStreamObserver<X509SVIDRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<X509SVIDRequest> started) {
            call = started;
        }

        private void giveUp() {
            if (call != null) {
                call.cancel("no answer within " + FIRST_ANSWER.toSeconds() + " s", null);
            }
        }

        @Override
        public void onNext(X509SVIDResponse response) {
            forgetNext();
            if (closed) {
                return;
            }
            try {
                WorkloadAnswer answer = WorkloadAnswer.read(response);
                failures = 0;
                watcher.answered(answer);
            } catch (UnusableException e) {
                watcher.lost("the agent at " + socket + " gives an answer that is of no use: " + e.getMessage()
                        + "; mend what it is told to issue");
            }
        }

        @Override
        public void onError(Throwable failure) {
            forgetNext();
            if (closed) {
                return;
            }
            Status status = Status.fromThrowable(failure);
            if (status.getCode() == Status.Code.PERMISSION_DENIED) {
                watcher.denied("the agent at " + socket + " knows no identity for this process (PERMISSION_DENIED"
                        + detail(status) + "); register it, with selectors that fit it");
            } else {
                watcher.lost(problem(status));
            }
            askAgain();
        }

        @Override
        public void onCompleted() {
            forgetNext();
            if (closed) {
                return;
            }
            watcher.lost("the agent at " + socket + " has ended the stream; it is asked again");
            askAgain();
        }
    }

    private String problem(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                "no agent answers at " + socket + " (" + cause(status)
                        + "); start it, let this process reach its socket, or name the right one";
            case UNIMPLEMENTED ->
                "no SPIFFE Workload API at " + socket + detail(status)
                        + "; name the socket of the agent's Workload API";
            default ->
                "the agent at " + socket + " fails (" + status.getCode() + detail(status) + "); see the agent's log";
        };
    }

    private static String detail(Status status) {
        return status.getDescription() == null ? "" : ": " + status.getDescription();
    }

    private static String cause(Status status) {
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause == null) {
            return status.getDescription() == null ? "UNAVAILABLE" : status.getDescription();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** Ends the stream and the threads, waiting a few seconds at most. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean interrupted = false;
        try {
            // In this order: what ends later still calls what ends earlier.
            channel.shutdownNow().awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        network.shutdownGracefully(0, CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_WAIT.toMillis());
        executor.shutdownNow();
        try {
            executor.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
