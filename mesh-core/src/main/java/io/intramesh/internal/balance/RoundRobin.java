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
 * Cost: one atomic increment where the turn falls on a usable endpoint; otherwise one more, and a walk over the list.
 */
final class RoundRobin implements LoadBalancer {
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
        Endpoint next = endpoints.get(Integer.remainderUnsigned(turn.getAndIncrement(), size));
        return usable.test(next) ? next : pickInstead(endpoints, usable);
    }

    @Override
    public @Nullable Endpoint pickAnother(List<Endpoint> endpoints, Predicate<Endpoint> usable, MeshRequest request) {
        return pickInstead(endpoints, usable);
    }

    private @Nullable Endpoint pickInstead(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        int candidates = Usable.count(endpoints, usable);
        if (candidates == 0) {
            return null;
        }
        return Usable.get(endpoints, usable, Integer.remainderUnsigned(spareTurn.getAndIncrement(), candidates));
    }
}
