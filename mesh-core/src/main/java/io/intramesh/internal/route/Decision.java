package io.intramesh.internal.route;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import io.intramesh.model.RetryPolicy;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one request: it goes to a target within the mesh, passes through to the outside, or is refused. The only
 * object that deciding creates when the request goes out.
 */
public final class Decision {
    private final String virtualService;
    private final @Nullable String virtualRouter;
    private final @Nullable Plan plan;
    private final @Nullable Target target;
    private final @Nullable String canonicalPath;
    private final long perRequestNanos;
    private final long idleNanos;
    private final @Nullable Reason refusal;
    private final int refusalStatus;
    private final @Nullable Supplier<String> message;

    private Decision(
            String virtualService,
            @Nullable String virtualRouter,
            @Nullable Plan plan,
            @Nullable Target target,
            @Nullable String canonicalPath,
            long perRequestNanos,
            long idleNanos,
            @Nullable Reason refusal,
            int refusalStatus,
            @Nullable Supplier<String> message) {
        this.virtualService = virtualService;
        this.virtualRouter = virtualRouter;
        this.plan = plan;
        this.target = target;
        this.canonicalPath = canonicalPath;
        this.perRequestNanos = perRequestNanos;
        this.idleNanos = idleNanos;
        this.refusal = refusal;
        this.refusalStatus = refusalStatus;
        this.message = message;
    }

    static Decision to(
            Destination destination, Plan plan, Target target, Limits caller, @Nullable String canonicalPath) {
        long perRequest = Math.min(target.perRequestNanos(), caller.perRequestNanos());
        long idle = Math.min(target.idleNanos(), caller.idleNanos());
        return new Decision(
                destination.virtualService(),
                destination.virtualRouter(),
                plan,
                target,
                canonicalPath,
                perRequest == Limits.NONE ? 0 : perRequest,
                idle == Limits.NONE ? 0 : idle,
                null,
                0,
                null);
    }

    static Decision passThrough(String host) {
        return new Decision(host, null, null, null, null, 0, 0, null, 0, null);
    }

    static Decision refused(Refusal refusal, String virtualService, @Nullable String virtualRouter) {
        return new Decision(
                virtualService,
                virtualRouter,
                null,
                null,
                null,
                0,
                0,
                refusal.reason(),
                refusal.status(),
                refusal.message());
    }

    /** Returns why the request is refused, or null where it goes out. */
    public @Nullable Reason refusal() {
        return refusal;
    }

    /** Returns the HTTP status that stands for the refusal, or 0 where there is none. */
    public int refusalStatus() {
        return refusalStatus;
    }

    /** Returns what, where and how to mend; empty where the request is not refused. */
    public String refusalMessage() {
        return message == null ? "" : message.get();
    }

    /** Tells whether the destination is outside the mesh and may be reached: send the request as it is. */
    public boolean isPassThrough() {
        return target == null && refusal == null;
    }

    /** Returns the name of the virtual service, or the host where the destination is none. */
    public String virtualService() {
        return virtualService;
    }

    /** Returns the name of the virtual router, or null where there is none. */
    public @Nullable String virtualRouter() {
        return virtualRouter;
    }

    /** Returns the name of the route, or null where a virtual node is the provider, or none was found. */
    public @Nullable String route() {
        return plan == null ? null : plan.route();
    }

    /**
     * Returns where the request goes; all its attempts stay there.
     *
     * @throws NullPointerException when it is refused or passes through
     */
    public Target target() {
        return requireNonNull(target, "target");
    }

    /** Returns the path to send in place of the request's own, without the query, or null where it is canonical already. */
    public @Nullable String canonicalPath() {
        return canonicalPath;
    }

    /** Returns what the route says about retries; null means the default policy. */
    public @Nullable RetryPolicy retryPolicy() {
        return plan == null ? null : plan.retryPolicy();
    }

    /** Returns the limit of the whole request in nanoseconds: the smallest of route, caller and callee. 0 means none. */
    public long perRequestNanos() {
        return perRequestNanos;
    }

    /** Returns the longest silence in nanoseconds: the smallest of route, caller and callee. 0 means no limit. */
    public long idleNanos() {
        return idleNanos;
    }

    /** Returns what becomes of a copy of the request that goes to that target instead, within the limits of both. */
    public Decision mirroredTo(Target other) {
        return new Decision(
                virtualService,
                virtualRouter,
                plan,
                other,
                canonicalPath,
                smaller(perRequestNanos, other.perRequestNanos()),
                smaller(idleNanos, other.idleNanos()),
                null,
                0,
                null);
    }

    /** 0 stands for no limit in a decision. */
    private static long smaller(long limit, long ofTarget) {
        long smaller = limit == 0 ? ofTarget : Math.min(limit, ofTarget);
        return smaller == Limits.NONE ? 0 : smaller;
    }

    @Nullable
    Plan plan() {
        return plan;
    }

    @Override
    public String toString() {
        if (refusal != null) {
            return refusal + ": " + refusalMessage();
        }
        return isPassThrough() ? virtualService + " passes through" : virtualService + " to " + target;
    }
}
