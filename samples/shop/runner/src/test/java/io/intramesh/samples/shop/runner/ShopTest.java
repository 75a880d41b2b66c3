package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shop as the README starts it: six processes and their customers. One run for all tests, in the order of a day,
 * because a start takes long.
 */
@Tag("shop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ShopTest {
    private static final Pattern BETA =
            Pattern.compile("\\s*\\d+ s  payments\\.local/beta +payments-v1 (\\d+) .*  payments-v2 (\\d+) .*");

    private final List<String> output = new CopyOnWriteArrayList<>();
    private Path mesh;
    private Process shop;
    private Thread reader;

    @BeforeAll
    void open(@TempDir Path folder) throws IOException {
        mesh = Files.createDirectory(folder.resolve("mesh"));
        try (Stream<Path> documents = Files.list(Path.of("..", "mesh"))) {
            for (Path document : documents.toList()) {
                if (!document.getFileName().toString().startsWith("endpoints.generated")) {
                    Files.copy(document, mesh.resolve(document.getFileName()));
                }
            }
        }
        shop = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        Path.of("target", "shop.jar").toString(),
                        "--mesh",
                        mesh.toString(),
                        "--logs",
                        Path.of("target", "logs").toString(),
                        "--certificates",
                        folder.resolve("certificates").toString(),
                        "--rate",
                        "80",
                        "--display",
                        "lines",
                        // Other builds on this machine may start a shop at the same moment.
                        "--ports",
                        "any")
                .redirectErrorStream(true)
                .start();
        reader = new Thread(this::read, "shop-output");
        reader.setDaemon(true);
        reader.start();
        within(Duration.ofMinutes(2)).until(() -> output.stream().anyMatch(line -> line.startsWith("open after")));
    }

    @AfterAll
    void killWhatIsLeft() {
        shop.descendants().forEach(ProcessHandle::destroyForcibly);
        shop.destroyForcibly();
    }

    @Test
    @Order(1)
    void oneCallInTenToTheBetaReachesTheNewVersion() {
        within(Duration.ofSeconds(60)).until(() -> beta(0).total() >= 200);

        // Of 200 or more calls, fewer than 1 % or more than 25 % at a weight of 10 happen once in ten million runs.
        assertThat(beta(0).newVersion()).isBetween(beta(0).total() / 100, beta(0).total() / 4);
    }

    @Test
    @Order(2)
    void whatTheMeshRefusesIsShownWithItsReason() {
        within(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(output)
                        .anyMatch(line -> line.startsWith("refused orders NO_ROUTE: "))
                        .anyMatch(line ->
                                line.startsWith("refused storefront EGRESS_DENIED: ") && line.contains("ads.example"))
                        .anyMatch(line -> line.startsWith("refused storefront EGRESS_DENIED: ")
                                && line.contains("payments.local"))
                        .anyMatch(line ->
                                line.startsWith("refused storefront POLICY: ") && line.contains("orders.local")));
    }

    @Test
    @Order(2)
    void aServiceWithoutPermissionIsRefusedAuditedAndExplained() {
        within(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(output)
                        .contains(
                                "refused marketing no connection: POST to payments-v1 in plaintext",
                                "refused marketing no connection: POST to payments-v1 without a certificate",
                                "refused marketing POLICY: POST to payments-v1 with its own certificate")
                        .anyMatch(line -> line.contains("payments-v1: access denied"
                                        + " caller=\"spiffe://shop.local/shop/marketing\" callerNode=\"marketing\"")
                                && line.contains("path=\"/pay\""))
                        .anyMatch(line -> line.contains("mesh explain") && line.contains("--virtual-node marketing"))
                        .anyMatch(line -> line.contains("  refused: POLICY: ")
                                && line.contains("does not let virtualNode 'marketing' make this call")));
    }

    @Test
    @Order(3)
    void aBrokenEditIsReportedWithItsPlaceAndChangesNothingUntilItIsRepaired() throws IOException {
        int before = output.size();
        String good = edit("weight: 90", "weight: 190");

        within(Duration.ofSeconds(30))
                .until(() -> after(before).anyMatch(line -> line.contains("payments.yaml:14") && line.contains("190")));
        int reported = output.size();
        within(Duration.ofSeconds(60)).until(() -> beta(reported).total() >= 100);
        assertThat(beta(reported).oldVersion()).isGreaterThan(beta(reported).newVersion());

        int repaired = output.size();
        replace(mesh.resolve("payments.yaml"), good);

        within(Duration.ofSeconds(30))
                .until(() -> after(repaired)
                        .anyMatch(line ->
                                line.contains("all services: configuration in force") && line.endsWith("kept=0")));
    }

    @Test
    @Order(4)
    void anEditOfTheWeightsMovesTheTraffic() throws IOException {
        int before = output.size();
        edit(
                "payments-v1, weight: 90",
                "payments-v1, weight: 0",
                "payments-v2, weight: 10",
                "payments-v2, weight: 100");

        within(Duration.ofSeconds(30))
                .until(() -> after(before).anyMatch(line -> line.contains("all services: configuration in force")));
        int reported = output.size();
        // Calls of the two seconds before stand in the next line; from the one after it, everything goes to one side.
        within(Duration.ofSeconds(60))
                .until(() -> after(reported).filter(BETA.asMatchPredicate()).count() >= 3);
        List<String> lines =
                after(reported).filter(BETA.asMatchPredicate()).skip(1).toList();
        assertThat(lines)
                .allSatisfy(line -> assertThat(Beta.of(line).oldVersion()).isZero());
        assertThat(lines)
                .anySatisfy(line -> assertThat(Beta.of(line).newVersion()).isPositive());
    }

    @Test
    @Order(5)
    void oneOfTwoInstancesMayBeKilled() throws IOException {
        edit(
                "payments-v1, weight: 0",
                "payments-v1, weight: 100",
                "payments-v2, weight: 100",
                "payments-v2, weight: 0");
        int edited = output.size();
        within(Duration.ofSeconds(60)).until(() -> beta(edited).oldVersion() >= 100);
        ProcessHandle killed = shop.descendants()
                .filter(process -> String.join(" ", process.info().arguments().orElse(new String[0]))
                        .endsWith("payments.jar v1"))
                .findFirst()
                .orElseThrow();
        int before = output.size();

        assertThat(killed.destroyForcibly()).isTrue();

        within(Duration.ofSeconds(30))
                .until(() ->
                        after(before).anyMatch(line -> line.contains("payments-v1") && line.contains(" ended with")));
        int ended = output.size();
        within(Duration.ofSeconds(60)).until(() -> beta(ended).oldVersion() >= 200);
        assertThat(after(before)).noneMatch(line -> line.startsWith("failed "));
    }

    @Test
    @Order(6)
    void noCustomerFailedAllDay() {
        assertThat(output).noneMatch(line -> line.startsWith("failed "));
    }

    @Test
    @Order(7)
    void everyProcessEndsWithTheShop() throws InterruptedException {
        List<ProcessHandle> services = shop.descendants().toList();
        // One was killed before, and one more renews the certificates.
        assertThat(services).hasSize(Service.ALL.size());

        // As Ctrl-C does, and other than Process.destroy, this leaves the pipe open: what the shop says last can be
        // read.
        shop.toHandle().destroy();

        assertThat(shop.waitFor(30, TimeUnit.SECONDS)).isTrue();
        reader.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(output).endsWith("stopped");
        assertThat(services).noneMatch(ProcessHandle::isAlive);
        assertThat(output).noneMatch(line -> line.endsWith("was killed"));
        assertThat(mesh.resolve(EndpointsFile.NAME)).doesNotExist();
    }

    private void read() {
        try (BufferedReader lines = shop.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces each text by the one after it, and returns the document as it was. */
    private String edit(String... changes) throws IOException {
        Path payments = mesh.resolve("payments.yaml");
        String before = Files.readString(payments);
        String text = before;
        for (int i = 0; i < changes.length; i += 2) {
            assertThat(text).contains(changes[i]);
            text = text.replace(changes[i], changes[i + 1]);
        }
        replace(payments, text);
        return before;
    }

    /** As an editor does it, beside and then moved into place: if the machine stands still meanwhile, nobody reads half of it. */
    private static void replace(Path document, String text) throws IOException {
        Path beside = Files.writeString(document.resolveSibling("." + document.getFileName() + ".new"), text);
        Files.move(beside, document, StandardCopyOption.ATOMIC_MOVE);
    }

    private ConditionFactory within(Duration limit) {
        return await().atMost(limit)
                .pollInterval(Duration.ofMillis(100))
                .failFast("the shop ended:\n" + String.join("\n", output), () -> !shop.isAlive());
    }

    private Stream<String> after(int position) {
        return output.stream().skip(position);
    }

    private Beta beta(int position) {
        return after(position)
                .filter(BETA.asMatchPredicate())
                .map(Beta::of)
                .reduce(
                        new Beta(0, 0),
                        (one, other) ->
                                new Beta(one.oldVersion() + other.oldVersion(), one.newVersion() + other.newVersion()));
    }

    /** Calls to the beta by who answered them. */
    private record Beta(long oldVersion, long newVersion) {
        static Beta of(String line) {
            Matcher matcher = BETA.matcher(line);
            assertThat(matcher.matches()).isTrue();
            return new Beta(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
        }

        long total() {
            return oldVersion + newVersion;
        }
    }
}
