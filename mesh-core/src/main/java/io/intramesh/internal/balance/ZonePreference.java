package io.intramesh.internal.balance;

import io.intramesh.call.Endpoint;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/*
 * Keeps calls in the caller's own zone as far as the endpoints there can take them, and sends the others elsewhere. If callers
 * are spread evenly over Z zones, each zone sends 1/Z of all calls; with u endpoints usable in all and l of them here, the own
 * zone can take l/u of them without more load than elsewhere, and 1.4 times that with the overload that Envoy allows a level of
 * priority before it spills over (overprovisioning factor 140 % [1]). So min(1, 1.4 x l x Z / u) of the calls stay. A zone that
 * loses endpoints spills over bit by bit, and a small zone is never crushed, which all-or-nothing preference does.
 *
 * Departures from Envoy's zone-aware routing [2]: it knows the number of callers in each zone, from the caller's own cluster;
 * we assume them to be even. It begins at 6 endpoints, since shares of few are coarse; here somebody asked for the
 * preference, and what few endpoints cannot take spills over by the same rule.
 *
 * Cost: one comparison while endpoints and their states stay the same; otherwise one walk over the list. Where the choice is
 * narrowed, one small object for each pick.
 *
 * [1] Envoy documentation, "Priority levels". [2] Envoy documentation, "Zone aware routing".
 */
final class ZonePreference extends Narrowed {
    private static final double OVERLOAD = 1.4;
    private static final long SALT = 0x7A6F_6E65_7A6F_6E65L;

    private final String zone;
    private final Draws draws;

    // Written and read by any thread; whoever loses counts again.
    private volatile @Nullable Share known;

    ZonePreference(LoadBalancer balancer, String zone, Draws draws) {
        super(balancer);
        this.zone = zone;
        this.draws = draws;
    }

    @Override
    Predicate<Endpoint> narrow(List<Endpoint> endpoints, Predicate<Endpoint> usable, @Nullable MeshRequest request) {
        double own = ownShare(endpoints, usable);
        if (own == 0) {
            return usable;
        }
        boolean stays = own >= 1 || draws.next(request, SALT) < own;
        return endpoint -> isHere(endpoint) == stays && usable.test(endpoint);
    }

    // Lists and tests are immutable and replaced as a whole.
    @SuppressWarnings("ReferenceEquality")
    private double ownShare(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        Share last = known;
        if (last == null || last.endpoints != endpoints || last.usable != usable) {
            last = new Share(endpoints, usable, count(endpoints, usable));
            known = last;
        }
        return last.own;
    }

    /** Returns the share of calls to keep here; 0 where there is nothing to choose by. */
    private double count(List<Endpoint> endpoints, Predicate<Endpoint> usable) {
        Set<String> zones = new HashSet<>();
        int all = 0;
        int here = 0;
        for (Endpoint endpoint : endpoints) {
            if (endpoint.zone() != null) {
                zones.add(endpoint.zone());
            }
            if (usable.test(endpoint)) {
                all++;
                here += isHere(endpoint) ? 1 : 0;
            }
        }
        return here == 0 || here == all ? 0 : OVERLOAD * here * zones.size() / all;
    }

    private boolean isHere(Endpoint endpoint) {
        return zone.equals(endpoint.zone());
    }

    /** What was counted, and over what. Immutable. */
    private static final class Share {
        private final List<Endpoint> endpoints;
        private final Predicate<Endpoint> usable;
        private final double own;

        Share(List<Endpoint> endpoints, Predicate<Endpoint> usable, double own) {
            this.endpoints = endpoints;
            this.usable = usable;
            this.own = own;
        }
    }
}
