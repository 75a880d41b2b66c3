package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells the kind of a spec that comes without names. */
final class SpecShape {
    private SpecShape() {}

    /** Tells whether a mapping may be a spec: empty, or with at least one known member. */
    static boolean looksLikeSpec(@Nullable MappingNode spec, Set<String> members) {
        return spec != null
                && (spec.entries().isEmpty()
                        || spec.entries().stream().anyMatch(entry -> members.contains(entry.key())));
    }

    /** Tells whether a spec says nothing about its kind, so that only the name of its file can. */
    static boolean isOpen(@Nullable MappingNode spec) {
        return spec == null || spec.entries().isEmpty() || spec.has("listeners") || spec.has("logging");
    }

    /** Returns the kind that only this spec can have, or, where several can, the one that the file's name speaks of. */
    static @Nullable Kind kind(MappingNode spec, String file) {
        if (spec.has("tcpRoute")) {
            return Kind.ROUTE;
        }
        for (String member : new String[] {"httpRoute", "http2Route", "grpcRoute"}) {
            if (spec.get(member) instanceof MappingNode route) {
                return routeKind(route, file);
            }
        }
        if (spec.has("provider")) {
            return Kind.VIRTUAL_SERVICE;
        }
        if (spec.has("egressFilter")) {
            return Kind.MESH;
        }
        if (spec.has("backends")) {
            return Kind.VIRTUAL_NODE;
        }
        if (spec.get("serviceDiscovery") instanceof MappingNode discovery) {
            return discovery.has("ipPreference") ? Kind.MESH : Kind.VIRTUAL_NODE;
        }
        Kind named = FileNames.kind(file);
        if (spec.has("listeners")) {
            return listenersKind(spec, named);
        }
        boolean client = spec.has("backendDefaults") || spec.has("logging");
        return client && (named == Kind.VIRTUAL_NODE || named == Kind.VIRTUAL_GATEWAY) ? named : null;
    }

    private static Kind routeKind(MappingNode route, String file) {
        MappingNode action = route.mapping("action");
        if (action != null && action.has("target")) {
            return Kind.GATEWAY_ROUTE;
        }
        if (action != null && action.has("weightedTargets")) {
            return Kind.ROUTE;
        }
        return FileNames.kind(file) == Kind.GATEWAY_ROUTE ? Kind.GATEWAY_ROUTE : Kind.ROUTE;
    }

    /** A router's listeners are bare ports; a node that listens has a service discovery; so the rest is a gateway. */
    private static @Nullable Kind listenersKind(MappingNode spec, @Nullable Kind named) {
        boolean fits = named == Kind.VIRTUAL_NODE || named == Kind.VIRTUAL_GATEWAY || named == Kind.VIRTUAL_ROUTER;
        if (fits) {
            return named;
        }
        boolean bare = spec.entries().size() == 1
                && spec.get("listeners") instanceof SequenceNode listeners
                && listeners.items().stream()
                        .allMatch(item -> item instanceof MappingNode listener
                                && listener.entries().size() == 1
                                && listener.has("portMapping"));
        return bare ? null : Kind.VIRTUAL_GATEWAY;
    }
}
