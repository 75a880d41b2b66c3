package io.intramesh.internal.tls.engine;

import javax.net.ssl.SSLException;

/** Tells the epoch of the moment. Safe for use by several threads; one volatile read. */
@FunctionalInterface
public interface EpochSource {

    /**
     * Returns the epoch that new engines belong to.
     *
     * @throws SSLException saying why there is none, and how to mend it
     */
    TlsEpoch current() throws SSLException;
}
