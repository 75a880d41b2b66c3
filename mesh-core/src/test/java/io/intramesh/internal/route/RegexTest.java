package io.intramesh.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RegexTest {

    @Test
    void whatRe2TakesHasNoProblem() {
        assertThat(RegexSyntax.problem("/v[0-9]+/.*")).isNull();
        assertThat(RegexSyntax.problem("(?i)abc")).isNull();
    }

    @Test
    void whatRe2DoesNotTakeHasAReason() {
        assertThat(RegexSyntax.problem("(a")).contains("missing closing )");
        assertThat(RegexSyntax.problem("(?=a)")).isNotNull();
        assertThat(RegexSyntax.problem("(a)\\1")).isNotNull();
        assertThat(RegexSyntax.problem("a{1001}")).isNotNull();
    }

    @Test
    void anExpressionThatTakesOthersExponentialTimeTakesLinearTime() {
        // Backtracking needs 2^40 steps here; a test that hangs has failed.
        assertThat(new Regex("(a+)+b").matches("a".repeat(40))).isFalse();
    }

    @Test
    void theLiteralBeginningIsWhatEveryMatchBeginsWith() {
        Map<String, String> beginnings = Map.ofEntries(
                Map.entry("/api/v[0-9]+", "/api/v"),
                Map.entry("/api/.*", "/api/"),
                Map.entry("^/a$", "/a"),
                Map.entry("/ab?c", "/a"),
                Map.entry("/ab*c", "/a"),
                Map.entry("/ab{0,1}c", "/a"),
                Map.entry("/ab+c", "/ab"),
                Map.entry("/a\\.b", "/a.b"),
                Map.entry("/a\\d", "/a"),
                Map.entry("/a\\.*b", "/a"),
                Map.entry("/a|/b", ""),
                Map.entry("(?i)/a", ""),
                Map.entry("(", ""));

        beginnings.forEach((pattern, beginning) ->
                assertThat(new Regex(pattern).literalPrefix()).as(pattern).isEqualTo(beginning));
    }

    @Test
    void whatMatchesBeginsWithTheLiteralBeginning() {
        for (String pattern : List.of("/a\\Qb.*\\E", "/\\x61b", "/a\\bc?", "/a\\-b", "/é+x", "/a\\C")) {
            Regex regex = new Regex(pattern);
            for (String path : List.of("/ab.*", "/ab", "/a", "/a-b", "/éx", "/é", "/ac", "/ax")) {
                assertThat(!regex.matches(path) || path.startsWith(regex.literalPrefix()))
                        .as("%s on %s", pattern, path)
                        .isTrue();
            }
        }
    }
}
