package io.intramesh.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.RawDocument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What every registry keeps. */
abstract class MeshRegistryContract {
    private static final List<RawDocument> ONE = List.of(RawDocument.of("a.yaml", "1"));
    private static final List<RawDocument> TWO = List.of(RawDocument.of("a.yaml", "2"), RawDocument.of("b.yaml", "2"));

    private final Recorder recorder = new Recorder();

    /** Returns a registry over {@link #put} documents, not started. */
    abstract MeshRegistry registry() throws Exception;

    /** Replaces all documents, in what the registry reads. */
    abstract void put(List<RawDocument> documents) throws Exception;

    @Test
    void whatIsThereAtTheStartIsDelivered() throws Exception {
        put(ONE);

        try (MeshRegistry registry = registry()) {
            registry.start(recorder);
            awaitLast(ONE);
        }
    }

    @Test
    void whatChangesIsDeliveredWhole() throws Exception {
        put(ONE);

        try (MeshRegistry registry = registry()) {
            registry.start(recorder);
            awaitLast(ONE);
            put(TWO);
            awaitLast(TWO);
        }
    }

    @Test
    void callsToTheObserverComeOneAtATime() throws Exception {
        put(ONE);

        try (MeshRegistry registry = registry()) {
            registry.start(recorder);
            for (int i = 0; i < 5; i++) {
                put(TWO);
                put(ONE);
            }
            awaitLast(ONE);
        }

        assertThat(recorder.mostAtATime.get()).isEqualTo(1);
    }

    @Test
    void nothingComesAfterTheEnd() throws Exception {
        put(ONE);
        MeshRegistry registry = registry();
        registry.start(recorder);
        awaitLast(ONE);

        registry.close();
        registry.close();
        put(TWO);

        // A second registry that sees the change proves that there was one to be seen.
        Recorder other = new Recorder();
        try (MeshRegistry second = registry()) {
            second.start(other);
            Awaitility.await().until(() -> other.last().equals(TWO));
        }
        assertThat(recorder.last()).isEqualTo(ONE);
    }

    @Test
    void aRegistryThatNeverStartedCanBeClosed() throws Exception {
        MeshRegistry registry = registry();
        registry.close();

        assertThat(registry.describe()).isNotBlank();
    }

    private void awaitLast(List<RawDocument> documents) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> recorder.last().equals(documents));
    }

    private static final class Recorder implements MeshRegistry.Observer {
        private final List<List<RawDocument>> deliveries = new ArrayList<>();
        private final AtomicInteger atATime = new AtomicInteger();
        final AtomicInteger mostAtATime = new AtomicInteger();

        @Override
        public void documentsChanged(List<RawDocument> documents) {
            mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
            synchronized (deliveries) {
                deliveries.add(documents);
            }
            atATime.decrementAndGet();
        }

        @Override
        public void readFailed(String message) {
            mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
            atATime.decrementAndGet();
        }

        List<RawDocument> last() {
            synchronized (deliveries) {
                return deliveries.isEmpty() ? List.of() : deliveries.get(deliveries.size() - 1);
            }
        }
    }
}
