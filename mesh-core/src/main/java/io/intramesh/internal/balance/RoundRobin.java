package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/*
 * Each in turn. The usual way to leave out an unusable endpoint, stepping on to the next usable one, hands its whole share to
 * its successor: of three endpoints with one ejected, the second would carry twice the load of the third. So turns that fall
 * on an unusable endpoint go round among the usable ones by a cursor of their own. With n endpoints of which k are usable,
 * each usable one gets 1/n directly and ((n - k)/n)/k of the other turns: the same for all.
 *
 * Where endpoints have weights that differ, a turn stands for a point on a line on which each has a stretch as long as its weight,
 * and one turn is the golden section further than the last: a sequence that fills the line as evenly as any [1], so that
 * shares are right after few turns and the turns of a heavy endpoint do not come in a row.
 *
 * Cost: one atomic increment where the turn falls on a usable endpoint; otherwise one more, and a walk over the list.
 * With weights that differ, a binary search besides.
 *
 * [1] D. E. Knuth, The Art of Computer Programming, vol. 3, section 6.4: Fibonacci hashing.
 */
final class RoundRobin implements LoadBalancer {
    /** 2^32 divided by the golden section. */
    private static final int GOLDEN = 0x9E37_79B9;

    private static final double WHOLE = 1L << Integer.SIZE;

    private final PerList<Weights> weights = new PerList<>(Weights::of);
    private final AtomicInteger turn;
    private final AtomicInteger spareTurn = new AtomicInteger();

    RoundRobin(int firstTurn) {
        turn = new AtomicInteger(firstTurn);
    }

    @Override
    public @Nullable Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        int size = endpoints.size();
        if (size == 0) {
            return null;
        }
        Weights weighed = weights.of(endpoints);
        int mine = turn.getAndIncrement();
        Endpoint next =
                endpoints.get(weighed.areEqual() ? Integer.remainderUnsigned(mine, size) : weighed.at(golden(mine)));
        return usable.test(next) ? next : pickInstead(endpoints, usable);
    }

    @Override
    public @Nullable Endpoint pickAnother(List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        return pickInstead(endpoints, usable);
    }

    private @Nullable Endpoint pickInstead(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        if (!weights.of(endpoints).areEqual()) {
            return Weights.at(golden(spareTurn.getAndIncrement()), endpoints, usable);
        }
        int candidates = Usable.count(endpoints, usable);
        if (candidates == 0) {
            return null;
        }
        return Usable.get(endpoints, usable, Integer.remainderUnsigned(spareTurn.getAndIncrement(), candidates));
    }

    private static double golden(int turn) {
        return Integer.toUnsignedLong(turn * GOLDEN) / WHOLE;
    }
}
