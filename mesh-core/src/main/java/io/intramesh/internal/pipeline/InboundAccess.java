package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Refusal;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.access.AccessPath;
import io.intramesh.internal.access.AccessRequest;
import io.intramesh.internal.access.AccessRules;
import io.intramesh.internal.access.AuditLog;
import io.intramesh.internal.access.Identities;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.access.Ruling;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.internal.time.Chance;
import io.intramesh.model.Protocol;
import io.intramesh.model.VirtualNode;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets requests in to this process's node, or not, as access policies say. Compiled with each snapshot. Immutable. */
final class InboundAccess {
    private static final InboundAdmission DENIED =
            new InboundAdmission.Refused(Refusal.of(Reason.POLICY, "Access denied"));
    private static final Refusal NO_IDENTITY = Refusal.of(Reason.NO_TRUSTED_IDENTITY, "No trusted identity");
    private static final InboundAdmission UNAUTHENTICATED = new InboundAdmission.Refused(NO_IDENTITY);
    private static final InboundAdmission AMBIGUOUS =
            new InboundAdmission.Refused(Refusal.of(Reason.AMBIGUOUS_PATH, "The path is ambiguous"));

    private final AccessControl control;
    private final NodeAccess own;
    private final RoutingTable routing;
    private final Identities identities;
    private final VirtualNode self;
    private final long revision;
    private final InstantSource time;

    InboundAccess(
            AccessControl control,
            NodeAccess own,
            RoutingTable routing,
            Identities identities,
            VirtualNode self,
            long revision,
            InstantSource time) {
        this.control = control;
        this.own = own;
        this.routing = routing;
        this.identities = identities;
        this.self = self;
        this.revision = revision;
        this.time = time;
    }

    InboundAdmission admit(InboundExchange exchange) {
        MeshRequest request = exchange.request();
        String path = own.mayUsePath() ? AccessPath.of(request.path()) : null;
        if (path == null && own.needsPath()) {
            Principal principal = identities.of(exchange.peerCertificates());
            control.denied(entry(exchange, principal), Ruling.DENIED_BY_NO_POLICY, Reason.AMBIGUOUS_PATH);
            return AMBIGUOUS;
        }
        AccessRules rules = own.hasNarrower() ? ofItsPlace(request, path) : own.wide();
        if (rules.isEmpty()) {
            return InboundAdmission.PASS;
        }
        Principal principal = identities.of(exchange.peerCertificates());
        AccessRequest judged = AccessRequest.arrived(request, principal, path, port(exchange.localPort()), time);
        Ruling ruling = rules.judge(judged);
        if (!ruling.isAllowed()) {
            Reason reason = reason(ruling);
            control.denied(entry(exchange, principal), ruling, reason);
            return reason == Reason.POLICY ? DENIED : unauthenticated(judged.challenge());
        }
        Ruling shadow = rules.shadow(judged);
        if (shadow != null && !shadow.isAllowed()) {
            control.wouldBeDenied(entry(exchange, principal), shadow, reason(shadow));
        }
        if (ruling.isAudited()) {
            control.allowed(entry(exchange, principal), ruling);
        }
        return InboundAdmission.PASS;
    }

    /** Returns how often each policy before this process denied, for explanations. */
    List<Explanation.Setting> settings() {
        return own.policies().stream()
                .map(policy -> new Explanation.Setting(
                        "access to this process", control.describe(policy), "accessPolicy '" + policy + "'"))
                .toList();
    }

    private static Reason reason(Ruling ruling) {
        return ruling.kind() == Ruling.Kind.UNAUTHENTICATED ? Reason.NO_TRUSTED_IDENTITY : Reason.POLICY;
    }

    private static InboundAdmission unauthenticated(@Nullable String challenge) {
        return challenge == null ? UNAUTHENTICATED : new InboundAdmission.Refused(NO_IDENTITY.challenging(challenge));
    }

    private AuditLog.Entry entry(InboundExchange exchange, Principal principal) {
        return exchange.auditedAs(principal, self.name(), revision);
    }

    /**
     * Returns the rules of the route or virtual service that the request came by; the stricter ones for all of them where that
     * is not certain.
     *
     * @param path decoded; null where it is ambiguous
     */
    private AccessRules ofItsPlace(MeshRequest request, @Nullable String path) {
        Caller anybody = routing.caller(null);
        if (path == null || anybody == null) {
            return own.guarded();
        }
        AccessRules found = at(routing.decide(request, anybody, Chance.shared()));
        String sent = request.path();
        if (found != null && sent != null && sent.indexOf('%') >= 0) {
            // A route matches what is encoded as it is spelled. To the application both spellings are one, so the
            // caller must not choose between two routes by them.
            Respelled respelled = new Respelled(request, AccessPath.encode(path));
            AccessRules other = at(routing.decide(respelled, anybody, Chance.shared()));
            found = found.equals(other) ? found : null;
        }
        return found == null ? own.guarded() : found;
    }

    private @Nullable AccessRules at(Decision decision) {
        return decision.refusal() != null || decision.isPassThrough()
                ? null
                : own.at(decision.virtualService(), decision.route());
    }

    /**
     * Returns the port of the listener that took the request. With one listener it is that one's, whatever is between; with
     * several, one that nobody listens on is unknown.
     */
    private int port(int localPort) {
        if (self.listeners().size() == 1) {
            return self.listeners().get(0).port();
        }
        for (int i = 0; i < self.listeners().size(); i++) {
            if (self.listeners().get(i).port() == localPort) {
                return localPort;
            }
        }
        return self.listeners().isEmpty() ? localPort : AccessRequest.UNKNOWN_PORT;
    }

    /** A request under another spelling of its path. */
    private record Respelled(MeshRequest original, String path) implements MeshRequest {
        @Override
        public @Nullable Protocol protocol() {
            return original.protocol();
        }

        @Override
        public @Nullable String method() {
            return original.method();
        }

        @Override
        public @Nullable String scheme() {
            return original.scheme();
        }

        @Override
        public String host() {
            return original.host();
        }

        @Override
        public int port() {
            return original.port();
        }

        @Override
        public boolean isPortImplied() {
            return original.isPortImplied();
        }

        @Override
        public @Nullable String query() {
            return original.query();
        }

        @Override
        public @Nullable String header(String name) {
            return original.header(name);
        }
    }
}
