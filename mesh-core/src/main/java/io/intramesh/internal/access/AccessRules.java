package io.intramesh.internal.access;

import io.intramesh.model.AccessPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * Judging, for all policies that hold for a place together:
 *   1. A DENY rule that matches denies. It also denies where only the proof of the caller is missing, since who may not call
 *      must not gain by hiding who he is; that is then UNAUTHENTICATED.
 *   2. Else an ALLOW rule that matches allows. Rules of all policies count alike, so that the default of one policy is met by
 *      the rule of another: a mesh denies by default, and each service allows its own callers (as in Istio's
 *      AuthorizationPolicy and Kubernetes' NetworkPolicy).
 *   3. Else it is denied where a policy denies by default; UNAUTHENTICATED where an ALLOW rule lacked the proof alone.
 *
 * Policies in SHADOW neither deny nor allow. What they would do is found by judging once more with them taken in.
 *
 * Cost: rules are few; each is a row of comparisons, the cheap ones first. No object is made.
 */

/** The rules that hold for the requests to one place. Immutable. */
public final class AccessRules {
    /** No policy holds. */
    public static final AccessRules NONE = of(List.of(), List.of(), null);

    private final Judge enforced;

    /** Null where no policy is in SHADOW. */
    private final @Nullable Judge all;

    private AccessRules(Judge enforced, @Nullable Judge all) {
        this.enforced = enforced;
        this.all = all;
    }

    /**
     * Puts rules together.
     *
     * @param whole policies whose rules all count
     * @param guards policies whose ALLOW rules do not count, because the request may be theirs or not
     * @param closedBy why everything is denied that no rule allows, whatever the policies say; null where nothing says so
     */
    public static AccessRules of(
            Collection<CompiledPolicy> whole, Collection<CompiledPolicy> guards, @Nullable String closedBy) {
        boolean hasShadow = !whole.stream().allMatch(CompiledPolicy::isEnforced)
                || !guards.stream().allMatch(CompiledPolicy::isEnforced);
        return new AccessRules(
                Judge.of(enforced(whole), enforced(guards), closedBy),
                hasShadow ? Judge.of(whole, guards, closedBy) : null);
    }

    /** Returns rules that deny everything. */
    public static AccessRules closed(String why) {
        return of(List.of(), List.of(), why);
    }

    private static List<CompiledPolicy> enforced(Collection<CompiledPolicy> policies) {
        return policies.stream().filter(CompiledPolicy::isEnforced).toList();
    }

    /** Tells whether nothing is ever denied here, nor recorded. */
    public boolean isEmpty() {
        return all == null && enforced.isEmpty();
    }

    /** Tells whether a rule that is enforced asks for the path. */
    public boolean needsPath() {
        return enforced.needsPath;
    }

    /** Tells whether any rule asks for the path, those in SHADOW included. */
    public boolean mayUsePath() {
        return all == null ? enforced.needsPath : all.needsPath;
    }

    /** Returns what is decided. */
    public Ruling judge(AccessRequest request) {
        return enforced.judge(request);
    }

    /** Returns what would be decided if all policies were enforced, or null where that is the same. */
    public @Nullable Ruling shadow(AccessRequest request) {
        return all == null ? null : all.judge(request);
    }

    /** Returns each rule, in the order in which they count, in words, with why it does not match. */
    public List<Tried> explain(AccessRequest request) {
        List<Tried> tried = new ArrayList<>();
        Judge judge = all == null ? enforced : all;
        for (CompiledRule rule : judge.denies) {
            tried.add(tried(rule, request));
        }
        for (CompiledRule rule : judge.allows) {
            tried.add(tried(rule, request));
        }
        return tried;
    }

    private static Tried tried(CompiledRule rule, AccessRequest request) {
        String mismatch = switch (rule.match(request)) {
            case YES -> null;
            case NO -> rule.mayHold() ? "does not match" : "its rollout is not under way";
            case OPEN -> "depends on what is not known here";
            case UNPROVEN -> "depends on what the caller proves";
        };
        return new Tried(rule.title(), rule.conditions(), mismatch);
    }

    /**
     * A rule that was looked at.
     *
     * @param mismatch why it does not surely match; null where it does
     */
    public record Tried(
            String title, String conditions, @Nullable String mismatch) {}

    /** Rules that count alike. */
    private static final class Judge {
        private static final CompiledRule[] NO_RULES = {};

        private final CompiledRule[] denies;
        private final CompiledRule[] allows;
        private final boolean needsPath;

        /** What holds where no rule does. */
        private final Ruling otherwise;

        /** The same, where an ALLOW rule lacked the proof of the caller. */
        private final Ruling unproven;

        private Judge(CompiledRule[] denies, CompiledRule[] allows, Ruling otherwise, Ruling unproven) {
            this.denies = denies;
            this.allows = allows;
            this.otherwise = otherwise;
            this.unproven = unproven;
            boolean asks = false;
            for (CompiledRule rule : denies) {
                asks |= rule.needsPath();
            }
            for (CompiledRule rule : allows) {
                asks |= rule.needsPath();
            }
            this.needsPath = asks;
        }

        static Judge of(
                Collection<CompiledPolicy> whole, Collection<CompiledPolicy> guards, @Nullable String closedBy) {
            List<CompiledRule> denies = new ArrayList<>();
            List<CompiledRule> allows = new ArrayList<>();
            String deniedBy = closedBy;
            boolean allAudited = false;
            List<CompiledPolicy> both = new ArrayList<>(whole);
            both.addAll(guards);
            for (CompiledPolicy policy : both) {
                boolean countsWhole = whole.contains(policy);
                for (CompiledRule rule : policy.rules()) {
                    if (rule.mayHold() && (rule.denies() || countsWhole)) {
                        (rule.denies() ? denies : allows).add(rule);
                    }
                }
                if (deniedBy == null && policy.policy().defaultDeny()) {
                    deniedBy = policy.name();
                }
                allAudited |= policy.policy().audit() == AccessPolicy.Audit.ALL;
            }
            return new Judge(
                    denies.toArray(NO_RULES),
                    allows.toArray(NO_RULES),
                    new Ruling(deniedBy == null ? Ruling.Kind.ALLOWED : Ruling.Kind.DENIED, deniedBy, null, allAudited),
                    new Ruling(
                            deniedBy == null ? Ruling.Kind.ALLOWED : Ruling.Kind.UNAUTHENTICATED,
                            deniedBy,
                            null,
                            allAudited));
        }

        boolean isEmpty() {
            return denies.length == 0 && allows.length == 0 && otherwise.isAllowed() && !otherwise.isAudited();
        }

        Ruling judge(AccessRequest request) {
            boolean isArrived = request.isArrived();
            Ruling lacksProof = null;
            for (CompiledRule rule : denies) {
                Match match = rule.match(request);
                if (match == Match.YES || (match == Match.OPEN && isArrived)) {
                    return rule.ruling();
                }
                if (match == Match.UNPROVEN && isArrived && lacksProof == null) {
                    lacksProof = rule.unproven();
                }
            }
            if (lacksProof != null) {
                return lacksProof;
            }
            boolean anyLacksProof = false;
            for (CompiledRule rule : allows) {
                Match match = rule.match(request);
                if (match == Match.YES || (match != Match.NO && !isArrived)) {
                    return rule.ruling();
                }
                anyLacksProof |= match == Match.UNPROVEN;
            }
            return anyLacksProof ? unproven : otherwise;
        }
    }
}
