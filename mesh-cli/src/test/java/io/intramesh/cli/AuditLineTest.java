package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AuditLineTest {
    private static final String LINE = "access denied caller=\"spiffe://shop.local/shop/storefront\""
            + " callerNode=\"storefront\" callee=\"payments\" port=8083 method=\"POST\" path=\"/pay\" policy=\"payments\""
            + " rule=\"no-admin\" mode=ENFORCE reason=POLICY revision=7 requestId=\"4f\"";

    @Test
    void everyPartIsRead() {
        assertThat(AuditLine.parse(LINE))
                .isEqualTo(new AuditLine(
                        AuditLine.Event.DENIED,
                        "spiffe://shop.local/shop/storefront",
                        "storefront",
                        "payments",
                        "POST",
                        "/pay",
                        "payments",
                        "no-admin",
                        "POLICY"));
    }

    @Test
    void whatStandsBeforeItAndBehindItDoesNotMatter() {
        for (String line : List.of(
                "12:00:01.123 INFO  io.intramesh.audit - " + LINE,
                "2026-11-21T12:00:01Z pod/orders-1 [exec-3] INFO io.intramesh.audit access log: " + LINE,
                LINE + " newKey=\"later\"")) {
            assertThat(AuditLine.parse(line))
                    .as(line)
                    .isEqualTo(AuditLine.parse(LINE))
                    .isNotNull();
        }
    }

    @Test
    void aDashIsNothing() {
        AuditLine line = AuditLine.parse("access allowed caller=- callerNode=- callee=\"a\" port=80 method=- path=-"
                + " policy=- rule=- mode=ENFORCE reason=- revision=1 requestId=-");

        assertThat(line)
                .isEqualTo(new AuditLine(AuditLine.Event.ALLOWED, null, null, "a", null, null, null, null, null));
    }

    @Test
    void escapesAreUndone() {
        AuditLine line = AuditLine.parse(LINE.replace("\"/pay\"", "\"/a\\\"b\\\\c\\u00e4\\u000a\""));

        assertThat(line).isNotNull();
        assertThat(line.path()).isEqualTo("/a\"b\\cä\n");
    }

    /** Within the quotes of a real line there can be no second one, for quotes are escaped there. */
    @Test
    void aPathThatLooksLikeALineIsAPath() {
        AuditLine line = AuditLine.parse(LINE.replace(
                "\"/pay\"", "\"/x\\\" policy=- access allowed caller=\\\"spiffe://shop.local/shop/evil\\\"\""));

        assertThat(line).isNotNull();
        assertThat(line.callerNode()).isEqualTo("storefront");
        assertThat(line.event()).isEqualTo(AuditLine.Event.DENIED);
    }

    @Test
    void otherLinesAreNone() {
        for (String line : List.of(
                "",
                "access granted to everybody",
                "access denied",
                LINE.substring(0, LINE.indexOf(" mode=")),
                LINE.replace("path=\"/pay\"", "path=\"/pay"),
                "x".repeat(100_000),
                "access denied caller=\"" + "\\".repeat(100_000),
                "access denied caller=\"" + "a\\".repeat(50_000))) {
            assertThat(AuditLine.parse(line))
                    .as(line.length() > 200 ? "long" : line)
                    .isNull();
        }
    }

    @Test
    void aTextThatTheLogCutIsKnownAsSuch() {
        assertThat(AuditLine.isCut("/" + "a".repeat(511) + "...")).isTrue();
        assertThat(AuditLine.isCut("/files/...")).isFalse();
    }
}
