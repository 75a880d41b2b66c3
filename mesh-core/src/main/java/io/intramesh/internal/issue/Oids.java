package io.intramesh.internal.issue;

/** Object identifiers that are written here. */
enum Oids {
    /** RFC 5758 §3.2. */
    ECDSA_WITH_SHA256("1.2.840.10045.4.3.2"),
    ECDSA_WITH_SHA384("1.2.840.10045.4.3.3"),
    /** RFC 4055 §5. */
    RSA_WITH_SHA256("1.2.840.113549.1.1.11"),

    /** RFC 5480 §2.1.1.1. */
    SECP256R1("1.2.840.10045.3.1.7"),
    SECP384R1("1.3.132.0.34"),

    /** X.520, part of a name. */
    COMMON_NAME("2.5.4.3"),

    /** RFC 5280 §4.2.1 and §5.2.3. */
    SUBJECT_KEY_IDENTIFIER("2.5.29.14"),
    KEY_USAGE("2.5.29.15"),
    SUBJECT_ALTERNATIVE_NAME("2.5.29.17"),
    BASIC_CONSTRAINTS("2.5.29.19"),
    CRL_NUMBER("2.5.29.20"),
    AUTHORITY_KEY_IDENTIFIER("2.5.29.35"),
    EXTENDED_KEY_USAGE("2.5.29.37"),
    SERVER_AUTH("1.3.6.1.5.5.7.3.1"),
    CLIENT_AUTH("1.3.6.1.5.5.7.3.2");

    private final String dotted;

    Oids(String dotted) {
        this.dotted = dotted;
    }

    byte[] der() {
        return Der.oid(dotted);
    }
}
