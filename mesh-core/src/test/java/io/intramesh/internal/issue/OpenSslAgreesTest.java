package io.intramesh.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is issued is judged by a program that we did not write, in its strictest mode. Passed over where it is absent. */
final class OpenSslAgreesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** By the machine's clock, as openssl reads it. */
    private final InstantSource clock = InstantSource.system();

    @TempDir
    private Path folder;

    @BeforeEach
    void requireOpenSsl() {
        assumeThat(isInstalled())
                .as("openssl is not on the PATH, so nothing here is checked; install it to check")
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void openSslAcceptsAChainOfEveryKind(KeyKind kind) throws Exception {
        CertificateAuthority root = CertificateAuthority.create(authority("root", kind), clock);
        CertificateAuthority intermediate = root.intermediate(authority("intermediate", kind));
        IssuedCertificate orders = intermediate.issue(orders().keyKind(kind).build());
        write("root.pem", root.trustPem());
        write("chain.pem", Pem.certificates(orders.chain().subList(1, 2)));
        write("leaf.pem", Pem.certificate(orders.certificate()));

        for (String purpose : List.of("sslserver", "sslclient")) {
            assertThat(openssl(
                            "verify",
                            "-x509_strict",
                            "-purpose",
                            purpose,
                            "-CAfile",
                            "root.pem",
                            "-untrusted",
                            "chain.pem",
                            "leaf.pem"))
                    .contains("leaf.pem: OK");
        }
    }

    @Test
    void openSslReadsTheNamesAndUsages() throws Exception {
        IssuedCertificate orders = CertificateAuthority.create("shop.local", clock)
                .issue(orders().addresses(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))
                        .build());
        write("leaf.pem", orders.chainPem());

        String text = openssl("x509", "-in", "leaf.pem", "-noout", "-text");

        assertThat(text)
                .contains(
                        "URI:spiffe://shop.local/shop/orders, DNS:orders.local, IP Address:127.0.0.1",
                        "TLS Web Server Authentication, TLS Web Client Authentication",
                        "Issuer: CN = shop.local",
                        "Subject: CN = orders",
                        "CA:FALSE")
                .containsPattern("Key Usage: critical\\s+Digital Signature\\n");
    }

    @Test
    void openSslRefusesWhatTheListNames() throws Exception {
        CertificateAuthority root = CertificateAuthority.create("shop.local", clock);
        IssuedCertificate good = root.issue(orders().build());
        IssuedCertificate bad = root.issue(orders().build());
        Instant now = clock.instant();
        write("root.pem", root.trustPem());
        write("good.pem", good.chainPem());
        write("bad.pem", bad.chainPem());
        write(
                "crl.pem",
                Pem.crl(root.crl(
                        Map.of(bad.certificate().getSerialNumber(), now),
                        BigInteger.valueOf(7),
                        now.plus(Duration.ofDays(1)))));

        String[] check = {"verify", "-x509_strict", "-crl_check", "-CAfile", "root.pem", "-CRLfile", "crl.pem"};

        assertThat(openssl(with(check, "good.pem"))).contains("good.pem: OK");
        assertThat(openssl(with(check, "bad.pem")))
                .contains("certificate revoked")
                .doesNotContain("bad.pem: OK");
        assertThat(openssl("crl", "-in", "crl.pem", "-noout", "-text")).contains("X509v3 CRL Number", "7");
    }

    @ParameterizedTest
    @EnumSource
    void openSslReadsTheKeysInBothForms(KeyKind kind) throws Exception {
        IssuedCertificate orders = CertificateAuthority.create("shop.local", clock)
                .issue(orders().keyKind(kind).build());
        PrivateKey key = orders.key();
        X509Certificate certificate = orders.certificate();
        write("leaf.pem", Pem.certificate(certificate));
        write("pkcs8.pem", Pem.key(key));
        write("traditional.pem", Pem.traditionalKey(key));
        String expected = openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey");

        assertThat(expected).startsWith("-----BEGIN PUBLIC KEY-----");
        assertThat(openssl("pkey", "-in", "pkcs8.pem", "-pubout")).isEqualTo(expected);
        assertThat(openssl("pkey", "-in", "traditional.pem", "-pubout")).isEqualTo(expected);
        assertThat(openssl("pkey", "-in", "traditional.pem", "-noout", "-check"))
                .contains("Key is valid");
        assertThat(Files.readString(folder.resolve("traditional.pem")))
                .startsWith(kind == KeyKind.RSA_2048 ? "-----BEGIN RSA PRIVATE KEY" : "-----BEGIN EC PRIVATE KEY");
    }

    private static CertificateSpec authority(String name, KeyKind kind) {
        return CertificateSpec.builder()
                .commonName(name)
                .usages()
                .authority(true)
                .keyKind(kind)
                .build();
    }

    private static CertificateSpec.Builder orders() {
        return CertificateSpec.builder()
                .commonName("orders")
                .uris(URI.create("spiffe://shop.local/shop/orders"))
                .dnsNames("orders.local");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }

    private static String[] with(String[] words, String last) {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = last;
        return all;
    }

    /** Returns what openssl says, on both of its streams. */
    private String openssl(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("openssl %s ends", words[0])
                .isTrue();
        return said;
    }

    private static boolean isInstalled() {
        try {
            Process process = new ProcessBuilder("openssl", "version")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
