package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.AccessPolicy.Caller;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.Kind;
import io.intramesh.model.PathMatch;
import io.intramesh.model.TargetRef;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicySuggestCommandTest {
    @TempDir
    private Path folder;

    private Path conf;
    private Path log;
    private Path out;

    @BeforeEach
    void writeShop() throws IOException {
        conf = Files.createDirectory(folder.resolve("conf"));
        Shop.in(conf);
        log = folder.resolve("audit.log");
        out = folder.resolve("seen.yaml");
    }

    @Test
    void whatWasSeenIsAllowedAndNothingElse() throws IOException {
        log(
                would("storefront", "POST", "/pay"),
                would("storefront", "POST", "/pay"),
                would("storefront", "GET", "/pay"),
                allowed("stock", "GET", "/orders/4711"),
                "12:00:00.000 INFO  io.intramesh.Mesh - configuration in force");

        Run run = suggest();

        assertThat(run.exitCode()).as(run.err()).isZero();
        AccessPolicy policy = policy();
        assertThat(policy.id().name()).isEqualTo("payments-v1-seen");
        assertThat(policy.targetRef()).isEqualTo(new TargetRef(Kind.VIRTUAL_NODE, "payments-v1", null));
        assertThat(policy.mode()).isEqualTo(AccessPolicy.Mode.ENFORCE);
        assertThat(policy.defaultDeny()).isTrue();
        assertThat(policy.rules())
                .extracting(
                        AccessPolicy.Rule::name,
                        AccessPolicy.Rule::callers,
                        AccessPolicy.Rule::methods,
                        AccessPolicy.Rule::paths)
                .containsExactly(
                        tuple(
                                "stock-GET",
                                List.of(new Caller.Node("stock")),
                                List.of(HttpMethod.GET),
                                List.of(new PathMatch.Regex("/orders/[^/]+"))),
                        tuple(
                                "storefront-GET-POST",
                                List.of(new Caller.Node("storefront")),
                                List.of(HttpMethod.GET, HttpMethod.POST),
                                List.of(new PathMatch.Exact("/pay"))));
        assertThat(Files.readString(out)).contains("# Allows what 4 calls showed, and nothing else.");
    }

    @Test
    void callersOfTheSameThingsShareARule() throws IOException {
        log(would("storefront", "GET", "/pay"), would("stock", "GET", "/pay"), would("stock", "PUT", "/pay"));

        suggest();

        assertThat(policy().rules())
                .extracting(AccessPolicy.Rule::callers, AccessPolicy.Rule::methods)
                .containsExactlyInAnyOrder(
                        tuple(List.of(new Caller.Node("storefront")), List.of(HttpMethod.GET)),
                        tuple(List.of(new Caller.Node("stock")), List.of(HttpMethod.GET, HttpMethod.PUT)));

        Files.delete(out);
        log(would("storefront", "GET", "/pay"), would("stock", "GET", "/pay"));
        suggest();

        assertThat(policy().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.callers())
                        .containsExactly(new Caller.Node("stock"), new Caller.Node("storefront")));
    }

    @Test
    void whatWasDeniedStaysDenied() throws IOException {
        log(
                would("storefront", "GET", "/orders/1"),
                denied("storefront", "GET", "/orders/2", "-"),
                denied("storefront", "GET", "/admin", "\"no-admin\""),
                would("storefront", "GET", "/admin"),
                wouldByRule("storefront", "GET", "/books", "\"no-books\""));

        Run run = suggest();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        "left out: payments-v1: storefront GET /admin: denied by rule 'no-admin' of 'payments'",
                        "storefront GET /books: denied by rule 'no-books'",
                        "storefront GET /orders/2: denied by the default of 'payments'",
                        "--include-denied");
        // The open segment would have taken what was denied, so that it is not open.
        assertThat(policy().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.paths()).containsExactly(new PathMatch.Exact("/orders/1")));

        Files.delete(out);
        assertThat(suggest("--include-denied").exitCode()).isZero();
        assertThat(policy().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.paths())
                        .containsExactlyInAnyOrder(
                                new PathMatch.Regex("/orders/[^/]+"),
                                new PathMatch.Exact("/admin"),
                                new PathMatch.Exact("/books")));
    }

    @Test
    void aNodeOfWhichEverythingWasDeniedGetsNoPolicy() throws IOException {
        log(denied("storefront", "GET", "/admin", "-"), would("storefront", "GET", "/admin"));

        Run run = suggest();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("whatever called it was refused as well");
        assertThat(read().resources().size()).isZero();
    }

    @Test
    void aCallerWithoutAnIdentityIsAllowedOnlyWhereThatIsAsked() throws IOException {
        log(
                would("storefront", "GET", "/pay"),
                line("access would be denied", "-", "-", "GET", "/open", "-", "POLICY"));

        Run run = suggest();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("nobody GET /open: a caller that proved no identity", "--allow-anonymous");
        assertThat(policy().rules()).hasSize(1);

        Files.delete(out);
        suggest("--allow-anonymous");
        assertThat(policy().rules())
                .anySatisfy(rule -> assertThat(rule)
                        .extracting(AccessPolicy.Rule::name, AccessPolicy.Rule::callers, AccessPolicy.Rule::paths)
                        .containsExactly("anyone-GET", List.of(), List.of(new PathMatch.Exact("/open"))));
    }

    @Test
    void aCallerOutsideTheMeshIsNamedByItsSpiffeId() throws IOException {
        log(
                line(
                        "access would be denied",
                        "\"spiffe://other.example/batch/job\"",
                        "-",
                        "GET",
                        "/pay",
                        "-",
                        "POLICY"),
                line("access would be denied", "\"legacy.example\"", "-", "GET", "/pay", "-", "POLICY"));

        Run run = suggest();

        assertThat(run.err()).contains("legacy.example GET /pay: a caller that is neither a virtual node nor");
        assertThat(policy().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.callers())
                        .containsExactly(new Caller.SpiffeId("spiffe://other.example/batch/job")));
    }

    @Test
    void whatCannotBeReadWithCertaintyIsLeftOut() throws IOException {
        log(
                would("storefront", "GET", "/pay"),
                would("storefront", "GET", "/a/../admin"),
                would("storefront", "GET", "/a%2fb"),
                would("storefront", "GET", "/a;x=1"),
                would("storefront", "GET", "/" + "a".repeat(511) + "..."),
                would("storefront", "BREW", "/pot"));

        Run run = suggest();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines().filter(line -> line.contains("read in more than one way")))
                .hasSize(4);
        assertThat(run.err()).contains("BREW /pot: a method that no rule can name");
        assertThat(policy().rules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.paths()).containsExactly(new PathMatch.Exact("/pay")));
    }

    @Test
    void aNodeThatTheConfigurationLacksIsLeftOut() throws IOException {
        log(would("storefront", "GET", "/pay").replace("payments-v1", "elsewhere"));

        Run run = suggest();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("elsewhere: no virtual node of " + conf);
    }

    @Test
    void policiesInShadowAndNamesThatAreFree() throws IOException {
        log(would("storefront", "GET", "/pay"));
        suggest("--shadow");
        Files.move(out, conf.resolve("seen.yaml"));

        Run run = Run.mesh("policy", "suggest", "--config", conf.toString(), log.toString());

        assertThat(Files.readString(conf.resolve("seen.yaml"))).contains("mode: SHADOW");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("name: payments-v1-seen-2", "mode: ENFORCE");
    }

    @Test
    void nothingIsOverwrittenAndALogWithoutAnAuditIsNoAnswer() throws IOException {
        log("12:00:00.000 INFO  io.intramesh.Mesh - configuration in force");
        assertThat(suggest().exitCode()).isEqualTo(2);
        assertThat(suggest().err()).contains("no line of the audit log", "audit: ALL");
        Files.writeString(out, "mine");
        assertThat(suggest().err()).contains("is there already");
        assertThat(out).hasContent("mine");
    }

    @Test
    void aLogMayComeThroughAPipe() {
        Run run = Run.meshReading(
                would("storefront", "GET", "/pay") + "\n", "policy", "suggest", "--config", conf.toString(), "-");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("virtualNode: storefront");
    }

    private Run suggest(String... more) {
        List<String> words = new ArrayList<>(
                List.of("policy", "suggest", "--config", conf.toString(), log.toString(), "-o", out.toString()));
        words.addAll(List.of(more));
        return Run.mesh(words.toArray(String[]::new));
    }

    private AccessPolicy policy() throws IOException {
        ReadResult result = read();
        assertThat(result.problems()).noneMatch(Problem::isError);
        return (AccessPolicy) result.resources().all().iterator().next();
    }

    private ReadResult read() throws IOException {
        return DocumentReader.builder().environment(Map.of()).build().read(FileRegistry.documents(out));
    }

    private void log(String... lines) throws IOException {
        Files.write(log, List.of(lines));
    }

    private static String allowed(String node, String method, String path) {
        return line("access allowed", id(node), '"' + node + '"', method, path, "\"some\"", "-");
    }

    private static String would(String node, String method, String path) {
        return line("access would be denied", id(node), '"' + node + '"', method, path, "-", "POLICY");
    }

    private static String wouldByRule(String node, String method, String path, String rule) {
        return line("access would be denied", id(node), '"' + node + '"', method, path, rule, "POLICY");
    }

    private static String denied(String node, String method, String path, String rule) {
        return line("access denied", id(node), '"' + node + '"', method, path, rule, "POLICY");
    }

    private static String id(String node) {
        return "\"spiffe://shop.local/shop/" + node + '"';
    }

    private static String line(
            String event, String caller, String node, String method, String path, String rule, String reason) {
        return "12:00:01.123 INFO  io.intramesh.audit - " + event + " caller=" + caller + " callerNode=" + node
                + " callee=\"payments-v1\" port=8081 method=\"" + method + "\" path=\"" + path
                + "\" policy=\"payments\" rule=" + rule + " mode=" + (event.contains("would") ? "SHADOW" : "ENFORCE")
                + " reason=" + reason + " revision=3 requestId=\"r\"";
    }
}
