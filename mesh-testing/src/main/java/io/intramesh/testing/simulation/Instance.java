package io.intramesh.testing.simulation;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One endpoint of a callee: a queue before a number of threads, in some condition. */
final class Instance {
    private static final long WORK = 1;
    private static final long FAILURE = 2;
    private static final int OK = 200;
    private static final int OVERLOADED = 503;
    private static final double PERCENT = 100;

    private final Simulation simulation;
    private final Fleet fleet;
    private final long key;
    private final Application application;
    private final Queue<Arrival> waiting = new ArrayDeque<>();

    /** What is waited for or worked on. Never iterated over but to break all, each of which is an event of its own time. */
    private final Set<Arrival> open = new HashSet<>();

    private Condition condition = new Condition.Well();
    private long conditionSince;
    private int busy;
    private long life;
    private long arrivals;

    /** Does what follows the work, holding its thread meanwhile. */
    interface Application {
        Application ANSWER = (request, done) -> done.accept(Response.of(OK));

        void serve(Request request, Consumer<Response> done);
    }

    /** Whoever sent a request. */
    interface Peer {
        void answered(Response response);

        void broken();
    }

    /**
     * @param key of the callee, so that two callees do not work in step
     */
    Instance(Simulation simulation, Fleet fleet, long key, Application application) {
        this.simulation = simulation;
        this.fleet = fleet;
        this.key = key;
        this.application = application;
    }

    boolean isDown() {
        return condition instanceof Condition.Down;
    }

    boolean isSilent() {
        return condition instanceof Condition.Silent;
    }

    /** Returns a number that changes when the process ends: connections belong to one life. */
    long life() {
        return life;
    }

    void become(Condition newCondition) {
        condition = newCondition;
        conditionSince = simulation.nowNanos();
        if (isDown()) {
            life++;
            busy = 0;
            waiting.clear();
            Set<Arrival> broken = new HashSet<>(open);
            open.clear();
            broken.stream()
                    .sorted((one, other) -> Long.compare(one.number, other.number))
                    .forEach(arrival -> arrival.peer.broken());
        }
    }

    /** Takes a request that has arrived. */
    void arrive(Request request, Peer peer) {
        if (isSilent()) {
            return;
        }
        if (isDown()) {
            peer.broken();
            return;
        }
        if (condition instanceof Condition.Failing failing
                && simulation
                                        .chance(FAILURE, key, request.call(), request.attempt())
                                        .nextDouble()
                                * PERCENT
                        < failing.percent()) {
            peer.answered(Response.of(failing.status()));
            return;
        }
        Arrival arrival = new Arrival(arrivals++, request, peer, life);
        if (busy < fleet.threads()) {
            open.add(arrival);
            begin(arrival);
        } else if (waiting.size() < fleet.queue()) {
            open.add(arrival);
            waiting.add(arrival);
        } else {
            peer.answered(Response.of(OVERLOADED));
        }
    }

    /** Answers a health check, for which no thread is needed; never where nothing is answered. */
    void probe(Consumer<Response> answer) {
        if (!isSilent()) {
            answer.accept(Response.of(condition instanceof Condition.Failing failing ? failing.status() : OK));
        }
    }

    private void begin(Arrival arrival) {
        busy++;
        Request request = arrival.request;
        RandomGenerator chance = simulation.chance(WORK, key, request.call(), request.attempt());
        double slowness = condition.slowness(simulation.nowNanos() - conditionSince);
        simulation.after((long) (fleet.work().drawNanos(chance) * slowness), () -> {
            if (arrival.life == life) {
                application.serve(request, response -> end(arrival, response));
            }
        });
    }

    private void end(Arrival arrival, Response response) {
        if (arrival.life != life) {
            return;
        }
        open.remove(arrival);
        busy--;
        Arrival next = waiting.poll();
        if (next != null) {
            begin(next);
        }
        arrival.peer.answered(response);
    }

    /** A request that is here. Compared by identity. */
    private static final class Arrival {
        private final long number;
        private final Request request;
        private final Peer peer;
        private final long life;

        Arrival(long number, Request request, Peer peer, long life) {
            this.number = number;
            this.request = request;
            this.peer = peer;
            this.life = life;
        }
    }
}
