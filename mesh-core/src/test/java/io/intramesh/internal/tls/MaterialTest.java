package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.Pem;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.Password;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TrustSource;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms that material comes in. */
final class MaterialTest {
    private static final String PASSWORD = "correct horse";

    @TempDir
    Path folder;

    private TlsFixture tls;
    private IssuedCertificate issued;

    @BeforeEach
    void issue() {
        tls = new TlsFixture(folder);
        issued = tls.issue("own", TlsFixture.CLIENT_ID, "orders.shop.local");
    }

    private String problem(CertificateSource certificate, TrustSource trust) {
        TlsSettings settings = TlsFixture.settings(TlsSettings.Provider.JSSE).toBuilder()
                .certificate("own", certificate)
                .trust("roots", trust)
                .build();
        try (TlsStore store = tls.store(settings)) {
            ClientHandle handle = store.client(
                    new TlsCertificate.Sds("own"),
                    new TlsValidation(new TlsTrust.Sds("roots"), List.of("x")),
                    List.of());
            assertThat(handle.current() == null).isEqualTo(!handle.problem().isEmpty());
            return handle.problem();
        }
    }

    private CertificateSource pem() {
        return CertificateSource.pem(folder.resolve("own.pem"), folder.resolve("own.key"));
    }

    private TrustSource roots() {
        return TrustSource.pem(folder.resolve("trust.pem"));
    }

    // ---- Keys

    @Test
    void anEncryptedKeyIsReadWithItsPassword() {
        tls.write("own.key", EncryptedKeys.pem(issued.key(), PASSWORD));
        tls.write("password", PASSWORD + "\n");
        Path chain = folder.resolve("own.pem");
        Path key = folder.resolve("own.key");

        assertThat(problem(new CertificateSource.Pem(chain, key, Password.ofFile(folder.resolve("password"))), roots()))
                .isEmpty();
        assertThat(problem(new CertificateSource.Pem(chain, key, "wrong"::toCharArray), roots()))
                .contains("cannot be decrypted")
                .contains("check its password")
                .doesNotContain("wrong\"");
        assertThat(problem(new CertificateSource.Pem(chain, key, Password.ofFile(folder.resolve("no"))), roots()))
                .contains("password cannot be read");
        assertThat(problem(pem(), roots())).contains("no password is given").contains("openssl pkcs8");
    }

    @Test
    void aKeyThatOpenSslEncryptedInItsOldWayIsNamed() {
        tls.write("own.key", """
                -----BEGIN EC PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,00

                AAAA
                -----END EC PRIVATE KEY-----
                """);

        assertThat(problem(pem(), roots())).contains("OpenSSL's old way").contains("openssl pkcs8 -topk8");
    }

    @Test
    void chainAndKeyMayStandInOneFile() {
        tls.write(
                "both.pem",
                issued.keyPem() + "a comment\r\n" + issued.chainPem().replace("\n", "\r\n"));
        Path both = folder.resolve("both.pem");

        assertThat(problem(CertificateSource.pem(both, both), roots())).isEmpty();
    }

    @Test
    void anEcKeyMayNameItsCurveInABlockBeforeIt() {
        // As openssl ecparam -genkey writes: the parameters first (secp256r1), then the key.
        String parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        String bare = withoutCurve(Pem.traditionalKey(issued.key()));
        tls.write("own.key", parameters + bare);
        assertThat(problem(pem(), roots())).isEmpty();

        tls.write("own.key", bare);
        assertThat(problem(pem(), roots())).contains("does not name its curve");
    }

    private static String withoutCurve(String pem) {
        List<String> lines = pem.lines().toList();
        byte[] der = Base64.getMimeDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
        byte[] content = Der.reader(der).content(Der.SEQUENCE);
        assertThat(content).isNotNull();
        Der parts = Der.reader(content);
        byte[] version = parts.whole();
        byte[] number = parts.whole();
        assertThat(version).isNotNull();
        assertThat(number).isNotNull();
        String body = Base64.getEncoder().encodeToString(Der.value(Der.SEQUENCE, version, number));
        return lines.get(0) + "\n" + body + "\n" + lines.get(lines.size() - 1) + "\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n",
                "-----BEGIN EC PRIVATE KEY-----\nMDAw\n-----END EC PRIVATE KEY-----\n",
                "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----BEGIN PRIVATE KEY-----\n",
                "nothing"
            })
    void aKeyThatIsNoneIsNamedWithItsFile(String key) {
        tls.write("own.key", key);

        assertThat(problem(pem(), roots())).contains("own.key").contains(";");
    }

    @Test
    void twoKeysAreOneTooMany() {
        tls.write("own.key", issued.keyPem() + issued.keyPem());

        assertThat(problem(pem(), roots())).contains("more than one private key");
    }

    @ParameterizedTest
    @CsvSource({"RSA, 1024, true", "RSA, 2048, false", "EC, 256, false", "EC, 384, false"})
    void keysBelowTodaysStrengthAreWeak(String algorithm, int bits, boolean weak) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        PublicKey key = generator.generateKeyPair().getPublic();

        assertThat(X509.weakness(key) != null).isEqualTo(weak);
    }

    @Test
    void aKeyThatIsNeitherRsaNorEcIsNotTaken() throws GeneralSecurityException {
        PublicKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();

        assertThat(X509.weakness(key)).contains("expected: RSA or EC");
    }

    // ---- Stores

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS"})
    void keyStoresOfBothKindsAreRead(String type) throws Exception {
        KeyStore keys = KeyStore.getInstance(type);
        keys.load(null, null);
        keys.setKeyEntry(
                "own", issued.key(), PASSWORD.toCharArray(), issued.chain().toArray(X509Certificate[]::new));
        KeyStore trusted = KeyStore.getInstance(type);
        trusted.load(null, null);
        trusted.setCertificateEntry("root", tls.authority.root());
        Path keyFile = store(keys, "keys");
        Path trustFile = store(trusted, "trusted");
        Password password = PASSWORD::toCharArray;
        TrustSource roots = new TrustSource.KeyStoreFile(trustFile, password);

        assertThat(problem(CertificateSource.keyStore(keyFile, password), roots))
                .isEmpty();
        assertThat(problem(new CertificateSource.KeyStoreFile(keyFile, password, "own"), roots))
                .isEmpty();
        assertThat(problem(new CertificateSource.KeyStoreFile(keyFile, password, "other"), roots))
                .contains("no private key 'other'")
                .contains("[own]");
        assertThat(problem(CertificateSource.keyStore(keyFile, "no"::toCharArray), roots))
                .contains("cannot be opened")
                .contains("check its password");
        assertThat(problem(CertificateSource.keyStore(trustFile, password), roots))
                .contains("expected: one");
        assertThat(problem(pem(), new TrustSource.KeyStoreFile(keyFile, password)))
                .contains("no authority");
    }

    private Path store(KeyStore store, String name) throws IOException, GeneralSecurityException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    // ---- Suppliers

    @Test
    void aSupplierThatFailsIsNamed() {
        CertificateSource failing = new CertificateSource.Supplied("agent", () -> {
            throw new IOException("socket is gone");
        });

        assertThat(problem(failing, roots())).contains("agent").contains("socket is gone");
        assertThat(problem(pem(), new TrustSource.Supplied("bundles", () -> {
                    throw new IOException("socket is gone");
                })))
                .contains("bundles")
                .contains("socket is gone");
    }

    // ---- Revocation lists

    @Test
    void revocationListsComeAsPemAndAsDer() throws Exception {
        X509CRL list = tls.authority.crl(
                Map.of(BigInteger.TEN, tls.time.instant()),
                BigInteger.ONE,
                tls.time.instant().plus(Duration.ofDays(1)));
        tls.write("list.pem", Pem.crl(list));
        Files.write(folder.resolve("list.der"), list.getEncoded());
        tls.write("none.pem", "0 lists");

        for (String file : List.of("list.pem", "list.der")) {
            assertThat(withList(file)).as(file).isEmpty();
        }
        assertThat(withList("none.pem")).contains("no revocation list");
    }

    private String withList(String file) {
        TlsSettings settings = TlsFixture.settings(TlsSettings.Provider.JSSE).toBuilder()
                .revocationList(folder.resolve(file))
                .build();
        try (TlsStore store = tls.store(settings)) {
            return store.client(null, tls.validation("x"), List.of()).problem();
        }
    }
}
