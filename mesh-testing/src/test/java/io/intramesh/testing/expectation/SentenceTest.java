package io.intramesh.testing.expectation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.Reason;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Protocol;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SentenceTest {

    @Test
    void aSentenceNamesCallerCallAndShare() {
        Expectation expectation =
                Expectation.parse("orders calling GET http://payments.local/beta/x?id=1 goes 10 % to payments-v2");

        ExplainRequest request = expectation.request();
        assertThat(request.virtualNode()).isEqualTo("orders");
        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.scheme()).isEqualTo("http");
        assertThat(request.host()).isEqualTo("payments.local");
        assertThat(request.port()).isEqualTo(80);
        assertThat(request.isPortImplied()).isTrue();
        assertThat(request.path()).isEqualTo("/beta/x");
        assertThat(request.query()).isEqualTo("id=1");
        assertThat(expectation.claims()).containsExactly(new Claim.GoesTo(List.of(share("10", "payments-v2")), false));
    }

    @Test
    void withoutAPercentAllCallsAreMeant() {
        assertThat(claims("goes to payments-v1"))
                .containsExactly(new Claim.GoesTo(List.of(share("100", "payments-v1")), false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "goes 90 % to a and 10 % to b",
                "goes 90% to a, 10% to b",
                "goes 90 percent to a, and 10 percent to b.",
                "GOES 90 % TO a AND 10 % TO b ."
            })
    void severalSharesAreWrittenInSeveralWays(String words) {
        assertThat(claims(words)).containsExactly(new Claim.GoesTo(List.of(share("90", "a"), share("10", "b")), false));
    }

    @Test
    void theRestMayGoElsewhere() {
        assertThat(claims("goes 50 % to a, 30 % to b and the rest elsewhere, by route r"))
                .containsExactly(
                        new Claim.GoesTo(List.of(share("50", "a"), share("30", "b")), true), new Claim.TakesRoute("r"));
    }

    @Test
    void aTargetMayNameItsPort() {
        assertThat(claims("goes to a:8080"))
                .containsExactly(new Claim.GoesTo(List.of(new Share(BigDecimal.valueOf(100), "a", 8080)), false));
    }

    @Test
    void aRefusalMayNameItsReason() {
        assertThat(claims("is refused")).containsExactly(new Claim.IsRefused(null));
        for (Reason reason : Reason.values()) {
            assertThat(claims("is refused: " + reason)).containsExactly(new Claim.IsRefused(reason));
        }
    }

    @Test
    void everythingElseThatCanBeClaimed() {
        assertThat(claims("leaves the mesh")).containsExactly(new Claim.LeavesTheMesh());
        assertThat(claims("passes through")).containsExactly(new Claim.LeavesTheMesh());
        assertThat(
                        claims(
                                "takes route beta, times out after 2 s, times out when idle for 5 min and retries at most 2 times"))
                .containsExactly(
                        new Claim.TakesRoute("beta"),
                        new Claim.TimesOutAfter(Duration.ofSeconds(2), false),
                        new Claim.TimesOutAfter(Duration.ofMinutes(5), true),
                        new Claim.RetriesAtMost(2));
        assertThat(claims("never times out, never times out when idle, retries at most 1 time"))
                .containsExactly(
                        new Claim.TimesOutAfter(Duration.ZERO, false),
                        new Claim.TimesOutAfter(Duration.ZERO, true),
                        new Claim.RetriesAtMost(1));
        assertThat(claims("takes gateway route pay, as payments.local /"))
                .containsExactly(new Claim.TakesGatewayRoute("pay"), new Claim.IsForwardedAs("payments.local", "/"));
        assertThat(claims("as payments.local/x?y=1"))
                .containsExactly(new Claim.IsForwardedAs("payments.local", "/x?y=1"));
        assertThat(claims("as /x")).containsExactly(new Claim.IsForwardedAs(null, "/x"));
        assertThat(claims("as payments.local, by route r"))
                .containsExactly(new Claim.IsForwardedAs("payments.local", null), new Claim.TakesRoute("r"));
    }

    @Test
    void anyoneOrAGatewayMayCall() {
        ExplainRequest anyone =
                Expectation.parse("anyone calling http://a.local/ is refused").request();
        ExplainRequest gateway = Expectation.parse(
                        "through gateway front calling GET https://shop.example.com/pay/ goes to a")
                .request();
        ExplainRequest quoted =
                Expectation.parse("'anyone' calling http://a.local/ is refused").request();

        assertThat(anyone.virtualNode()).isNull();
        assertThat(anyone.method()).isNull();
        assertThat(gateway.virtualGateway()).isEqualTo("front");
        assertThat(gateway.virtualNode()).isNull();
        assertThat(gateway.scheme()).isEqualTo("https");
        assertThat(gateway.port()).isEqualTo(443);
        assertThat(quoted.virtualNode()).isEqualTo("anyone");
    }

    @Test
    void headersStandBehindTheCall() {
        Map<String, String> headers = Expectation.parse("orders calling GET http://a.local/ with headers x-user: 7,"
                        + " x-shop: \"a b, c\" and x-t:yes, goes to a")
                .request()
                .headers();

        assertThat(headers)
                .containsOnly(Map.entry("x-user", "7"), Map.entry("x-shop", "a b, c"), Map.entry("x-t", "yes"));
    }

    @Test
    void theCallMayLeaveThingsOpen() {
        ExplainRequest bare =
                Expectation.parse("orders calling payments /admin is refused").request();

        assertThat(bare.host()).isEqualTo("payments");
        assertThat(bare.path()).isEqualTo("/admin");
        assertThat(bare.method()).isNull();
        assertThat(bare.scheme()).isNull();
        assertThat(bare.port()).isEqualTo(-1);
    }

    @Test
    void aPortIsTakenAsItIsWritten() {
        ExplainRequest request =
                Expectation.parse("orders calling [::1]:8080/x is refused").request();

        assertThat(request.host()).isEqualTo("[::1]");
        assertThat(request.port()).isEqualTo(8080);
        assertThat(request.isPortImplied()).isFalse();
    }

    @Test
    void otherProtocolsAreNamed() {
        ExplainRequest grpc = Expectation.parse("a calling grpc stock.local:9000 shop.Stock/Reserve is refused")
                .request();
        ExplainRequest joined = Expectation.parse("a calling grpc stock.local/shop.Stock/Reserve is refused")
                .request();
        ExplainRequest open =
                Expectation.parse("a calling grpc stock.local is refused").request();
        ExplainRequest tcp =
                Expectation.parse("a calling tcp ledger.local:5432 is refused").request();
        ExplainRequest http2 = Expectation.parse("a calling http2 GET http://x.local/ is refused")
                .request();

        assertThat(grpc.protocol()).isEqualTo(Protocol.GRPC);
        assertThat(grpc.port()).isEqualTo(9000);
        assertThat(grpc.path()).isEqualTo("/shop.Stock/Reserve");
        assertThat(joined.path()).isEqualTo("/shop.Stock/Reserve");
        assertThat(open.path()).isNull();
        assertThat(tcp.protocol()).isEqualTo(Protocol.TCP);
        assertThat(tcp.path()).isNull();
        assertThat(http2.protocol()).isEqualTo(Protocol.HTTP2);
    }

    @Test
    void outsideTheMeshIsSaidBehindTheCall() {
        assertThat(Expectation.parse("a calling http://x.com/ outside the mesh leaves the mesh")
                        .isOutside())
                .isTrue();
        assertThat(Expectation.parse("a calling http://x.com/ leaves the mesh").isOutside())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0 |  | the sentence ends here (expected: the name of a virtual node, anyone, or through gateway …)",
                "7 | orders caling GET http://a/ goes to b | 'caling' (expected: calling); did you mean 'calling'?",
                "0 | calling GET http://a/ goes to b | 'calling' (expected: the name of a virtual node",
                "8 | through gatway g calling GET http://a/ goes to b | did you mean 'gateway'?",
                "10 | a calling goes to b | 'goes' (expected: a URL",
                "10 | a calling get http://a/ goes to b | 'get' (expected: GET, in capitals)",
                "10 | a calling ftp://a/ goes to b | scheme 'ftp' (expected: http or https",
                "10 | a calling http://u@a/ goes to b | (expected: a host",
                "10 | a calling http://a:99999/ goes to b | port '99999' (expected: 1 to 65535)",
                "19 | a calling http://a/ | the sentence ends here (expected: goes …, is refused",
                "20 | a calling http://a/ goez to b | 'goez' (expected: goes …",
                "25 | a calling http://a/ goes b | 'b' (expected: to NODE, or a share such as 10 % to NODE)",
                "25 | a calling http://a/ goes 10 to b | '10' (expected: to NODE",
                "25 | a calling http://a/ goes 110 % to b | '110 %' (expected: 0 to 100",
                "25 | a calling http://a/ goes 60 % to b and 60 % to c | the shares make 120 % (expected: 100 %)",
                "25 | a calling http://a/ goes 60 % to b and 10 % to c | end with 'and the rest elsewhere'",
                "25 | a calling http://a/ goes 60 % to b and 40 % to b | 'b' is named twice; add its shares up",
                "32 | a calling http://a/ is refused: POLICI | did you mean 'POLICY'?",
                "32 | a calling http://a/ is refused, goes to b | a call either goes to a node, or is refused",
                "23 | a calling http://a/ is rejected | 'rejected' (expected: refused, allowed or denied)",
                "25 | a calling http://a/ with x-user: 7 goes to b | 'x-user:' (expected: header, headers, claim or claims)",
                "32 | a calling http://a/ with header x-user goes to b | 'x-user' (expected: a header, such as x-user: 7)",
                "32 | a calling http://a/ with header Host: b goes to b | the host is named by the URL",
                "30 | a calling http://a/ goes to b maybe | 'maybe' (expected: the end, or a comma",
                "30 | a calling http://a/ goes to b, | the sentence ends here (expected: goes …",
                "30 | a calling http://a/ goes to b goes to c | said twice; keep one",
                "36 | a calling http://a/ times out after soon | 'soon' (expected: a duration",
                "36 | a calling http://a/ times out after 0 s | never times out",
                "36 | a calling http://a/ retries at most two times | 'two' (expected: a number",
                "27 | a calling grpc stock.local Reserve | 'Reserve' (expected: service and method",
                "27 | a calling grpc stock.local a/b/c goes to d | 'a/b/c' (expected: service and method",
                "14 | a calling tcp a.local/x is refused | (expected: a host without a path)",
                "0 | \"orders calling GET http://a/ is refused | a quote that nothing closes"
            })
    void whatIsNotUnderstoodIsNamedWithItsPlace(int offset, String sentence, String message) {
        String text = sentence == null ? "" : sentence;

        assertThatThrownBy(() -> Sentence.parse(text)).isInstanceOfSatisfying(NotUnderstoodException.class, e -> {
            assertThat(e.getMessage()).contains(message);
            assertThat(e.offset()).isEqualTo(offset);
        });
    }

    @Test
    void thePublicDoorNamesSentenceAndCharacter() {
        assertThatThrownBy(() -> Expectation.parse("a caling http://a/ is refused"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'a caling http://a/ is refused', character 3: 'caling' (expected: calling)")
                .hasMessageContaining("for example: orders calling GET http://payments.local/beta");
    }

    @Test
    void noTextCrashesTheParser() {
        String[] words = {
            "orders", "calling", "GET", "http://a/", "goes", "to", "10", "%", "and", ",", "is", "refused", ":",
                    "POLICY",
            "with", "header", "x: 1", "\"", "'", ".", "through", "gateway", "as", "/", "grpc", "tcp", "times", "out",
            "after", "2 s", "retries", "at most", "the rest elsewhere", "", "\n", "999999999999999999999", "[", "é"
        };
        long seed = 20261121;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(14); length > 0; length--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextInt(8) == 0 ? "" : " ");
            }
            try {
                assertThat(Sentence.parse(text.toString()).claims()).isNotEmpty();
            } catch (NotUnderstoodException e) {
                assertThat(e.offset())
                        .as("seed %s, sentence %s: %s", seed, i, text)
                        .isBetween(0, text.length());
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static List<Claim> claims(String words) {
        return Expectation.parse("orders calling GET http://payments.local/ " + words)
                .claims();
    }

    private static Share share(String percent, String node) {
        return new Share(new BigDecimal(percent), node, null);
    }
}
