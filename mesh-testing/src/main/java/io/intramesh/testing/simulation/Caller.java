package io.intramesh.testing.simulation;

import java.util.function.Consumer;

/** A client that makes calls: the mesh, or what it is compared with. */
public interface Caller extends AutoCloseable {
    /**
     * Begins a call.
     *
     * @param number of the call, from 0
     * @param done takes, once, whether the call got an answer other than a failure
     */
    void call(long number, Consumer<Boolean> done);

    /** Learns that somebody changes the configuration; nothing happens where there is none. */
    default void reconfigure() {}

    @Override
    void close();

    /** Makes a caller for one trial. */
    interface Factory {
        /** Returns a caller that sends through that network. */
        Caller open(Network network);
    }
}
