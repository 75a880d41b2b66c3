package io.intramesh.registry;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.Chance;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.MeshThread;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.ServiceDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Asks a registry again and again, all nodes by one thread.
 *
 * When to ask again: after the interval, plus up to a tenth by chance, so that a fleet that started together does not ask
 * together for ever. A hint that the endpoints look wrong shortens the pause to a fifth of the interval, 1 s at least: every
 * process that calls a dead instance has the same hint at the same time.
 *
 * When the registry fails: what was found stays in use. It is asked again after 1 s, then twice as long each time up to a
 * minute, plus or minus a fifth by chance; hints do not shorten that pause, for a registry that throttles must get less to do
 * when many endpoints fail, not more. Full jitter [1] would also ask at once now and then; a registry is asked by a few
 * callers per process, and the pause since their last failure is what gives it air.
 *
 * When there was something and the answer is empty: believed when nothing else is said for 30 s, as the mesh does with DNS. A
 * registry that just restarted may know nothing, and a deployment may take the old instances out before the new ones are in.
 * Endpoints that are gone refuse connections, which costs a call less than to have nowhere to go.
 *
 * [1] M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */

/**
 * Makes a source of endpoints out of a registry that has to be asked. All virtual nodes are asked about by one daemon thread,
 * which begins with the first watch and ends with {@link #close}.
 *
 * <pre>{@code
 * Mesh.builder()
 *         .endpointSource(PollingEndpointSource.builder("consul", new ConsulCatalog(client)).build())
 *         …
 * }</pre>
 *
 * <p>A registry that fails is asked again after 1 s and then ever less often, up to once a minute, while the endpoints that
 * were found last stay in use. An empty answer is believed when nothing else is said for 30 s. Safe for use by several threads.
 */
public final class PollingEndpointSource implements EndpointSource {
    /**
     * How often each node is asked about, when nothing else is said. App Mesh took seconds to a minute to bring a change of
     * Cloud Map to a proxy (SD-05 of its model); an instance that is gone is passed over by retries and outlier detection
     * meanwhile.
     */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

    /** How long an answer must stay empty to be believed, when nothing else is said; the same as for DNS. */
    public static final Duration DEFAULT_BELIEVED_EMPTY_AFTER = Duration.ofSeconds(30);

    static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
    static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    static final Duration LONGEST_RETRY = Duration.ofMinutes(1);
    static final Duration LONGEST_PAUSE_WHILE_EMPTY = Duration.ofSeconds(5);
    static final Duration SHORTEST_HINTED_PAUSE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(PollingEndpointSource.class);
    private static final double INTERVAL_SPREAD = 0.1;
    private static final double RETRY_SPREAD = 0.2;
    private static final int HINTS_PER_INTERVAL = 5;

    private final String name;
    private final EndpointCatalog catalog;
    private final Duration interval;
    private final Duration believedEmptyAfter;
    private final MeshScheduler scheduler;
    private final Runnable endOfScheduler;
    private final NanoClock clock;
    private final RandomGenerator chance;

    private volatile boolean closed;

    PollingEndpointSource(
            Builder settings,
            MeshScheduler scheduler,
            Runnable endOfScheduler,
            NanoClock clock,
            RandomGenerator chance) {
        this.name = settings.name;
        this.catalog = settings.catalog;
        this.interval = settings.interval;
        this.believedEmptyAfter = settings.believedEmptyAfter;
        this.scheduler = scheduler;
        this.endOfScheduler = endOfScheduler;
        this.clock = clock;
        this.chance = chance;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param name short, for explanations and logs; the thread is called {@code intramesh-} and that
     * @param catalog closed together with the source
     */
    public static Builder builder(String name, EndpointCatalog catalog) {
        return new Builder(requireNonNull(name, "name"), requireNonNull(catalog, "catalog"));
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return catalog.supports(discovery);
    }

    @Override
    public Watch watch(Query query, Observer observer) {
        Poll poll = new Poll(query, observer, catalog.lookup(query));
        scheduler.execute(poll::ask);
        return poll;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        catalog.close(); // First, so that a call that hangs ends and the thread with it.
        endOfScheduler.run();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Builds a {@link PollingEndpointSource}. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final EndpointCatalog catalog;
        private Duration interval = DEFAULT_INTERVAL;
        private Duration believedEmptyAfter = DEFAULT_BELIEVED_EMPTY_AFTER;

        private Builder(String name, EndpointCatalog catalog) {
            this.name = name;
            this.catalog = catalog;
        }

        /**
         * Sets how long after an answer each node is asked about again; default {@link #DEFAULT_INTERVAL}.
         *
         * @throws IllegalArgumentException below 1 s
         */
        public Builder interval(Duration value) {
            if (value.compareTo(SHORTEST_INTERVAL) < 0) {
                throw new IllegalArgumentException("interval: " + value + " (expected: 1 s or more)");
            }
            interval = value;
            return this;
        }

        /**
         * Sets how long the registry must say that a node has no instance to be believed where there was one; default
         * {@link #DEFAULT_BELIEVED_EMPTY_AFTER}, zero at once.
         */
        public Builder believedEmptyAfter(Duration value) {
            believedEmptyAfter = requireNonNull(value, "believedEmptyAfter");
            return this;
        }

        public PollingEndpointSource build() {
            MeshThread thread = new MeshThread("intramesh-" + name);
            return build(thread, thread::close, NanoClock.system(), Chance.shared());
        }

        PollingEndpointSource build(
                MeshScheduler scheduler, Runnable endOfScheduler, NanoClock clock, RandomGenerator chance) {
            return new PollingEndpointSource(this, scheduler, endOfScheduler, clock, chance);
        }
    }

    /** One virtual node. On the source's thread, but for the hint and the end. */
    private final class Poll implements Watch {
        private final Query query;
        private final Observer observer;
        private final EndpointCatalog.Lookup lookup;

        private @Nullable List<Found> told;
        private @Nullable String toldFailure;
        private int failures;
        private boolean isEmpty;
        private long emptySince;
        private long lastAsked;
        private MeshScheduler.@Nullable Task next;

        // Any thread.
        private volatile boolean ended;

        Poll(Query query, Observer observer, EndpointCatalog.Lookup lookup) {
            this.query = query;
            this.observer = observer;
            this.lookup = lookup;
        }

        @Override
        public void refresh() {
            scheduler.execute(() -> {
                if (failures > 0 || isOver()) {
                    return;
                }
                Duration pause = longer(interval.dividedBy(HINTS_PER_INTERVAL), SHORTEST_HINTED_PAUSE);
                askAfter(Duration.ofNanos(Math.max(0, pause.toNanos() - (clock.nanoTime() - lastAsked))));
            });
        }

        @Override
        public void close() {
            ended = true;
            scheduler.execute(this::cancelNext);
        }

        private boolean isOver() {
            return ended || closed;
        }

        private void ask() {
            if (isOver()) {
                return;
            }
            cancelNext();
            List<Found> found;
            try {
                found = List.copyOf(lookup.find());
            } catch (IOException e) {
                fail(() -> String.valueOf(e.getMessage()));
                return;
            } catch (RuntimeException e) {
                fail(() -> defect(e));
                return;
            }
            lastAsked = clock.nanoTime();
            if (!isOver()) {
                take(found);
            }
        }

        private void take(List<Found> found) {
            failures = 0;
            boolean hadSome = told != null && !told.isEmpty();
            if (hadSome && found.isEmpty() && !isBelieved()) {
                askAfter(shorter(interval, LONGEST_PAUSE_WHILE_EMPTY));
                return;
            }
            isEmpty = found.isEmpty();
            // After a failure the same list is news: it says that the registry works again.
            if (!found.equals(told) || toldFailure != null) {
                told = found;
                toldFailure = null;
                observer.found(found);
            }
            askAfter(scaled(interval, 1 + chance.nextDouble() * INTERVAL_SPREAD));
        }

        /** Tells whether the registry has said for long enough that there is nothing. */
        private boolean isBelieved() {
            if (!isEmpty) {
                isEmpty = true;
                emptySince = lastAsked;
            }
            return lastAsked - emptySince >= believedEmptyAfter.toNanos();
        }

        private void fail(Supplier<String> reason) {
            if (isOver()) {
                return; // What was cut off by the end has not failed.
            }
            failures++;
            isEmpty = false;
            String message = "virtualNode '" + query.virtualNode() + "': " + reason.get()
                    + (told == null || told.isEmpty() ? "" : "; the endpoints found before stay in use");
            if (!message.equals(toldFailure)) {
                toldFailure = message;
                observer.failed(message);
            }
            Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 6));
            double factor = 1 + (chance.nextDouble() * 2 - 1) * RETRY_SPREAD;
            askAfter(scaled(shorter(pause, LONGEST_RETRY), factor));
        }

        private String defect(RuntimeException e) {
            if (toldFailure == null) { // Once for each time that it begins to fail.
                log.error("endpoint source failed virtualNode={} source={}", query.virtualNode(), name, e);
            }
            return "endpoint source " + name + " failed: " + e + "; see the log";
        }

        private void askAfter(Duration pause) {
            cancelNext();
            next = scheduler.schedule(this::ask, pause);
        }

        private void cancelNext() {
            if (next != null) {
                next.cancel();
                next = null;
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration scaled(Duration duration, double factor) {
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }
}
