package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JsonRequestTest {

    @Test
    void everyKeyIsRead() throws Exception {
        ExplainRequest request = parse("""
                {"protocol":"http2","method":"POST","scheme":"https","host":"a.local","port":9090,"path":"/x?b=1&c",
                 "headers":{"X-User":"7","n":1},"mesh":"m","virtualGateway":"g","virtualNode":"n"}""");

        assertThat(request)
                .isEqualTo(ExplainRequest.builder("a.local")
                        .protocol(Protocol.HTTP2)
                        .method("POST")
                        .scheme("https")
                        .port(9090)
                        .path("/x?b=1&c")
                        .header("x-user", "7")
                        .header("n", "1")
                        .mesh("m")
                        .virtualGateway("g")
                        .virtualNode("n")
                        .build());
    }

    @Test
    void absentKeysAndNullLeaveThingsOpen() throws Exception {
        ExplainRequest open = ExplainRequest.builder("a.local").build();

        assertThat(parse("{\"host\":\"a.local\"}")).isEqualTo(open);
        assertThat(parse("""
                        {"host":"a.local","protocol":null,"method":null,"scheme":null,"port":null,"path":null,
                         "headers":null,"virtualGateway":null,"virtualNode":null,"grpc":null}""")).isEqualTo(open);
        assertThat(open.port()).isEqualTo(-1);
        assertThat(open.path()).isNull();
        assertThat(open.method()).isNull();
    }

    @Test
    void theMeshOfTheCommandLineStandsWhereTheLineNamesNone() throws Exception {
        assertThat(parse("{\"host\":\"a.local\"}", "given").mesh()).isEqualTo("given");
        assertThat(parse("{\"host\":\"a.local\",\"mesh\":\"own\"}", "given").mesh())
                .isEqualTo("own");
    }

    @Test
    void aHostMayCarryThePort() throws Exception {
        ExplainRequest request = parse("{\"host\":\"a.local:8080\"}");

        assertThat(request.host()).isEqualTo("a.local");
        assertThat(request.port()).isEqualTo(8080);
        assertThat(request.isPortImplied()).isFalse();
        assertThat(parse("{\"host\":\"a.local:8080\",\"port\":8080}")).isEqualTo(request);
        assertRefused("{\"host\":\"a.local:8080\",\"port\":9090}", "name the port once");
    }

    @Test
    void aHeaderMayHaveSeveralLines() throws Exception {
        assertThat(parse("{\"host\":\"a.local\",\"headers\":{\"a\":[\"1\",\"2\"],\"b\":true}}")
                        .headers())
                .containsEntry("a", "1,2")
                .containsEntry("b", "true");
    }

    @Test
    void aGrpcCallHasThePathOfItsServiceAndMethod() throws Exception {
        ExplainRequest request = parse("{\"host\":\"a.local\",\"grpc\":{\"service\":\"p.S\",\"method\":\"M\"}}");

        assertThat(request.path()).isEqualTo("/p.S/M");
        assertThat(request.protocol()).isEqualTo(Protocol.GRPC);
        assertThat(parse("{\"host\":\"a.local\",\"protocol\":\"grpc\",\"path\":\"/p.S/M\"}")
                        .path())
                .isEqualTo("/p.S/M");
        assertThat(parse("{\"host\":\"a.local\",\"protocol\":\"grpc\",\"grpc\":{}}")
                        .path())
                .isNull();
    }

    @Test
    void halfOfAGrpcCallMayStayOpen() throws Exception {
        Question anyMethod = question("{\"host\":\"a.local\",\"grpc\":{\"service\":\"p.S\"}}", null);
        Question anyService = question("{\"host\":\"a.local\",\"grpc\":{\"method\":\"M\"}}", null);

        assertThat(anyMethod.request().path()).isNull();
        assertThat(anyMethod.grpcService()).isEqualTo("p.S");
        assertThat(anyMethod.grpcMethod()).isNull();
        assertThat(anyService.grpcService()).isNull();
        assertThat(anyService.grpcMethod()).isEqualTo("M");
    }

    @Test
    void atAGatewayTheHostMayStayOpen() throws Exception {
        assertThat(parse("{\"virtualGateway\":\"g\",\"port\":80}").host()).isEmpty();
        assertThat(parse("{\"virtualGateway\":\"g\",\"port\":80}").port()).isEqualTo(80);
    }

    @Test
    void aGrpcCallThatContradictsItselfIsRefused() {
        assertRefused("{\"host\":\"a\",\"grpc\":{\"service\":\"a/b\"}}", "without '/'");
        assertRefused("{\"host\":\"a\",\"protocol\":\"http\",\"grpc\":{\"service\":\"S\"}}", "do not go together");
        assertRefused(
                "{\"host\":\"a\",\"path\":\"/x\",\"grpc\":{\"service\":\"S\",\"method\":\"M\"}}",
                "path: '/x' and grpc name different calls");
    }

    @Test
    void aKeyThatNearlyIsOneOfOursIsRefused() {
        assertRefused(
                "{\"host\":\"a\",\"virtualnode\":\"n\"}", "unknown key 'virtualnode'; did you mean 'virtualNode'?");
        assertRefused("{\"host\":\"a\",\"grpc\":{\"Service\":\"n\"}}", "did you mean 'service'?");
    }

    @Test
    void aForeignKeyIsPassedOverAndReported() throws Exception {
        List<String> foreign = new ArrayList<>();

        Question question =
                JsonRequest.parse("{\"id\":{\"a\":[1]},\"host\":\"a.local\",\"comment\":\"x\"}", null, foreign::add);

        assertThat(question.request().host()).isEqualTo("a.local");
        assertThat(foreign).containsExactly("id", "comment");
    }

    @Test
    void whatIsNoRequestIsRefused() {
        assertRefused("", "no object");
        assertRefused("[]", "no object");
        assertRefused("\"x\"", "no object");
        assertRefused("{\"host\":\"a\"", "no JSON");
        assertRefused("{\"host\":\"a\"} {}", "one object on each line");
        assertRefused("{\"host\":\"a\",\"host\":\"b\"}", "no JSON: Duplicate");
        assertRefused("{}", "host: none");
        assertRefused("{\"host\":\"\"}", "host: empty");
        assertRefused("{\"host\":7}", "host: 7 (expected: a string)");
        assertRefused("{\"host\":\"a\",\"method\":{}}", "method: an object (expected: a string)");
        assertRefused("{\"host\":\"a\",\"port\":\"80\"}", "port: '80' (expected: a whole number)");
        assertRefused("{\"host\":\"a\",\"port\":0}", "port: 0 (expected: 1 to 65535)");
        assertRefused("{\"host\":\"a\",\"port\":99999999999}", "port: 99999999999 (expected");
        assertRefused("{\"host\":\"a\",\"path\":\"x\"}", "starts with '/'");
        assertRefused("{\"host\":\"a\",\"scheme\":\"ftp\"}", "scheme: 'ftp'");
        assertRefused("{\"host\":\"a\",\"protocol\":\"HTTP\"}", "protocol: 'HTTP'");
        assertRefused("{\"host\":\"a\",\"headers\":[]}", "headers: a list (expected: an object)");
        assertRefused("{\"host\":\"a\",\"headers\":{\"x\":null}}", "headers.x: null");
        assertRefused("{\"host\":\"a\",\"headers\":{\"x\":[[]]}}", "headers.x: a list");
    }

    private static ExplainRequest parse(String line) throws BadInputException {
        return parse(line, null);
    }

    private static ExplainRequest parse(String line, @Nullable String mesh) throws BadInputException {
        return question(line, mesh).request();
    }

    private static Question question(String line, @Nullable String mesh) throws BadInputException {
        return JsonRequest.parse(line.replace("\n", ""), mesh, key -> {
            throw new AssertionError("foreign key " + key);
        });
    }

    private static void assertRefused(String line, String message) {
        assertThatThrownBy(() -> JsonRequest.parse(line, null, key -> {}))
                .as(line)
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }
}
