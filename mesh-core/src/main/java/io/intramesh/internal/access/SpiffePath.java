package io.intramesh.internal.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in the path of a SPIFFE ID the name of the virtual node stands: {@code /{mesh}/{virtualNode}}, or in the manner of
 * Kubernetes {@code /ns/{mesh}/sa/{virtualNode}}. Segments are compared whole. Immutable.
 */
public final class SpiffePath {
    /** Stands for the name of the mesh. */
    private static final String MESH = "{mesh}";

    /** Stands for the name of the virtual node. */
    private static final String VIRTUAL_NODE = "{virtualNode}";

    private static final String SCHEME = "spiffe://";

    private final List<String> segments;

    private SpiffePath(List<String> segments) {
        this.segments = segments;
    }

    /** Reads a template, whose form the settings have checked. */
    public static SpiffePath parse(String template) {
        return new SpiffePath(segments(template));
    }

    private static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** Returns the name of the virtual node in a SPIFFE ID, or null where the ID has another form or names another mesh. */
    @Nullable
    String virtualNode(String spiffeId, String mesh) {
        int slash = spiffeId.indexOf('/', SCHEME.length());
        List<String> given = slash < 0 ? List.of() : segments(spiffeId.substring(slash));
        if (given.size() != segments.size()) {
            return null;
        }
        String node = null;
        for (int i = 0; i < given.size(); i++) {
            String wanted = segments.get(i);
            if (wanted.equals(VIRTUAL_NODE)) {
                node = given.get(i);
            } else if (!given.get(i).equals(wanted.equals(MESH) ? mesh : wanted)) {
                return null;
            }
        }
        return node;
    }

    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }
}
