package io.intramesh.testing.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Observer;
import io.intramesh.registry.EndpointSource.Query;
import io.intramesh.registry.EndpointSource.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link EndpointSource} keeps to. Extend it, over a real registry or a fake one:
 *
 * <pre>{@code
 * final class ConsulSourceContractTest extends EndpointSourceContract {
 *     protected EndpointSource source() { return new ConsulSource(fake.url()); }
 *     protected ServiceDiscovery discovery(String service) { return new Dns(service + ".consul", ENDPOINTS, null); }
 *     protected void put(String service, List<String> addresses) { fake.put(service, addresses); }
 *     protected void fail(boolean fails) { fake.fail(fails); }
 * }
 * }</pre>
 *
 * <p>Changes may take the source up to half a minute to see, that the last instance is gone included: a source that believes an
 * empty answer late is built to be quicker here.
 */
public abstract class EndpointSourceContract {
    private static final long PATIENCE_SECONDS = 30;

    private final Set<Long> threadsBefore =
            threads().stream().map(Thread::getId).collect(Collectors.toSet());

    /** For test classes that extend it. */
    protected EndpointSourceContract() {}

    /** Returns a source that has started nothing yet; each call another one. */
    protected abstract EndpointSource source() throws Exception;

    /** Returns how a virtual node names that service, so that the source supports it. */
    protected abstract ServiceDiscovery discovery(String service);

    /** Replaces the instances of a service in the registry; addresses are IPv4. */
    protected abstract void put(String service, List<String> addresses) throws Exception;

    /** Makes the registry fail for every service, or work again. */
    protected abstract void fail(boolean fails) throws Exception;

    @Test
    public void itSupportsWhatItSaysAndHasAName() throws Exception {
        try (EndpointSource source = source()) {
            assertThat(source.supports(discovery("payments"))).isTrue();
            assertThat(source.toString()).isNotBlank().doesNotContain("@");
        }
    }

    @Test
    public void nothingIsStartedBeforeTheFirstWatch() throws Exception {
        try (EndpointSource source = source()) {
            assertThat(source).isNotNull();
            assertThat(newThreads()).isEmpty();
        }
    }

    @Test
    public void whatIsThereIsFound() throws Exception {
        put("payments", List.of("10.0.0.1", "10.0.0.2"));
        Heard heard = new Heard();

        try (EndpointSource source = source()) {
            source.watch(query("payments"), heard);

            assertThat(heard.next()).isEqualTo("found [10.0.0.1, 10.0.0.2]");
        }
    }

    @Test
    public void whatComesAndGoesIsFoundWhole() throws Exception {
        put("payments", List.of("10.0.0.1"));
        Heard heard = new Heard();

        try (EndpointSource source = source()) {
            Watch watch = source.watch(query("payments"), heard);
            assertThat(heard.next()).isEqualTo("found [10.0.0.1]");
            put("payments", List.of("10.0.0.1", "10.0.0.2"));
            heard.await(watch, "found [10.0.0.1, 10.0.0.2]");
            put("payments", List.of("10.0.0.2"));
            heard.await(watch, "found [10.0.0.2]");
        }
    }

    @Test
    public void aNodeThatLosesItsLastInstanceIsEmpty() throws Exception {
        put("payments", List.of("10.0.0.1"));
        Heard heard = new Heard();

        try (EndpointSource source = source()) {
            Watch watch = source.watch(query("payments"), heard);
            assertThat(heard.next()).isEqualTo("found [10.0.0.1]");
            put("payments", List.of());
            heard.await(watch, "found []");
        }
    }

    @Test
    public void aFailureIsNoEmptyListAndEndsWithTheNextAnswerEvenIfThatIsTheSame() throws Exception {
        put("payments", List.of("10.0.0.1"));
        Heard heard = new Heard();

        try (EndpointSource source = source()) {
            Watch watch = source.watch(query("payments"), heard);
            assertThat(heard.next()).isEqualTo("found [10.0.0.1]");
            fail(true);
            heard.await(watch, "failed");
            assertThat(heard.failures())
                    .allSatisfy(message -> assertThat(message).contains("'payments'"));
            fail(false);
            heard.await(watch, "found [10.0.0.1]");
        }

        assertThat(heard.all()).doesNotContain("found []");
    }

    @Test
    public void nodesAreWatchedSideBySideByNoMoreThanOneThread() throws Exception {
        int nodes = 20;
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            put("service" + i, List.of("10.0.1." + i));
        }

        try (EndpointSource source = source()) {
            for (int i = 0; i < nodes; i++) {
                Heard one = new Heard();
                heard.add(one);
                source.watch(query("service" + i), one);
            }
            for (int i = 0; i < nodes; i++) {
                assertThat(heard.get(i).next()).isEqualTo("found [10.0.1." + i + "]");
            }
            assertThat(newThreads()).hasSizeLessThanOrEqualTo(threadsAllowed());
        }
    }

    @Test
    public void callsToAnObserverComeOneAtATime() throws Exception {
        Heard heard = new Heard();
        put("payments", List.of("10.0.0.1"));

        try (EndpointSource source = source()) {
            Watch watch = source.watch(query("payments"), heard);
            for (int i = 2; i < 5; i++) {
                put("payments", List.of("10.0.0." + i));
                watch.refresh();
                watch.refresh();
            }
            heard.await(watch, "found [10.0.0.4]");
        }

        assertThat(heard.mostAtATime.get()).isEqualTo(1);
    }

    @Test
    public void theEndOfAWatchEndsItAlone() throws Exception {
        put("payments", List.of("10.0.0.1"));
        put("stock", List.of("10.0.0.9"));
        Heard ended = new Heard();
        Heard other = new Heard();

        try (EndpointSource source = source()) {
            Watch watch = source.watch(query("payments"), ended);
            Watch goesOn = source.watch(query("stock"), other);
            assertThat(ended.next()).isEqualTo("found [10.0.0.1]");
            assertThat(other.next()).isEqualTo("found [10.0.0.9]");
            watch.close();
            watch.close();
            watch.refresh();
            put("payments", List.of("10.0.0.2"));
            put("stock", List.of("10.0.0.8"));
            other.await(goesOn, "found [10.0.0.8]");
        }

        assertThat(ended.all()).containsExactly("found [10.0.0.1]");
    }

    @Test
    public void theEndLeavesNothingBehindNotEvenWhileTheRegistryFails() throws Exception {
        put("payments", List.of("10.0.0.1"));
        Heard heard = new Heard();
        EndpointSource source = source();
        Watch watch = source.watch(query("payments"), heard);
        assertThat(heard.next()).isEqualTo("found [10.0.0.1]");
        fail(true);
        heard.await(watch, "failed");
        int before = heard.all().size();

        source.close();
        source.close();
        fail(false);
        watch.refresh();
        watch.close();

        awaitNoThread();
        assertThat(heard.all()).hasSize(before);
    }

    /** Returns how many threads a source may have; one, unless an implementation says why it needs more. */
    protected int threadsAllowed() {
        return 1;
    }

    /** Tells whether a thread belongs to the source; default those whose names begin as the mesh's threads do. */
    protected boolean isOfSource(Thread thread) {
        return thread.getName().startsWith("intramesh");
    }

    /** Waits out the moment that a thread takes to end once its work has. */
    private void awaitNoThread() throws InterruptedException {
        for (Thread thread : threads()) {
            if (!threadsBefore.contains(thread.getId())) {
                thread.join(TimeUnit.SECONDS.toMillis(1));
            }
        }
        assertThat(newThreads()).isEmpty();
    }

    private List<String> newThreads() {
        return threads().stream()
                .filter(thread -> !threadsBefore.contains(thread.getId()))
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    private Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && isOfSource(thread))
                .collect(Collectors.toSet());
    }

    private Query query(String service) {
        return new Query("shop", service, discovery(service), null, List.of(8080));
    }

    /** What an observer hears, in words. */
    private static final class Heard implements Observer {
        final AtomicInteger mostAtATime = new AtomicInteger();
        private final AtomicInteger atATime = new AtomicInteger();
        private final BlockingQueue<String> fresh = new LinkedBlockingQueue<>();
        private final List<String> all = new ArrayList<>();

        @Override
        public void found(List<Found> endpoints) {
            hear("found " + endpoints.stream().map(Found::name).sorted().toList());
        }

        @Override
        public void failed(String message) {
            hear("failed " + message);
        }

        private void hear(String what) {
            mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
            synchronized (this) {
                all.add(what);
            }
            fresh.add(what);
            atATime.decrementAndGet();
        }

        String next() throws InterruptedException {
            return requireNonNull(fresh.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "heard nothing in time");
        }

        /** Waits until something is heard that begins like that, and gives hints meanwhile, as failing calls do. */
        void await(Watch watch, String beginning) throws InterruptedException {
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                watch.refresh();
                @Nullable String heard = fresh.poll(200, TimeUnit.MILLISECONDS);
                if (heard != null && heard.startsWith(beginning)) {
                    return;
                }
            }
            throw new AssertionError("not heard in time: " + beginning + "; heard: " + all());
        }

        synchronized List<String> all() {
            return List.copyOf(all);
        }

        List<String> failures() {
            return all().stream().filter(one -> one.startsWith("failed")).toList();
        }
    }
}
