package io.intramesh.model;

import org.jspecify.annotations.Nullable;

/** Names the kinds of resource: App Mesh's seven, and the four that Intramesh adds. */
public enum Kind {
    MESH("Mesh", "mesh", null),
    VIRTUAL_NODE("VirtualNode", "virtualNode", null),
    VIRTUAL_SERVICE("VirtualService", "virtualService", null),
    VIRTUAL_ROUTER("VirtualRouter", "virtualRouter", null),
    ROUTE("Route", "route", VIRTUAL_ROUTER),
    VIRTUAL_GATEWAY("VirtualGateway", "virtualGateway", null),
    GATEWAY_ROUTE("GatewayRoute", "gatewayRoute", VIRTUAL_GATEWAY),
    ACCESS_POLICY("AccessPolicy", "accessPolicy", null),
    TRAFFIC_POLICY("TrafficPolicy", "trafficPolicy", null),
    ENDPOINTS("Endpoints", "endpoints", null),
    OVERRIDE("Override", "override", null);

    private final String documentName;
    private final String term;
    private final @Nullable Kind parent;

    Kind(String documentName, String term, @Nullable Kind parent) {
        this.documentName = documentName;
        this.term = term;
        this.parent = parent;
    }

    /** Returns the name that documents use: {@code VirtualRouter}. */
    public String documentName() {
        return documentName;
    }

    /** Returns the name that messages and the API use: {@code virtualRouter}. */
    public String term() {
        return term;
    }

    /** Returns the kind of the resource that holds this one, or null where the mesh itself does. */
    public @Nullable Kind parent() {
        return parent;
    }

    /** Tells whether App Mesh had this kind. */
    public boolean isAppMesh() {
        return switch (this) {
            case ACCESS_POLICY, TRAFFIC_POLICY, ENDPOINTS, OVERRIDE -> false;
            default -> true;
        };
    }

    /** Returns the kind of that document name, or null when there is none. Case counts. */
    public static @Nullable Kind ofDocumentName(String documentName) {
        for (Kind kind : values()) {
            if (kind.documentName.equals(documentName)) {
                return kind;
            }
        }
        return null;
    }
}
