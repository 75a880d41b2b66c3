package io.intramesh.internal.pipeline;

import io.intramesh.AccessEvent;
import io.intramesh.AccessSettings;
import io.intramesh.Reason;
import io.intramesh.internal.access.AccessCounts;
import io.intramesh.internal.access.AuditLog;
import io.intramesh.internal.access.Identities;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.access.Ruling;
import io.intramesh.internal.access.SpiffePath;
import io.intramesh.internal.access.TokenVerifier;
import io.intramesh.internal.access.Tokens;
import io.intramesh.internal.access.jwt.JwtTokens;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.JwtIssuer;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualNode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What access needs beside a configuration, and keeps over all of them: keys of token issuers, counts, the audit log. Configured
 * on the mesh thread; reports come from any.
 */
final class AccessControl implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessControl.class);
    private static final String DEFAULT_DENY_SETTING = "setting intramesh.access.default-deny";
    private static final String REFUSED_POLICIES = "access policies that are refused";
    private static final String TOKEN_LIBRARY = "com.nimbusds.jwt.SignedJWT";

    private final AccessSettings settings;
    private final SpiffePath spiffePath;
    private final Supplier<Set<String>> ownTrustDomains;
    private final MeshScheduler scheduler;
    private final InstantSource time;
    private final NanoClock clock;
    private final Listeners listeners;
    private final AccessCounts counts = new AccessCounts();
    private final AuditLog audit;

    // Of the mesh thread; null until a policy trusts tokens.
    private @Nullable Tokens tokens;

    /**
     * @param ownTrustDomains of the certificates of this process, as of now; for any thread
     */
    AccessControl(
            AccessSettings settings,
            Supplier<Set<String>> ownTrustDomains,
            MeshScheduler scheduler,
            InstantSource time,
            NanoClock clock,
            Listeners listeners) {
        this.settings = settings;
        this.spiffePath = SpiffePath.parse(settings.spiffePath());
        this.ownTrustDomains = ownTrustDomains;
        this.scheduler = scheduler;
        this.time = time;
        this.clock = clock;
        this.listeners = listeners;
        this.audit = new AuditLog(clock);
    }

    /** Returns the policies of a configuration as a caller sees them: tokens are not its own to check. */
    AccessPolicies policies(String mesh, ResourceSet resources) {
        return AccessPolicies.of(mesh, resources, policy -> TokenVerifier.NONE, time);
    }

    private Tokens openTokens() {
        try {
            Class.forName(TOKEN_LIBRARY, false, AccessControl.class.getClassLoader());
        } catch (ClassNotFoundException missing) {
            log.error(
                    "tokens not checked problem=\"access policies ask for claims of tokens, which are taken for missing"
                            + " without com.nimbusds:nimbus-jose-jwt; add it to the class path\"");
            return Tokens.NONE;
        }
        return new JwtTokens(scheduler, clock);
    }

    private TokenVerifier verifier(AccessPolicy policy) {
        if (!policy.asksForClaims()) {
            return TokenVerifier.NONE;
        }
        if (tokens == null) {
            tokens = openTokens();
        }
        return tokens.trusting(policy.jwt());
    }

    /**
     * Returns what lets requests in to a node, or null where that is everything. Forgets what earlier configurations alone
     * needed.
     *
     * @param lacksPolicies whether there are policies that could not be read, and none before them
     */
    @Nullable
    InboundAccess inbound(
            VirtualNode self, ResourceSet resources, RoutingTable routing, long revision, boolean lacksPolicies) {
        String closedBy = lacksPolicies ? REFUSED_POLICIES : settings.defaultDeny() ? DEFAULT_DENY_SETTING : null;
        String mesh = self.id().mesh();
        AccessPolicies policies = AccessPolicies.of(mesh, resources, this::verifier, time);
        NodeAccess own = policies.before(self.name(), closedBy);
        forgetAllBut(policies.all());
        if (own.isEmpty()) {
            return null;
        }
        List<VirtualNode> nodes = resources.all(VirtualNode.class).stream()
                .filter(node -> node.id().mesh().equals(mesh))
                .toList();
        return new InboundAccess(
                this, own, routing, Identities.of(mesh, nodes, this::trustDomains, spiffePath), self, revision, time);
    }

    private void forgetAllBut(List<AccessPolicy> policies) {
        List<String> names = new ArrayList<>(List.of(DEFAULT_DENY_SETTING, REFUSED_POLICIES));
        Set<JwtIssuer> issuers = new HashSet<>();
        for (AccessPolicy policy : policies) {
            names.add(policy.id().name());
            issuers.addAll(policy.jwt());
        }
        counts.retain(names);
        if (tokens != null) {
            tokens.retain(issuers);
        }
    }

    private Set<String> trustDomains() {
        Set<String> trustDomains = new HashSet<>(settings.trustDomains());
        trustDomains.addAll(ownTrustDomains.get());
        return trustDomains;
    }

    /** Records that a request was refused. */
    void denied(AuditLog.Entry entry, Ruling ruling, Reason reason) {
        if (ruling.policy() != null) {
            counts.denied(ruling.policy());
        }
        audit.write("access denied", entry, ruling, AccessPolicy.Mode.ENFORCE.name(), reason.name());
        tell(AccessEvent.Kind.DENIED, entry.principal(), ruling, reason);
    }

    /** Records that a request was let in that policies in SHADOW would refuse. */
    void wouldBeDenied(AuditLog.Entry entry, Ruling ruling, Reason reason) {
        if (ruling.policy() != null) {
            counts.wouldDeny(ruling.policy());
        }
        audit.write("access would be denied", entry, ruling, AccessPolicy.Mode.SHADOW.name(), reason.name());
        tell(AccessEvent.Kind.WOULD_BE_DENIED, entry.principal(), ruling, reason);
    }

    /** Records that a request was let in. */
    void allowed(AuditLog.Entry entry, Ruling ruling) {
        audit.write("access allowed", entry, ruling, AccessPolicy.Mode.ENFORCE.name(), null);
    }

    private void tell(AccessEvent.Kind kind, Principal principal, Ruling ruling, Reason reason) {
        listeners.accessDenied(new AccessEvent(
                kind, reason, principal.name(), principal.virtualNode(), ruling.policy(), ruling.rule()));
    }

    /** Returns how often a policy denied and would have denied, in words. */
    String describe(String policy) {
        return counts.deniedBy(policy) + " denied, " + counts.wouldBeDeniedBy(policy) + " would be denied so far";
    }

    @Override
    public void close() {
        if (tokens != null) {
            tokens.close();
        }
    }
}
