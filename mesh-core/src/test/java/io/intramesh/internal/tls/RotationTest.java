package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.intramesh.internal.time.MeshThread;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends renew their certificates over and over while lines go back and forth on new and on old connections. */
final class RotationTest {
    private static final int ROTATIONS = 12;
    private static final int CALLERS = 3;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JSSE"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void noExchangeFailsWhileBothEndsRotate(TlsSettings.Provider provider) throws Exception {
        TlsFixture tls = new TlsFixture(folder);
        tls.issue("server", TlsFixture.SERVER_ID);
        tls.issue("client", TlsFixture.CLIENT_ID);
        TlsSettings settings = TlsFixture.settings(provider);
        CountDownLatch rotated = new CountDownLatch(2 * ROTATIONS);
        try (MeshThread thread = new MeshThread("rotation");
                TlsStore store = new TlsStore(settings, thread, tls.time, event -> {
                    if (event.kind() == TlsEvent.Kind.ROTATED) {
                        rotated.countDown();
                    }
                })) {
            ServerHandle server = store.server(8443);
            server.configure(tls.strict("server", tls.validation(TlsFixture.CLIENT_ID)), List.of());
            ClientHandle client =
                    store.client(tls.certificate("client"), tls.validation(TlsFixture.SERVER_ID), List.of());
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger exchanges = new AtomicInteger();
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
            try (LineServer lines = new LineServer(server.context(), socket -> {})) {
                for (int i = 0; i < CALLERS; i++) {
                    callers.execute(() -> {
                        try {
                            call(client, lines.port(), stop, exchanges);
                        } catch (IOException | RuntimeException | AssertionError e) {
                            failures.add(e);
                        }
                    });
                }
                for (int i = 0; i < ROTATIONS; i++) {
                    long left = rotated.getCount();
                    tls.issue("server", TlsFixture.SERVER_ID);
                    tls.issue("client", TlsFixture.CLIENT_ID);
                    awaitBoth(rotated, left);
                }
                stop.set(true);
                callers.shutdown();
                assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

                assertThat(failures).isEmpty();
                assertThat(lines.failures).isEmpty();
                // Each caller had at least an exchange on a new and one on its old connection per rotation.
                assertThat(exchanges.get()).isGreaterThan(2 * ROTATIONS);
            } finally {
                callers.shutdownNow();
            }
        }
    }

    private static void awaitBoth(CountDownLatch rotated, long before) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> rotated.getCount() <= before - 2);
    }

    private static void call(ClientHandle handle, int port, AtomicBoolean stop, AtomicInteger exchanges)
            throws IOException {
        List<LineClient> kept = new ArrayList<>();
        try {
            while (!stop.get()) {
                ClientTls tls = handle.current();
                if (tls == null) {
                    throw new AssertionError(handle.problem());
                }
                LineClient fresh = LineClient.connect(tls.socketFactory(), port);
                kept.add(fresh);
                for (LineClient connection : kept) {
                    assertThat(connection.exchange("hello")).isEqualTo("hello");
                    exchanges.incrementAndGet();
                }
                if (kept.size() > 4) {
                    kept.remove(0).close();
                }
            }
        } finally {
            for (LineClient connection : kept) {
                connection.close();
            }
        }
    }
}
