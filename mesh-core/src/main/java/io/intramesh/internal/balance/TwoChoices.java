package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/*
 * The power of two choices [1]: draw two different endpoints, take the one with less to do. The fullest of n endpoints then
 * carries about ln ln n / ln 2 more than the mean, against ln n / ln ln n for one random draw, at the price of one more draw.
 * The least loaded of all would be better still if there were one caller; with many, all of them would run to the same
 * endpoint at the same moment, because each sees only its own load.
 *
 * Where endpoints have weights that differ, each is drawn with a likelihood of its weight, as with nothing under way it is the
 * draw alone that decides; and what an endpoint has to do is held against its weight.
 *
 * Cost: two draws. Only if one of the two is unusable: two walks over the list, drawing anew among the usable ones, which
 * keeps every usable pair equally likely.
 *
 * [1] M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, IEEE TPDS 12(10), 2001.
 */
abstract class TwoChoices implements LoadBalancer {
    private final RandomGenerator chance;
    private final PerList<Weights> weights = new PerList<>(Weights::of);

    TwoChoices(RandomGenerator chance) {
        this.chance = chance;
    }

    /** Returns the one of two endpoints that has less to do; the first where that is not to be told, being random already. */
    abstract Endpoint better(List<Endpoint> endpoints, Endpoint first, Endpoint second);

    @Override
    public final @Nullable Endpoint pick(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        int size = endpoints.size();
        if (size < 2) {
            return size == 1 && usable.test(endpoints.get(0)) ? endpoints.get(0) : null;
        }
        if (!weights.of(endpoints).areEqual()) {
            return pickByWeight(endpoints, usable);
        }
        int one = chance.nextInt(size);
        Endpoint first = endpoints.get(one);
        Endpoint second = endpoints.get(drawOther(one, size));
        return usable.test(first) && usable.test(second)
                ? better(endpoints, first, second)
                : pickAmongUsable(endpoints, usable);
    }

    private @Nullable Endpoint pickAmongUsable(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        int candidates = Usable.count(endpoints, usable);
        if (candidates < 2) {
            return candidates == 0 ? null : Usable.get(endpoints, usable, 0);
        }
        int one = chance.nextInt(candidates);
        Endpoint first = Usable.get(endpoints, usable, one);
        Endpoint second = Usable.get(endpoints, usable, drawOther(one, candidates));
        return first == null || second == null ? first : better(endpoints, first, second);
    }

    private @Nullable Endpoint pickByWeight(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        Endpoint first = Weights.at(chance.nextDouble(), endpoints, usable);
        if (first == null) {
            return null;
        }
        Endpoint second =
                Weights.at(chance.nextDouble(), endpoints, endpoint -> endpoint != first && usable.test(endpoint));
        return second == null ? first : better(endpoints, first, second);
    }

    /** Returns the requests under way at an endpoint, more by as much as it counts less than the one that counts most. */
    final double busy(List<Endpoint> endpoints, Endpoint endpoint) {
        Weights weighed = weights.of(endpoints);
        return weighed.areEqual()
                ? endpoint.inFlight()
                : endpoint.inFlight() * (double) weighed.greatest() / endpoint.weight();
    }

    /** Draws from 0 to {@code bound - 1} without {@code taken}, each with the same likelihood. */
    private int drawOther(int taken, int bound) {
        int other = chance.nextInt(bound - 1);
        return other >= taken ? other + 1 : other;
    }
}
