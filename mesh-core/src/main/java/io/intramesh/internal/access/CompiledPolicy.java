package io.intramesh.internal.access;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.AccessPolicy;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An access policy, made ready; part of the rules of all the places that it holds for. Immutable. */
public final class CompiledPolicy {
    private final AccessPolicy policy;
    private final List<CompiledRule> rules;

    private CompiledPolicy(AccessPolicy policy, List<CompiledRule> rules) {
        this.policy = policy;
        this.rules = rules;
    }

    /**
     * Compiles a policy.
     *
     * @param tokens checks the tokens that the policy trusts
     * @param rollouts tells whether a rollout is under way; null where its route is not there
     */
    public static CompiledPolicy of(
            AccessPolicy policy,
            Matchers matchers,
            TokenVerifier tokens,
            Function<AccessPolicy.Rollout, @Nullable Boolean> rollouts) {
        requireNonNull(policy, "policy");
        return new CompiledPolicy(
                policy,
                policy.rules().stream()
                        .map(rule -> new CompiledRule(policy, rule, rollout(rule, rollouts), matchers, tokens))
                        .toList());
    }

    private static Match rollout(AccessPolicy.Rule rule, Function<AccessPolicy.Rollout, @Nullable Boolean> rollouts) {
        AccessPolicy.Rollout waitsFor = rule.rollout();
        if (waitsFor == null) {
            return Match.YES;
        }
        Boolean isUnderWay = rollouts.apply(waitsFor);
        return isUnderWay == null ? Match.OPEN : isUnderWay ? Match.YES : Match.NO;
    }

    /** Returns the name of the policy. */
    public String name() {
        return policy.id().name();
    }

    AccessPolicy policy() {
        return policy;
    }

    List<CompiledRule> rules() {
        return rules;
    }

    /** Tells whether it denies, and not only records. */
    public boolean isEnforced() {
        return policy.mode() == AccessPolicy.Mode.ENFORCE;
    }
}
