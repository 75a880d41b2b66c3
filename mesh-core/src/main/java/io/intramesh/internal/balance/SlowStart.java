package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import io.intramesh.internal.time.NanoClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/*
 * Gives an endpoint that is new a share that grows: it takes part in max(10 %, age / window) of the picks, which is Envoy's
 * factor of the weight at aggression 1 [1]. One number is drawn for each pick and held against the factor of every endpoint, so
 * that any balancer can do the picking. Where all are equally new, all take part or none does, and none means all: they share
 * evenly at once.
 *
 * Age counts from the first pick that finds the endpoint usable, not from its discovery: one that starts for a minute, failing
 * its health check, is cold all the same when it has come up. Those that are usable at the very first pick count as warm, since
 * it is this process that is new. One that failed its health checks and passes them again begins anew, as in Envoy: a process
 * that was started again at its old address is as cold as one at a new address.
 *
 * Cost: one comparison of references where all endpoints are warm; otherwise one walk over the list and one small object.
 *
 * [1] Envoy documentation, "Slow start mode".
 */
final class SlowStart extends Narrowed {
    /** Envoy's {@code min_weight_percent}. */
    static final double LEAST_SHARE = 0.1;

    private static final long SALT = 0x736C_6F77_7374_6172L;

    private final NanoClock clock;
    private final long windowNanos;
    private final Draws draws;
    private final AtomicBoolean hasBegun = new AtomicBoolean();

    // Written and read by any thread: the last list that was seen to be warm as a whole.
    private volatile @Nullable List<Endpoint> warm;

    SlowStart(LoadBalancer balancer, NanoClock clock, Duration window, Draws draws) {
        super(balancer);
        this.clock = clock;
        this.windowNanos = window.toNanos();
        this.draws = draws;
    }

    // Lists are immutable and replaced as a whole.
    @SuppressWarnings("ReferenceEquality")
    @Override
    Predicate<Endpoint> narrow(List<Endpoint> endpoints, Predicate<Endpoint> usable, @Nullable MeshRequest request) {
        if (endpoints == warm) {
            return usable;
        }
        long now = clock.nanoTime();
        if (!hasBegun.get()) {
            // Before it is said that this has begun: whoever reads so finds them all.
            for (Endpoint endpoint : endpoints) {
                if (usable.test(endpoint)) {
                    endpoint.attachment(SlowStart.class, old -> Start.LONG_AGO);
                }
            }
            hasBegun.set(true);
        }
        if (areWarm(endpoints, usable, now)) {
            warm = endpoints;
            return usable;
        }
        double draw = draws.next(request, SALT);
        return endpoint -> usable.test(endpoint) && share(endpoint, now) > draw;
    }

    @Override
    public void recovered(Endpoint endpoint) {
        endpoint.detach(SlowStart.class);
        warm = null;
        super.recovered(endpoint);
    }

    private boolean areWarm(List<Endpoint> endpoints, Predicate<Endpoint> usable, long now) {
        for (int i = 0; i < endpoints.size(); i++) {
            // Who is not usable may have been so long before; whether it is new shows when it is usable again.
            if (!usable.test(endpoints.get(i)) || share(endpoints.get(i), now) < 1) {
                return false;
            }
        }
        return true;
    }

    private double share(Endpoint endpoint, long now) {
        Start start = endpoint.attachment(SlowStart.class, unseen -> new Start(now, false));
        if (start.isLongAgo) {
            return 1;
        }
        double age = now - start.nanos;
        return age >= windowNanos ? 1 : Math.max(LEAST_SHARE, age / windowNanos);
    }

    /** When an endpoint was first usable. */
    private record Start(long nanos, boolean isLongAgo) {
        static final Start LONG_AGO = new Start(0, true);
    }
}
