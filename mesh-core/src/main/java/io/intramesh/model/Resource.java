package io.intramesh.model;

/** A resource of the mesh, of any kind. Immutable. */
public sealed interface Resource
        permits MeshResource,
                VirtualNode,
                VirtualService,
                VirtualRouter,
                Route,
                VirtualGateway,
                GatewayRoute,
                AccessPolicy,
                TrafficPolicy,
                EndpointSet,
                ResourceOverride {

    /** Returns what identifies this resource. */
    ResourceId id();

    /** Returns the kind of this resource. */
    default Kind kind() {
        return id().kind();
    }
}
