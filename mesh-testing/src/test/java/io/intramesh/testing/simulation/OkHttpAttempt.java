package io.intramesh.testing.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/*
 * One call of OkHttp 5 over HTTP/1.1 with its defaults: connect and read timeout 10 s, retryOnConnectionFailure, fast
 * fallback.
 *   - An idle connection is used before any name is looked up; which one, is the order in which they were made.
 *   - Else the addresses are tried in the order of the answer; the next one joins in after 250 ms or when one fails, and the
 *     first connection wins (FastFallbackExchangeFinder).
 *   - A connection that breaks after the request was sent is made up for: if it was used before, by a fresh one to the same
 *     address; then by the other addresses. A read timeout is not: it ends the call. Answers are never repeated, a 503 only
 *     with "Retry-After: 0".
 */

/** What OkHttp does with one call. */
@NullMarked
final class OkHttpAttempt {
    static final long TIMEOUT_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long NEXT_ADDRESS_NANOS = Duration.ofMillis(250).toNanos();

    private final Network network;
    private final Simulation simulation;
    private final Request request;
    private final Names names;
    private final End end;
    private final Set<Integer> failed = new HashSet<>();
    private final List<Network.Exchange> open = new ArrayList<>();

    private Simulation.@Nullable Event limit;
    private Simulation.@Nullable Event callLimit;
    private boolean isOver;

    /** Learns how it ended. */
    interface End {
        void answered(Response response);

        void failed(String why);
    }

    /** Where the host is to be found, and which connections may serve it. */
    interface Names {
        List<Integer> addresses();

        Network.@Nullable Connection takeIdle();
    }

    OkHttpAttempt(Network network, Request request, Names names, End end) {
        this.network = network;
        this.simulation = network.simulation();
        this.request = request;
        this.names = names;
        this.end = end;
    }

    /**
     * Begins.
     *
     * @param callTimeoutNanos 0 for none, OkHttp's default
     */
    void begin(long callTimeoutNanos) {
        if (callTimeoutNanos > 0) {
            callLimit = simulation.after(callTimeoutNanos, () -> fail("timeout"));
        }
        Network.Connection idle = names.takeIdle();
        if (idle == null) {
            connect(names.addresses());
        } else {
            send(idle);
        }
    }

    private void connect(List<Integer> addresses) {
        if (addresses.isEmpty()) {
            fail("unknown host, or no address left");
            return;
        }
        new Race(addresses).next();
    }

    private void send(Network.Connection connection) {
        boolean wasUsed = connection.isUsed();
        limit = simulation.after(TIMEOUT_NANOS, () -> fail("read timeout"));
        open.add(network.send(connection, request, new Reply() {
            @Override
            public void answered(Response response) {
                if (finish()) {
                    end.answered(response);
                }
            }

            @Override
            public void notConnected(boolean inTime) {
                throw new AssertionError("it was connected");
            }

            @Override
            public void lost() {
                cancel(limit);
                if (!isOver) {
                    recover(connection.endpoint(), wasUsed);
                }
            }
        }));
    }

    private void recover(int address, boolean wasUsed) {
        List<Integer> left = new ArrayList<>();
        if (wasUsed) {
            left.add(address);
        } else {
            failed.add(address);
        }
        for (int other : names.addresses()) {
            if (other != address && !failed.contains(other)) {
                left.add(other);
            }
        }
        connect(left);
    }

    private void fail(String why) {
        if (finish()) {
            end.failed(why);
        }
    }

    private boolean finish() {
        if (isOver) {
            return false;
        }
        isOver = true;
        cancel(limit);
        cancel(callLimit);
        open.forEach(Network.Exchange::cancel);
        return true;
    }

    private static void cancel(Simulation.@Nullable Event event) {
        if (event != null) {
            event.cancel();
        }
    }

    /** Connects to addresses, each a little later than the one before. */
    private final class Race {
        private final List<Integer> addresses;
        private int begun;
        private int lost;
        private boolean isWon;
        private Simulation.@Nullable Event joining;

        private Race(List<Integer> addresses) {
            this.addresses = addresses;
        }

        void next() {
            cancel(joining);
            if (isWon || isOver || begun == addresses.size()) {
                return;
            }
            int address = addresses.get(begun++);
            joining = simulation.after(NEXT_ADDRESS_NANOS, this::next);
            open.add(network.connect(address, TIMEOUT_NANOS, new Network.ConnectReply() {
                @Override
                public void connected(Network.Connection connection) {
                    if (!isWon && !isOver) {
                        isWon = true;
                        cancel(joining);
                        send(connection);
                    }
                }

                @Override
                public void notConnected(boolean inTime) {
                    failed.add(address);
                    lost++;
                    if (!isWon && lost == addresses.size()) {
                        cancel(joining);
                        fail("no connection");
                    } else {
                        next();
                    }
                }
            }));
        }
    }
}
