package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may call what. Attached to a mesh, virtual node or route; deny beats allow. This version parses and checks policies
 * and says at load that it does not enforce them yet.
 *
 * @param mode {@code SHADOW} only records what would be denied
 * @param defaultDeny true refuses what no rule allows
 */
public record AccessPolicy(ResourceId id, TargetRef targetRef, Mode mode, boolean defaultDeny, List<Rule> rules)
        implements Resource {
    public AccessPolicy {
        requireNonNull(id, "id");
        requireNonNull(targetRef, "targetRef");
        requireNonNull(mode, "mode");
        rules = List.copyOf(rules);
    }

    /** What happens on a denial. */
    public enum Mode {
        SHADOW,
        ENFORCE
    }

    /** What a matching rule decides. */
    public enum Effect {
        ALLOW,
        DENY
    }

    /**
     * One rule. An empty list or map asks for nothing.
     *
     * @param callers any one of these must match
     * @param methods any one of these
     * @param paths any one of these
     * @param headers all of these
     * @param ports any one of these, as dialled
     * @param claims all of these JWT claims
     * @param notBefore start of the time window; null means open
     * @param notAfter end of the time window; null means open
     */
    public record Rule(
            String name,
            Effect effect,
            List<Caller> callers,
            List<HttpMethod> methods,
            List<PathMatch> paths,
            List<HeaderMatch> headers,
            List<Integer> ports,
            Map<String, String> claims,
            @Nullable Instant notBefore,
            @Nullable Instant notAfter) {
        public Rule {
            requireNonNull(name, "name");
            requireNonNull(effect, "effect");
            callers = List.copyOf(callers);
            methods = List.copyOf(methods);
            paths = List.copyOf(paths);
            headers = List.copyOf(headers);
            ports = List.copyOf(ports);
            ports.forEach(port -> Checks.port("ports", port));
            claims = Map.copyOf(claims);
            Checks.require(
                    notBefore == null || notAfter == null || notBefore.isBefore(notAfter),
                    "notBefore: " + notBefore + " (expected: before notAfter " + notAfter + ")");
        }
    }

    /** Identity of a caller, as its certificate proves it. */
    public sealed interface Caller {
        /** The caller is this virtual node of the mesh. */
        record Node(String virtualNode) implements Caller {
            public Node {
                requireNonNull(virtualNode, "virtualNode");
            }
        }

        /** The caller's SPIFFE ID equals this one, or matches it where it ends with {@code *}. */
        record SpiffeId(String pattern) implements Caller {
            public SpiffeId {
                Checks.require(
                        pattern.startsWith("spiffe://"),
                        "spiffeId: '" + pattern + "' (expected: starts with 'spiffe://')");
            }
        }

        /** The caller belongs to this trust domain. */
        record TrustDomain(String name) implements Caller {
            public TrustDomain {
                requireNonNull(name, "name");
            }
        }
    }
}
