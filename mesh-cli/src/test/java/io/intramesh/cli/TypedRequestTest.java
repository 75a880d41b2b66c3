package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.explain.ExplainRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TypedRequestTest {

    @Test
    void aUrlGivesSchemeHostPortPathAndQuery() throws Exception {
        ExplainRequest request = parse("GET", "HTTPS://payments.local:8443/beta/x?id=1&u=http://a/#top");

        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.scheme()).isEqualTo("https");
        assertThat(request.host()).isEqualTo("payments.local");
        assertThat(request.port()).isEqualTo(8443);
        assertThat(request.isPortImplied()).isFalse();
        assertThat(request.path()).isEqualTo("/beta/x");
        assertThat(request.query()).isEqualTo("id=1&u=http://a/");
    }

    @Test
    void aSchemeImpliesItsPort() throws Exception {
        assertThat(parse("GET", "http://a.local/").port()).isEqualTo(80);
        assertThat(parse("GET", "https://a.local/").port()).isEqualTo(443);
        assertThat(parse("GET", "https://a.local/").isPortImplied()).isTrue();
    }

    @Test
    void withoutASchemeItAndThePortStayOpen() throws Exception {
        ExplainRequest request = parse("GET", "a.local/x?u=http://b.local/");

        assertThat(request.scheme()).isNull();
        assertThat(request.host()).isEqualTo("a.local");
        assertThat(request.port()).isEqualTo(-1);
        assertThat(request.path()).isEqualTo("/x");
        assertThat(request.query()).isEqualTo("u=http://b.local/");
    }

    @Test
    void noPathIsTheRoot() throws Exception {
        assertThat(parse("GET", "a.local").path()).isEqualTo("/");
        assertThat(parse("GET", "http://a.local?x=1").path()).isEqualTo("/");
        assertThat(parse("GET", "http://a.local?x=1").query()).isEqualTo("x=1");
    }

    @Test
    void anIpv6AddressKeepsItsBrackets() throws Exception {
        ExplainRequest request = parse("GET", "http://[2001:db8::1]:8080/");

        assertThat(request.host()).isEqualTo("[2001:db8::1]");
        assertThat(request.port()).isEqualTo(8080);
    }

    @Test
    void headersOfOneNameAreJoined() throws Exception {
        ExplainRequest request = TypedRequest.parse(
                        "GET", "a.local", List.of("X-User: 7", "x-user:8", "empty:", "when: 10:30"))
                .build();

        assertThat(request.header("x-user")).isEqualTo("7,8");
        assertThat(request.header("empty")).isEmpty();
        assertThat(request.header("when")).isEqualTo("10:30");
    }

    @Test
    void aMethodOfOnesOwnIsTakenAsItIs() throws Exception {
        assertThat(parse("PURGE", "a.local").method()).isEqualTo("PURGE");
        assertThat(parse("purge", "a.local").method()).isEqualTo("purge");
    }

    @Test
    void whatNoRequestCanCarryIsRefused() {
        assertRefused("get", "a.local", "(expected: GET, in capitals)");
        assertRefused("G T", "a.local", "METHOD: 'G T'");
        assertRefused("GET", "ftp://a.local/", "scheme 'ftp'");
        assertRefused("GET", "http:///x", "host: none");
        assertRefused("GET", "", "host: none");
        assertRefused("GET", "http://me@a.local/", "names a user");
        assertRefused("GET", "http://a.local:0/", "port: 0 (expected: 1 to 65535)");
        assertRefused("GET", "http://a.local:65536/", "port: 65536");
        assertRefused("GET", "http://a.local:x/", "port: x");
        assertRefused("GET", "http://a.local:/", "port:  (expected");
        assertRefused("GET", "http://::1/", "host: none");
        assertRefused("GET", "http://a b/", "host: 'a b'");
        assertRefused("GET", "a.local/x y", "blank or control character at 3 (expected: encoded, such as %20)");
    }

    @Test
    void aHeaderThatNoRequestCanCarryIsRefused() {
        assertHeaderRefused("x-user", "no colon");
        assertHeaderRefused(": 7", "header ''");
        assertHeaderRefused("x user: 7", "header 'x user'");
        assertHeaderRefused("x-user: a\nb", "control character");
        assertHeaderRefused("Host: b.local", "the host is named by the URL");
    }

    private static ExplainRequest parse(String method, String url) throws BadInputException {
        return TypedRequest.parse(method, url, List.of()).build();
    }

    private static void assertRefused(String method, String url, String message) {
        assertThatThrownBy(() -> parse(method, url))
                .as("%s %s", method, url)
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }

    private static void assertHeaderRefused(String header, String message) {
        assertThatThrownBy(() -> TypedRequest.parse("GET", "a.local", List.of(header)))
                .as(header)
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }
}
