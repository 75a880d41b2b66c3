package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /**
     * A program that knows the authorities of several SPIFFE trust domains. Each domain's vouch for peers with SPIFFE IDs of that
     * domain alone, and for nobody without a SPIFFE ID (SPIFFE Workload API, §4.6).
     *
     * @param name for messages
     */
    record ByDomain(String name, DomainSupplier supplier) implements TrustSource {
        public ByDomain {
            requireNonNull(name, "name");
            requireNonNull(supplier, "supplier");
        }
    }

    /** Tells the authorities of the moment, by trust domain. Asked on the mesh thread; returns at once. */
    @FunctionalInterface
    interface DomainSupplier {
        /**
         * Returns the authorities of now. What it throws keeps the last good ones in force, unless it is a withdrawing {@link
         * SecretException}.
         */
        Bundles current() throws Exception;
    }

    /**
     * Who vouches for whom.
     *
     * @param authorities by trust domain, such as {@code shop.example}
     * @param revocationLists full lists, signed by one of the authorities
     */
    record Bundles(Map<String, List<X509Certificate>> authorities, List<X509CRL> revocationLists) {
        public Bundles {
            Map<String, List<X509Certificate>> copies = new TreeMap<>();
            authorities.forEach((domain, certificates) -> copies.put(domain, List.copyOf(certificates)));
            authorities = Collections.unmodifiableMap(copies);
            revocationLists = List.copyOf(revocationLists);
        }
    }

    /** Tells the authorities of the moment. Asked on the mesh thread; returns at once. */
    @FunctionalInterface
    interface Supplier {
        /**
         * Returns the authorities of now. What it throws keeps the last good ones in force, unless it is a withdrawing {@link
         * SecretException}.
         */
        List<X509Certificate> current() throws Exception;
    }

    /** Returns a source of a PEM file. */
    static TrustSource pem(Path bundle) {
        return new Pem(bundle);
    }
}
