package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.model.TrafficPolicy;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls slow or fail, as a traffic policy asks, to try what happens. As in Envoy's fault filter, which stands before its
 * router, one draw decides about both delay and abort, the delay comes first, and an abort is not repeated. Here the
 * delay counts towards the time of the call: a callee that were as slow would use it up, too.
 */
final class FaultStage implements CallStage.OfAttempts {
    private static final int PERCENT = 100;

    private final RandomGenerator chance;

    FaultStage(RandomGenerator chance) {
        this.chance = chance;
    }

    @Override
    public void begin(MeshCall call) {
        TrafficPolicies policies = call.snapshot().policies();
        TrafficPolicy policy = policies.fault(call.decision());
        if (policy == null) {
            return;
        }
        TrafficPolicy.Fault fault = requireNonNull(policy.fault());
        if (policies.faultConditions(policy).hold(call.request()) && chance.nextInt(PERCENT) < fault.percent()) {
            call.suffer(policy, delayNanos(fault, call.timeoutNanos()));
        }
    }

    /** Returns how long to wait: at most until the time of the call is up, which is found out then. */
    private static long delayNanos(TrafficPolicy.Fault fault, long limit) {
        if (fault.delay() == null) {
            return 0;
        }
        long delay = TimeUnit.NANOSECONDS.convert(fault.delay());
        return limit == 0 ? delay : Math.min(delay, limit);
    }

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        TrafficPolicy policy = call.sufferedPolicy();
        Integer status = abortStatus(policy);
        if (policy != null && status != null) {
            throw new MeshCallException(
                    Reason.FAULT_INJECTED,
                    status,
                    call.where() + ": " + policy.id() + " fault: answers " + status
                            + " in place of the callee; take the fault out of the policy when the trial is over",
                    false,
                    null);
        }
    }

    private static @Nullable Integer abortStatus(@Nullable TrafficPolicy policy) {
        return policy == null ? null : requireNonNull(policy.fault()).abortStatus();
    }
}
