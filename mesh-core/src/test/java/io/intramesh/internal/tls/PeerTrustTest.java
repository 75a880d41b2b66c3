package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.CertificateSpec.Usage;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.PeerIdentity;
import java.math.BigInteger;
import java.net.URI;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeerTrustTest {
    private static final PeerNames ANY = PeerNames.ofClient(List.of(), null);

    private final SettableTime time = SettableTime.ofMachine();
    private final CertificateAuthority root = CertificateAuthority.create("root", time);

    private PeerTrust clients(X509CRL... lists) {
        return clients(List.of(root.root()), ANY, lists);
    }

    private PeerTrust clients(List<X509Certificate> trusted, PeerNames names, X509CRL... lists) {
        return new PeerTrust(PeerTrust.Peer.CLIENT, ofAnyDomain(trusted, List.of(lists)), names, time);
    }

    private static @Nullable Reason refusal(PeerTrust trust, List<X509Certificate> chain) {
        PeerCertificateException refused =
                catchThrowableOfType(PeerCertificateException.class, () -> trust.check(chain));
        return refused == null ? null : refused.reason();
    }

    private static CertificateSpec.Builder orders() {
        return CertificateSpec.builder().uris(URI.create("spiffe://shop.local/orders"));
    }

    // ---- Paths

    @Test
    void intermediatesMayComeInAnyOrderAndWithTheRoot() {
        CertificateAuthority upper = root.intermediate("upper");
        CertificateAuthority lower = upper.intermediate("lower");
        List<X509Certificate> chain = lower.issue(orders().build()).chain();
        assertThat(chain).hasSize(3);
        List<X509Certificate> withRoot = new ArrayList<>(chain);
        withRoot.add(root.root());
        List<X509Certificate> mixed = List.of(chain.get(0), root.root(), chain.get(2), chain.get(1));

        assertThat(refusal(clients(), chain)).isNull();
        assertThat(refusal(clients(), withRoot)).isNull();
        assertThat(refusal(clients(), mixed)).isNull();
        assertThat(refusal(clients(), chain.subList(0, 2))).isEqualTo(Reason.UNTRUSTED);
    }

    @Test
    void anIntermediateMayBeTheTrust() {
        CertificateAuthority below = root.intermediate("below");
        List<X509Certificate> chain = below.issue(orders().build()).chain();

        assertThat(refusal(clients(List.of(below.certificate()), ANY), chain)).isNull();
    }

    @Test
    void aCertificateThatIsNoAuthorityIssuesNothing() {
        IssuedCertificate node = root.issue(orders().commonName("node").build());
        CertificateAuthority posing = CertificateAuthority.of(node.key(), node.chain(), root.root(), time);
        List<X509Certificate> chain = posing.issue(orders().build()).chain();

        assertThat(refusal(clients(), chain)).isEqualTo(Reason.UNSUITABLE);
    }

    @Test
    void anExpiredIntermediateEndsThePath() {
        CertificateAuthority below = root.intermediate(CertificateSpec.builder()
                .commonName("below")
                .usages()
                .authority(true)
                .validUntil(time.instant().plus(Duration.ofHours(1)))
                .build());
        List<X509Certificate> chain = below.issue(orders().build()).chain();
        PeerTrust trust = clients();
        assertThat(refusal(trust, chain)).isNull();

        time.advance(Duration.ofHours(1).plusSeconds(1));

        assertThat(refusal(trust, chain)).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void anExpiredAuthorityIsNone() {
        CertificateAuthority brief = CertificateAuthority.create(
                CertificateSpec.builder()
                        .commonName("brief")
                        .usages()
                        .authority(true)
                        .validUntil(time.instant().plus(Duration.ofHours(1)))
                        .build(),
                time);
        List<X509Certificate> chain = brief.issue(orders().build()).chain();
        PeerTrust trust = clients(List.of(brief.root(), root.root()), ANY);
        assertThat(refusal(trust, chain)).isNull();

        time.advance(Duration.ofHours(1).plusSeconds(1));

        assertThat(refusal(trust, chain)).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void aPeerCanBeTrustedByItsOwnCertificate() {
        CertificateAuthority self =
                CertificateAuthority.create(orders().commonName("self").build(), time);

        assertThat(refusal(clients(List.of(self.root()), ANY), List.of(self.root())))
                .isNull();
        assertThat(refusal(clients(), List.of(self.root()))).isEqualTo(Reason.SELF_SIGNED);
    }

    @Test
    void noCertificateAndTooManyAreRefused() {
        List<X509Certificate> many =
                new ArrayList<>(root.issue(orders().build()).chain());
        while (many.size() <= 10) {
            many.add(root.root());
        }

        assertThat(refusal(clients(), List.of())).isEqualTo(Reason.NO_CERTIFICATE);
        assertThat(refusal(clients(), many)).isEqualTo(Reason.UNSUITABLE);
    }

    @Test
    void aCertificateForServersDoesNotServeAClient() throws CertificateException {
        List<X509Certificate> server =
                root.issue(orders().usages(Usage.SERVER).build()).chain();
        List<X509Certificate> client =
                root.issue(orders().usages(Usage.CLIENT).build()).chain();
        PeerTrust servers = new PeerTrust(
                PeerTrust.Peer.SERVER,
                ofAnyDomain(List.of(root.root()), List.of()),
                PeerNames.ofServer(List.of("spiffe://shop.local/orders"), List.of(), null),
                time);

        assertThat(refusal(clients(), server)).isEqualTo(Reason.UNSUITABLE);
        assertThat(refusal(servers, client)).isEqualTo(Reason.UNSUITABLE);
        servers.checkServerTrusted(server.toArray(X509Certificate[]::new), "ECDHE_ECDSA");
        PeerCertificateException crossed = catchThrowableOfType(
                PeerCertificateException.class,
                () -> servers.checkClientTrusted(server.toArray(X509Certificate[]::new), "ECDHE_ECDSA"));
        assertThat(crossed.reason()).isEqualTo(Reason.UNSUITABLE);
    }

    // ---- Revocation

    @Test
    void aRevokedIntermediateRevokesWhatItIssued() {
        CertificateAuthority below = root.intermediate("below");
        List<X509Certificate> chain = below.issue(orders().build()).chain();
        X509CRL list = root.crl(
                Map.of(below.certificate().getSerialNumber(), time.instant()),
                BigInteger.ONE,
                time.instant().plus(Duration.ofDays(1)));

        assertThat(refusal(clients(list), chain)).isEqualTo(Reason.REVOKED);
        assertThat(refusal(clients(list), root.issue(orders().build()).chain())).isNull();
    }

    @Test
    void aListOfAnIntermediateThatItDidNotSignFailsClosed() {
        CertificateAuthority below = root.intermediate("below");
        CertificateAuthority forger = CertificateAuthority.create("below", time);
        X509CRL forged = forger.crl(Map.of(), BigInteger.ONE, time.instant().plus(Duration.ofDays(1)));

        assertThat(refusal(clients(forged), below.issue(orders().build()).chain()))
                .isEqualTo(Reason.REVOCATION_UNKNOWN);
    }

    @Test
    void whatAListProvedHoldsUntilTheListEnds() {
        X509CRL list = root.crl(Map.of(), BigInteger.ONE, time.instant().plus(Duration.ofHours(1)));
        List<X509Certificate> chain = root.issue(orders().build()).chain();
        PeerTrust trust = clients(list);
        assertThat(refusal(trust, chain)).isNull();

        time.advance(Duration.ofHours(1).plusSeconds(1));

        assertThat(refusal(trust, chain)).isEqualTo(Reason.REVOCATION_UNKNOWN);
    }

    // ---- Names

    @ParameterizedTest
    @CsvSource({
        "payments.shop.local, payments.shop.local, true",
        "Payments.Shop.Local, payments.shop.local., true",
        "*.shop.local, payments.shop.local, true",
        "*.shop.local, shop.local, false",
        "*.shop.local, a.payments.shop.local, false",
        "*.local, shop.local, false",
        "p*.shop.local, payments.shop.local, false",
        "*, payments, false",
        "payments.shop.local, payments.shop.local.evil.example, false",
    })
    void aDiscoveryNameIsMatchedByDnsRules(String carried, String sought, boolean matches) {
        PeerIdentity peer = new PeerIdentity(null, List.of(carried), List.of());

        assertThat(PeerNames.carries(peer, sought)).isEqualTo(matches);
    }

    @Test
    void listedNamesAreStringEqualAndWildcardsAreNone() {
        PeerNames names = PeerNames.ofServer(List.of("*.shop.local", "orders"), List.of("payments.shop.local"), null);

        assertThatCode(() -> names.check(peer("orders"), "it")).doesNotThrowAnyException();
        assertThatCode(() -> names.check(peer("*.shop.local"), "it")).doesNotThrowAnyException();
        assertRefused(names, peer("payments.shop.local"));
        assertRefused(names, peer("ORDERS"));
    }

    @Test
    void aServerFoundByNoNameNeedsListedOnes() {
        assertRefused(PeerNames.ofServer(List.of(), List.of(), null), peer("payments.shop.local"));
    }

    @Test
    void peersOfAnotherTrustDomainAreRefusedEvenIfListed() {
        String id = "spiffe://evil.example/orders";
        PeerNames names = PeerNames.ofClient(List.of(id), "shop.local");

        assertRefused(names, new PeerIdentity(id, List.of(), List.of(id)));
    }

    private static PeerIdentity peer(String dnsName) {
        return new PeerIdentity(null, List.of(dnsName), List.of());
    }

    private static void assertRefused(PeerNames names, PeerIdentity peer) {
        PeerCertificateException refused =
                catchThrowableOfType(PeerCertificateException.class, () -> names.check(peer, "it"));
        assertThat(refused).isNotNull();
        assertThat(refused.reason()).isEqualTo(Reason.WRONG_NAME);
    }

    private static Authorities ofAnyDomain(List<X509Certificate> certificates, List<X509CRL> lists) {
        return new Authorities(
                certificates.stream()
                        .map(certificate -> new Authorities.Authority(certificate, null))
                        .toList(),
                lists);
    }
}
