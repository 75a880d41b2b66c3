package io.intramesh.internal.route;

import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Listener;
import io.intramesh.model.PathMatch;
import io.intramesh.model.VirtualGateway;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A virtual gateway with its routes. A better host goes first (exact, longest suffix, any), then the order is that of
 * routes; a route for a worse host is still tried where none for a better one matches. App Mesh documents no more than the
 * order; falling through is the reading that refuses fewer requests. Immutable.
 */
final class CompiledGateway {
    private final String name;
    private final Listening listening;
    private final List<Candidate> ranked;
    private final List<GatewayRoute> routes;

    private CompiledGateway(String name, Listening listening, List<Candidate> ranked, List<GatewayRoute> routes) {
        this.name = name;
        this.listening = listening;
        this.ranked = ranked;
        this.routes = routes;
    }

    static CompiledGateway compile(VirtualGateway gateway, List<GatewayRoute> routes) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            candidates.add(Candidate.of(routes.get(i), i));
        }
        List<Candidate> ranked = Candidate.ranked(candidates);
        Listening listening = new Listening(
                gateway.listeners().stream().map(Listener::portMapping).toList());
        return new CompiledGateway(gateway.name(), listening, ranked, List.copyOf(routes));
    }

    String name() {
        return name;
    }

    Listening listening() {
        return listening;
    }

    List<Candidate> ranked() {
        return ranked;
    }

    GatewayRoute route(Candidate candidate) {
        return routes.get(candidate.ordinal());
    }

    /**
     * Returns the path that goes on, without query. The result is brought to its canonical form again, since a rewrite can lay
     * dots or slashes side by side.
     *
     * @param path canonical path of the request, which the route takes; null where it is open
     */
    static @Nullable String rewrittenPath(GatewayRoute route, @Nullable String path) {
        if (!(route.spec() instanceof GatewayRoute.Http http)) {
            return path;
        }
        GatewayRoute.PathRewrite rewrite = http.pathRewrite();
        if (rewrite instanceof GatewayRoute.PathRewrite.Exact exact) {
            return CanonicalPath.of(exact.path());
        }
        String prefix = prefix(http.match().path());
        if (path == null || prefix == null || !path.startsWith(prefix)) {
            return path;
        }
        String replacement = replacement(rewrite);
        if (replacement == null) {
            return path;
        }
        String rest = path.substring(prefix.length());
        return CanonicalPath.of(replacement + rest);
    }

    /** Returns the prefix that a rewrite replaces. No condition on the path takes every path, as {@code /} does. */
    private static @Nullable String prefix(@Nullable PathMatch match) {
        if (match == null) {
            return "/";
        }
        return match instanceof PathMatch.Prefix prefix ? prefix.prefix() : null;
    }

    /** Returns what stands in place of the prefix; it ends with a slash. Null where the path stays. */
    private static @Nullable String replacement(GatewayRoute.@Nullable PathRewrite rewrite) {
        if (rewrite instanceof GatewayRoute.PathRewrite.Prefix prefix) {
            return prefix.value();
        }
        return rewrite instanceof GatewayRoute.PathRewrite.DefaultPrefix byDefault && !byDefault.enabled() ? null : "/";
    }
}
