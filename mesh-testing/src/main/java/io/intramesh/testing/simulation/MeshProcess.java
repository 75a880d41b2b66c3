package io.intramesh.testing.simulation;

import io.intramesh.MeshCallException;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.HealthProber;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.pipeline.MeshRuntime;
import io.intramesh.internal.pipeline.MeshSettings;
import io.intramesh.model.HealthCheck;
import io.intramesh.testing.FakeRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process with the real mesh in it, in virtual time: registry, compiling, endpoints, balancing, retries, budgets, outlier
 * detection, breakers and deadlines are the ones of production. Only the transport is played here, by the rules of
 * {@code MeshClient}: one attempt at a time, limits as the attempt states them, connections kept per endpoint.
 */
final class MeshProcess implements AutoCloseable {
    /** What MeshClient, and Envoy, give a connection to come about. */
    private static final long CONNECT_NANOS = Duration.ofSeconds(5).toNanos();

    private final Network network;
    private final Simulation simulation;
    private final FakeRegistry registry;
    private final MeshRuntime mesh;

    /**
     * Starts the mesh.
     *
     * @param key of the process, so that no two draw the same random numbers
     */
    MeshProcess(
            Network network,
            long key,
            String meshName,
            String virtualNode,
            @Nullable String zone,
            List<RawDocument> documents) {
        this.network = network;
        this.simulation = network.simulation();
        this.registry = FakeRegistry.create();
        registry.deliver(documents);
        MeshSettings settings = new MeshSettings(
                registry,
                meshName,
                virtualNode,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                Map.of(),
                false,
                false,
                List.of(new NamesSource(network, key)),
                null,
                zone);
        mesh = MeshRuntime.begin(settings, simulation.surroundings(key));
        simulation.settle();
        mesh.awaitStarted();
        // Ends with the mesh.
        AutoCloseable unused = mesh.outbound().probeWith(this::probe);
        simulation.settle();
    }

    MeshRuntime mesh() {
        return mesh;
    }

    void deliver(List<RawDocument> documents) {
        registry.deliver(documents);
    }

    /**
     * Makes a call.
     *
     * @param number by which the work at the endpoints is drawn
     */
    void call(MeshRequest request, long number, Consumer<Result> done) {
        OutboundCall call;
        try {
            call = mesh.outbound().begin(request);
        } catch (MeshCallException refusal) {
            done.accept(new Result(null, refusal));
            return;
        }
        CompletionStage<?> pending = call.pending();
        OneCall driven = new OneCall(call, number, done);
        if (pending == null) {
            driven.attempt();
        } else {
            pending.whenComplete((found, failure) -> simulation.after(0, driven::attempt));
        }
    }

    @Override
    public void close() {
        mesh.close();
    }

    private void probe(Endpoint endpoint, HealthCheck check, Consumer<HealthProber.Outcome> done) {
        boolean[] isOver = new boolean[1];
        Consumer<HealthProber.Outcome> once = outcome -> {
            if (!isOver[0]) {
                isOver[0] = true;
                done.accept(outcome);
            }
        };
        simulation.after(
                check.timeout().toNanos(),
                () -> once.accept(new HealthProber.Outcome(HealthProber.Outcome.Kind.NO_ANSWER, "no answer in time")));
        network.probe(NamesSource.indexOf(endpoint), new Reply() {
            @Override
            public void answered(Response response) {
                once.accept(
                        response.isServerError()
                                ? new HealthProber.Outcome(
                                        HealthProber.Outcome.Kind.FAILED, "status " + response.status())
                                : new HealthProber.Outcome(HealthProber.Outcome.Kind.PASSED, "passed"));
            }

            @Override
            public void notConnected(boolean inTime) {
                once.accept(new HealthProber.Outcome(HealthProber.Outcome.Kind.NO_ANSWER, "no connection"));
            }

            @Override
            public void lost() {
                once.accept(new HealthProber.Outcome(HealthProber.Outcome.Kind.NO_ANSWER, "connection lost"));
            }
        });
    }

    /** What the application gets: an answer, or a failure. */
    record Result(@Nullable Response response, @Nullable MeshCallException failure) {
        boolean isSuccess() {
            return response != null && !response.isServerError();
        }
    }

    /** Drives a call from attempt to attempt. */
    private final class OneCall {
        private final OutboundCall call;
        private final long number;
        private final Consumer<Result> done;

        private OneCall(OutboundCall call, long number, Consumer<Result> done) {
            this.call = call;
            this.number = number;
            this.done = done;
        }

        void attempt() {
            try {
                new OneAttempt(call.nextAttempt()).send();
            } catch (MeshCallException failure) {
                call.cancel();
                done.accept(new Result(null, failure));
            }
        }

        private void goOn(Verdict verdict) {
            if (verdict.isRetry()) {
                simulation.after(verdict.pauseNanos(), this::attempt);
            } else {
                done.accept(new Result(null, verdict.failure()));
            }
        }

        private final class OneAttempt implements Reply {
            private final Attempt attempt;
            private Network.@Nullable Exchange exchange;
            private Simulation.@Nullable Event limit;

            private OneAttempt(Attempt attempt) {
                this.attempt = attempt;
            }

            void send() {
                Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                attempt.headers(headers::put);
                long nanos = shortest(
                        attempt.timeoutNanos(), shortest(attempt.answerTimeoutNanos(), attempt.idleTimeoutNanos()));
                if (nanos > 0) {
                    limit = simulation.after(nanos, this::timedOut);
                }
                exchange = network.send(
                        NamesSource.indexOf(attempt.endpoint()),
                        new Request(number, attempt.number(), headers),
                        CONNECT_NANOS,
                        this);
            }

            @Override
            public void answered(Response response) {
                endLimit();
                Verdict verdict = attempt.responded(response.status(), response.headers()::get);
                if (verdict.isRetry()) {
                    goOn(verdict);
                } else {
                    attempt.ended(Attempt.End.COMPLETED);
                    done.accept(new Result(response, null));
                }
            }

            @Override
            public void notConnected(boolean inTime) {
                endLimit();
                IOException failure = inTime
                        ? new ConnectException("connection refused")
                        : new SocketTimeoutException("connect timed out");
                goOn(attempt.failed(failure, false));
            }

            @Override
            public void lost() {
                endLimit();
                goOn(attempt.failed(new IOException("connection reset"), true));
            }

            private void timedOut() {
                Network.Exchange open = exchange;
                boolean isSent = open != null && open.isSent();
                if (open != null) {
                    open.cancel();
                }
                goOn(attempt.failed(new SocketTimeoutException("timeout"), isSent));
            }

            private void endLimit() {
                Simulation.Event event = limit;
                if (event != null) {
                    event.cancel();
                }
            }
        }
    }

    /** Zero stands for no limit. */
    private static long shortest(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }
}
