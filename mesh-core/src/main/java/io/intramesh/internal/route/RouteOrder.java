package io.intramesh.internal.route;

import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Route;
import java.util.ArrayList;
import java.util.List;

/** The order in which the routes of one router or gateway are tried, for who wants to show it. */
public final class RouteOrder {
    private RouteOrder() {}

    /** Returns the routes of one virtual router, which come in order of declaration, as they are tried. */
    public static List<Route> of(List<Route> routes) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            candidates.add(Candidate.of(routes.get(i), i));
        }
        return inOrder(candidates, routes);
    }

    /** Returns the routes of one virtual gateway, which come in order of declaration, as they are tried. */
    public static List<GatewayRoute> ofGateway(List<GatewayRoute> routes) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            candidates.add(Candidate.of(routes.get(i), i));
        }
        return inOrder(candidates, routes);
    }

    private static <R> List<R> inOrder(List<Candidate> candidates, List<R> routes) {
        return Candidate.ranked(candidates).stream()
                .map(candidate -> routes.get(candidate.ordinal()))
                .toList();
    }
}
