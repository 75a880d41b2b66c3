package io.intramesh.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is issued is judged by the JDK's own reader and validator. */
final class CertificateAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final URI ORDERS = URI.create("spiffe://shop.local/shop/orders");

    private final CertificateAuthority root = CertificateAuthority.create("shop.local", CLOCK);

    @ParameterizedTest
    @EnumSource
    void everyKindOfKeySignsAndIsSigned(KeyKind kind) throws Exception {
        CertificateAuthority own = CertificateAuthority.create(
                CertificateSpec.builder()
                        .commonName("root")
                        .usages()
                        .authority(true)
                        .keyKind(kind)
                        .build(),
                CLOCK);

        for (KeyKind leaf : KeyKind.values()) {
            IssuedCertificate issued = own.issue(orders().keyKind(leaf).build());

            assertThatCode(() -> validate(issued, own.root(), NOW))
                    .as("%s by %s", leaf, kind)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aCertificateSaysWhatWasAskedAndWhatTheProfileAsks() throws Exception {
        X509Certificate orders = root.issue(orders().dnsNames("orders.local", "*.orders.local")
                        .addresses(
                                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                                InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}))
                        .validUntil(NOW.plus(Duration.ofHours(2)))
                        .build())
                .certificate();

        assertThat(orders.getVersion()).isEqualTo(3);
        assertThat(orders.getSerialNumber()).isPositive();
        assertThat(orders.getSerialNumber().bitLength()).isBetween(64, 127);
        assertThat(orders.getSubjectX500Principal().getName()).isEqualTo("CN=orders");
        assertThat(orders.getIssuerX500Principal()).isEqualTo(root.root().getSubjectX500Principal());
        assertThat(orders.getNotBefore().toInstant()).isEqualTo(NOW.minus(CertificateAuthority.SKEW));
        assertThat(orders.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofHours(2)));
        assertThat(orders.getSubjectAlternativeNames())
                .extracting(name -> name.get(0) + "=" + name.get(1))
                .containsExactly(
                        "6=" + ORDERS, "2=orders.local", "2=*.orders.local", "7=127.0.0.1", "7=0:0:0:0:0:0:0:1");
        assertThat(orders.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(orders.getKeyUsage())
                .as("digital signature alone")
                .containsExactly(true, false, false, false, false, false, false, false, false);
        assertThat(orders.getExtendedKeyUsage()).containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(orders.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }

    @Test
    void anAuthorityMaySignAndDoNothingElse() {
        assertThat(root.root().getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
        assertThat(root.root().getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
        assertThat(root.root().getNotAfter().toInstant()).isEqualTo(NOW.plus(CertificateAuthority.AUTHORITY_TTL));
    }

    @Test
    void withoutASubjectTheAlternativeNamesAreCritical() throws Exception {
        IssuedCertificate nameless = root.issue(orders().commonName(null).build());

        assertThat(nameless.certificate().getSubjectX500Principal().getName()).isEmpty();
        assertThat(nameless.certificate().getCriticalExtensionOIDs()).contains("2.5.29.17");
        validate(nameless, root.root(), NOW);
    }

    @Test
    void anIntermediateLeadsToTheRoot() throws Exception {
        IssuedCertificate orders =
                root.intermediate("first").intermediate("second").issue(orders().build());

        assertThat(orders.chain())
                .extracting(one -> one.getSubjectX500Principal().getName())
                .containsExactly("CN=orders", "CN=second", "CN=first");
        validate(orders, root.root(), NOW);
        IssuedCertificate torn = new IssuedCertificate(orders.key(), List.of(orders.certificate()));
        assertThatExceptionOfType(CertPathValidatorException.class).isThrownBy(() -> validate(torn, root.root(), NOW));
    }

    @Test
    void datesBeyond2049AreWrittenSoThatTheyReadBack() throws Exception {
        Instant late = Instant.parse("2051-03-04T05:06:07Z");

        IssuedCertificate lasting = root.issue(orders().validUntil(late).build());

        assertThat(lasting.certificate().getNotAfter().toInstant()).isEqualTo(late);
    }

    @Test
    void aValidatorSeesDatesAndStrangers() {
        IssuedCertificate orders = root.issue(orders().build());
        CertificateAuthority stranger = CertificateAuthority.create("shop.local", CLOCK);

        assertThatExceptionOfType(CertPathValidatorException.class)
                .isThrownBy(() -> validate(orders, root.root(), NOW.plus(Duration.ofHours(25))))
                .withMessageContaining("validity");
        assertThatExceptionOfType(CertPathValidatorException.class)
                .isThrownBy(() -> validate(orders, stranger.root(), NOW));
    }

    @Test
    void aRevokedCertificateIsRefusedByWhoeverHasTheList() throws Exception {
        IssuedCertificate revoked = root.issue(orders().build());
        IssuedCertificate good = root.issue(orders().build());
        Instant yesterday = NOW.minus(Duration.ofDays(1));

        X509CRL list = root.crl(
                Map.of(revoked.certificate().getSerialNumber(), yesterday),
                BigInteger.TWO,
                NOW.plus(Duration.ofDays(7)));

        list.verify(root.root().getPublicKey());
        assertThat(list.getRevokedCertificate(revoked.certificate()).getRevocationDate())
                .isEqualTo(Date.from(yesterday));
        assertThat(list.getThisUpdate()).isEqualTo(Date.from(NOW));
        assertThat(list.getNextUpdate()).isEqualTo(Date.from(NOW.plus(Duration.ofDays(7))));
        assertThatExceptionOfType(CertPathValidatorException.class)
                .isThrownBy(() -> validate(revoked, root.root(), NOW, list))
                .withMessageContaining("revoked");
        validate(good, root.root(), NOW, list);
    }

    @Test
    void aListMayBeEmpty() throws Exception {
        X509CRL list = root.crl(Map.of(), BigInteger.ONE, NOW.plus(Duration.ofDays(7)));

        assertThat(list.getRevokedCertificates()).isNull();
        validate(root.issue(orders().build()), root.root(), NOW, list);
    }

    @Test
    void anAuthorityIsTakenUpAgainByItsKeyAndCertificate() throws Exception {
        CertificateAuthority again =
                CertificateAuthority.of(Pem.readKey(Pem.key(root.key())), List.of(), root.root(), CLOCK);

        validate(again.issue(orders().build()), root.root(), NOW);
    }

    @ParameterizedTest
    @EnumSource
    void theKeyOfAnotherAuthorityIsRefused(KeyKind kind) {
        CertificateAuthority other = CertificateAuthority.create(
                CertificateSpec.builder()
                        .commonName("other")
                        .usages()
                        .authority(true)
                        .keyKind(kind)
                        .build(),
                CLOCK);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateAuthority.of(other.key(), List.of(), root.root(), CLOCK))
                .withMessageContaining("not that of the certificate CN=shop.local");
    }

    @Test
    void anAuthorityHasAName() {
        CertificateSpec nameless =
                CertificateSpec.builder().usages().authority(true).build();

        assertThatIllegalArgumentException().isThrownBy(() -> CertificateAuthority.create(nameless, CLOCK));
        assertThatIllegalArgumentException().isThrownBy(() -> root.intermediate(nameless));
    }

    @Test
    void namesThatNoCertificateCanCarryAreRefused() {
        for (String name : List.of("", "a b", "käse.local", "a\u0000b")) {
            assertThatIllegalArgumentException()
                    .as("'%s'", name)
                    .isThrownBy(() -> orders().dnsNames(name).build())
                    .withMessageContaining("visible ASCII");
        }
    }

    @Test
    void noTwoCertificatesHaveTheSameNumberOrKey() {
        IssuedCertificate one = root.issue(orders().build());
        IssuedCertificate two = root.issue(orders().build());

        assertThat(one.certificate().getSerialNumber())
                .isNotEqualTo(two.certificate().getSerialNumber());
        assertThat(one.certificate().getPublicKey())
                .isNotEqualTo(two.certificate().getPublicKey());
        assertThat(EnumSet.allOf(KeyKind.class)).contains(KeyKind.of(one.key()));
    }

    private static CertificateSpec.Builder orders() {
        return CertificateSpec.builder().commonName("orders").uris(ORDERS);
    }

    private static void validate(IssuedCertificate issued, X509Certificate root, Instant at, X509CRL... lists)
            throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setDate(Date.from(at));
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        parameters.setRevocationEnabled(lists.length > 0);
        if (lists.length > 0) {
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(lists))));
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(
                    EnumSet.of(PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
        }
        validator.validate(CertificateFactory.getInstance("X.509").generateCertPath(issued.chain()), parameters);
    }
}
