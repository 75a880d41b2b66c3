package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshConfigException;
import io.intramesh.OfflineMesh;
import io.intramesh.Reason;
import io.intramesh.document.Likeness;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks expectations against a mesh. A name that the mesh does not know is an error of the expectation: a misspelled host
 * would else be refused as expected. Safe for use by several threads.
 */
public final class ExpectationChecker {
    private final OfflineMesh mesh;
    private final Map<String, KnownNames> names = new ConcurrentHashMap<>();

    private ExpectationChecker(OfflineMesh mesh) {
        this.mesh = mesh;
    }

    /** Returns a checker of that mesh. */
    public static ExpectationChecker of(OfflineMesh mesh) {
        return new ExpectationChecker(requireNonNull(mesh, "mesh"));
    }

    /** Checks one expectation. Where its request names no mesh, there must be only one. */
    public Outcome check(Expectation expectation) {
        ExplainRequest request = expectation.request();
        Set<String> meshes = mesh.resources().meshNames();
        String meshName = request.mesh();
        if (meshName == null) {
            if (meshes.size() != 1) {
                return Outcome.error(
                        meshes.isEmpty()
                                ? "there are no resources to ask; name a folder that has some"
                                : "no mesh is named, and there are " + String.join(", ", meshes)
                                        + "; name one in metadata.mesh");
            }
            meshName = meshes.iterator().next();
        } else if (!meshes.contains(meshName)) {
            return Outcome.error("no mesh '" + meshName + "' here" + Hints.of(meshName, meshes, "meshes"));
        }
        KnownNames known = names.computeIfAbsent(meshName, name -> KnownNames.of(mesh.resources(), name));
        String unknown = unknownParty(request, known);
        if (unknown != null) {
            return Outcome.error(unknown);
        }
        String host = request.host();
        if (request.virtualGateway() == null) {
            String service = known.service(host, request.port());
            if (service == null) {
                String problem = whyNotOutside(expectation, known);
                if (problem != null) {
                    return Outcome.error(problem);
                }
            } else if (expectation.isOutside()) {
                return Outcome.error("'" + host + "' is a virtual service of this mesh; leave out 'outside the mesh'");
            } else {
                host = service;
            }
        }
        return ask(expectation, with(request, meshName, host), meshName, known);
    }

    private static @Nullable String unknownParty(ExplainRequest request, KnownNames known) {
        String caller = request.virtualNode();
        if (caller != null && !known.nodes().contains(caller)) {
            return "no virtual node '" + caller + "' here" + Hints.of(caller, known.nodes(), "virtual nodes");
        }
        String gateway = request.virtualGateway();
        if (gateway != null && !known.gateways().contains(gateway)) {
            return "no virtual gateway '" + gateway + "' here"
                    + Hints.of(gateway, known.gateways(), "virtual gateways");
        }
        return null;
    }

    /** Returns why a host that is no virtual service cannot be meant; null where it clearly is. */
    private static @Nullable String whyNotOutside(Expectation expectation, KnownNames known) {
        String host = expectation.request().host();
        boolean isMeantToLeave = expectation.claims().stream()
                .anyMatch(claim -> claim instanceof Claim.LeavesTheMesh
                        || (claim instanceof Claim.IsRefused refused && refused.reason() == Reason.EGRESS_DENIED));
        boolean isClear =
                expectation.isOutside() || (isMeantToLeave && Likeness.nearest(host, known.services()) == null);
        return isClear
                ? null
                : "no virtual service '" + host + "' here"
                        + Hints.of(host, known.services(), "virtual services")
                        + "; where a host outside the mesh is meant, write 'outside the mesh' behind it";
    }

    private Outcome ask(Expectation expectation, ExplainRequest request, String meshName, KnownNames known) {
        Explanation explanation;
        try {
            explanation = mesh.explain(request);
        } catch (MeshConfigException e) {
            return Outcome.error(String.valueOf(e.getMessage()));
        }
        List<String> errors = new ArrayList<>();
        List<String> differences = new ArrayList<>();
        for (Claim claim : expectation.claims()) {
            String error = unknownName(claim, request, explanation, meshName, known);
            if (error != null) {
                errors.add(error);
                continue;
            }
            String difference = claim.difference(explanation);
            if (difference != null) {
                differences.add(difference);
            }
        }
        if (!errors.isEmpty()) {
            return new Outcome(Outcome.Status.ERROR, errors, explanation);
        }
        return new Outcome(
                differences.isEmpty() ? Outcome.Status.MET : Outcome.Status.FAILED, differences, explanation);
    }

    private @Nullable String unknownName(
            Claim claim, ExplainRequest request, Explanation explanation, String meshName, KnownNames known) {
        if (claim instanceof Claim.GoesTo goes) {
            for (Share share : goes.shares()) {
                String node = share.virtualNode();
                // A route may name a node that is written down elsewhere.
                boolean isKnown = known.nodes().contains(node)
                        || explanation.targets().stream()
                                .anyMatch(target -> target.virtualNode().equals(node));
                if (!isKnown) {
                    return "no virtual node '" + node + "' here" + Hints.of(node, known.nodes(), "virtual nodes");
                }
            }
        }
        if (claim instanceof Claim.TakesRoute takes) {
            String router = explanation.virtualRouter();
            Set<String> routes = new TreeSet<>();
            if (router == null) {
                mesh.resources().all(Route.class).stream()
                        .filter(route -> route.id().mesh().equals(meshName))
                        .forEach(route -> routes.add(route.id().name()));
            } else {
                mesh.resources()
                        .routes(meshName, router)
                        .forEach(route -> routes.add(route.id().name()));
            }
            if (!routes.contains(takes.route())) {
                return "no route '" + takes.route() + "' "
                        + (router == null ? "here" : "in virtual router '" + router + "'")
                        + Hints.of(takes.route(), routes, "routes");
            }
        }
        if (claim instanceof Claim.TakesGatewayRoute takes) {
            String gateway = request.virtualGateway();
            if (gateway == null) {
                return "no gateway takes part in this call; write 'through gateway NAME calling …'";
            }
            Set<String> routes = new TreeSet<>();
            for (GatewayRoute route : mesh.resources().gatewayRoutes(meshName, gateway)) {
                routes.add(route.name());
            }
            if (!routes.contains(takes.gatewayRoute())) {
                return "no gateway route '" + takes.gatewayRoute() + "' in virtual gateway '" + gateway + "'"
                        + Hints.of(takes.gatewayRoute(), routes, "gateway routes");
            }
        }
        return null;
    }

    static ExplainRequest inMesh(ExplainRequest request, String meshName) {
        return with(request, meshName, request.host());
    }

    private static ExplainRequest with(ExplainRequest request, String meshName, String host) {
        return request.toBuilder().mesh(meshName).host(host).build();
    }
}
