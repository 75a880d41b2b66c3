package io.intramesh.okhttp;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.tls.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** An authority of one test, and what it vouches for. */
@NullMarked
final class Certificates {
    private final CertificateAuthority authority;

    Certificates(String name) {
        authority = CertificateAuthority.create(name, InstantSource.system());
    }

    X509Certificate root() {
        return authority.root();
    }

    IssuedCertificate of(String dnsName) {
        return authority.issue(
                CertificateSpec.builder().commonName(dnsName).dnsNames(dnsName).build());
    }

    IssuedCertificate ofSpiffe(String id) {
        return authority.issue(CertificateSpec.builder()
                .commonName("node")
                .uris(URI.create(id))
                .build());
    }

    IssuedCertificate expired(String dnsName) {
        Instant now = Instant.now();
        return authority.issue(CertificateSpec.builder()
                .commonName(dnsName)
                .dnsNames(dnsName)
                .validFrom(now.minus(Duration.ofDays(2)))
                .validUntil(now.minus(Duration.ofDays(1)))
                .build());
    }

    /** Writes NAME.pem and NAME.key, each at once. */
    static void write(Path folder, String name, IssuedCertificate certificate) throws IOException {
        replace(folder.resolve(name + ".key"), certificate.keyPem());
        replace(folder.resolve(name + ".pem"), certificate.chainPem());
    }

    void writeTrust(Path file) throws IOException {
        replace(file, authority.trustPem());
    }

    private static void replace(Path file, String content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Returns the context of a server or client that trusts this authority. */
    SSLContext context(@Nullable IssuedCertificate own) {
        return context(own, trust());
    }

    private static SSLContext context(@Nullable IssuedCertificate own, X509TrustManager trust) {
        try {
            KeyManager[] keys = {};
            if (own != null) {
                KeyStore store = empty();
                store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(new X509Certificate[0]));
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(store, new char[0]);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new X509TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private X509TrustManager trust() {
        try {
            KeyStore store = empty();
            store.setCertificateEntry("root", root());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** Returns a security as a mesh gives it, of JSSE, which takes peers of that name alone. */
    Security security(@Nullable IssuedCertificate own, String peer) {
        return new Security(own, trust(), peer);
    }

    static final class Security implements ClientTls {
        private final SSLContext context;
        private final X509TrustManager trust;
        private final HostnameVerifier verifier;
        private final String peer;
        volatile Instant end = Instant.MAX;

        private Security(@Nullable IssuedCertificate own, X509TrustManager trust, String peer) {
            this.trust = trust;
            this.peer = peer;
            context = context(own, trust);
            verifier = this::isPeer;
        }

        private boolean isPeer(String host, SSLSession session) {
            try {
                X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
                return certificate.getSubjectAlternativeNames().stream().anyMatch(name -> peer.equals(name.get(1)));
            } catch (IOException | GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public SSLSocketFactory socketFactory() {
            return context.getSocketFactory();
        }

        @Override
        public X509TrustManager trustManager() {
            return trust;
        }

        @Override
        public HostnameVerifier hostnameVerifier() {
            return verifier;
        }

        @Override
        public Instant notAfter() {
            return end;
        }
    }
}
