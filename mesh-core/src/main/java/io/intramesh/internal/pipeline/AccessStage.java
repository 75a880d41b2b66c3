package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.MeshRequest;
import io.intramesh.internal.access.AccessPath;
import io.intramesh.internal.access.AccessRequest;
import io.intramesh.internal.access.AccessRules;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.access.Ruling;
import io.intramesh.internal.route.Decision;
import io.intramesh.internal.route.Target;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Refuses calls that their callee would surely refuse, early and with a message that names the rule. The callee decides in any
 * case: what is not certain here (SPIFFE IDs, tokens, headers that are added later, the callee's clock) goes out.
 */
final class AccessStage implements CallStage {
    /** How far the callee's clock may be from ours; as much as tokens are given. */
    private static final Duration CLOCK_MARGIN = Duration.ofMinutes(1);

    private final InstantSource time;

    AccessStage(InstantSource time) {
        this.time = time;
    }

    @Override
    public void begin(MeshCall call) throws MeshCallException {
        AccessPolicies policies = call.snapshot().access();
        if (policies.isEmpty()) {
            return;
        }
        Decision decision = call.decision();
        if (decision.isPassThrough()) {
            return;
        }
        Target target = decision.target();
        NodeAccess access = policies.before(target.virtualNode());
        AccessRules rules = access.at(decision.virtualService(), decision.route());
        if (rules == null || rules.isEmpty()) {
            return;
        }
        MeshRequest request = call.request();
        String forwarded = decision.canonicalPath();
        Integer port = target.port();
        Ruling ruling = rules.judge(AccessRequest.leaving(
                request,
                Principal.node(call.snapshot().selfNode().name()),
                rules.needsPath() ? AccessPath.of(forwarded == null ? request.path() : forwarded) : null,
                port == null ? AccessRequest.UNKNOWN_PORT : port,
                time,
                CLOCK_MARGIN));
        if (!ruling.isAllowed()) {
            throw new MeshCallException(
                    Reason.POLICY,
                    call.where() + " does not let virtualNode '"
                            + call.snapshot().selfNode().name() + "' make this call (" + request.method()
                            + "): denied by "
                            + ruling.words() + "; make another call, or let a rule allow this one");
        }
    }
}
