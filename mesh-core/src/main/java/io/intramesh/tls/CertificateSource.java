package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a certificate with its chain and private key comes from. Read again as often as {@link TlsSettings} says. */
public sealed interface CertificateSource {

    /**
     * PEM files.
     *
     * @param certificateChain the certificate first, then its issuers
     * @param privateKey PKCS#8, PKCS#1 (RSA) or SEC1 (EC); may be the same file
     * @param password of an encrypted PKCS#8 key; null where it is not encrypted
     */
    record Pem(
            Path certificateChain,
            Path privateKey,
            @Nullable Password password) implements CertificateSource {
        public Pem {
            requireNonNull(certificateChain, "certificateChain");
            requireNonNull(privateKey, "privateKey");
        }
    }

    /**
     * A PKCS#12 or JKS file; which of the two is seen from its content.
     *
     * @param password of the store and of its key
     * @param alias of the key; null takes the only one
     */
    record KeyStoreFile(
            Path file, Password password, @Nullable String alias) implements CertificateSource {
        public KeyStoreFile {
            requireNonNull(file, "file");
            requireNonNull(password, "password");
        }
    }

    /**
     * A program, such as a client of the SPIFFE Workload API.
     *
     * @param name for messages
     */
    record Supplied(String name, Supplier supplier) implements CertificateSource {
        public Supplied {
            requireNonNull(name, "name");
            requireNonNull(supplier, "supplier");
        }
    }

    /** Tells the certificate of the moment. Asked on the mesh thread; returns at once. */
    @FunctionalInterface
    interface Supplier {
        /**
         * Returns the certificate of now. What it throws keeps the last good one in force, unless it is a withdrawing {@link
         * SecretException}.
         */
        Material current() throws Exception;
    }

    /**
     * A certificate with what proves it.
     *
     * @param chain the certificate first, then its issuers
     */
    record Material(List<X509Certificate> chain, PrivateKey key) {
        public Material {
            chain = List.copyOf(chain);
            requireNonNull(key, "key");
        }

        /** Tells nothing of the key. */
        @Override
        public String toString() {
            return chain.isEmpty()
                    ? "no certificate"
                    : chain.get(0).getSubjectX500Principal().toString();
        }
    }

    /** Returns a source of PEM files with a key that is not encrypted. */
    static CertificateSource pem(Path certificateChain, Path privateKey) {
        return new Pem(certificateChain, privateKey, null);
    }

    /** Returns a source of a PKCS#12 or JKS file with one key. */
    static CertificateSource keyStore(Path file, Password password) {
        return new KeyStoreFile(file, password, null);
    }
}
