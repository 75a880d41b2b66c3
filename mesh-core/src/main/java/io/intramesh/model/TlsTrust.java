package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** Where the certificates of trusted authorities come from. */
public sealed interface TlsTrust {

    /** Root authorities of AWS Private CA, 1 to 3; client policies only. */
    record Acm(List<String> certificateAuthorityArns) implements TlsTrust {
        public Acm {
            certificateAuthorityArns = Checks.size("certificateAuthorityArns", certificateAuthorityArns, 1, 3);
        }
    }

    /** A PEM file, by path. */
    record File(String certificateChain) implements TlsTrust {
        public File {
            Checks.length("certificateChain", certificateChain, 1, TlsCertificate.MAX_PATH_LENGTH);
        }
    }

    /** A bundle of the local SDS (SPIFFE) agent, by name. */
    record Sds(String secretName) implements TlsTrust {
        public Sds {
            requireNonNull(secretName, "secretName");
        }
    }
}
