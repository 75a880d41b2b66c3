package io.intramesh.explain;

import io.intramesh.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the mesh would do with a request, and why. Computed from the compiled snapshot that serves calls.
 *
 * @param gatewayRoutes gateway routes tried, in order; empty without a gateway
 * @param gatewayRoute the one that took it, or null
 * @param forwardedHost host after the gateway's rewrite, or the request's own
 * @param forwardedPath canonical path after the gateway's rewrite, with its query; null where the request names none
 * @param virtualService null where the destination is outside the mesh
 * @param virtualRouter null where a node is the provider, or none was reached
 * @param routes routes tried, in order, the last one being the one that matched, if one did
 * @param route name of the route that took it, or null
 * @param targets where it may go; empty when refused
 * @param settings what holds for the call and where each value comes from
 * @param access what access policies say, for each virtual node where it may go; empty where there are none before them
 * @param refusal null where the call goes out
 */
public record Explanation(
        List<Tried> gatewayRoutes,
        @Nullable String gatewayRoute,
        String forwardedHost,
        @Nullable String forwardedPath,
        @Nullable String virtualService,
        @Nullable String virtualRouter,
        List<Tried> routes,
        @Nullable String route,
        List<Target> targets,
        List<Setting> settings,
        List<Access> access,
        @Nullable Refused refusal) {
    public Explanation {
        gatewayRoutes = List.copyOf(gatewayRoutes);
        routes = List.copyOf(routes);
        targets = List.copyOf(targets);
        settings = List.copyOf(settings);
        access = List.copyOf(access);
    }

    /**
     * A route that was looked at.
     *
     * @param conditions all that it asks for, in words
     * @param mismatch the first thing that did not match, or null where it matched
     */
    public record Tried(
            String name, String conditions, @Nullable String mismatch) {}

    /**
     * A place where the call may go.
     *
     * @param port listener of the node, or null where the node is unknown
     * @param share of the route's traffic, 0 to 1
     * @param endpoints with their states; empty where the mesh does not run
     */
    public record Target(
            String virtualNode, int weight, @Nullable Integer port, double share, List<EndpointState> endpoints) {
        public Target {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * An endpoint and whether it is used.
     *
     * @param state {@code healthy}, or why it is not used and until when
     */
    public record EndpointState(String address, @Nullable String zone, String state, int inFlight) {}

    /**
     * A value in force.
     *
     * @param source resource and field that it comes from, or {@code default}
     */
    public record Setting(String name, String value, String source) {}

    /**
     * What the access policies before a virtual node say. What cannot be known from the question (a token, a SPIFFE ID, the
     * time, a method or path that is left open) counts in favour of the call.
     *
     * @param isAllowed whether the call is let in
     * @param policy that decides; null where none has a say
     * @param rule of the policy that decides; null for its default
     * @param shadow what would deny it if the policies in {@code SHADOW} were enforced, in words; null for nothing
     * @param rules in the order in which they count: those that deny, then those that allow; a mismatch says why one does not
     *     surely hold
     */
    public record Access(
            String virtualNode,
            boolean isAllowed,
            @Nullable String policy,
            @Nullable String rule,
            @Nullable String shadow,
            List<Tried> rules) {
        public Access {
            rules = List.copyOf(rules);
        }

        /** Returns what decides, in words: {@code denied by rule 'no-admin' of accessPolicy 'payments'}. */
        public String words() {
            String what = isAllowed ? "allowed" : "denied";
            if (policy == null) {
                return what + " (no policy denies it)";
            }
            return what + " by " + (rule == null ? "the default of '" : "rule '" + rule + "' of accessPolicy '")
                    + policy + "'";
        }
    }

    /** Why the call does not go out. */
    public record Refused(Reason reason, String message) {}

    /** Returns the explanation as lines for people. */
    @Override
    public String toString() {
        return ExplanationText.render(this);
    }
}
