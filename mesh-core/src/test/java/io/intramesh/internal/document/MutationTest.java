package io.intramesh.internal.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Damaged documents: whatever is done to them, reading ends with problems at places, and never with an exception. */
final class MutationTest {
    private static final int ROUNDS = 20_000;

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
                    - { virtualNode: &v payments-v2, weight: ${WEIGHT:-10} }
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

    @Test
    void damagedDocumentsGiveProblemsAtPlacesAndNeverAnException() {
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            boolean json = random.nextBoolean();
            String name = json ? "a-gateway-route.json" : "a.yaml";
            byte[] content = damaged(ORIGINALS.get(json ? 1 : 0), random);

            ReadResult result = Read.reader().read(List.of(RawDocument.of(name, content)));

            for (Problem problem : result.problems()) {
                assertThat(problem.origin().file()).as("seed %s", seed).isEqualTo(name);
                assertThat(problem.origin().line())
                        .as("seed %s: %s", seed, problem)
                        .isPositive();
                assertThat(problem.origin().column())
                        .as("seed %s: %s", seed, problem)
                        .isPositive();
                assertThat(problem.message()).as("seed %s", seed).isNotBlank().doesNotContain("please report");
            }
            if (!result.refused().isEmpty() || !result.unreadable().isEmpty()) {
                assertThat(result.hasErrors())
                        .as("seed %s: a refusal says why", seed)
                        .isTrue();
            }
            assertThat(result.resources().ids()).as("seed %s", seed).noneMatch(result.refused()::contains);
        }
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
                    switch (random.nextInt(4)) {
                        case 0 -> before.substring(0, at);
                        case 1 ->
                            before.substring(0, at)
                                    + SPLINTERS.get(random.nextInt(SPLINTERS.size()))
                                    + before.substring(at);
                        case 2 ->
                            before.substring(0, at)
                                    + before.substring(Math.min(before.length(), at + 1 + random.nextInt(4)));
                        default -> lines.get(random.nextInt(lines.size()));
                    });
        }
        lines.forEach(line -> text.append(line).append('\n'));
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(10) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
