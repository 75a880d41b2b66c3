package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * How a peer's certificate is checked.
 *
 * @param subjectAlternativeNames names of which the certificate must carry one; empty where the document lists none
 */
public record TlsValidation(TlsTrust trust, List<String> subjectAlternativeNames) {
    /** Longest subject alternative name that App Mesh takes. */
    public static final int MAX_NAME_LENGTH = 254;

    public TlsValidation {
        requireNonNull(trust, "trust");
        subjectAlternativeNames = List.copyOf(subjectAlternativeNames);
        subjectAlternativeNames.forEach(name -> Checks.length("subjectAlternativeNames", name, 1, MAX_NAME_LENGTH));
    }
}
