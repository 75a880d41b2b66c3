package io.intramesh.internal.access;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.PathMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A rule of an access policy, made ready. Conditions are asked from cheap to dear. Immutable. */
final class CompiledRule {
    private final AccessPolicy policy;
    private final AccessPolicy.Rule rule;

    /** Whether the rollout that it waits for is under way; {@link Match#OPEN} where that cannot be told. */
    private final Match rollout;

    private final Set<String> methods;
    private final int[] ports;
    private final List<Header> headers;
    private final List<Predicate<String>> paths;
    private final List<CallerTest> callers;
    private final Map<String, String> claims;
    private final TokenVerifier tokens;
    private final Ruling holds;
    private final Ruling unproven;

    CompiledRule(AccessPolicy policy, AccessPolicy.Rule rule, Match rollout, Matchers matchers, TokenVerifier tokens) {
        this.policy = policy;
        this.rule = rule;
        this.rollout = rollout;
        this.methods = methods(rule);
        this.ports = rule.ports().stream().mapToInt(Integer::intValue).toArray();
        this.headers = rule.headers().stream()
                .map(match -> new Header(match.name().toLowerCase(Locale.ROOT), matchers.header(match)))
                .toList();
        this.paths = rule.paths().stream().map(matchers::path).toList();
        this.callers = rule.callers().stream().map(CallerTest::of).toList();
        this.claims = rule.claims();
        this.tokens = tokens;
        boolean allAudited = policy.audit() == AccessPolicy.Audit.ALL;
        this.holds = new Ruling(
                rule.effect() == AccessPolicy.Effect.DENY ? Ruling.Kind.DENIED : Ruling.Kind.ALLOWED,
                policy.id().name(),
                rule.name(),
                allAudited);
        this.unproven = new Ruling(Ruling.Kind.UNAUTHENTICATED, policy.id().name(), rule.name(), allAudited);
    }

    private static Set<String> methods(AccessPolicy.Rule rule) {
        Set<String> names = new HashSet<>();
        rule.methods().forEach(method -> names.add(method.name()));
        if (rule.effect() == AccessPolicy.Effect.DENY && rule.methods().contains(HttpMethod.GET)) {
            // Servlets answer HEAD by what they do for GET, so who denies one means both.
            names.add(HttpMethod.HEAD.name());
        }
        return Set.copyOf(names);
    }

    boolean denies() {
        return rule.effect() == AccessPolicy.Effect.DENY;
    }

    boolean isShadow() {
        return policy.mode() == AccessPolicy.Mode.SHADOW;
    }

    boolean needsPath() {
        return !paths.isEmpty();
    }

    /** Tells whether it can hold at all for as long as the configuration stays. */
    boolean mayHold() {
        return rollout != Match.NO;
    }

    /** Returns what it decides where it holds. */
    Ruling ruling() {
        return holds;
    }

    /** Returns what is decided where all of it holds but the proof of who calls. */
    Ruling unproven() {
        return unproven;
    }

    Match match(AccessRequest request) {
        Match match = rollout;
        if (match == Match.NO) {
            return match;
        }
        if (!methods.isEmpty()) {
            match = match.and(method(request.request()));
        }
        if (ports.length > 0 && match != Match.NO) {
            match = match.and(port(request.port()));
        }
        if ((rule.notBefore() != null || rule.notAfter() != null) && match != Match.NO) {
            match = match.and(time(request));
        }
        if (!paths.isEmpty() && match != Match.NO) {
            match = match.and(path(request.path()));
        }
        if (!headers.isEmpty() && match != Match.NO) {
            match = match.and(headers(request));
        }
        if (!callers.isEmpty() && match != Match.NO) {
            match = match.and(request.principal().is(callers));
        }
        // Last: the first look at a token costs a signature.
        return claims.isEmpty() || match == Match.NO ? match : match.and(claims(request));
    }

    private Match method(MeshRequest request) {
        String method = request.method();
        return method == null ? Match.OPEN : methods.contains(method) ? Match.YES : Match.NO;
    }

    private Match port(int port) {
        if (port == AccessRequest.UNKNOWN_PORT) {
            return Match.OPEN;
        }
        for (int each : ports) {
            if (each == port) {
                return Match.YES;
            }
        }
        return Match.NO;
    }

    /** Holds from the start on, and up to the end without it; open where only another clock than ours says so. */
    private Match time(AccessRequest request) {
        Instant now = request.now();
        if (now == null) {
            return Match.OPEN;
        }
        Instant start = rule.notBefore();
        Instant end = rule.notAfter();
        Instant earliest = now.minus(request.clockMargin());
        Instant latest = now.plus(request.clockMargin());
        if ((start != null && latest.isBefore(start)) || (end != null && !earliest.isBefore(end))) {
            return Match.NO;
        }
        boolean isSure = (start == null || !earliest.isBefore(start)) && (end == null || latest.isBefore(end));
        return isSure ? Match.YES : Match.OPEN;
    }

    private Match path(@Nullable String path) {
        if (path == null) {
            return Match.OPEN;
        }
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).test(path)) {
                return Match.YES;
            }
        }
        return Match.NO;
    }

    private Match headers(AccessRequest request) {
        Match match = Match.YES;
        for (int i = 0; i < headers.size(); i++) {
            Header header = headers.get(i);
            String value = request.request().header(header.name);
            if (value == null && request.mayGetHeaders()) {
                match = Match.OPEN;
            } else if (!header.test.holds(value)) {
                return Match.NO;
            }
        }
        return match;
    }

    private Match claims(AccessRequest request) {
        TokenClaims proven = request.claims(tokens);
        if (proven == null) {
            // Who is known to bring no token is denied as one whose token proves nothing, and allowed nothing by it.
            return !request.isWithoutToken() ? Match.UNPROVEN : denies() ? Match.YES : Match.NO;
        }
        for (Map.Entry<String, String> claim : claims.entrySet()) {
            if (!proven.has(claim.getKey(), claim.getValue())) {
                return Match.NO;
            }
        }
        return Match.YES;
    }

    /** Returns {@code DENY no-admin of accessPolicy 'payments'}. */
    String title() {
        return rule.effect() + " '" + rule.name() + "' of accessPolicy '"
                + policy.id().name() + "'" + (isShadow() ? " (SHADOW)" : "");
    }

    /** Returns its conditions in words; {@code everything} where it has none. */
    String conditions() {
        List<String> parts = new ArrayList<>();
        if (!rule.callers().isEmpty()) {
            parts.add("caller is "
                    + rule.callers().stream().map(CompiledRule::words).collect(Collectors.joining(" or ")));
        }
        if (!methods.isEmpty()) {
            parts.add("method is " + methods.stream().sorted().collect(Collectors.joining(" or ")));
        }
        if (!rule.paths().isEmpty()) {
            parts.add("path " + rule.paths().stream().map(CompiledRule::words).collect(Collectors.joining(" or ")));
        }
        rule.headers().forEach(header -> parts.add("header " + words(header)));
        if (ports.length > 0) {
            parts.add("port is " + rule.ports().stream().map(String::valueOf).collect(Collectors.joining(" or ")));
        }
        new TreeMap<>(claims).forEach((claim, value) -> parts.add("claim " + claim + " is '" + value + "'"));
        if (rule.notBefore() != null) {
            parts.add("not before " + rule.notBefore());
        }
        if (rule.notAfter() != null) {
            parts.add("not after " + rule.notAfter());
        }
        AccessPolicy.Rollout waits = rule.rollout();
        if (waits != null) {
            parts.add("while virtualRouter '" + waits.virtualRouter() + "' route '" + waits.route()
                    + "' sends a part to virtualNode '" + waits.virtualNode() + "'");
        }
        return parts.isEmpty() ? "everything" : String.join(" and ", parts);
    }

    private static String words(AccessPolicy.Caller caller) {
        if (caller instanceof AccessPolicy.Caller.Node node) {
            return "virtualNode '" + node.virtualNode() + "'";
        }
        return caller instanceof AccessPolicy.Caller.SpiffeId id
                ? id.pattern()
                : "of trust domain " + ((AccessPolicy.Caller.TrustDomain) caller).name();
    }

    private static String words(PathMatch path) {
        if (path instanceof PathMatch.Prefix prefix) {
            return "starts with " + prefix.prefix();
        }
        return path instanceof PathMatch.Exact exact
                ? "is " + exact.path()
                : "matches " + ((PathMatch.Regex) path).pattern();
    }

    private static String words(HeaderMatch header) {
        return header.name() + (header.match() == null ? (header.invert() ? " is absent" : " is present") : " matches");
    }

    private record Header(String name, Matchers.HeaderTest test) {}
}
