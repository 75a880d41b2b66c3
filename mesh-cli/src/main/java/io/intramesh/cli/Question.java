package io.intramesh.cli;

import io.intramesh.MeshConfigException;
import io.intramesh.OfflineMesh;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request, and what of it is left open that a mesh cannot leave open by itself: the host that is asked for at a gateway, or
 * one of the two halves of a gRPC call.
 *
 * <p>Open means that every condition on it holds. So the mesh is asked once with each name that some condition demands, and
 * once with a name that none demands; the answer whose route stands first is the one, since its route is the first whose
 * other conditions hold.
 *
 * @param request its host is empty where it is open, its path null where a half of the gRPC call is
 * @param grpcService null where it is open, or where this is no gRPC call
 * @param grpcMethod likewise
 */
record Question(
        ExplainRequest request,
        @Nullable String grpcService,
        @Nullable String grpcMethod) {
    private static final String NO_ONES_NAME = "any-name";

    /**
     * An answer.
     *
     * @param forwardedHost null where it depends on what is open
     * @param forwardedPath likewise, and where the request names no path
     */
    record Answered(
            Explanation explanation,
            @Nullable String forwardedHost,
            @Nullable String forwardedPath) {

        static Answered of(Explanation explanation) {
            return new Answered(explanation, explanation.forwardedHost(), explanation.forwardedPath());
        }

        private boolean standsBefore(Answered other) {
            int gateways = Integer.compare(place(explanation), place(other.explanation));
            return gateways < 0 || (gateways == 0 && placeInRouter(explanation) < placeInRouter(other.explanation));
        }

        // What was tried is listed in order, and the list ends with what matched.
        private static int place(Explanation explanation) {
            return explanation.gatewayRoute() == null
                    ? Integer.MAX_VALUE
                    : explanation.gatewayRoutes().size();
        }

        private static int placeInRouter(Explanation explanation) {
            return explanation.route() == null
                    ? Integer.MAX_VALUE
                    : explanation.routes().size();
        }
    }

    /** Returns a question that leaves nothing open but what a mesh can leave open. */
    static Question of(ExplainRequest request) {
        return new Question(request, null, null);
    }

    private boolean isHostOpen() {
        return request.host().isEmpty();
    }

    private boolean isCallOpen() {
        return (grpcService == null) != (grpcMethod == null);
    }

    /** Asks a mesh that is compiled from these resources. */
    Answered ask(OfflineMesh mesh, ResourceSet resources) throws BadInputException {
        if (!isHostOpen() && !isCallOpen()) {
            return Answered.of(explain(mesh, request));
        }
        Answered first = null;
        for (String host : isHostOpen() ? hosts(resources) : List.of(request.host())) {
            if (!isCallOpen()) {
                first = earlier(first, open(explain(mesh, with(host, request.path()))));
                continue;
            }
            for (String path : paths(resources)) {
                first = earlier(first, open(explain(mesh, with(host, path))));
            }
        }
        if (first == null) {
            throw new IllegalStateException("nothing was asked for " + request);
        }
        return first;
    }

    private static Answered earlier(@Nullable Answered first, Answered next) {
        return first == null || next.standsBefore(first) ? next : first;
    }

    private static Answered open(Explanation explanation) {
        return new Answered(explanation, known(explanation.forwardedHost()), known(explanation.forwardedPath()));
    }

    private static @Nullable String known(@Nullable String text) {
        return text == null || text.contains(NO_ONES_NAME) ? null : text;
    }

    // No one's name comes first: where a route takes any name, its answer is the one to give.
    private static List<String> hosts(ResourceSet resources) {
        List<String> hosts = new ArrayList<>(List.of(NO_ONES_NAME));
        for (GatewayRoute route : resources.all(GatewayRoute.class)) {
            HostnameMatch condition = route.spec().hostname();
            if (condition instanceof HostnameMatch.Exact exact) {
                hosts.add(exact.hostname());
            } else if (condition instanceof HostnameMatch.Suffix suffix) {
                hosts.add(NO_ONES_NAME + suffix.suffix());
            }
        }
        return hosts;
    }

    private List<String> paths(ResourceSet resources) {
        List<String> paths = new ArrayList<>();
        for (String service : names(grpcService, grpcMatches(resources).map(GrpcMatch::serviceName))) {
            for (String method : names(grpcMethod, grpcMatches(resources).map(GrpcMatch::methodName))) {
                paths.add("/" + service + "/" + method);
            }
        }
        return paths;
    }

    private static Stream<GrpcMatch> grpcMatches(ResourceSet resources) {
        return Stream.concat(
                resources.all(Route.class).stream()
                        .filter(route -> route.spec() instanceof Route.Grpc)
                        .map(route -> ((Route.Grpc) route.spec()).match()),
                resources.all(GatewayRoute.class).stream()
                        .filter(route -> route.spec() instanceof GatewayRoute.Grpc)
                        .map(route -> ((GatewayRoute.Grpc) route.spec()).match()));
    }

    private static Collection<String> names(@Nullable String given, Stream<@Nullable String> demanded) {
        if (given != null) {
            return List.of(given);
        }
        List<String> names = new ArrayList<>(List.of(NO_ONES_NAME));
        TreeSet<String> known = new TreeSet<>();
        demanded.forEach(name -> {
            if (name != null) {
                known.add(name);
            }
        });
        names.addAll(known);
        return names;
    }

    private ExplainRequest with(String host, @Nullable String path) {
        ExplainRequest.Builder changed = request.toBuilder().host(host);
        if (path != null) {
            changed.path(request.query() == null ? path : path + "?" + request.query());
        }
        return changed.build();
    }

    /** Returns the question with its mesh named, where that is needed. */
    Question in(MeshChoice meshes) throws BadInputException {
        return new Question(meshes.complete(request), grpcService, grpcMethod);
    }

    private static Explanation explain(OfflineMesh mesh, ExplainRequest request) throws BadInputException {
        try {
            return mesh.explain(request);
        } catch (MeshConfigException failure) {
            throw new BadInputException(String.valueOf(failure.getMessage()).replaceAll("\\s*\n\\s*", "; "), failure);
        }
    }
}
