package io.intramesh.internal.pipeline;

import io.intramesh.Reason;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.access.AccessPath;
import io.intramesh.internal.access.AccessRequest;
import io.intramesh.internal.access.AccessRules;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.access.Ruling;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds to explanations what the access policies before the targets say. */
final class AccessExplanations {
    private AccessExplanations() {}

    /**
     * @param caller virtual node that calls; null for anybody
     */
    static Explanation added(
            Explanation explanation, AccessPolicies policies, ExplainRequest request, @Nullable String caller) {
        String service = explanation.virtualService();
        if (policies.isEmpty() || service == null || explanation.targets().isEmpty()) {
            return explanation;
        }
        List<Explanation.Access> access = new ArrayList<>();
        List<Explanation.Access> denials = new ArrayList<>();
        int used = 0;
        for (Explanation.Target target : explanation.targets()) {
            NodeAccess before = policies.before(target.virtualNode());
            AccessRules rules = before.at(service, explanation.route());
            boolean isUsed = target.share() > 0;
            used += isUsed ? 1 : 0;
            if (rules != null && !rules.isEmpty()) {
                Explanation.Access said =
                        said(explanation, policies, request, principal(request, caller), target, rules);
                access.add(said);
                if (isUsed && !said.isAllowed()) {
                    denials.add(said);
                }
            }
        }
        boolean isRefused = used > 0 && denials.size() == used;
        return Explained.withAccess(
                explanation, access, isRefused ? refusal(service, denials.get(0), request, caller) : null);
    }

    private static Explanation.Refused refusal(
            String service, Explanation.Access denial, ExplainRequest request, @Nullable String node) {
        String caller = request.spiffeId() != null
                ? request.spiffeId()
                : node == null ? "the caller" : "virtualNode '" + node + "'";
        return new Explanation.Refused(
                Reason.POLICY,
                "virtualService '" + service + "' virtualNode '" + denial.virtualNode() + "' does not let " + caller
                        + " make this call: " + denial.words() + "; make another call, or let a rule allow this one");
    }

    private static Explanation.Access said(
            Explanation explanation,
            AccessPolicies policies,
            ExplainRequest request,
            Principal caller,
            Explanation.Target target,
            AccessRules rules) {
        Integer port = target.port();
        Instant at = request.at();
        AccessRequest asked = AccessRequest.asked(
                request,
                caller,
                AccessPath.of(withoutQuery(explanation.forwardedPath())),
                port == null ? AccessRequest.UNKNOWN_PORT : port,
                at == null ? policies.time() : InstantSource.fixed(at),
                request.claims());
        Ruling ruling = rules.judge(asked);
        Ruling shadow = rules.shadow(asked);
        boolean isShadowed = ruling.isAllowed() && shadow != null && !shadow.isAllowed();
        return new Explanation.Access(
                target.virtualNode(),
                ruling.isAllowed(),
                ruling.policy(),
                ruling.rule(),
                isShadowed && shadow != null ? "denied by " + shadow.words() : null,
                rules.explain(asked).stream()
                        .map(tried -> new Explanation.Tried(tried.title(), tried.conditions(), tried.mismatch()))
                        .toList());
    }

    private static Principal principal(ExplainRequest request, @Nullable String node) {
        String id = request.spiffeId();
        if (id != null) {
            return Principal.proven(id, node);
        }
        return node == null ? Principal.ANONYMOUS : Principal.node(node);
    }

    private static @Nullable String withoutQuery(@Nullable String target) {
        int query = target == null ? -1 : target.indexOf('?');
        return target == null || query < 0 ? target : target.substring(0, query);
    }
}
