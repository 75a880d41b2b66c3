package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may call what: rules that hold for the requests to what the policy is attached to. All policies that apply to a request
 * are taken together: it is denied where a DENY rule of any of them matches, else allowed where an ALLOW rule of any of them
 * does, else denied where one of them denies by default.
 *
 * @param targetRef mesh, virtual node, virtual service or route whose requests it is about
 * @param mode {@code SHADOW} only records what would be denied, and allows nothing either
 * @param defaultDeny true denies what no rule allows
 * @param audit which decisions are written to the audit log
 * @param jwt whose tokens rules with claims trust; without any, no claim is ever proven
 */
public record AccessPolicy(
        ResourceId id,
        TargetRef targetRef,
        Mode mode,
        boolean defaultDeny,
        Audit audit,
        List<JwtIssuer> jwt,
        List<Rule> rules)
        implements Resource {
    public AccessPolicy {
        requireNonNull(id, "id");
        requireNonNull(targetRef, "targetRef");
        requireNonNull(mode, "mode");
        requireNonNull(audit, "audit");
        jwt = List.copyOf(jwt);
        rules = List.copyOf(rules);
    }

    /** Tells whether some rule asks for claims of a token. */
    public boolean asksForClaims() {
        return rules.stream().anyMatch(rule -> !rule.claims().isEmpty());
    }

    /** What happens on a denial. */
    public enum Mode {
        SHADOW,
        ENFORCE
    }

    /** Which decisions go to the audit log. */
    public enum Audit {
        /** Those that deny, or would deny. */
        DENIED,
        /** Those that allow, too. */
        ALL
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
     * @param ports any one of these, of the listener that takes the request
     * @param claims all of these claims of a token that the policy's {@code jwt} trusts
     * @param notBefore start of the time window; null means open
     * @param notAfter end of the time window; null means open
     * @param rollout the rule holds only while this is under way; null means always
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
            @Nullable Instant notAfter,
            @Nullable Rollout rollout) {
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

    /**
     * A virtual node that a route is moving to, or from. Under way while the route sends it a part of its traffic: more than
     * nothing and less than all.
     */
    public record Rollout(String virtualRouter, String route, String virtualNode) {
        public Rollout {
            requireNonNull(virtualRouter, "virtualRouter");
            requireNonNull(route, "route");
            requireNonNull(virtualNode, "virtualNode");
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

        /**
         * The caller's SPIFFE ID equals this one, or begins like it where it ends with {@code *}. What stands before the star
         * names the whole trust domain: {@code spiffe://shop.example*} would take {@code spiffe://shop.example.evil/x}.
         */
        record SpiffeId(String pattern) implements Caller {
            private static final String SCHEME = "spiffe://";

            public SpiffeId {
                Checks.require(
                        pattern.startsWith(SCHEME), "spiffeId: '" + pattern + "' (expected: starts with 'spiffe://')");
                int star = pattern.indexOf('*');
                Checks.require(
                        star < 0 || star == pattern.length() - 1,
                        "spiffeId: '" + pattern + "' (expected: '*' only at the end)");
                Checks.require(
                        star < 0 || pattern.indexOf('/', SCHEME.length()) > SCHEME.length(),
                        "spiffeId: '" + pattern
                                + "' (expected: a whole trust domain before '*', such as spiffe://shop.example/*)");
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
