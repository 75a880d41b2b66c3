package io.intramesh.testing.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TestAuthorityTest {
    private static final String EXPECTED_ID = "spiffe://shop.local/shop/orders";

    /** What a check of names sees; all others fail by the path, the dates, the list or the usage. */
    private static final Set<Flaw> WRONG_BY_NAMES = EnumSet.of(
            Flaw.OTHER_NODE,
            Flaw.WRONG_TRUST_DOMAIN,
            Flaw.LONGER_TRUST_DOMAIN,
            Flaw.NAMES_IN_SUBJECT_ONLY,
            Flaw.TWO_SPIFFE_IDS);

    private static final Set<Flaw> WRONG_BY_USAGE = EnumSet.of(Flaw.SERVER_ONLY, Flaw.CLIENT_ONLY);

    private final TestAuthority authority = TestAuthority.create("shop.local");

    @TempDir
    private Path folder;

    @Test
    void aNodeIsWhoItSays() throws Exception {
        TestCertificate orders = authority.node("shop", "orders");

        validate(orders);
        assertThat(uris(orders)).containsExactly(EXPECTED_ID);
        assertThat(names(orders.certificate(), 2)).containsExactly("orders.local");
    }

    /** A flaw that no check sees would make the tests that use it worthless. */
    @ParameterizedTest
    @EnumSource
    void everyFlawIsSeenByTheCheckThatItIsFor(Flaw flaw) throws Exception {
        TestCertificate flawed = authority.flawed(flaw, "shop", "orders");

        if (WRONG_BY_NAMES.contains(flaw)) {
            validate(flawed);
            assertThat(uris(flawed)).isNotEqualTo(List.of(EXPECTED_ID));
        } else if (WRONG_BY_USAGE.contains(flaw)) {
            validate(flawed);
            assertThat(flawed.certificate().getExtendedKeyUsage()).hasSize(1);
        } else {
            assertThat(uris(flawed)).containsExactly(EXPECTED_ID);
            assertThatThrownBy(() -> validate(flawed)).isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void anIntermediateIsTrustedThroughTheRoot() throws Exception {
        TestCertificate orders = authority.intermediate().node("shop", "orders");

        assertThat(orders.chain()).hasSize(2);
        validate(orders);
    }

    @Test
    void filesHoldWhatWasIssued() throws Exception {
        TestCertificate orders = authority
                .intermediate()
                .certificate()
                .node("shop", "orders")
                .rsa()
                .issue();

        PemFiles files = authority.write(folder.resolve("orders"), orders);

        assertThat(read(files.chain())).isEqualTo(orders.chain());
        assertThat(read(files.trust())).isEqualTo(List.of(authority.root()));
        assertThat(Files.readString(files.key())).startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(orders.traditionalKeyPem()).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    }

    @Test
    void theJdksOwnTlsShakesHandsWithThem() throws Exception {
        SSLContext server = authority.node("shop", "orders").jdkContext(authority);
        SSLContext client = authority.node("shop", "storefront").jdkContext(authority);

        assertThat(shakeHands(server, client).get(0)).isEqualTo("spiffe://shop.local/shop/storefront");
        assertThatThrownBy(() -> shakeHands(
                        server,
                        authority.flawed(Flaw.SELF_SIGNED, "shop", "storefront").jdkContext(authority)))
                .isInstanceOf(Exception.class);
    }

    @Test
    void aCertificateMayBeShortLived() {
        TestCertificate brief = authority
                .certificate()
                .node("shop", "orders")
                .ttl(Duration.ofSeconds(5))
                .issue();

        assertThat(Duration.between(
                        brief.certificate().getNotBefore().toInstant(),
                        brief.certificate().getNotAfter().toInstant()))
                .isEqualTo(Duration.ofSeconds(65));
    }

    /** Returns the URI names that the server sees of its client. */
    private static List<String> shakeHands(SSLContext server, SSLContext client) throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (SSLServerSocket listener = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setNeedClientAuth(true);
            Future<List<String>> seen = threads.submit(() -> {
                try (SSLSocket accepted = (SSLSocket) listener.accept()) {
                    accepted.setSoTimeout(10_000);
                    accepted.startHandshake();
                    X509Certificate peer =
                            (X509Certificate) accepted.getSession().getPeerCertificates()[0];
                    return names(peer, 6);
                }
            });
            try (SSLSocket socket = (SSLSocket)
                    client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), listener.getLocalPort())) {
                socket.setSoTimeout(10_000);
                socket.startHandshake();
                return seen.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void validate(TestCertificate certificate) throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority.root(), null)));
        boolean hasList = certificate.chain().size() == 1;
        parameters.setRevocationEnabled(hasList);
        parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(authority.crl()))));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(certificate.chain()), parameters);
    }

    private static List<String> uris(TestCertificate certificate) throws GeneralSecurityException {
        return names(certificate.certificate(), 6);
    }

    private static List<String> names(X509Certificate certificate, int kind) throws GeneralSecurityException {
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        return all == null
                ? List.of()
                : all.stream()
                        .filter(name -> name.get(0).equals(kind))
                        .map(name -> name.get(1).toString())
                        .toList();
    }

    private static List<X509Certificate> read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }
}
