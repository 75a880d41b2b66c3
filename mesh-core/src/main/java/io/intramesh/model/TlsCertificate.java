package io.intramesh.model;

import static java.util.Objects.requireNonNull;

/** Where a certificate and its key come from. */
public sealed interface TlsCertificate {

    /** A private certificate of AWS Certificate Manager; listeners only. */
    record Acm(String certificateArn) implements TlsCertificate {
        public Acm {
            requireNonNull(certificateArn, "certificateArn");
        }
    }

    /** PEM files, by path. */
    record File(String certificateChain, String privateKey) implements TlsCertificate {
        public File {
            Checks.length("certificateChain", certificateChain, 1, MAX_PATH_LENGTH);
            Checks.length("privateKey", privateKey, 1, MAX_PATH_LENGTH);
        }
    }

    /** A secret of the local SDS (SPIFFE) agent, by name. */
    record Sds(String secretName) implements TlsCertificate {
        public Sds {
            requireNonNull(secretName, "secretName");
        }
    }

    /** Longest file path that App Mesh takes. */
    int MAX_PATH_LENGTH = 255;
}
