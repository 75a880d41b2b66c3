package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the certificates of trusted authorities come from. Read again as often as {@link TlsSettings} says. */
public sealed interface TrustSource {

    /** A PEM file of one or more authorities. Revocation lists in it count, too. */
    record Pem(Path bundle) implements TrustSource {
        public Pem {
            requireNonNull(bundle, "bundle");
        }
    }

    /**
     * A PKCS#12 or JKS file; its trusted entries count, its keys do not.
     *
     * @param password null opens a store without checking its integrity, which PKCS#12 stores mostly do not allow
     */
    record KeyStoreFile(Path file, @Nullable Password password) implements TrustSource {
        public KeyStoreFile {
            requireNonNull(file, "file");
        }
    }

    /**
     * A program, such as a client of the SPIFFE Workload API.
     *
     * @param name for messages
     */
    record Supplied(String name, Supplier supplier) implements TrustSource {
        public Supplied {
            requireNonNull(name, "name");
            requireNonNull(supplier, "supplier");
        }
    }

    /** Tells the authorities of the moment. Asked on the mesh thread; returns at once. */
    @FunctionalInterface
    interface Supplier {
        /** Returns the authorities of now. What it throws keeps the last good ones in force. */
        List<X509Certificate> current() throws Exception;
    }

    /** Returns a source of a PEM file. */
    static TrustSource pem(Path bundle) {
        return new Pem(bundle);
    }
}
