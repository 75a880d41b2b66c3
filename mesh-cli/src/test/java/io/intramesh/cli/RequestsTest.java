package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RequestsTest {
    private static final String BETA =
            "{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":\"beta\","
                    + "\"targets\":[{\"virtualNode\":\"payments-v1\",\"weight\":90,\"port\":8081},"
                    + "{\"virtualNode\":\"payments-v2\",\"weight\":10,\"port\":8082}],\"gatewayRoute\":%s,"
                    + "\"forwardedHost\":%s,\"forwardedPath\":%s,\"refusal\":null}";

    @TempDir
    private Path folder;

    @Test
    void everyLineIsAnsweredInOrder() throws Exception {
        Run run = ask("""
                {"method":"GET","host":"payments.local","path":"/beta?id=1"}

                {"method":"POST","host":"payments.local","path":"/beta"}
                {"host":"payments.local","path":"/orders","port":8080}
                """);

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.lines())
                .containsExactly(
                        BETA.formatted("null", "\"payments.local\"", "\"/beta?id=1\""),
                        "{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":null,"
                                + "\"targets\":[],\"gatewayRoute\":null,\"forwardedHost\":\"payments.local\","
                                + "\"forwardedPath\":\"/beta\",\"refusal\":\"NO_ROUTE\"}",
                        "{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":\"orders\","
                                + "\"targets\":[{\"virtualNode\":\"payments-v1\",\"weight\":1,\"port\":8081},"
                                + "{\"virtualNode\":\"payments-v2\",\"weight\":0,\"port\":8082},"
                                + "{\"virtualNode\":\"elsewhere\",\"weight\":1,\"port\":null}],\"gatewayRoute\":null,"
                                + "\"forwardedHost\":\"payments.local\",\"forwardedPath\":\"/orders\","
                                + "\"refusal\":null}");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aLineThatCannotBeAnsweredLeavesTheOthersAlone() throws Exception {
        Run run = ask("""
                {"host":"payments.local","path":"/beta"}
                {"host":
                {"host":"payments.local","virtualNode":"nobody"}
                {"virtualGateway":"nowhere","host":"a"}
                {"host":"payments.local","path":"/beta"}
                """);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines()).hasSize(5);
        assertThat(run.lines().get(0)).isEqualTo(run.lines().get(4)).contains("\"route\":\"beta\"");
        assertThat(run.lines().get(1)).startsWith("{\"error\":\"line 2: no JSON");
        assertThat(run.lines().get(2)).startsWith("{\"error\":\"line 3: ").contains("nobody");
        assertThat(run.lines().get(3)).startsWith("{\"error\":\"line 4: ").contains("nowhere");
    }

    @Test
    void whatIsAbsentIsLeftOpen() throws Exception {
        Run run = ask("{\"host\":\"payments.local\"}\n{\"host\":\"payments.local\",\"method\":\"PUT\"}\n");

        assertThat(run.lines())
                .containsExactly(
                        BETA.formatted("null", "\"payments.local\"", "null"),
                        // No path holds for /orders; the method PUT does not for beta.
                        "{\"virtualService\":\"payments.local\",\"virtualRouter\":\"payments\",\"route\":\"orders\","
                                + "\"targets\":[{\"virtualNode\":\"payments-v1\",\"weight\":1,\"port\":8081},"
                                + "{\"virtualNode\":\"payments-v2\",\"weight\":0,\"port\":8082},"
                                + "{\"virtualNode\":\"elsewhere\",\"weight\":1,\"port\":null}],\"gatewayRoute\":null,"
                                + "\"forwardedHost\":\"payments.local\",\"forwardedPath\":null,\"refusal\":null}");
    }

    @Test
    void aGatewayMatchesOnTheOutsideHostAndRewrites() throws Exception {
        Run run = ask("""
                {"virtualGateway":"front","host":"shop.example.com","path":"/pay/beta?x=1"}
                {"virtualGateway":"front","host":"a.example.org","path":"/beta/y"}
                {"virtualGateway":"front","host":"elsewhere.example.com","path":"/pay/beta"}
                """);

        assertThat(run.lines().get(0)).isEqualTo(BETA.formatted("\"pay\"", "\"payments.local\"", "\"/beta?x=1\""));
        assertThat(run.lines().get(1)).isEqualTo(BETA.formatted("\"plain\"", "\"a.example.org\"", "\"/beta/y\""));
        assertThat(run.lines().get(2))
                .isEqualTo("{\"virtualService\":null,\"virtualRouter\":null,\"route\":null,\"targets\":[],"
                        + "\"gatewayRoute\":null,\"forwardedHost\":\"elsewhere.example.com\","
                        + "\"forwardedPath\":\"/pay/beta\",\"refusal\":\"NO_ROUTE\"}");
    }

    @Test
    void atAGatewayAnyHostIsOneThatEveryConditionTakes() throws Exception {
        Run run = ask("""
                {"virtualGateway":"front","path":"/pay/beta"}
                {"virtualGateway":"front","path":"/beta"}
                {"virtualGateway":"front","path":"/nothing"}
                """);

        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.lines().get(0)).isEqualTo(BETA.formatted("\"pay\"", "\"payments.local\"", "\"/beta\""));
        assertThat(run.lines().get(1)).isEqualTo(BETA.formatted("\"plain\"", "null", "\"/beta\""));
        assertThat(run.lines().get(2)).contains("\"gatewayRoute\":null,\"forwardedHost\":null", "NO_ROUTE");
    }

    @Test
    void aGrpcCallIsFoundByServiceAndMethod() throws Exception {
        Run run = ask("""
                {"host":"stock.local","grpc":{"service":"shop.Stock","method":"Reserve"}}
                {"host":"stock.local","grpc":{"service":"shop.Stock","method":"Release"}}
                {"host":"stock.local","grpc":{"service":"shop.Stock"}}
                {"host":"stock.local","grpc":{"service":"shop.Audit"}}
                {"host":"stock.local","grpc":{"method":"Reserve"}}
                {"host":"stock.local","grpc":{"method":"Write"}}
                {"host":"stock.local","protocol":"grpc"}
                """);

        assertThat(run.exitCode()).as(run.out()).isZero();
        List<String> lines = run.lines();
        assertThat(lines.get(0)).contains("\"route\":\"reserve\"", "\"forwardedPath\":\"/shop.Stock/Reserve\"");
        assertThat(lines.get(1)).contains("\"route\":null", "NO_ROUTE");
        assertThat(lines.get(2)).contains("\"route\":\"reserve\"", "\"forwardedPath\":\"/shop.Stock/Reserve\"");
        assertThat(lines.get(3)).contains("\"route\":\"audit\"", "\"forwardedPath\":null");
        assertThat(lines.get(4)).contains("\"route\":\"reserve\"", "\"forwardedPath\":\"/shop.Stock/Reserve\"");
        assertThat(lines.get(5)).contains("\"route\":\"audit\"", "\"forwardedPath\":\"/shop.Audit/Write\"");
        assertThat(lines.get(6)).contains("\"route\":\"reserve\"", "\"forwardedPath\":null");
    }

    @Test
    void aFileIsReadLikeStandardInput() throws Exception {
        Path requests = Files.writeString(folder.resolve("requests.jsonl"), "{\"host\":\"payments.local\"}");

        Run file = Run.mesh("explain", "--registry", Shop.in(folder), "--requests", requests.toString());

        assertThat(file).isEqualTo(ask("{\"host\":\"payments.local\"}"));
    }

    @Test
    void aRequestsFileThatIsNotThereIsBadInput() throws Exception {
        Run run = Run.mesh("explain", "--registry", Shop.in(folder), "--requests", "/no/such.jsonl");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--requests /no/such.jsonl: no such file");
    }

    @Test
    void aForeignKeyIsReportedOnce() throws Exception {
        Run run = ask("{\"host\":\"payments.local\",\"id\":1}\n{\"host\":\"payments.local\",\"id\":2}\n");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines()).hasSize(2);
        assertThat(run.err().lines()).containsExactly("line 1: the key 'id' is unknown and counts for nothing");
    }

    @Test
    void aLineMayNameItsMesh() throws Exception {
        Shop.withAnotherMesh(folder);

        Run run = ask("""
                {"mesh":"other","host":"payments.local"}
                {"host":"web.local"}
                {"host":"payments.local"}
                """);

        assertThat(run.lines().get(0)).contains("\"virtualNode\":\"web\"");
        assertThat(run.lines().get(1)).contains("\"virtualNode\":\"web\"");
        assertThat(run.lines().get(2)).startsWith("{\"error\":\"line 3: mesh: none is named");
    }

    private Run ask(String lines) throws Exception {
        return Run.meshReading(lines, "explain", "--registry", Shop.in(folder), "--requests", "-");
    }
}
