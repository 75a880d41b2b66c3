package io.intramesh;

import io.intramesh.tls.TlsEvent;

/**
 * Learns what changes in the mesh. Called outside locks, from several threads, and quickly returned from; what it throws is
 * logged and harms nothing.
 */
public interface MeshListener {

    /** A new configuration is in force, or a delivery was refused in part. The state lists the problems. */
    default void configurationChanged(MeshState state) {}

    /** The registry cannot be read; the last configuration stays in force. */
    default void registryFailed(String message) {}

    /** A call out was refused. */
    default void callRefused(String destination, MeshCallException refusal) {}

    /** An endpoint is used no longer, or again. Called on the mesh thread, soon after; events come one at a time, in order. */
    default void endpointChanged(EndpointEvent event) {}

    /** A request to this process was denied by an access policy, or would be. Called on the thread of the request. */
    default void accessDenied(AccessEvent event) {}

    /** A certificate or trust came into force, was renewed or refused, or has expired. Called on the mesh thread. */
    default void tlsChanged(TlsEvent event) {}
}
