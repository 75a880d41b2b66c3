package io.intramesh.internal.pipeline;

import io.intramesh.MeshConfigException;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decisions over a set of resources, without a running mesh. Each mesh is compiled when it is first asked about. */
public final class OfflineDecisions {
    private static final Object NOTHING = new Object();

    /** How many names a message lists. */
    private static final int MAX_NAMES = 5;

    private final ResourceSet resources;
    private final Map<String, RoutingTable> tables = new ConcurrentHashMap<>();
    private final Map<String, AccessPolicies> policies = new ConcurrentHashMap<>();

    public OfflineDecisions(ResourceSet resources) {
        this.resources = resources;
    }

    public Explanation explain(ExplainRequest request) {
        String mesh = mesh(request);
        RoutingTable table = tables.computeIfAbsent(
                mesh, name -> RoutingTable.compile(resources, name, (node, listener) -> NOTHING, null));
        AccessPolicies access = policies.computeIfAbsent(mesh, name -> AccessPolicies.offline(name, resources));
        Explanation explanation = explain(table, resources, access, mesh, request.virtualNode(), request);
        return TrafficPolicies.of(mesh, resources, false, null).withBalancing(explanation, false);
    }

    /**
     * Asks a table, at the gateway that the request names or else for a caller.
     *
     * @param callerName null for any caller
     * @throws MeshConfigException when there is no such gateway or caller; names the nearest that there are
     */
    static Explanation explain(
            RoutingTable table,
            ResourceSet resources,
            AccessPolicies access,
            String mesh,
            @Nullable String callerName,
            ExplainRequest request) {
        String gateway = request.virtualGateway();
        if (gateway != null) {
            Explanation explanation = table.explainAtGateway(request, gateway);
            if (explanation == null) {
                throw unknown(resources, mesh, Kind.VIRTUAL_GATEWAY, gateway);
            }
            return AccessExplanations.added(
                    TlsRules.addedAtGateway(
                            EndpointRules.added(explanation, resources, mesh), resources, mesh, gateway),
                    access,
                    request,
                    null);
        }
        Caller caller = table.caller(callerName);
        if (caller == null) {
            throw unknown(resources, mesh, Kind.VIRTUAL_NODE, String.valueOf(callerName));
        }
        return AccessExplanations.added(
                TlsRules.added(
                        EndpointRules.added(table.explain(request, caller), resources, mesh),
                        resources,
                        mesh,
                        caller,
                        request),
                access,
                request,
                callerName);
    }

    /** Returns the mesh that the request names, else the only one, else the only one that holds what it asks about. */
    private String mesh(ExplainRequest request) {
        List<String> all = List.copyOf(resources.meshNames());
        String named = request.mesh();
        if (named != null) {
            if (!all.contains(named)) {
                throw new MeshConfigException(
                        "mesh '" + named + "' is not there; " + known("meshes", all, named), List.of());
            }
            return named;
        }
        if (all.isEmpty()) {
            throw new MeshConfigException(
                    "there are no resources to decide by; name a file or folder that has some", List.of());
        }
        List<String> holders = all.stream().filter(mesh -> holds(mesh, request)).toList();
        if (all.size() == 1) {
            holders = all;
        } else if (holders.size() > 1) {
            // Meshes that share the name of a node mostly differ in the services.
            List<String> narrower =
                    holders.stream().filter(mesh -> holdsService(mesh, request)).toList();
            holders = narrower.isEmpty() ? holders : narrower;
        }
        if (holders.size() == 1) {
            return holders.get(0);
        }
        throw new MeshConfigException(
                (holders.isEmpty()
                                ? "none of the meshes holds what is asked about"
                                : "more than one mesh holds what is asked about")
                        + "; name one: " + String.join(", ", holders.isEmpty() ? all : holders),
                List.of());
    }

    private boolean holds(String mesh, ExplainRequest request) {
        String gateway = request.virtualGateway();
        if (gateway != null) {
            return resources.virtualGateway(mesh, gateway) != null;
        }
        String node = request.virtualNode();
        if (node != null) {
            return resources.virtualNode(mesh, node) != null;
        }
        return holdsService(mesh, request);
    }

    private boolean holdsService(String mesh, ExplainRequest request) {
        return resources.ofKind(Kind.VIRTUAL_SERVICE).stream()
                .map(Resource::id)
                .anyMatch(id -> id.mesh().equals(mesh) && id.name().equalsIgnoreCase(request.host()));
    }

    private static MeshConfigException unknown(ResourceSet resources, String mesh, Kind kind, String name) {
        List<String> names = resources.ofKind(kind).stream()
                .map(Resource::id)
                .filter(id -> id.mesh().equals(mesh))
                .map(ResourceId::name)
                .toList();
        return new MeshConfigException(
                "mesh '" + mesh + "': " + kind.term() + " '" + name + "' is not there; "
                        + known(kind.term() + "s", names, name),
                List.of());
    }

    private static String known(String what, List<String> names, String asked) {
        if (names.isEmpty()) {
            return "there are no " + what;
        }
        String nearest = names.stream()
                .sorted(Comparator.<String>comparingInt(name -> distance(name, asked))
                        .thenComparing(name -> name))
                .limit(MAX_NAMES)
                .collect(Collectors.joining(", "));
        int more = names.size() - MAX_NAMES;
        return "there are: " + nearest + (more > 0 ? " and " + more + " more" : "");
    }

    /** Returns how many characters have to be put in, taken out or changed, case apart (Levenshtein). */
    private static int distance(String left, String right) {
        String one = left.toLowerCase(Locale.ROOT);
        String other = right.toLowerCase(Locale.ROOT);
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j < previous.length; j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[previous.length];
            current[0] = i;
            for (int j = 1; j < current.length; j++) {
                int changed = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(changed, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[other.length()];
    }
}
