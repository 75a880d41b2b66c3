package io.intramesh.internal.tls.engine;

import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One certificate and one trust, for as long as they stay the same. A change of either makes a new epoch with new contexts:
 * sessions of an old one are never resumed under a new one, for a resumed session passes by the check of its peer.
 */
public final class TlsEpoch {
    private final TlsRole role;
    private final @Nullable TlsIdentity identity;
    private final boolean demandsClientCertificate;
    private final TlsBackend.Engines engines;

    /**
     * Makes an epoch.
     *
     * @param identity null shows no certificate, which only a client may
     * @param trust checks peers; null on a server asks for no client certificate
     * @throws SSLException where the library does not take the certificate
     */
    public TlsEpoch(
            TlsBackend backend, TlsRole role, @Nullable TlsIdentity identity, @Nullable X509ExtendedTrustManager trust)
            throws SSLException {
        if (role == TlsRole.SERVER && identity == null) {
            throw new IllegalArgumentException("identity: absent (expected: a certificate for a server)");
        }
        if (role == TlsRole.CLIENT && trust == null) {
            throw new IllegalArgumentException("trust: absent (expected: a check of the server)");
        }
        this.role = role;
        this.identity = identity;
        this.demandsClientCertificate = role == TlsRole.SERVER && trust != null;
        this.engines = backend.engines(role, identity, trust);
    }

    TlsRole role() {
        return role;
    }

    /** Returns the certificate that peers see, and its issuers; empty for none. */
    List<X509Certificate> localChain() {
        return identity == null ? List.of() : identity.chain();
    }

    boolean demandsClientCertificate() {
        return demandsClientCertificate;
    }

    TlsBackend.Opened open(TlsBackend.Wishes wishes) throws SSLException {
        return engines.open(wishes);
    }
}
