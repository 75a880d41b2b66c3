package io.intramesh.internal.pipeline;

/** Stands where the pipeline is still to come. */
final class Scaffold {
    private Scaffold() {}

    @SuppressWarnings("TypeParameterUnusedInFormals")
    static <T> T missing(Object what) {
        if (what != Scaffold.class) {
            throw new IllegalStateException("under construction");
        }
        throw new AssertionError();
    }
}
