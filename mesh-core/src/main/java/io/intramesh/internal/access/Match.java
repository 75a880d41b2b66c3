package io.intramesh.internal.access;

/** How a rule fits a request. In order: a rule fits as badly as the worst of its conditions. */
enum Match {
    /** A condition does not hold. */
    NO,
    /** What a condition asks for is not known here, such as the path of a call that is only asked about. */
    OPEN,
    /** All holds but the proof of who calls: no trusted certificate, or no valid token. */
    UNPROVEN,
    /** All holds. */
    YES;

    Match and(Match other) {
        return compareTo(other) <= 0 ? this : other;
    }

    Match or(Match other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
