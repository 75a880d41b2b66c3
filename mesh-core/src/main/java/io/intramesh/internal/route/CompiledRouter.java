package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.Protocol;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A virtual router with its routes: for each listener an index of the routes that may take its requests, and for each route
 * what becomes of them. Immutable.
 */
final class CompiledRouter {
    private final VirtualRouter router;
    private final List<Route> routes;
    private final Listening listening;

    /** All routes, in the order in which they are tried. */
    private final List<Candidate> ranked;

    /** For each listener; where the router has none, the only one, for every port. */
    private final RouteIndex[] indexes;

    /** By ordinal of the route. An array, as is the above, for each look that is saved counts when memory is cold. */
    private final Plan[] plans;

    private CompiledRouter(
            VirtualRouter router,
            List<Route> routes,
            Listening listening,
            List<Candidate> ranked,
            RouteIndex[] indexes,
            List<Plan> plans) {
        this.router = router;
        this.routes = routes;
        this.listening = listening;
        this.ranked = ranked;
        this.indexes = indexes;
        this.plans = plans.toArray(new Plan[0]);
    }

    /** Compiles a router, or returns the previous one where nothing about it has changed, bindings included. */
    static CompiledRouter compile(
            VirtualRouter router, List<Route> routes, Bindings bindings, @Nullable CompiledRouter previous) {
        List<Plan> plans = new ArrayList<>();
        for (Route route : routes) {
            plans.add(plan(route, bindings));
        }
        if (previous == null || !previous.router.equals(router) || !matchAlike(previous.routes, routes)) {
            return compile(router, routes, plans);
        }
        if (previous.routes.equals(routes) && leadAlike(previous.plans(), plans)) {
            return previous;
        }
        return new CompiledRouter(router, routes, previous.listening, previous.ranked, previous.indexes, plans);
    }

    private static CompiledRouter compile(VirtualRouter router, List<Route> routes, List<Plan> plans) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            candidates.add(Candidate.of(routes.get(i), i));
        }
        List<Candidate> ranked = Candidate.ranked(candidates);
        Listening listening = new Listening(router.listeners());
        return new CompiledRouter(router, routes, listening, ranked, RouteIndex.perListener(ranked, listening), plans);
    }

    private static Plan plan(Route route, Bindings bindings) {
        Route.Spec spec = route.spec();
        Limits limits = Limits.of(spec.timeout(), spec.protocol());
        return new Plan(
                route.name(),
                spec.protocol(),
                spec.weightedTargets().stream()
                        .map(target -> bindings.target(target, limits))
                        .toList(),
                spec.retryPolicy(),
                spec.timeout());
    }

    /** Tells whether two lists of routes match the same requests under the same names. */
    private static boolean matchAlike(List<Route> left, List<Route> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            Route one = left.get(i);
            Route other = right.get(i);
            if (!one.id().equals(other.id())
                    || !Objects.equals(one.priority(), other.priority())
                    || one.spec().protocol() != other.spec().protocol()
                    || !match(one).equals(match(other))) {
                return false;
            }
        }
        return true;
    }

    private static Object match(Route route) {
        Route.Spec spec = route.spec();
        if (spec instanceof Route.Http http) {
            return http.match();
        }
        if (spec instanceof Route.Grpc grpc) {
            return grpc.match();
        }
        return spec.port() == null ? "any port" : spec.port();
    }

    private static boolean leadAlike(List<Plan> left, List<Plan> right) {
        for (int i = 0; i < left.size(); i++) {
            List<Target> one = left.get(i).targets();
            List<Target> other = right.get(i).targets();
            if (one.size() != other.size()) {
                return false;
            }
            for (int j = 0; j < one.size(); j++) {
                if (!one.get(j).isSameAs(other.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    String name() {
        return router.name();
    }

    Listening listening() {
        return listening;
    }

    /** Returns all routes, in the order in which they are tried. */
    List<Candidate> ranked() {
        return ranked;
    }

    List<Plan> plans() {
        return List.of(plans);
    }

    Plan plan(Candidate candidate) {
        return plans[candidate.ordinal()];
    }

    /**
     * Returns what becomes of a request, or null when no route takes it.
     *
     * @param listener place of the listener; {@link Listening#NOWHERE} where the router has none
     * @param dialled port that the caller dialled, -1 leaves it open; counts only where the router has no listener
     */
    @Nullable
    Plan find(MeshRequest request, @Nullable String path, int listener, int dialled) {
        Candidate found;
        if (listener == Listening.NOWHERE) {
            Protocol protocol = request.protocol();
            found = indexes[0].first(request, path, protocol, dialled);
        } else {
            found = indexes[listener].first(request, path);
        }
        return found == null ? null : plan(found);
    }

    /** Tells whether the matching of another router is this one's own, and was not compiled again. */
    boolean sharesMatchingWith(CompiledRouter other) {
        return indexes == other.indexes;
    }
}
