package io.intramesh.internal.document;

import static io.intramesh.internal.document.ScalarNode.Type.BOOLEAN;
import static io.intramesh.internal.document.ScalarNode.Type.DECIMAL;
import static io.intramesh.internal.document.ScalarNode.Type.INTEGER;
import static io.intramesh.internal.document.ScalarNode.Type.NULL;
import static io.intramesh.internal.document.ScalarNode.Type.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The core schema of YAML 1.2: what a scalar without quotes is. */
final class ScalarNodeTest {

    @Test
    void plainScalarsAreTypedAsTheCoreSchemaSays() {
        allAre(NULL, "", "~", "null", "Null", "NULL");
        allAre(BOOLEAN, "true", "True", "TRUE", "false", "False", "FALSE");
        allAre(INTEGER, "0", "-1", "+7", "007", "0x1F", "0o17", "99999999999999999999");
        allAre(DECIMAL, "1.", ".5", "-1.5", "1e3", "1.5E-3", "+1e+1", ".inf", "-.Inf", ".NaN");
        allAre(
                TEXT,
                "yes",
                "no",
                "on",
                "off",
                "nULL",
                "tRue",
                "-",
                "+",
                ".",
                "1e",
                "1.2.3",
                "0x",
                "0o8",
                "0xg",
                "1_000",
                "12:30",
                "1s",
                "e5",
                "-0x1",
                "+.nan",
                "٣",
                "10.0.0.7",
                "2026-11-21");
    }

    private static void allAre(ScalarNode.Type type, String... texts) {
        assertThat(List.of(texts))
                .allSatisfy(text ->
                        assertThat(ScalarNode.typeOf(text)).as("'%s'", text).isEqualTo(type));
    }

    @Test
    void integersInAllBases() {
        assertThat(integer("0x1F")).isEqualTo(31);
        assertThat(integer("0o17")).isEqualTo(15);
        assertThat(integer("+7")).isEqualTo(7);
        assertThat(integer("007")).isEqualTo(7);
        assertThat(integer("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
        assertThat(integer("9223372036854775808")).isNull();
        assertThat(integer("0xFFFFFFFFFFFFFFFFFF")).isNull();
    }

    private static @Nullable Long integer(String text) {
        return ScalarNode.plain(Mark.WHOLE_FILE, null, text).integer();
    }
}
