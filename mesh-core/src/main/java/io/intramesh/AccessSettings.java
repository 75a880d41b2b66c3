package io.intramesh;

import static java.util.Objects.requireNonNull;

import io.intramesh.tls.PeerIdentity;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the resources do not say about access: how callers' identities name virtual nodes, and what holds without a policy.
 * Immutable.
 *
 * <pre>{@code
 * new AccessSettings(true, Set.of("shop.example"), "/ns/{mesh}/sa/{virtualNode}")
 * }</pre>
 *
 * @param defaultDeny whether this process refuses every request that no access policy allows, also while there is no policy
 * @param trustDomains whose SPIFFE IDs may name nodes of this mesh, beside the process's own trust domain
 * @param spiffePath where the name of the virtual node stands in the path of a SPIFFE ID; {@code {mesh}} is the mesh
 */
public record AccessSettings(boolean defaultDeny, Set<String> trustDomains, String spiffePath) {
    /** Form of a SPIFFE ID's path, when nothing else is said: {@code spiffe://shop.example/shop/orders}. */
    public static final String DEFAULT_SPIFFE_PATH = "/{mesh}/{virtualNode}";

    // Each round of the repetitions takes a slash, so that the time is linear in the text.
    private static final Pattern SPIFFE_PATH =
            Pattern.compile("(?:/(?:\\{mesh}|[^/{}]+))*/\\{virtualNode}(?:/(?:\\{mesh}|[^/{}]+))*");

    /** What holds when nothing is said. */
    public static final AccessSettings DEFAULTS = new AccessSettings(false, Set.of(), DEFAULT_SPIFFE_PATH);

    public AccessSettings {
        trustDomains = Set.copyOf(trustDomains);
        requireNonNull(spiffePath, "spiffePath");
        for (String domain : trustDomains) {
            if (!PeerIdentity.isTrustDomain(domain)) {
                throw new IllegalArgumentException("trustDomains: '" + domain
                        + "' (expected: a name such as shop.example, of a-z 0-9 . - _, without spiffe://)");
            }
        }
        if (!SPIFFE_PATH.matcher(spiffePath).matches()) {
            throw new IllegalArgumentException("spiffePath: '" + spiffePath
                    + "' (expected: a path with {virtualNode} as one of its segments, such as /{mesh}/{virtualNode})");
        }
    }
}
