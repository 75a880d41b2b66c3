package io.intramesh;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a process is, in the forms in which App Mesh's Envoy image was told.
 *
 * <pre>{@code
 * NodeIdentity.parse("arn:aws:appmesh:us-west-2:111122223333:mesh/shop/virtualNode/orders");
 * NodeIdentity.parse("mesh/shop/virtualNode/orders");
 * }</pre>
 */
public record NodeIdentity(String mesh, String virtualNode) {
    // No nested repetition, so that the time is linear in the text.
    private static final Pattern RESOURCE =
            Pattern.compile("(?:arn:[^:]*:appmesh:[^:]*:[^:]*:)?mesh/([^/@]+)(?:@[^/]*)?/virtualNode/([^/]+)");

    /**
     * Parses an ARN, or {@code mesh/<mesh>/virtualNode/<node>}.
     *
     * @throws MeshConfigException when the text has neither form
     */
    public static NodeIdentity parse(String resource) {
        Matcher matcher = RESOURCE.matcher(resource.strip());
        if (!matcher.matches()) {
            throw new MeshConfigException(
                    "identity: '" + resource + "' (expected: mesh/<mesh>/virtualNode/<node>, or an ARN that ends so)",
                    List.of());
        }
        return new NodeIdentity(matcher.group(1), matcher.group(2));
    }
}
