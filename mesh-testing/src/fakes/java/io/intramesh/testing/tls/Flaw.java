package io.intramesh.testing.tls;

/**
 * What may be wrong with a certificate that otherwise looks like that of a node. Whoever trusts the {@link TestAuthority} and
 * expects that node must refuse every one of these; a test of that loops over them.
 */
public enum Flaw {
    /** Ended an hour ago. */
    EXPIRED,

    /** Begins in an hour. */
    NOT_YET_VALID,

    /** Signed by itself, with the node's names. */
    SELF_SIGNED,

    /** Signed by another authority, that calls itself by the same name. */
    OTHER_AUTHORITY,

    /** On the authority's revocation list; whoever has no list cannot know. */
    REVOKED,

    /** Of another node of the same mesh: right authority, wrong names. */
    OTHER_NODE,

    /** Right authority, and the node's SPIFFE ID but for the trust domain. */
    WRONG_TRUST_DOMAIN,

    /** As before, and the trust domain begins like the right one. */
    LONGER_TRUST_DOMAIN,

    /** Without subject alternative names: the node's are in the subject, which counts for nothing. */
    NAMES_IN_SUBJECT_ONLY,

    /** Two SPIFFE IDs, the node's and another; X.509-SVID §2 wants such a certificate refused. */
    TWO_SPIFFE_IDS,

    /** For servers only; wrong where a client shows it. */
    SERVER_ONLY,

    /** For clients only; wrong where a server shows it. */
    CLIENT_ONLY,

    /** Signed by the certificate of another node, that is no authority. */
    SIGNED_BY_NODE,

    /** Signed by an intermediate that is not in the chain. */
    MISSING_INTERMEDIATE,

    /** Signed by an intermediate that ended an hour ago. */
    EXPIRED_INTERMEDIATE;

    /** Tells whether it is right as far as this side of the connection can see. */
    public boolean isFineFor(Side side) {
        return (this == SERVER_ONLY && side == Side.SERVER) || (this == CLIENT_ONLY && side == Side.CLIENT);
    }

    /** Who shows a certificate. */
    public enum Side {
        CLIENT,
        SERVER
    }
}
