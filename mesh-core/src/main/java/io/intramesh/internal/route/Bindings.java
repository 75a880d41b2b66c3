package io.intramesh.internal.route;

import io.intramesh.model.Listener;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.WeightedTarget;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns weighted targets into bound ones, and asks the binder once for each node and listener of one compilation. */
final class Bindings {
    private final ResourceSet resources;
    private final String mesh;
    private final TargetBinder binder;
    private final Map<Place, Object> bound = new HashMap<>();

    Bindings(ResourceSet resources, String mesh, TargetBinder binder) {
        this.resources = resources;
        this.mesh = mesh;
        this.binder = binder;
    }

    Target target(WeightedTarget declared, Limits route) {
        VirtualNode node = resources.virtualNode(mesh, declared.virtualNode());
        Listener listener = node == null ? null : listener(node, declared.port());
        return Target.of(declared, listener, bind(declared.virtualNode(), listener), route);
    }

    /** Returns the listener on that port, or, where none is named, the only or first one; null where it does not exist. */
    private static @Nullable Listener listener(VirtualNode node, @Nullable Integer port) {
        for (Listener listener : node.listeners()) {
            if (port == null || listener.port() == port) {
                return listener;
            }
        }
        return null;
    }

    private Object bind(String virtualNode, @Nullable Listener listener) {
        return bound.computeIfAbsent(
                new Place(virtualNode, listener == null ? null : listener.port()),
                place -> binder.bind(virtualNode, listener));
    }

    /** One listener of a node; without a port, what has no listener. */
    private record Place(String virtualNode, @Nullable Integer port) {}
}
