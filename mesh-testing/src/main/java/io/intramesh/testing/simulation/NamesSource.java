package io.intramesh.testing.simulation;

import io.intramesh.call.Endpoint;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Looks for endpoints in {@link Names}, as often and with as much patience as the mesh's own look-ups by DNS have: again after
 * 5 s and up to a tenth more; where nobody answers, after 1 s, 2 s … 30 s, and what was known stays; that there is no address
 * is believed when nothing else was said for 30 s.
 */
final class NamesSource implements EndpointSource {
    private static final long REFRESH_NANOS = Duration.ofSeconds(5).toNanos();
    private static final double REFRESH_SPREAD = 0.1;
    private static final long FIRST_RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_RETRY_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long BELIEVED_EMPTY_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long LOOK_UPS = 5;

    private final Network network;
    private final RandomGenerator chance;

    NamesSource(Network network, long key) {
        this.network = network;
        this.chance = network.simulation().chance(LOOK_UPS, key);
    }

    /** Returns the number of an endpoint that this source found. */
    static int indexOf(Endpoint endpoint) {
        return endpoint.addresses().get(0).getAddress()[3] & 0xFF;
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return true;
    }

    @Override
    public Watch watch(Query query, Observer observer) {
        NamesWatch watch = new NamesWatch(observer);
        watch.lookUp();
        return watch;
    }

    @Override
    public void close() {}

    private Found found(int endpoint) {
        try {
            InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) endpoint});
            return new Found(
                    address.getHostAddress(),
                    List.of(address),
                    null,
                    network.fleet().zones().get(endpoint));
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    private final class NamesWatch implements Watch {
        private final Observer observer;
        private Simulation.@Nullable Event next;
        private int failures;
        private boolean isEmpty;
        private long emptySince;
        private boolean isClosed;
        private long lastNanos;

        private NamesWatch(Observer observer) {
            this.observer = observer;
        }

        private void lookUp() {
            if (isClosed) {
                return;
            }
            lastNanos = network.simulation().nowNanos();
            List<Integer> answer = network.names().answer();
            if (answer == null) {
                isEmpty = false;
                observer.failed("nobody answers; what was found stays");
                again(Math.min(LONGEST_RETRY_NANOS, FIRST_RETRY_NANOS << Math.min(failures++, 5)));
                return;
            }
            failures = 0;
            if (answer.isEmpty()) {
                if (!isEmpty) {
                    emptySince = lastNanos;
                }
                if (isEmpty && lastNanos - emptySince >= BELIEVED_EMPTY_NANOS) {
                    observer.found(List.of());
                }
            } else {
                observer.found(
                        answer.stream().sorted().map(NamesSource.this::found).toList());
            }
            boolean isNews = answer.isEmpty() && !isEmpty;
            isEmpty = answer.isEmpty();
            again(isNews ? FIRST_RETRY_NANOS : (long) (REFRESH_NANOS * (1 + REFRESH_SPREAD * chance.nextDouble())));
        }

        private void again(long nanos) {
            if (next != null) {
                next.cancel();
            }
            next = network.simulation().after(nanos, this::lookUp);
        }

        @Override
        public void refresh() {
            long since = network.simulation().nowNanos() - lastNanos;
            again(Math.max(0, FIRST_RETRY_NANOS - since));
        }

        @Override
        public void close() {
            isClosed = true;
            if (next != null) {
                next.cancel();
            }
        }
    }
}
