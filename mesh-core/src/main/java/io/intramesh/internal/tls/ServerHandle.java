package io.intramesh.internal.tls;

import io.intramesh.model.ListenerTls;
import io.intramesh.tls.ServerTls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Security of the listener on one port; live, for the life of the mesh. */
public interface ServerHandle extends ServerTls {

    /**
     * Sets what the listener declares. On the mesh thread.
     *
     * @param tls null where the listener is gone or declares none
     * @param expectedNames under which callers look for this node, such as its discovery host; the own certificate should
     *     carry one. Empty where there are none
     */
    void configure(@Nullable ListenerTls tls, List<String> expectedNames);

    /** Returns why nothing is in force, and how to mend it; empty where something is. */
    String problem();
}
