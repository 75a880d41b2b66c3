package io.intramesh;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A request to this process that an access policy denied, or would deny. Immutable.
 *
 * @param reason that the caller is told, or would be
 * @param caller name that its certificate proves, such as its SPIFFE ID; null where it proved none
 * @param virtualNode of this mesh that the caller is; null where it is none, or that is not proven
 * @param policy name of the access policy; null where no policy decided, as for an ambiguous path
 * @param rule of the policy; null for its default
 */
public record AccessEvent(
        Kind kind,
        Reason reason,
        @Nullable String caller,
        @Nullable String virtualNode,
        @Nullable String policy,
        @Nullable String rule) {
    public AccessEvent {
        requireNonNull(kind, "kind");
        requireNonNull(reason, "reason");
    }

    /** What happened. The names are stable: metrics and logs use them. */
    public enum Kind {
        /** The request was refused. */
        DENIED,
        /** The request was let in, and would have been refused if the policies in SHADOW were enforced. */
        WOULD_BE_DENIED
    }
}
