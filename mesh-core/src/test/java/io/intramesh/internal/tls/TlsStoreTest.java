package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.KeyKind;
import io.intramesh.internal.issue.Pem;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsEvent.Kind;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TlsState;
import io.intramesh.tls.TrustSource;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsStoreTest {
    @TempDir
    Path folder;

    private TlsFixture tls;
    private TlsSettings settings;
    private TlsStore store;

    @BeforeEach
    void makeStore() {
        tls = new TlsFixture(folder);
        tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
        settings = TlsFixture.settings(TlsSettings.Provider.JSSE);
        store = tls.store(settings);
    }

    private ClientHandle client() {
        return store.client(tls.certificate("own"), tls.validation(), List.of("payments.shop.local"));
    }

    private List<Kind> kinds() {
        return tls.events.stream().map(TlsEvent::kind).toList();
    }

    // ---- Handles

    @Test
    void equalArgumentsGiveTheSameHandle() {
        assertThat(client()).isSameAs(client());
        assertThat(store.client(null, tls.validation(), List.of())).isNotSameAs(client());
        assertThat(store.server(8443)).isSameAs(store.server(8443)).isNotSameAs(store.server(8444));
    }

    @Test
    void aHandleThatNobodyUsesIsForgottenWithItsMaterial() {
        ClientHandle kept = client();
        tls.issue("other", TlsFixture.CLIENT_ID);
        ClientHandle dropped = store.client(tls.certificate("other"), tls.validation(), List.of());
        assertThat(store.describe()).hasSize(3);

        store.retain(List.of(kept));

        assertThat(store.describe()).hasSize(2);
        assertThat(client()).isSameAs(kept);
        assertThat(store.client(tls.certificate("other"), tls.validation(), List.of()))
                .isNotSameAs(dropped);
    }

    @Test
    void aListenersMaterialIsKept() {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation()), List.of());

        store.retain(List.of());
        tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
        ServerTls.Lease before = server.lease();
        tls.look(settings, 2);
        tls.time.advance(ServerSecurity.MOVE);

        assertThat(before.isOver()).isTrue();
    }

    @Test
    void connectionsLeaveARenewedCertificateOneAfterTheOther() {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation()), List.of());
        List<ServerTls.Lease> before =
                Stream.generate(server::lease).limit(1_000).toList();

        tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
        tls.look(settings, 2);
        ServerTls.Lease next = server.lease();

        for (int quarter = 0; quarter <= 4; quarter++) {
            assertThat(before.stream().filter(ServerTls.Lease::isOver).count())
                    .as("after %d quarters", quarter)
                    .isBetween(quarter * 250L - 10, quarter * 250L + 10);
            tls.time.advance(ServerSecurity.MOVE.dividedBy(4));
        }
        assertThat(next.isOver()).isFalse();
    }

    @Test
    void connectionsEndSoonerWhereTheOldCertificateDoes() {
        ServerHandle server = store.server(8443);
        tls.issue(
                "own",
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID, "orders.shop.local")
                        .validUntil(tls.time.instant().plusSeconds(40))
                        .build()));
        server.configure(tls.strict("own", tls.validation()), List.of());
        List<ServerTls.Lease> before = Stream.generate(server::lease).limit(100).toList();

        tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
        tls.look(settings, 2);
        tls.time.advance(Duration.ofSeconds(20));

        assertThat(before).allMatch(ServerTls.Lease::isOver);
    }

    @Test
    void connectionsOfTheCertificateBeforeTheLastEndAtOnce() {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation()), List.of());
        List<ServerTls.Lease> before = Stream.generate(server::lease).limit(100).toList();

        for (int renewals = 0; renewals < 2; renewals++) {
            tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
            tls.look(settings, 2);
        }

        assertThat(before).allMatch(ServerTls.Lease::isOver);
    }

    @Test
    void theSameConfigurationAgainKeepsTheEpoch() {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation("a")), List.of());
        ServerTls.Lease before = server.lease();

        server.configure(tls.strict("own", tls.validation("a")), List.of());
        assertThat(before.isOver()).isFalse();

        server.configure(tls.strict("own", tls.validation("b")), List.of());
        assertThat(before.isOver()).isTrue();

        server.configure(tls.strict("own", null), List.of());
        assertThat(server.requiresClientCertificate()).isFalse();
    }

    @Test
    void aMissingFileIsNamed() {
        ClientHandle handle = store.client(tls.certificate("nowhere"), tls.validation(), List.of());

        assertThat(handle.current()).isNull();
        assertThat(handle.problem()).contains("nowhere.pem").contains("not there");
    }

    @Test
    void aFileThatComesLaterIsTakenUp() {
        ClientHandle handle = store.client(tls.certificate("late"), tls.validation(), List.of());
        assertThat(handle.current()).isNull();

        tls.issue("late", TlsFixture.CLIENT_ID);
        tls.look(settings, 1);

        assertThat(handle.current()).isNotNull();
        assertThat(handle.problem()).isEmpty();
        assertThat(kinds()).contains(Kind.REFUSED, Kind.LOADED);
    }

    @Test
    void secretsThatNobodyLocatedAreNamed() {
        ClientHandle handle = store.client(
                new TlsCertificate.Sds("orders"),
                new TlsValidation(new TlsTrust.Acm(List.of("arn:aws:acm-pca:eu:1:certificate-authority/9")), List.of()),
                List.of());

        assertThat(handle.current()).isNull();
        assertThat(handle.problem())
                .contains("certificate 'orders'")
                .contains("arn:aws:acm-pca:eu:1:certificate-authority/9")
                .contains("intramesh.tls.");
    }

    @Test
    void secretsAndArnsAreFoundWhereTheSettingsSay() {
        IssuedCertificate issued =
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID).build());
        TlsSettings located = settings.toBuilder()
                .certificate(
                        "orders",
                        new CertificateSource.Supplied(
                                "agent", () -> new CertificateSource.Material(issued.chain(), issued.key())))
                .trust("arn:ca/1", TrustSource.pem(folder.resolve("trust.pem")))
                .trust("arn:ca/2", new TrustSource.Supplied("agent", () -> List.of(tls.authority.root())))
                .build();
        try (TlsStore other = tls.store(located)) {
            ClientHandle handle = other.client(
                    new TlsCertificate.Sds("orders"),
                    new TlsValidation(new TlsTrust.Acm(List.of("arn:ca/1", "arn:ca/2")), List.of("x")),
                    List.of());

            assertThat(handle.problem()).isEmpty();
            assertThat(handle.current()).isNotNull();
        }
    }

    // ---- Renewal

    @Test
    void aRenewedPairIsTakenWhenTwoLooksAgree() {
        ClientHandle handle = client();
        ClientTls before = handle.current();
        tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");

        tls.look(settings, 1);
        assertThat(handle.current()).isSameAs(before);

        tls.look(settings, 1);
        assertThat(handle.current()).isNotNull().isNotSameAs(before);
        assertThat(kinds()).containsExactly(Kind.LOADED, Kind.LOADED, Kind.ROTATED);
    }

    @Test
    void theSameContentWrittenAgainChangesNothing() throws IOException {
        ClientHandle handle = client();
        ClientTls before = handle.current();
        Path file = folder.resolve("own.pem");

        tls.write("own.pem", Files.readString(file));
        tls.look(settings, 3);

        assertThat(handle.current()).isSameAs(before);
    }

    @Test
    void halfOfAPairWaitsForTheOtherHalf() {
        ClientHandle handle = client();
        ClientTls before = handle.current();
        IssuedCertificate next = tls.authority.issue(
                TlsFixture.node(TlsFixture.CLIENT_ID, "orders.shop.local").build());

        tls.write("own.pem", next.chainPem());
        tls.look(settings, 3);
        assertThat(handle.current()).isSameAs(before);
        assertThat(tls.events.get(tls.events.size() - 1).detail()).contains("does not belong to the certificate");

        tls.write("own.key", next.keyPem());
        tls.look(settings, 2);
        assertThat(handle.current()).isNotSameAs(before);
        assertThat(kinds()).endsWith(Kind.REFUSED, Kind.ROTATED);
    }

    @Test
    void aFileThatIsBeingWrittenIsNoProblem() throws IOException {
        client();
        IssuedCertificate next = tls.authority.issue(
                TlsFixture.node(TlsFixture.CLIENT_ID, "orders.shop.local").build());
        String chain = next.chainPem();
        tls.write("own.key", next.keyPem());

        for (int end = 100; end < chain.length(); end += 100) {
            Files.writeString(folder.resolve("own.pem"), chain.substring(0, end));
            tls.look(settings, 1);
        }
        Files.writeString(folder.resolve("own.pem"), chain);
        tls.look(settings, 2);

        assertThat(kinds()).containsExactly(Kind.LOADED, Kind.LOADED, Kind.ROTATED);
    }

    @Test
    void aKubernetesSecretIsRenewedAsAWhole() throws IOException {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        writeVersion(
                mount,
                "..v1",
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID).build()));
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("..v1"));
        Files.createSymbolicLink(mount.resolve("tls.crt"), Path.of("..data/tls.crt"));
        Files.createSymbolicLink(mount.resolve("tls.key"), Path.of("..data/tls.key"));
        ClientHandle handle = store.client(
                new TlsCertificate.File(
                        mount.resolve("tls.crt").toString(),
                        mount.resolve("tls.key").toString()),
                tls.validation("x"),
                List.of());
        ClientTls before = handle.current();
        assertThat(before).isNotNull();

        writeVersion(
                mount,
                "..v2",
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID).build()));
        Files.createSymbolicLink(mount.resolve("..new"), Path.of("..v2"));
        Files.move(mount.resolve("..new"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        tls.look(settings, 2);

        assertThat(handle.current()).isNotNull().isNotSameAs(before);
        assertThat(kinds()).doesNotContain(Kind.REFUSED);
    }

    private static void writeVersion(Path mount, String version, IssuedCertificate issued) throws IOException {
        Path folder = Files.createDirectory(mount.resolve(version));
        Files.writeString(folder.resolve("tls.crt"), issued.chainPem());
        Files.writeString(folder.resolve("tls.key"), issued.keyPem());
    }

    /** What must not take the place of a good certificate. */
    enum Bad {
        NONSENSE("no certificate") {
            @Override
            void write(TlsFixture tls) {
                tls.write("own.pem", "not a certificate");
            }
        },
        EMPTY("no certificate") {
            @Override
            void write(TlsFixture tls) {
                tls.write("own.pem", "");
            }
        },
        GONE("not there") {
            @Override
            void write(TlsFixture tls) throws IOException {
                Files.delete(tls.folder.resolve("own.pem"));
            }
        },
        ANOTHERS_KEY("does not belong") {
            @Override
            void write(TlsFixture tls) {
                IssuedCertificate other = tls.authority.issue(
                        TlsFixture.node(TlsFixture.CLIENT_ID).build());
                tls.write("own.key", other.keyPem());
            }
        },
        ENCRYPTED_KEY("no password is given") {
            @Override
            void write(TlsFixture tls) {
                tls.write(
                        "own.key",
                        EncryptedKeys.pem(
                                tls.issue("aside", TlsFixture.CLIENT_ID).key(), "secret"));
            }
        },
        EXPIRED("has expired") {
            @Override
            void write(TlsFixture tls) {
                tls.issue(
                        "own",
                        tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID)
                                .validFrom(tls.time.instant().minus(Duration.ofDays(2)))
                                .validUntil(tls.time.instant().minus(Duration.ofDays(1)))
                                .build()));
            }
        },
        NOT_YET_VALID("is not valid before") {
            @Override
            void write(TlsFixture tls) {
                tls.issue(
                        "own",
                        tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID)
                                .validFrom(tls.time.instant().plus(Duration.ofHours(1)))
                                .build()));
            }
        },
        WRONG_ORDER("is not issued by the one after it") {
            @Override
            void write(TlsFixture tls) {
                CertificateAuthority below = tls.authority.intermediate("below");
                IssuedCertificate issued =
                        below.issue(TlsFixture.node(TlsFixture.CLIENT_ID).build());
                tls.write("own.key", issued.keyPem());
                tls.write(
                        "own.pem",
                        Pem.certificates(List.of(issued.certificate(), tls.authority.root(), below.certificate())));
            }
        };

        private final String problem;

        Bad(String problem) {
            this.problem = problem;
        }

        abstract void write(TlsFixture tls) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void badNewMaterialLeavesTheOldInForceAndSaysSoOnce(Bad bad) throws IOException {
        ClientHandle handle = client();
        ClientTls before = handle.current();
        tls.events.clear();

        bad.write(tls);
        tls.look(settings, 5);

        assertThat(handle.current()).isNotNull().isSameAs(before);
        assertThat(tls.events).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(Kind.REFUSED);
            assertThat(event.detail()).contains(bad.problem);
        });
        assertThat(store.describe())
                .anySatisfy(state -> assertThat(state.problem()).contains(bad.problem));
    }

    @Test
    void aCertificateThatWasTooEarlyIsTakenWhenItsTimeHasCome() {
        ClientHandle handle = client();
        ClientTls before = handle.current();
        tls.issue(
                "own",
                tls.authority.issue(TlsFixture.node(TlsFixture.CLIENT_ID, "orders.shop.local")
                        .validFrom(tls.time.instant().plus(Duration.ofHours(1)))
                        .build()));
        tls.look(settings, 3);
        assertThat(handle.current()).isSameAs(before);

        tls.time.advance(Duration.ofHours(1));
        tls.look(settings, 1);

        assertThat(handle.current()).isNotNull().isNotSameAs(before);
    }

    @Test
    void anExpiredCertificateIsNoneAndTheRenewedOneIsTaken() {
        ClientHandle handle = client();
        tls.time.advance(CertificateAuthority.DEFAULT_TTL.plusSeconds(1));
        tls.look(settings, 2);

        assertThat(handle.current()).isNull();
        assertThat(handle.problem()).contains("has expired");
        assertThat(kinds()).containsOnlyOnce(Kind.EXPIRED);

        tls.issue("own", TlsFixture.CLIENT_ID);
        tls.look(settings, 2);
        assertThat(handle.current()).isNotNull();
        assertThat(handle.problem()).isEmpty();
    }

    @Test
    void aRenewedCertificateMustNotLoseTheNameThatCallersLookFor() {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", null), List.of("orders.shop.local"));
        ServerTls.Lease before = server.lease();

        tls.issue("own", TlsFixture.CLIENT_ID, "somebody.shop.local");
        tls.look(settings, 3);

        assertThat(before.isOver()).isFalse();
        assertThat(tls.events.get(tls.events.size() - 1).detail()).contains("orders.shop.local");
    }

    @Test
    void anOwnCertificateOfAnotherTrustDomainIsRefused() {
        try (TlsStore other =
                tls.store(settings.toBuilder().trustDomain("bank.example").build())) {
            ClientHandle handle = other.client(tls.certificate("own"), tls.validation(), List.of());

            assertThat(handle.current()).isNull();
            assertThat(handle.problem()).contains("bank.example").contains(TlsFixture.CLIENT_ID);
        }
    }

    // ---- Trust

    @Test
    void aNewTrustMakesANewSecurity() {
        ClientHandle handle = client();
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation()), List.of());
        ClientTls before = handle.current();
        ServerTls.Lease lease = server.lease();
        CertificateAuthority second = CertificateAuthority.create("second", tls.time);

        tls.write("trust.pem", tls.authority.trustPem() + second.trustPem());
        tls.look(settings, 2);

        assertThat(handle.current()).isNotSameAs(before);
        assertThat(lease.isOver()).isTrue();
    }

    @Test
    void aRevocationTakesEffectOnRequestsOfOpenConnections() throws Exception {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("own", tls.validation()), List.of());
        IssuedCertificate peer = tls.authority.issue(
                TlsFixture.node("spiffe://shop.local/shop/stock").build());
        server.checkPeer(peer.chain());

        tls.write("trust.pem", tls.authority.trustPem() + Pem.crl(crl(peer, Duration.ofDays(1))));
        tls.look(settings, 2);

        assertRefused(server, peer.chain(), Reason.REVOKED);
    }

    @Test
    void aRevocationListThatHasEndedFailsClosed() throws Exception {
        IssuedCertificate revoked = tls.authority.issue(
                TlsFixture.node("spiffe://shop.local/shop/x").build());
        tls.write("revoked.crl", Pem.crl(crl(revoked, Duration.ofHours(1))));
        TlsSettings withList = settings.toBuilder()
                .revocationList(folder.resolve("revoked.crl"))
                .build();
        try (TlsStore other = tls.store(withList)) {
            ServerHandle server = other.server(8443);
            server.configure(tls.strict("own", tls.validation()), List.of());
            IssuedCertificate peer = tls.authority.issue(
                    TlsFixture.node("spiffe://shop.local/shop/stock").build());
            server.checkPeer(peer.chain());
            assertRefused(server, revoked.chain(), Reason.REVOKED);

            tls.time.advance(Duration.ofHours(1).plusSeconds(1));
            tls.look(withList, 1);

            assertRefused(server, peer.chain(), Reason.REVOCATION_UNKNOWN);
        }
    }

    @Test
    void aRevocationListOfAnotherSignerIsRefused() {
        CertificateAuthority forger = CertificateAuthority.create("shop", tls.time);
        ClientHandle handle = client();
        ClientTls before = handle.current();

        tls.write(
                "trust.pem",
                tls.authority.trustPem()
                        + Pem.crl(forger.crl(
                                Map.of(), BigInteger.ONE, tls.time.instant().plusSeconds(60))));
        tls.look(settings, 2);

        assertThat(handle.current()).isSameAs(before);
        assertThat(tls.events.get(tls.events.size() - 1).detail()).contains("not signed by that authority");
    }

    private X509CRL crl(IssuedCertificate revoked, Duration holds) {
        return tls.authority.crl(
                Map.of(revoked.certificate().getSerialNumber(), tls.time.instant()),
                BigInteger.ONE,
                tls.time.instant().plus(holds));
    }

    private static void assertRefused(ServerHandle server, List<X509Certificate> chain, Reason reason) {
        assertThatThrownBy(() -> server.checkPeer(chain))
                .isInstanceOfSatisfying(
                        PeerCertificateException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void aTrustWithoutAnAuthorityIsRefused() {
        IssuedCertificate leaf = tls.authority.issue(
                CertificateSpec.builder().uris(URI.create(TlsFixture.CLIENT_ID)).build());
        tls.write("trust.pem", Pem.certificate(leaf.certificate()));

        ClientHandle handle = client();

        assertThat(handle.current()).isNull();
        assertThat(handle.problem()).contains("is no authority");
    }

    // ---- What is told

    @Test
    void statesTellWhatIsInForce() {
        client();

        assertThat(store.describe())
                .extracting(TlsState::use, TlsState::names, TlsState::provider, TlsState::fips, TlsState::problem)
                .containsExactly(
                        tuple(
                                TlsState.Use.CERTIFICATE,
                                List.of(TlsFixture.CLIENT_ID, "orders.shop.local"),
                                "JSSE (SunJSSE)",
                                false,
                                null),
                        tuple(TlsState.Use.TRUST, List.of("CN=shop"), "JSSE (SunJSSE)", false, null));
        assertThat(store.describe().get(0).secondsToExpiry())
                .isBetween(
                        CertificateAuthority.DEFAULT_TTL.toSeconds() - 2, CertificateAuthority.DEFAULT_TTL.toSeconds());
    }

    @ParameterizedTest
    @EnumSource
    void keysOfEachKindAndFormAreRead(KeyKind kind) {
        IssuedCertificate issued = tls.authority.issue(
                TlsFixture.node(TlsFixture.CLIENT_ID).keyKind(kind).build());
        tls.issue("plain", issued);
        tls.write("old.pem", issued.chainPem());
        tls.write("old.key", Pem.traditionalKey(issued.key()));

        assertThat(store.client(tls.certificate("plain"), tls.validation(), List.of())
                        .problem())
                .isEmpty();
        assertThat(store.client(tls.certificate("old"), tls.validation(), List.of())
                        .problem())
                .isEmpty();
    }
}
