package io.intramesh;

/** Everything that the mesh throws on purpose: at set-up, or for a call. */
public sealed interface MeshFailure permits MeshConfigException, MeshCallException {

    /** Returns what is wrong, where, and how to mend it. */
    String getMessage();
}
