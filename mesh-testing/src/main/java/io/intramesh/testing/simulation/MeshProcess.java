package io.intramesh.testing.simulation;

import io.intramesh.AccessSettings;
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
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process with the real mesh in it, in virtual time: registry, compiling, endpoints, balancing, retries, budgets, outlier
 * detection, breakers and deadlines are the ones of production. Only the transport is played here, by the rules of
 * {@code MeshClient}: limits as the attempt states them, a second attempt beside the first where the mesh wants one, connections
 * kept per endpoint.
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
                zone,
                TlsSettings.defaults(),
                AccessSettings.DEFAULTS);
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

    /** Drives a call from attempt to attempt, and at times two beside each other. */
    private final class OneCall {
        private final OutboundCall call;
        private final long number;
        private final Consumer<Result> done;
        private final List<OneAttempt> underWay = new ArrayList<>(2);

        /** An answer that another attempt is to take the place of, and which counts if there is none. */
        private @Nullable Response kept;

        private OneCall(OutboundCall call, long number, Consumer<Result> done) {
            this.call = call;
            this.number = number;
            this.done = done;
        }

        void attempt() {
            Response last = kept;
            kept = null;
            Attempt next;
            try {
                next = last == null ? call.nextAttempt() : call.retry();
            } catch (MeshCallException failure) {
                call.cancel();
                done.accept(new Result(null, failure));
                return;
            }
            if (next == null) {
                done.accept(new Result(last, null));
            } else {
                new OneAttempt(next).send();
            }
        }

        private void hedge() {
            Attempt second = call.hedge();
            if (second != null) {
                new OneAttempt(second).send();
            }
        }

        private void goOn(Verdict verdict, @Nullable Response response) {
            if (verdict.awaitsOther()) {
                return;
            }
            underWay.forEach(OneAttempt::drop);
            underWay.clear();
            if (verdict.isRetry()) {
                kept = verdict.pauseNanos() == 0 ? response : null;
                simulation.after(verdict.pauseNanos(), this::attempt);
            } else {
                done.accept(new Result(response, verdict.failure()));
            }
        }

        private final class OneAttempt implements Reply {
            private final Attempt attempt;
            private Network.@Nullable Exchange exchange;
            private Simulation.@Nullable Event limit;
            private Simulation.@Nullable Event hedge;

            private OneAttempt(Attempt attempt) {
                this.attempt = attempt;
            }

            void send() {
                underWay.add(this);
                Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                attempt.headers(headers::put);
                long nanos = shortest(
                        attempt.timeoutNanos(), shortest(attempt.answerTimeoutNanos(), attempt.idleTimeoutNanos()));
                if (nanos > 0) {
                    limit = simulation.after(nanos, this::timedOut);
                }
                if (attempt.hedgeAfterNanos() > 0) {
                    hedge = simulation.after(attempt.hedgeAfterNanos(), OneCall.this::hedge);
                }
                exchange = network.send(
                        NamesSource.indexOf(attempt.endpoint()),
                        new Request(number, attempt.number(), headers),
                        CONNECT_NANOS,
                        this);
            }

            @Override
            public void answered(Response response) {
                end();
                Verdict verdict = attempt.responded(response.status(), response.headers()::get);
                if (!verdict.isRetry() && !verdict.awaitsOther()) {
                    attempt.ended(Attempt.End.COMPLETED);
                }
                goOn(verdict, response);
            }

            @Override
            public void notConnected(boolean inTime) {
                end();
                IOException failure = inTime
                        ? new ConnectException("connection refused")
                        : new SocketTimeoutException("connect timed out");
                goOn(attempt.failed(failure, false), null);
            }

            @Override
            public void lost() {
                end();
                goOn(attempt.failed(new IOException("connection reset"), true), null);
            }

            private void timedOut() {
                Network.Exchange open = exchange;
                boolean isSent = open != null && open.isSent();
                if (open != null) {
                    open.cancel();
                }
                end();
                goOn(attempt.failed(new SocketTimeoutException("timeout"), isSent), null);
            }

            /** Another attempt has decided. */
            private void drop() {
                cancel(limit);
                cancel(hedge);
                if (exchange != null) {
                    exchange.cancel();
                }
                attempt.ended(Attempt.End.CANCELLED);
            }

            private void end() {
                underWay.remove(this);
                cancel(limit);
                cancel(hedge);
            }
        }
    }

    private static void cancel(Simulation.@Nullable Event event) {
        if (event != null) {
            event.cancel();
        }
    }

    /** Zero stands for no limit. */
    private static long shortest(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }
}
