package io.intramesh.internal.document;

import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds backends that a node declares and whose calls will be refused, because what the node's client policy and the listener
 * behind the backend declare does not meet (docs/decisions/0017). App Mesh let some of them through unchecked, so that a mesh
 * that worked may hold them; better a note where the configuration is checked than a refusal on its first call.
 */
final class EncryptionChecks {
    private final Function<ResourceId, @Nullable Resource> find;
    private final Map<ResourceId, Set<String>> targetsOfRouters = new HashMap<>();

    /**
     * @param find null for what is not here, or refused
     */
    EncryptionChecks(Function<ResourceId, @Nullable Resource> find) {
        this.find = find;
    }

    /** Remembers where a route leads. All of them come before the first check. */
    void add(Route route) {
        ResourceId router = ResourceId.of(Kind.VIRTUAL_ROUTER, route.id().mesh(), route.virtualRouter());
        Set<String> targets = targetsOfRouters.computeIfAbsent(router, any -> new LinkedHashSet<>());
        route.spec().weightedTargets().forEach(target -> targets.add(target.virtualNode()));
    }

    /**
     * Tells of each backend that cannot be called, once.
     *
     * @param note takes the path in the spec, and what is wrong
     */
    void check(VirtualNode node, BiConsumer<String, String> note) {
        for (int i = 0; i < node.backends().size(); i++) {
            Backend backend = node.backends().get(i);
            ClientPolicy policy = backend.clientPolicy() != null ? backend.clientPolicy() : node.backendDefaults();
            String path = "backends[" + i + "].virtualService";
            for (VirtualNode callee : callees(node.id().mesh(), backend.virtualServiceName())) {
                String problem = problem(policy, callee);
                if (problem != null) {
                    note.accept(path, "calls to it are refused: " + problem);
                    break;
                }
            }
        }
    }

    private List<VirtualNode> callees(String mesh, String serviceName) {
        Set<String> names = Set.of();
        if (find.apply(ResourceId.of(Kind.VIRTUAL_SERVICE, mesh, serviceName)) instanceof VirtualService service) {
            if (service.provider() instanceof VirtualService.Provider.Node provider) {
                names = Set.of(provider.name());
            } else if (service.provider() instanceof VirtualService.Provider.Router provider) {
                names = targetsOfRouters.getOrDefault(
                        ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, provider.name()), Set.of());
            }
        }
        List<VirtualNode> found = new ArrayList<>();
        for (String name : names) {
            if (find.apply(ResourceId.of(Kind.VIRTUAL_NODE, mesh, name)) instanceof VirtualNode callee) {
                found.add(callee);
            }
        }
        return found;
    }

    /** Returns why calls are refused, where that is so whichever listener they are for; of several, for the first one. */
    private static @Nullable String problem(@Nullable ClientPolicy policy, VirtualNode callee) {
        String first = null;
        for (Listener listener : callee.listeners()) {
            String problem = problem(policy, callee, listener);
            if (problem == null) {
                return null;
            }
            first = first == null ? problem : first;
        }
        return first;
    }

    private static @Nullable String problem(@Nullable ClientPolicy policy, VirtualNode callee, Listener listener) {
        ClientPolicy.Tls own = policy == null ? null : policy.tls();
        ListenerTls declared = listener.tls();
        ListenerTls.Mode mode = declared == null ? ListenerTls.Mode.DISABLED : declared.mode();
        boolean isEnforced = policy != null && policy.enforcesTlsOn(listener.port());
        String where = callee.id() + " on port " + listener.port();
        if (own == null) {
            return mode == ListenerTls.Mode.STRICT
                    ? where + " takes TLS only, and no client policy says whom to trust; add tls.validation.trust to"
                            + " backendDefaults.clientPolicy, or to this backend's"
                    : null;
        }
        if (mode == ListenerTls.Mode.DISABLED) {
            return isEnforced
                    ? where
                            + " takes plaintext only, and the client policy enforces TLS; give that listener tls, or set"
                            + " enforce: false"
                    : null;
        }
        boolean asks = declared != null && declared.validation() != null;
        return asks && own.certificate() == null && (isEnforced || mode == ListenerTls.Mode.STRICT)
                ? where + " asks for a client certificate, and the client policy has none; add tls.certificate to it"
                : null;
    }
}
