package io.intramesh.internal.tls;

import io.intramesh.tls.ClientTls;
import org.jspecify.annotations.Nullable;

/** Security towards one kind of endpoint; live. Safe for use by several threads. */
public interface ClientHandle {

    /** Returns what is in force, or null where nothing valid is at hand and every call must be refused. One volatile read. */
    @Nullable
    ClientTls current();

    /** Returns why nothing is in force, and how to mend it; empty where something is. */
    String problem();
}
