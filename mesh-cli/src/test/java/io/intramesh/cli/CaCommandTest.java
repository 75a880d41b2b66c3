package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.intramesh.internal.issue.CertificateAuthority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class CaCommandTest {
    @TempDir
    private Path folder;

    private Path ca;
    private Path out;

    @BeforeEach
    void nameFolders() {
        ca = folder.resolve("ca");
        out = folder.resolve("certificates");
    }

    @Test
    void aNewAuthorityIsForItsTrustDomainAndItsKeyForItsOwner() throws Exception {
        Run run = init();

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("authority of shop.local in " + ca + ", until ");
        assertThat(run.err()).contains("for development only: whoever reads " + ca + " can be any node");
        X509Certificate root = certificate(ca.resolve("ca.pem"));
        assertThat(root.getSubjectAlternativeNames()).containsExactly(List.of(6, "spiffe://shop.local"));
        assertThat(Files.readString(ca.resolve("ca-key.pem"))).startsWith("-----BEGIN PRIVATE KEY-----");
        assertOwnersOnly(ca.resolve("ca-key.pem"));
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        init();
        String key = Files.readString(ca.resolve("ca-key.pem"));

        Run again = init();
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out);
        String chain = Files.readString(out.resolve("orders/chain.pem"));
        Run issuedAgain = mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out);
        Run forced = mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out, "--force");

        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("is there already", "nothing is overwritten");
        assertThat(Files.readString(ca.resolve("ca-key.pem"))).isEqualTo(key);
        assertThat(issuedAgain.exitCode()).isEqualTo(2);
        assertThat(issuedAgain.err()).contains("chain.pem: is there already", "mesh ca renew", "--force");
        assertThat(forced.exitCode()).isZero();
        assertThat(Files.readString(out.resolve("orders/chain.pem"))).isNotEqualTo(chain);
    }

    @Test
    void aNodeGetsItsSpiffeIdAndNamesForADay() throws Exception {
        init();

        Run run = mesh(
                "issue",
                ca,
                "--node",
                "orders",
                "--mesh",
                "shop",
                "--dns",
                "orders.local.",
                "--dns",
                "127.0.0.1",
                "-o",
                out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        X509Certificate orders = certificate(out.resolve("orders/chain.pem"));
        assertThat(orders.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(6, "spiffe://shop.local/shop/orders"),
                        List.of(2, "orders.local"),
                        List.of(7, "127.0.0.1"));
        assertThat(Duration.between(
                        orders.getNotBefore().toInstant(), orders.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofHours(24).plusMinutes(1));
        assertThat(run.out())
                .isEqualTo(out.resolve("orders") + ": spiffe://shop.local/shop/orders orders.local 127.0.0.1 until "
                        + orders.getNotAfter().toInstant() + System.lineSeparator());
        validate(orders);
        assertOwnersOnly(out.resolve("orders/key.pem"));
        assertThat(Files.readString(out.resolve("trust.pem"))).isEqualTo(Files.readString(ca.resolve("ca.pem")));
        assertThat(hidden(folder)).isEmpty();
    }

    @Test
    void theDocumentsSayWhichNodesThereAreAndHowTheyAreFound() throws Exception {
        init();
        Path conf = Files.createDirectory(folder.resolve("conf"));
        Shop.in(conf);

        Run run = mesh("issue", ca, "--all", "--config", conf, "--ttl", "1h", "-o", out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        try (Stream<Path> places = Files.list(out)) {
            assertThat(places.map(place -> place.getFileName().toString()))
                    .containsExactlyInAnyOrder("trust.pem", "storefront", "payments-v1", "payments-v2", "stock");
        }
        assertThat(certificate(out.resolve("payments-v1/chain.pem")).getSubjectAlternativeNames())
                .containsExactly(List.of(6, "spiffe://shop.local/shop/payments-v1"), List.of(2, "v1.payments.local"));
        assertThat(certificate(out.resolve("storefront/chain.pem")).getSubjectAlternativeNames())
                .containsExactly(List.of(6, "spiffe://shop.local/shop/storefront"));
    }

    @Test
    void severalMeshesHaveAFolderEach() throws Exception {
        init();
        Path conf = Files.createDirectory(folder.resolve("conf"));
        Shop.in(conf);
        Shop.withAnotherMesh(conf);

        mesh("issue", ca, "--all", "--config", conf, "-o", out);

        assertThat(out.resolve("other/web/chain.pem")).exists();
        assertThat(out.resolve("shop/stock/key.pem")).exists();
    }

    @Test
    void oneNodeOfTheDocumentsMayBeAskedForAndAnUnknownOneIsNot() throws Exception {
        init();
        Path conf = Files.createDirectory(folder.resolve("conf"));
        Shop.in(conf);

        Run one = mesh("issue", ca, "--node", "stock", "--config", conf, "-o", out);
        Run none = mesh("issue", ca, "--node", "stok", "--config", conf, "-o", folder.resolve("none"));

        assertThat(one.lines()).hasSize(1);
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("'stok' is not in", "did you mean 'stock'?");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void whatIsWrongIsSaidAndNothingIsWritten() throws Exception {
        assertThat(mesh("issue", ca, "--node", "a", "--mesh", "m", "-o", out).err())
                .contains("holds no authority; make one by 'mesh ca init");
        init();
        assertThat(mesh("issue", ca, "-o", out).err()).contains("no node is named");
        assertThat(mesh("issue", ca, "--all", "-o", out).err()).contains("of which mesh?");
        assertThat(mesh("issue", ca, "--node", "a/../b", "--mesh", "m", "-o", out)
                        .err())
                .contains("'a/../b': no SPIFFE ID can carry it");
        assertThat(mesh("issue", ca, "--node", "..", "--mesh", "m", "-o", out).exitCode())
                .isEqualTo(2);
        assertThat(mesh("issue", ca, "--node", "a", "--mesh", "m", "--ttl", "soon", "-o", out)
                        .err())
                .contains("'soon' (expected: such as 30s");
        assertThat(mesh("issue", ca, "--node", "a", "--mesh", "m", "--dns", "ä.local", "-o", out)
                        .err())
                .contains("visible ASCII");
        assertThat(mesh("init", folder.resolve("x"), "--trust-domain", "spiffe://x")
                        .err())
                .contains("without spiffe://");
        assertThat(folder.resolve("x")).doesNotExist();
        assertThat(out.resolve("a")).doesNotExist();
    }

    @Test
    void aCertificateEndsWithItsAuthority() throws Exception {
        Run.mesh("ca", "init", ca.toString(), "--trust-domain", "shop.local", "--ttl", "1h");

        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "--ttl", "24h", "-o", out);

        assertThat(certificate(out.resolve("orders/chain.pem")).getNotAfter())
                .isEqualTo(certificate(ca.resolve("ca.pem")).getNotAfter());
    }

    @Test
    void aFolderOfAnotherAuthorityIsLeftAlone() throws Exception {
        init();
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out);
        Path other = folder.resolve("other");
        Run.mesh("ca", "init", other.toString(), "--trust-domain", "shop.local");

        for (String[] words : new String[][] {
            {"issue", other.toString(), "--node", "stock", "--mesh", "shop", "-o", out.toString()},
            {"renew", other.toString(), out.toString(), "--now"}
        }) {
            Run run = mesh((Object[]) words);

            assertThat(run.exitCode()).as(words[0]).isEqualTo(2);
            assertThat(run.err()).contains("trust.pem: of another authority");
        }
    }

    @Test
    void renewalKeepsTheNamesAndChangesTheKey() throws Exception {
        init();
        mesh(
                "issue",
                ca,
                "--node",
                "orders",
                "--mesh",
                "shop",
                "--dns",
                "orders.local",
                "--key",
                "rsa",
                "--ttl",
                "2h",
                "-o",
                out);
        X509Certificate before = certificate(out.resolve("orders/chain.pem"));

        Run early = mesh("renew", ca, out);
        Run forced = mesh("renew", ca, out, "--now");

        assertThat(early.out()).isEqualTo("1 not due yet" + System.lineSeparator());
        assertThat(forced.exitCode()).as(forced.err()).isZero();
        X509Certificate after = certificate(out.resolve("orders/chain.pem"));
        assertThat(List.copyOf(after.getSubjectAlternativeNames()))
                .isEqualTo(List.copyOf(before.getSubjectAlternativeNames()));
        assertThat(after.getPublicKey()).isNotEqualTo(before.getPublicKey());
        assertThat(after.getPublicKey().getAlgorithm()).isEqualTo("RSA");
        assertThat(Duration.between(
                        after.getNotBefore().toInstant(), after.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofMinutes(121));
        validate(after);
    }

    @Test
    void whoWatchesRenewsWhatIsHalfOver() throws Exception {
        Instant start = Instant.now();
        List<Instant> time = new ArrayList<>(List.of(start));
        InstantSource clock = () -> time.get(0);
        init();
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "--ttl", "60s", "-o", out);
        List<X509Certificate> seen = new ArrayList<>();
        List<Duration> pauses = new ArrayList<>();
        Pause pause = duration -> {
            pauses.add(duration);
            seen.add(certificate(out, "orders"));
            if (pauses.size() > 8) {
                throw new InterruptedException();
            }
            time.set(0, time.get(0).plus(duration));
        };

        Run run = renew(clock, pause, ca.toString(), out.toString(), "--watch");

        assertThat(Thread.interrupted())
                .as("the thread learns that it was stopped")
                .isTrue();
        assertThat(run.exitCode()).as(run.err()).isZero();
        // Pauses of ten seconds at most; the first certificate is half over after thirty.
        assertThat(pauses).allSatisfy(one -> assertThat(one).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10)));
        assertThat(seen.stream().distinct().count()).isBetween(2L, 4L);
        assertThat(seen.get(0)).isEqualTo(seen.get(1));
    }

    @Test
    void whoWatchesMayRenewEverythingEachTime() throws Exception {
        init();
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out);
        List<X509Certificate> seen = new ArrayList<>();
        Pause pause = duration -> {
            assertThat(duration).isEqualTo(Duration.ofSeconds(5));
            seen.add(certificate(out, "orders"));
            if (seen.size() == 4) {
                throw new InterruptedException();
            }
        };

        renew(InstantSource.system(), pause, ca.toString(), out.toString(), "--watch", "--every", "5s");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void whatIsRevokedIsOnTheListThatNodesTrustBy() throws Exception {
        init();
        mesh("issue", ca, "--node", "orders", "--node", "stock", "--mesh", "shop", "-o", out);
        X509Certificate orders = certificate(out.resolve("orders/chain.pem"));
        X509Certificate stock = certificate(out.resolve("stock/chain.pem"));

        Run run = mesh("revoke", ca, "--node", "orders", "-o", out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("revoked " + orders.getSerialNumber().toString(16) + " shop/orders");
        X509CRL list = list();
        assertThat(list.isRevoked(orders)).isTrue();
        assertThat(list.isRevoked(stock)).isFalse();
        list.verify(certificate(ca.resolve("ca.pem")).getPublicKey());
        assertThat(Files.readString(out.resolve("trust.pem")))
                .isEqualTo(Files.readString(ca.resolve("ca.pem")) + Files.readString(ca.resolve("crl.pem")));
        assertThat(mesh("show", ca).out()).contains("shop/orders until").containsPattern("orders until \\S+ REVOKED");

        Run second = mesh("revoke", ca, "--serial", stock.getSerialNumber().toString(16));

        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(second.err()).contains("crl.pem is read");
        assertThat(list().isRevoked(orders)).as("what is revoked stays so").isTrue();
        assertThat(list().isRevoked(stock)).isTrue();
        assertThat(number(list())).isEqualTo(BigInteger.TWO);
        mesh("renew", ca, out);
        assertThat(Files.readString(out.resolve("trust.pem"))).endsWith(Files.readString(ca.resolve("crl.pem")));
    }

    @Test
    void whoIsNotThereCannotBeRevoked() throws Exception {
        init();
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "-o", out);

        assertThat(mesh("revoke", ca, "--node", "order").err()).contains("is for 'order'", "did you mean 'orders'?");
        assertThat(mesh("revoke", ca, "--serial", "abc").exitCode()).isEqualTo(2);
        assertThat(mesh("revoke", ca).err()).contains("nothing is named");
        assertThat(ca.resolve("crl.pem")).doesNotExist();
    }

    @Test
    void whatWasIssuedIsShownAndKeysAreNot() throws Exception {
        init();
        assertThat(mesh("show", ca).out()).contains("nothing that it issued is still valid");
        mesh("issue", ca, "--node", "orders", "--mesh", "shop", "--dns", "orders.local", "-o", out);

        Run text = mesh("show", ca);
        Run json = mesh("show", ca, "--json");

        assertThat(text.lines()).hasSize(2);
        assertThat(json.out())
                .contains(
                        "{\"trustDomain\":\"shop.local\",\"notAfter\":\"",
                        "\"mesh\":\"shop\",\"node\":\"orders\",\"spiffeId\":\"spiffe://shop.local/shop/orders\","
                                + "\"names\":[\"orders.local\"]",
                        "\"revoked\":false}]}")
                .doesNotContain("KEY");
    }

    @Test
    void helpAndDebugReachTheCommandsBelow() {
        assertThat(Run.mesh("ca", "--help").out()).contains("init", "issue", "renew", "revoke", "show");
        assertThat(Run.mesh("ca", "issue", "--help").out()).contains("mesh ca issue", "--ttl", "Default: 24h");
        assertThat(Run.mesh("ca").exitCode()).isEqualTo(2);
        assertThat(Run.mesh("ca", "show", "--debug", "/no/such/place").err()).contains("\tat io.intramesh");
        assertThat(Run.mesh("ca", "show", "/no/such/place").err()).doesNotContain("\tat ");
    }

    @Test
    void anAuthorityBelowAnotherIssuesWhatWhoeverTrustsTheRootTakes() throws Exception {
        init();
        Path team = folder.resolve("team");
        Path squad = folder.resolve("squad");

        Run made = mesh("init", team, "--parent", ca, "--ttl", "9999d");
        Run below = mesh("init", squad, "--parent", team, "--trust-domain", "shop.local", "--ttl", "7d");
        Run issued = mesh("issue", squad, "--node", "orders", "--mesh", "shop", "-o", out);

        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).startsWith("authority of shop.local in " + team + ", below " + ca + ", until ");
        assertThat(below.exitCode()).as(below.err()).isZero();
        assertThat(issued.exitCode()).as(issued.err()).isZero();
        X509Certificate root = certificate(ca.resolve("ca.pem"));
        List<X509Certificate> chain = AuthorityFolder.certificates(out.resolve("orders/chain.pem"));
        assertThat(chain).hasSize(3).doesNotContain(root);
        assertThat(chain.get(2).getNotAfter()).as("ends with its parent").isEqualTo(root.getNotAfter());
        assertThat(certificate(out.resolve("trust.pem"))).isEqualTo(root);
        validate(chain);
        assertOwnersOnly(team.resolve("ca-key.pem"));
        assertThat(mesh("show", ca).out()).contains("shop.local intermediate");

        assertThat(mesh("renew", ca, out, "--now").err()).contains("orders: not issued by " + ca + ", left alone");
        assertThat(mesh("renew", squad, out, "--now").out()).contains("spiffe://shop.local/shop/orders");
        Run revoked = mesh("revoke", squad, "--node", "orders", "-o", out);
        assertThat(revoked.exitCode()).as(revoked.err()).isZero();
        assertThat(Files.readString(out.resolve("trust.pem")))
                .isEqualTo(Files.readString(ca.resolve("ca.pem")) + Files.readString(squad.resolve("crl.pem")));
    }

    @Test
    void anAuthorityIsOfOneTrustDomain() {
        init();

        assertThat(mesh("init", folder.resolve("other"), "--parent", ca, "--trust-domain", "bank.local")
                        .err())
                .contains("the parent's is shop.local");
        assertThat(mesh("init", folder.resolve("other")).err()).contains("--trust-domain: none", "--parent");
        assertThat(mesh("init", folder.resolve("other"), "--parent", folder.resolve("nowhere"))
                        .err())
                .contains("holds no authority");
        assertThat(folder.resolve("other")).doesNotExist();
    }

    private Run init() {
        return Run.mesh("ca", "init", ca.toString(), "--trust-domain", "shop.local");
    }

    private static Run mesh(Object... words) {
        List<String> all = new ArrayList<>(List.of("ca"));
        for (Object word : words) {
            all.add(word.toString());
        }
        return Run.mesh(all.toArray(String[]::new));
    }

    private static Run renew(InstantSource clock, Pause pause, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new CaRenewCommand(clock, pause))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(words);
        return new Run(exitCode, out.toString(), err.toString());
    }

    private static X509Certificate certificate(Path file) throws Exception {
        return AuthorityFolder.certificates(file).get(0);
    }

    private static X509Certificate certificate(Path out, String node) {
        try {
            return certificate(out.resolve(node).resolve("chain.pem"));
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private X509CRL list() throws Exception {
        return (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(Files.readAllBytes(ca.resolve("crl.pem"))));
    }

    private static BigInteger number(X509CRL list) {
        return CertificateAuthority.number(list);
    }

    private void validate(X509Certificate certificate) throws Exception {
        validate(List.of(certificate));
    }

    private void validate(List<X509Certificate> chain) throws Exception {
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(certificate(ca.resolve("ca.pem")), null)));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    }

    private static void assertOwnersOnly(Path file) throws IOException {
        assumeThat(AuthorityFiles.canKeepSecrets())
                .as("this system knows no rights of files")
                .isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    /** What was prepared and never moved would lie about with a key in it. */
    private static List<Path> hidden(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("."))
                    .toList();
        }
    }
}
