package io.intramesh.internal.access;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What access policies say about a request. Made when they are compiled, so that judging makes no object.
 *
 * @param policy name of the policy that decides; null where none has a say
 * @param rule its rule; null for its default
 * @param isAudited whether it goes to the audit log where it allows; what denies always does
 */
public record Ruling(
        Kind kind, @Nullable String policy, @Nullable String rule, boolean isAudited) {
    /** A refusal for which no policy had to be asked. */
    public static final Ruling DENIED_BY_NO_POLICY = new Ruling(Kind.DENIED, null, null, false);

    public Ruling {
        requireNonNull(kind, "kind");
    }

    /** What is decided. The names are stable: the audit log uses them. */
    public enum Kind {
        ALLOWED,
        /** Nobody who calls so may, whoever it is. */
        DENIED,
        /** Somebody may; who calls did not prove to be that one. */
        UNAUTHENTICATED
    }

    public boolean isAllowed() {
        return kind == Kind.ALLOWED;
    }

    /** Returns what decides, in words: {@code rule 'no-admin' of accessPolicy 'payments'}. */
    public String words() {
        if (policy == null) {
            return "no access policy";
        }
        return rule == null
                ? "the default of '" + policy + "'"
                : "rule '" + rule + "' of accessPolicy '" + policy + "'";
    }
}
