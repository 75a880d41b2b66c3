package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way from one caller to the endpoints of its callee, with the caller's connections. These are HTTP/1.1's: a connection
 * carries one exchange at a time, and is kept for the next one when its answer is through. Connecting takes a round trip;
 * a refusal as long; where nobody is there it takes the caller's patience.
 */
public final class Network {
    /** Half the time that a packet needs within a region, there and back. */
    static final long ONE_WAY_NANOS = Duration.ofNanos(250_000).toNanos();

    /** As many as OkHttp keeps, and HTTP clients generally much the same. */
    static final int MAX_IDLE_CONNECTIONS = 5;

    private final Simulation simulation;
    private final int caller;
    private final Fleet fleet;
    private final List<Instance> instances;
    private final Names names;
    private final Ledger ledger;

    /** In the order in which they became idle. */
    private final List<Connection> idle = new ArrayList<>();

    private long connections;

    Network(Simulation simulation, int caller, Fleet fleet, List<Instance> instances, Names names, Ledger ledger) {
        this.simulation = simulation;
        this.caller = caller;
        this.fleet = fleet;
        this.instances = List.copyOf(instances);
        this.names = names;
        this.ledger = ledger;
    }

    /** Returns the simulation that all of this takes place in. */
    public Simulation simulation() {
        return simulation;
    }

    /** Returns the number of the process that calls, from 0. */
    public int caller() {
        return caller;
    }

    /** Returns what the callee is made of. */
    public Fleet fleet() {
        return fleet;
    }

    /** Returns what DNS says. */
    public Names names() {
        return names;
    }

    /** Returns the oldest connection that is idle, whichever endpoint it leads to, and takes it; null where there is none. */
    public @Nullable Connection takeIdle() {
        return takeIdle(-1);
    }

    /** Returns an idle connection to that endpoint and takes it; null where there is none. */
    public @Nullable Connection takeIdleTo(int endpoint) {
        return takeIdle(endpoint);
    }

    private @Nullable Connection takeIdle(int endpoint) {
        // The other side has closed those of an earlier life, which a look at the socket tells.
        idle.removeIf(
                connection -> connection.life != instance(connection.endpoint).life());
        Connection oldest = null;
        for (Connection connection : idle) {
            boolean fits = endpoint < 0 || connection.endpoint == endpoint;
            if (fits && (oldest == null || connection.number < oldest.number)) {
                oldest = connection;
            }
        }
        if (oldest != null) {
            idle.remove(oldest);
        }
        return oldest;
    }

    /**
     * Connects to an endpoint. This counts as an attempt there; what is sent first on the connection then does not.
     *
     * @param limitNanos how long to wait for the connection
     */
    public Exchange connect(int endpoint, long limitNanos, ConnectReply reply) {
        ledger.attempted(endpoint);
        Instance instance = instance(endpoint);
        Exchange exchange = new Exchange();
        if (instance.isSilent()) {
            exchange.next = simulation.after(limitNanos, () -> reply.notConnected(false));
            return exchange;
        }
        exchange.next = simulation.after(2 * ONE_WAY_NANOS, () -> {
            if (instance.isDown()) {
                reply.notConnected(true);
            } else if (instance.isSilent()) {
                exchange.next = simulation.after(limitNanos - 2 * ONE_WAY_NANOS, () -> reply.notConnected(false));
            } else {
                reply.connected(new Connection(connections++, endpoint, instance.life()));
            }
        });
        return exchange;
    }

    /** Sends a request on a connection that nothing else uses. */
    public Exchange send(Connection connection, Request request, Reply reply) {
        requireNonNull(reply, "reply");
        if (connection.isUsed) {
            ledger.attempted(connection.endpoint);
        }
        connection.isUsed = true;
        Exchange exchange = new Exchange();
        exchange.isSent = true;
        Instance instance = instance(connection.endpoint);
        simulation.after(ONE_WAY_NANOS, () -> {
            if (connection.life == instance.life()) {
                instance.arrive(request, peer(connection, exchange, instance, reply));
            } else {
                simulation.after(ONE_WAY_NANOS, () -> exchange.tell(reply::lost));
            }
        });
        return exchange;
    }

    /** Sends a request to an endpoint, on an idle connection where there is one and on a new one else. */
    public Exchange send(int endpoint, Request request, long connectLimitNanos, Reply reply) {
        Connection known = takeIdle(endpoint);
        if (known != null) {
            return send(known, request, reply);
        }
        Exchange[] whole = new Exchange[1];
        whole[0] = connect(endpoint, connectLimitNanos, new ConnectReply() {
            @Override
            public void connected(Connection connection) {
                whole[0].continueAs(send(connection, request, reply));
            }

            @Override
            public void notConnected(boolean inTime) {
                reply.notConnected(inTime);
            }
        });
        return whole[0];
    }

    /** Asks an endpoint whether it is well, beside all calls; connections of checks are their own. */
    void probe(int endpoint, Reply reply) {
        Instance instance = instance(endpoint);
        simulation.after(2 * ONE_WAY_NANOS, () -> {
            if (instance.isDown()) {
                reply.notConnected(true);
            } else {
                instance.probe(response -> simulation.after(ONE_WAY_NANOS, () -> reply.answered(response)));
            }
        });
    }

    private Instance.Peer peer(Connection connection, Exchange exchange, Instance instance, Reply reply) {
        return new Instance.Peer() {
            @Override
            public void answered(Response response) {
                // What is said by a machine that nobody hears is lost for good.
                if (!instance.isSilent()) {
                    simulation.after(
                            ONE_WAY_NANOS,
                            () -> exchange.tell(() -> {
                                keep(connection);
                                reply.answered(response);
                            }));
                }
            }

            @Override
            public void broken() {
                simulation.after(ONE_WAY_NANOS, () -> exchange.tell(reply::lost));
            }
        };
    }

    private void keep(Connection connection) {
        idle.add(connection);
        if (idle.size() > MAX_IDLE_CONNECTIONS) {
            idle.remove(0);
        }
    }

    private Instance instance(int endpoint) {
        return instances.get(endpoint);
    }

    /** A connection to one process. Compared by identity. */
    public static final class Connection {
        private final long number;
        private final int endpoint;
        private final long life;
        private boolean isUsed;

        private Connection(long number, int endpoint, long life) {
            this.number = number;
            this.endpoint = endpoint;
            this.life = life;
        }

        /** Returns the endpoint that it leads to. */
        public int endpoint() {
            return endpoint;
        }

        /** Tells whether a request was sent on it before. */
        public boolean isUsed() {
            return isUsed;
        }
    }

    /** Learns whether a connection came about. */
    public interface ConnectReply {
        /** It did; whoever asked is to use it. */
        void connected(Connection connection);

        /**
         * It did not.
         *
         * @param inTime whether that was said, by a refusal, and not waited for until the limit
         */
        void notConnected(boolean inTime);
    }

    /** Something under way. */
    public static final class Exchange {
        private Simulation.@Nullable Event next;
        private @Nullable Exchange later;
        private boolean isSent;
        private boolean isOver;

        private Exchange() {}

        /** Gives up: nothing more is heard, and the connection is closed. The endpoint does not notice. Idempotent. */
        public void cancel() {
            isOver = true;
            Simulation.Event event = next;
            if (event != null) {
                event.cancel();
            }
            if (later != null) {
                later.cancel();
            }
        }

        /** Tells whether any of the request may have left. */
        public boolean isSent() {
            return isSent || (later != null && later.isSent());
        }

        private void continueAs(Exchange exchange) {
            later = exchange;
        }

        private void tell(Runnable news) {
            if (!isOver) {
                isOver = true;
                news.run();
            }
        }
    }
}
