package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A virtual service that a virtual node may call. It need not exist yet.
 *
 * @param clientPolicy replaces the node's backend default as a whole; null keeps the default
 */
public record Backend(String virtualServiceName, @Nullable ClientPolicy clientPolicy) {
    public Backend {
        requireNonNull(virtualServiceName, "virtualServiceName");
    }
}
