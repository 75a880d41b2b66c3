package io.intramesh.model;

/** What the mesh does with a destination that the calling virtual node does not declare as a backend. */
public enum EgressFilter {
    /** It passes, as if there were no mesh. */
    ALLOW_ALL,
    /** It is refused, {@code *.amazonaws.com} excepted. App Mesh's default. */
    DROP_ALL
}
