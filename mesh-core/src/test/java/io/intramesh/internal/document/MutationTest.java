package io.intramesh.internal.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Damaged documents: whatever is done to them, reading ends with problems at places, and never with an exception. */
final class MutationTest {
    private static final int ROUNDS = 3_000;

    private static final List<String> ORIGINALS = List.of("""
            apiVersion: intramesh.io/v1
            kind: Route
            metadata: { mesh: shop, virtualRouter: payments, name: beta }
            spec:
              priority: 0
              httpRoute:
                match:
                  prefix: /beta
                  headers:
                    - { name: x-canary, match: { regex: "a|b" }, invert: true }
                action:
                  weightedTargets:
                    - { virtualNode: payments-v1, weight: 90 }
                    - { virtualNode: &v payments-v2, weight: "${WEIGHT:-10}" }
                retryPolicy: { maxRetries: 2, perRetryTimeout: { unit: s, value: 1 }, httpRetryEvents: [ server-error ] }
            ---
            apiVersion: intramesh.io/v1
            kind: VirtualNode
            metadata: { mesh: shop, name: payments-v1 }
            spec:
              listeners:
                - portMapping: { port: 8080, protocol: http }
                  tls: { mode: STRICT, certificate: { sds: { secretName: s } } }
              serviceDiscovery: { dns: { hostname: '{{ .Values.host }}' } }
            """, """
            {"virtualGateway": {"meshName": "shop", "virtualGatewayName": "front", "status": {"status": "ACTIVE"},
              "spec": {"listeners": [{"portMapping": {"port": 80, "protocol": "http2"},
                "connectionPool": {"http2": {"maxRequests": 10}}}]}}}
            {"spec": {"grpcRoute": {"match": {"serviceName": "a.B"},
              "action": {"target": {"virtualService": {"virtualServiceName": "s"}}, "rewrite": {"hostname":
              {"defaultTargetHostname": "DISABLED"}}}}}}
            """);

    private static final List<String> SPLINTERS = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ": ",
            ",",
            "\n",
            "\t",
            " ",
            "- ",
            "'",
            "\"",
            "*v",
            "&v ",
            "!x ",
            "${",
            "{{ ",
            " }}",
            "-1",
            "1e9",
            "null",
            "~",
            "\0",
            "\uFEFF",
            "é",
            "\\",
            "---\n",
            "#",
            "|",
            ">",
            "%",
            "?",
            "99999999999999999999",
            "<<: ");

    /** What stands in for a value: documents stay readable, and so the checks behind the parser are reached. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "0.5",
            "1e9",
            "99999999999999999999",
            "\"\"",
            "\"x\"",
            "\"${WEIGHT}\"",
            "[]",
            "{}",
            "[[1]]",
            "{\"unit\":\"s\"}",
            "{\"a\":[null]}",
            "\"\\u0001\"");

    private static final Pattern VALUE = Pattern.compile("(?<=: )[^\\s,{}\\[\\]]+(?=[ ,}\\]]|$)");
    private static final Pattern KEY = Pattern.compile("\\w+(?=\"?:)");

    @Test
    void theOriginalsAreSound() {
        // Damage to what is broken from the start never reaches the checks behind the parser.
        ReadResult yaml = Read.files("a.yaml", ORIGINALS.get(0).replace("{{ .Values.host }}", "h"));
        ReadResult json = Read.files(
                "a-gateway-route.json",
                ORIGINALS
                        .get(1)
                        .replace("grpcRoute", "http2Route")
                        .replace("\"serviceName\": \"a.B\"", "\"prefix\": \"/\""));

        assertThat(Read.errors(yaml)).isEmpty();
        assertThat(Read.errors(json)).isEmpty();
        assertThat(yaml.resources().size() + json.resources().size()).isEqualTo(4);
    }

    @Test
    void damagedDocumentsGiveProblemsAtPlacesAndNeverAnException() {
        RandomGeneratorFactory<RandomGenerator> generators = RandomGeneratorFactory.of("L64X128MixRandom");
        int parsed = 0;
        int accepted = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomGenerator random = generators.create(seed);
            boolean json = random.nextBoolean();
            String name = json ? "a-gateway-route.json" : "a.yaml";
            byte[] content = damaged(ORIGINALS.get(json ? 1 : 0), random);

            ReadResult result = Read.reader().read(List.of(RawDocument.of(name, content)));

            parsed += result.unreadable().isEmpty() ? 1 : 0;
            accepted += result.resources().size() == 0 ? 0 : 1;
            for (Problem problem : result.problems()) {
                boolean placed = problem.origin().file().equals(name)
                        && problem.origin().line() > 0
                        && problem.origin().column() > 0;
                if (!placed || problem.message().isBlank() || problem.message().contains("please report")) {
                    fail("seed %s: %s", seed, problem);
                }
            }
            if (!result.refused().isEmpty() || !result.unreadable().isEmpty()) {
                assertThat(result.hasErrors())
                        .as("seed %s: a refusal says why", seed)
                        .isTrue();
            }
            assertThat(result.resources().ids()).as("seed %s", seed).noneMatch(result.refused()::contains);
        }
        // Damage that the parser stops shows little of what lies behind it; damage that nobody minds shows nothing.
        assertThat(parsed).isBetween(ROUNDS / 3, ROUNDS * 9 / 10);
        assertThat(accepted).isBetween(ROUNDS / 10, ROUNDS * 3 / 4);
    }

    private static byte[] damaged(String original, RandomGenerator random) {
        List<String> lines = new ArrayList<>(original.lines().toList());
        StringBuilder text = new StringBuilder();
        int cuts = random.nextInt(1, 4);
        for (int i = 0; i < cuts; i++) {
            int line = random.nextInt(lines.size());
            String before = lines.get(line);
            int at = random.nextInt(before.length() + 1);
            lines.set(
                    line,
                    switch (random.nextInt(16)) {
                        case 0 -> before.substring(0, at);
                        case 1 ->
                            before.substring(0, at)
                                    + SPLINTERS.get(random.nextInt(SPLINTERS.size()))
                                    + before.substring(at);
                        case 2 ->
                            before.substring(0, at)
                                    + before.substring(Math.min(before.length(), at + 1 + random.nextInt(4)));
                        case 3 -> lines.get(random.nextInt(lines.size()));
                        case 4, 5 -> replaced(before, KEY, "otherMember", random);
                        default -> replaced(before, VALUE, VALUES.get(random.nextInt(VALUES.size())), random);
                    });
        }
        lines.forEach(line -> text.append(line).append('\n'));
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(10) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** Puts something else in the place of one of the matches, if there is any. */
    private static String replaced(String line, Pattern pattern, String by, RandomGenerator random) {
        List<MatchResult> matches = pattern.matcher(line).results().toList();
        if (matches.isEmpty()) {
            return line;
        }
        MatchResult match = matches.get(random.nextInt(matches.size()));
        return line.substring(0, match.start()) + by + line.substring(match.end());
    }
}
