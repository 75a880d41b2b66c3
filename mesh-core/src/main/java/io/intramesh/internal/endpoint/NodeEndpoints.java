package io.intramesh.internal.endpoint;

import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Observer;
import io.intramesh.registry.EndpointSource.Query;
import io.intramesh.registry.EndpointSource.Watch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known about the endpoints of one virtual node, shared by the groups of its listeners. What to look for is a list of
 * parts: one for discovery, or one for each address of the node's Endpoints documents.
 */
final class NodeEndpoints {
    private static final Logger log = LoggerFactory.getLogger(NodeEndpoints.class);

    private final String name;
    private final MeshScheduler scheduler;
    private final ProblemLog problems;

    // Any thread.
    private final AtomicBoolean active = new AtomicBoolean();
    private final AtomicBoolean refreshAsked = new AtomicBoolean();
    private volatile @Nullable CompletableFuture<Void> pending = new CompletableFuture<>();
    private volatile @Nullable String problem;
    private volatile String origin = "nobody";

    // Mesh thread only.
    private final Map<Integer, EndpointGroup> groups = new HashMap<>();
    private List<Found> shown = List.of();
    private List<Part> parts = List.of();
    private boolean closed;

    NodeEndpoints(String name, MeshScheduler scheduler, ProblemLog problems) {
        this.name = name;
        this.scheduler = scheduler;
        this.problems = problems;
    }

    String name() {
        return name;
    }

    /** Returns the group of that listener. On the mesh thread. */
    EndpointGroup group(int listenerPort) {
        EndpointGroup group = groups.get(listenerPort);
        if (group == null) {
            group = new EndpointGroup(this, listenerPort);
            group.show(shown);
            groups.put(listenerPort, group);
        }
        return group;
    }

    void activate() {
        if (!active.get() && active.compareAndSet(false, true)) {
            scheduler.execute(() -> {
                parts.forEach(Part::start);
                warn(problem);
            });
        }
    }

    @Nullable
    CompletionStage<?> pending() {
        CompletableFuture<Void> future = pending;
        return future == null ? null : future.minimalCompletionStage();
    }

    @Nullable
    String problem() {
        return problem;
    }

    String origin() {
        return origin;
    }

    /** Hands the hint on. However many calls ask at a time, it is one hint. */
    void refresh() {
        if (active.get() && refreshAsked.compareAndSet(false, true)) {
            scheduler.execute(() -> {
                refreshAsked.set(false);
                parts.forEach(Part::refresh);
            });
        }
    }

    /**
     * Takes what to look for from now on. What stays the same goes on undisturbed. On the mesh thread.
     *
     * @param newOrigin who knows the endpoints, in words
     */
    void lookFor(List<Target> targets, String newOrigin) {
        origin = newOrigin;
        if (closed || targets.equals(parts.stream().map(part -> part.target).toList())) {
            return;
        }
        Map<Target, Part> before = new HashMap<>();
        parts.forEach(part -> before.put(part.target, part));
        List<Part> next = new ArrayList<>(targets.size());
        for (Target target : targets) {
            Part kept = before.remove(target);
            next.add(kept == null ? new Part(target) : kept);
        }
        parts = List.copyOf(next);
        before.values().forEach(Part::close);
        if (active.get()) {
            parts.forEach(Part::start);
        }
        settle();
    }

    /** Forgets the groups of listeners that are gone. On the mesh thread. */
    void keepGroups(List<Integer> listenerPorts) {
        groups.keySet().retainAll(listenerPorts);
    }

    /** Ends the look-ups. Groups keep what they show, for calls that still use an old snapshot. On the mesh thread. */
    void close() {
        closed = true;
        problems.recovered(name);
        parts.forEach(Part::close);
        known();
    }

    /** Draws the conclusion from the state of all parts. */
    private void settle() {
        List<Found> found = new ArrayList<>();
        String firstProblem = null;
        boolean allAnswered = true;
        boolean allHeardOf = true;
        for (Part part : parts) {
            found.addAll(part.found);
            allAnswered &= part.answered;
            allHeardOf &= part.answered || part.problem != null;
            firstProblem = firstProblem == null ? part.problem : firstProblem;
        }
        // Nothing found is only believed when everybody has answered: until then what was known before is the better
        // guess.
        if (!found.isEmpty() || allAnswered) {
            show(List.copyOf(found));
        }
        boolean problemIsNew = firstProblem != null && !firstProblem.equals(problem);
        problem = firstProblem;
        if (problemIsNew) {
            warn(firstProblem);
        } else if (firstProblem == null) {
            problems.recovered(name);
        }
        if (!found.isEmpty() || allHeardOf) {
            known();
        } else if (pending == null && shown.isEmpty()) {
            pending = new CompletableFuture<>();
        }
    }

    /** Warns about a problem, unless nobody calls the node: then it is nobody's problem yet. */
    private void warn(@Nullable String message) {
        if (message != null && active.get()) {
            problems.failed(name, message);
        }
    }

    private void show(List<Found> found) {
        if (found.equals(shown)) {
            return;
        }
        shown = found;
        boolean changed = false;
        for (EndpointGroup group : groups.values()) {
            changed |= group.show(found);
        }
        if (changed) {
            log.info("endpoints changed virtualNode={} endpoints={}", name, found.size());
        }
    }

    private void known() {
        CompletableFuture<Void> future = pending;
        pending = null;
        if (future != null) {
            future.complete(null);
        }
    }

    /** What to look for. */
    sealed interface Target {
        /** Needs no look-up: addresses that are written down, or a node that has none and why. */
        record Fixed(List<Found> found, @Nullable String problem) implements Target {}

        /**
         * Asks a source.
         *
         * @param port of what is found there; null leaves it to the source
         * @param zone of what is found there; null leaves it to the source
         * @param weight of what is found there; null leaves it to the source
         */
        record Lookup(
                EndpointSource source,
                Query query,
                @Nullable Integer port,
                @Nullable String zone,
                @Nullable Integer weight)
                implements Target {
            Found refine(Found one) {
                return port == null && zone == null && weight == null
                        ? one
                        : new Found(
                                one.name(),
                                one.addresses(),
                                port == null ? one.port() : port,
                                zone == null ? one.zone() : zone,
                                one.isHealthy(),
                                one.attributes(),
                                weight == null ? one.weight() : weight);
            }
        }
    }

    /** A target and what came of it. On the mesh thread, but for the observer's methods. */
    private final class Part implements Observer {
        final Target target;
        List<Found> found = List.of();
        boolean answered;

        @Nullable
        String problem;

        private @Nullable Watch watch;
        private boolean ended;

        Part(Target target) {
            this.target = target;
            if (target instanceof Target.Fixed fixed) {
                found = fixed.found();
                problem = fixed.problem();
                answered = true;
            }
        }

        void start() {
            if (ended || watch != null || !(target instanceof Target.Lookup lookup)) {
                return;
            }
            try {
                watch = lookup.source().watch(lookup.query(), this);
            } catch (RuntimeException e) {
                log.error("endpoint source failed virtualNode={} source={}", name, lookup.source(), e);
                failed("virtualNode '" + name + "': endpoint source " + lookup.source() + " failed: " + e
                        + "; see the log");
            }
        }

        void refresh() {
            if (watch != null) {
                watch.refresh();
            }
        }

        void close() {
            ended = true;
            if (watch != null) {
                watch.close();
                watch = null;
            }
        }

        @Override
        public void found(List<Found> endpoints) {
            List<Found> copy = List.copyOf(endpoints);
            take(() -> {
                found = target instanceof Target.Lookup lookup
                        ? copy.stream().map(lookup::refine).toList()
                        : copy;
                answered = true;
                problem = null;
            });
        }

        @Override
        public void failed(String message) {
            take(() -> problem = message);
        }

        private void take(Runnable change) {
            scheduler.execute(() -> {
                if (!ended) {
                    change.run();
                    settle();
                }
            });
        }
    }
}
