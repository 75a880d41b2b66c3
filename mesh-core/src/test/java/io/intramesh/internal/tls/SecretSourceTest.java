package io.intramesh.internal.tls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.SecretException;
import io.intramesh.tls.SecretSource;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TrustSource;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that a program hands over by name, and authorities that are bound to trust domains. */
final class SecretSourceTest {
    private static final TlsCertificate OWN = new TlsCertificate.Sds("spiffe://a.example/orders");
    private static final TlsValidation ALL = new TlsValidation(new TlsTrust.Sds("ALL"), List.of());

    @TempDir
    Path folder;

    private TlsFixture tls;
    private CertificateAuthority a;
    private CertificateAuthority b;
    private Told told;
    private TlsStore store;

    /** Says what the test tells it to. */
    private static final class Told implements SecretSource {
        private final Map<String, List<X509Certificate>> bundles = new HashMap<>();
        private List<X509CRL> lists = List.of();
        private @Nullable IssuedCertificate own;
        private @Nullable SecretException refusal;
        private @Nullable Runnable listener;

        private CertificateSource.Material material() throws SecretException {
            if (refusal != null) {
                throw refusal;
            }
            IssuedCertificate issued = requireNonNull(own);
            return new CertificateSource.Material(issued.chain(), issued.key());
        }

        private TrustSource.Bundles bundles() throws SecretException {
            if (refusal != null) {
                throw refusal;
            }
            return new TrustSource.Bundles(bundles, lists);
        }

        private final CertificateSource certificate = new CertificateSource.Supplied("the agent", this::material);
        private final TrustSource trust = new TrustSource.ByDomain("the agent", this::bundles);

        @Override
        public @Nullable CertificateSource certificate(String secretName) {
            return secretName.startsWith("spiffe://") ? certificate : null;
        }

        @Override
        public @Nullable TrustSource trust(String secretName) {
            return secretName.equals("ALL") ? trust : null;
        }

        @Override
        public Registration onChange(Runnable added) {
            listener = added;
            return () -> listener = null;
        }

        private void push() {
            requireNonNull(listener).run();
        }
    }

    @BeforeEach
    void makeStore() {
        tls = new TlsFixture(folder);
        a = CertificateAuthority.create("namesake", tls.time);
        b = CertificateAuthority.create("namesake", tls.time);
        told = new Told();
        told.own = svid(a, "spiffe://a.example/orders");
        told.bundles.put("a.example", List.of(a.root()));
        told.bundles.put("b.example", List.of(b.root()));
        // Looks are so rare that whatever happens does so because it was pushed.
        store = tls.store(TlsSettings.builder()
                .provider(TlsSettings.Provider.JSSE)
                .reloadInterval(Duration.ofDays(1))
                .secretSource(told)
                .build());
    }

    private static IssuedCertificate svid(CertificateAuthority authority, String id) {
        return authority.issue(CertificateSpec.builder().uris(URI.create(id)).build());
    }

    private ClientHandle client() {
        return store.client(OWN, ALL, List.of("payments.local"));
    }

    private void push() {
        told.push();
        tls.scheduler.advance(Duration.ZERO);
    }

    private @Nullable Reason refusal(String id, CertificateAuthority issuer) {
        ServerHandle server = store.server(8443);
        server.configure(new ListenerTls(ListenerTls.Mode.STRICT, OWN, ALL), List.of());
        PeerCertificateException refused = catchThrowableOfType(
                PeerCertificateException.class,
                () -> server.checkPeer(svid(issuer, id).chain()));
        return refused == null ? null : refused.reason();
    }

    @Test
    void anAuthorityVouchesForItsOwnTrustDomainAlone() {
        assertThat(refusal("spiffe://a.example/payments", a)).isNull();
        assertThat(refusal("spiffe://b.example/payments", b)).isNull();

        assertThat(refusal("spiffe://a.example/payments", b)).isEqualTo(Reason.UNTRUSTED);
        assertThat(refusal("spiffe://b.example/payments", a)).isEqualTo(Reason.UNTRUSTED);
        assertThat(refusal("spiffe://c.example/payments", a)).isEqualTo(Reason.UNTRUSTED);
        assertThat(refusal("https://a.example/payments", a)).isEqualTo(Reason.UNTRUSTED);
        assertThat(refusal("spiffe://a.example", a)).isEqualTo(Reason.UNTRUSTED);
    }

    @Test
    void anIntermediateOfAnotherDomainDoesNotHelp() {
        CertificateAuthority below = b.intermediate("below b");

        assertThat(refusal("spiffe://b.example/payments", below)).isNull();
        assertThat(refusal("spiffe://a.example/payments", below)).isEqualTo(Reason.UNTRUSTED);
    }

    @Test
    void aListOfOneAuthoritySaysNothingAboutItsNamesake() {
        IssuedCertificate revoked = svid(a, "spiffe://a.example/payments");
        told.lists = List.of(a.crl(
                Map.of(revoked.certificate().getSerialNumber(), tls.time.instant()),
                BigInteger.ONE,
                tls.time.instant().plus(Duration.ofDays(1))));

        assertThat(refusal("spiffe://b.example/payments", b)).isNull();
        assertThat(refusal("spiffe://a.example/payments", a)).isNull();
        PeerCertificateException refused = catchThrowableOfType(
                PeerCertificateException.class, () -> store.server(8443).checkPeer(revoked.chain()));
        assertThat(refused.reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void whatIsPushedIsInForceWithoutWaitingForALook() {
        ClientHandle client = client();
        ClientTls before = requireNonNull(client.current());

        told.own = svid(a, "spiffe://a.example/orders");
        push();

        assertThat(client.current()).isNotNull().isNotSameAs(before);
    }

    @Test
    void whatIsUnavailableStaysInForceAndWhatIsWithdrawnDoesNot() {
        ClientHandle client = client();
        ClientTls before = requireNonNull(client.current());

        told.refusal = SecretException.unavailable("nobody answers");
        push();
        push();
        assertThat(client.current()).isSameAs(before);

        told.refusal = SecretException.withdrawn("not registered any more");
        push();
        assertThat(client.current()).isNull();
        assertThat(client.problem()).contains("the agent: not registered any more");

        told.refusal = null;
        push();
        assertThat(client.current()).isNotNull().isNotSameAs(before);
        assertThat(client.problem()).isEmpty();
    }

    @Test
    void aDomainThatIsTakenBackIsTrustedNoMore() {
        assertThat(refusal("spiffe://b.example/payments", b)).isNull();

        told.bundles.remove("b.example");
        push();

        assertThat(refusal("spiffe://b.example/payments", b)).isEqualTo(Reason.UNTRUSTED);
        assertThat(refusal("spiffe://a.example/payments", a)).isNull();
    }

    @Test
    void anAuthorityOfOthersThatIsNoGoodDoesNotKeepTheRestOut() {
        told.bundles.put(
                "b.example",
                List.of(svid(b, "spiffe://b.example/notAnAuthority").certificate()));

        assertThat(refusal("spiffe://a.example/payments", a)).isNull();
        assertThat(refusal("spiffe://b.example/notAnAuthority", b)).isEqualTo(Reason.UNTRUSTED);
    }

    @Test
    void aForeignNameIsSaidToBeUnknown() {
        ClientHandle client = store.client(new TlsCertificate.Sds("yelb"), ALL, List.of());

        assertThat(client.current()).isNull();
        assertThat(client.problem()).contains("certificate 'yelb': not known to this process");
    }

    @Test
    void aClosedStoreListensNoMore() {
        store.close();

        assertThat(told.listener).isNull();
    }
}
