package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An immutable set of resources, one per id, in the order in which they were declared. References between them may dangle.
 * Safe for use by several threads.
 */
public final class ResourceSet {
    /** The empty set. */
    public static final ResourceSet EMPTY = new ResourceSet(Map.of());

    private final Map<ResourceId, Resource> byId;
    private final Map<Kind, List<Resource>> byKind;
    private final Map<ResourceId, List<Resource>> byParent;

    private ResourceSet(Map<ResourceId, Resource> byId) {
        this.byId = byId;
        this.byKind = new EnumMap<>(Kind.class);
        this.byParent = new LinkedHashMap<>();
        for (Resource resource : byId.values()) {
            byKind.computeIfAbsent(resource.kind(), kind -> new ArrayList<>()).add(resource);
            Kind holder = resource.kind().parent();
            if (holder != null) {
                ResourceId parent = ResourceId.of(
                        holder,
                        resource.id().mesh(),
                        requireNonNull(resource.id().parent()));
                byParent.computeIfAbsent(parent, id -> new ArrayList<>()).add(resource);
            }
        }
    }

    /** Returns the set of these resources. Of two with the same id the later stands, in the place of the earlier. */
    public static ResourceSet of(Collection<? extends Resource> resources) {
        Map<ResourceId, Resource> byId = new LinkedHashMap<>();
        resources.forEach(resource -> byId.put(resource.id(), resource));
        return new ResourceSet(Collections.unmodifiableMap(byId));
    }

    /** Returns every resource, in order of declaration. */
    public Collection<Resource> all() {
        return byId.values();
    }

    /** Returns every id, in order of declaration. */
    public Set<ResourceId> ids() {
        return byId.keySet();
    }

    /** Returns the resource of that id, or null. */
    public @Nullable Resource get(ResourceId id) {
        return byId.get(id);
    }

    /** Returns the resources of a kind, in order of declaration; empty where there are none. */
    public List<Resource> ofKind(Kind kind) {
        return Collections.unmodifiableList(byKind.getOrDefault(kind, List.of()));
    }

    /** Returns the resources of a record type, in order of declaration. */
    public <R extends Resource> List<R> all(Class<R> type) {
        List<R> found = new ArrayList<>();
        for (Resource resource : byId.values()) {
            if (type.isInstance(resource)) {
                found.add(type.cast(resource));
            }
        }
        return found;
    }

    /** Returns the names of all meshes that any resource belongs to, sorted. */
    public Set<String> meshNames() {
        Set<String> names = new TreeSet<>();
        byId.keySet().forEach(id -> names.add(id.mesh()));
        return names;
    }

    public @Nullable MeshResource mesh(String name) {
        return (MeshResource) byId.get(ResourceId.mesh(name));
    }

    public @Nullable VirtualNode virtualNode(String mesh, String name) {
        return (VirtualNode) byId.get(ResourceId.of(Kind.VIRTUAL_NODE, mesh, name));
    }

    public @Nullable VirtualService virtualService(String mesh, String name) {
        return (VirtualService) byId.get(ResourceId.of(Kind.VIRTUAL_SERVICE, mesh, name));
    }

    public @Nullable VirtualRouter virtualRouter(String mesh, String name) {
        return (VirtualRouter) byId.get(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, name));
    }

    public @Nullable VirtualGateway virtualGateway(String mesh, String name) {
        return (VirtualGateway) byId.get(ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, name));
    }

    /** Returns the routes of a virtual router, in order of declaration. */
    public List<Route> routes(String mesh, String virtualRouter) {
        return held(ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, virtualRouter), Route.class);
    }

    /** Returns the gateway routes of a virtual gateway, in order of declaration. */
    public List<GatewayRoute> gatewayRoutes(String mesh, String virtualGateway) {
        return held(ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, virtualGateway), GatewayRoute.class);
    }

    private <R extends Resource> List<R> held(ResourceId parent, Class<R> type) {
        return byParent.getOrDefault(parent, List.of()).stream().map(type::cast).toList();
    }

    public int size() {
        return byId.size();
    }

    /** Sets are equal when they hold equal resources in the same order of declaration. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceSet that
                && byId.equals(that.byId)
                && List.copyOf(byId.keySet()).equals(List.copyOf(that.byId.keySet()));
    }

    @Override
    public int hashCode() {
        return byId.hashCode();
    }

    @Override
    public String toString() {
        return byId.keySet().toString();
    }
}
