package io.intramesh.cli;

import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.PortMapping;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What stands behind virtual services. */
final class Provided {
    private Provided() {}

    /** Returns the virtual service of a name, in which case does not count; null where there is none. */
    static @Nullable VirtualService service(ResourceSet resources, String mesh, String name) {
        VirtualService exact = resources.virtualService(mesh, name);
        if (exact != null) {
            return exact;
        }
        return resources.ofKind(Kind.VIRTUAL_SERVICE).stream()
                .map(VirtualService.class::cast)
                .filter(service ->
                        service.id().mesh().equals(mesh) && service.name().equalsIgnoreCase(name))
                .findFirst()
                .orElse(null);
    }

    /** Returns the port that a call to a service gets when it names none; null where that is unknown. */
    static @Nullable Integer firstPort(ResourceSet resources, String mesh, String service) {
        VirtualService found = service(resources, mesh, service);
        List<PortMapping> listeners = found == null ? List.of() : listeners(resources, mesh, found.provider());
        return listeners.isEmpty() ? null : listeners.get(0).port();
    }

    /** Returns the ports that a provider listens on, the first one first. */
    static List<PortMapping> listeners(ResourceSet resources, String mesh, VirtualService.@Nullable Provider provider) {
        if (provider instanceof VirtualService.Provider.Node node) {
            VirtualNode found = resources.virtualNode(mesh, node.name());
            return found == null
                    ? List.of()
                    : found.listeners().stream().map(Listener::portMapping).toList();
        }
        VirtualRouter found = provider == null ? null : resources.virtualRouter(mesh, provider.name());
        return found == null ? List.of() : found.listeners();
    }

    /** Returns {@code virtualNode x} or {@code virtualRouter x}, or {@code nothing}. */
    static String words(VirtualService.@Nullable Provider provider) {
        if (provider == null) {
            return "nothing";
        }
        Kind kind = provider instanceof VirtualService.Provider.Node ? Kind.VIRTUAL_NODE : Kind.VIRTUAL_ROUTER;
        return kind.term() + " " + provider.name();
    }
}
