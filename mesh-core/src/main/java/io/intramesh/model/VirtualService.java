package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A name that callers use, and what stands behind it.
 *
 * @param provider null means nobody answers: calls are refused
 */
public record VirtualService(ResourceId id, @Nullable Provider provider) implements Resource {
    public VirtualService {
        requireNonNull(id, "id");
    }

    /** Returns the name within the mesh, which is the host name that callers use. */
    public String name() {
        return id.name();
    }

    /** What stands behind a virtual service. */
    public sealed interface Provider {
        /** Returns the name of the node or router. */
        String name();

        /** All traffic goes to one node, with default timeouts. */
        record Node(String name) implements Provider {
            public Node {
                requireNonNull(name, "name");
            }
        }

        /** Traffic goes where the routes of a router send it. */
        record Router(String name) implements Provider {
            public Router {
                requireNonNull(name, "name");
            }
        }
    }
}
