package io.intramesh.testing.expectation;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualNode;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names that mean something in one mesh.
 *
 * @param services virtual services, and what backends name that is written down elsewhere
 */
record KnownNames(Set<String> nodes, Set<String> gateways, Set<String> services) {
    KnownNames {
        nodes = Collections.unmodifiableSet(nodes);
        gateways = Collections.unmodifiableSet(gateways);
        services = Collections.unmodifiableSet(services);
    }

    static KnownNames of(ResourceSet resources, String mesh) {
        Set<String> services = names(resources, mesh, Kind.VIRTUAL_SERVICE);
        for (VirtualNode node : resources.all(VirtualNode.class)) {
            if (node.id().mesh().equals(mesh)) {
                node.backends().forEach(backend -> services.add(backend.virtualServiceName()));
            }
        }
        return new KnownNames(
                names(resources, mesh, Kind.VIRTUAL_NODE), names(resources, mesh, Kind.VIRTUAL_GATEWAY), services);
    }

    private static Set<String> names(ResourceSet resources, String mesh, Kind kind) {
        Set<String> names = new TreeSet<>();
        for (Resource resource : resources.ofKind(kind)) {
            if (resource.id().mesh().equals(mesh)) {
                names.add(resource.id().name());
            }
        }
        return names;
    }

    /**
     * Returns the host under which a service is asked for: the one that is written, where it is a service's name in any case,
     * or the only service whose name begins with it and a dot. Null where there is none.
     */
    @Nullable
    String service(String host, int port) {
        String key = key(host);
        if (services.stream()
                .map(KnownNames::key)
                .anyMatch(name -> name.equals(key) || name.equals(key + ":" + port))) {
            return host;
        }
        if (key.indexOf('.') >= 0) {
            return null;
        }
        List<String> longer = services.stream()
                .filter(name -> name.toLowerCase(Locale.ROOT).startsWith(key + "."))
                .toList();
        return longer.size() == 1 ? longer.get(0) : null;
    }

    private static String key(String host) {
        String key = host.toLowerCase(Locale.ROOT);
        return key.length() > 1 && key.endsWith(".") ? key.substring(0, key.length() - 1) : key;
    }
}
