package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class WordsTest {

    @Test
    void theNearestNameIsNearOrNone() {
        List<String> known = List.of("hostname", "responseType", "port");

        assertThat(Words.nearest("hostName", known)).isEqualTo("hostname");
        assertThat(Words.nearest("HOSTNAME", known)).isEqualTo("hostname");
        assertThat(Words.nearest("prot", known)).isEqualTo("port");
        assertThat(Words.nearest("responsType", known)).isEqualTo("responseType");
        assertThat(Words.nearest("zzz", known)).isNull();
        assertThat(Words.nearest("x".repeat(100_000), known)).isNull();
    }

    @Test
    void listsReadLikeSentences() {
        assertThat(Words.anyOf(List.of("a"))).isEqualTo("a");
        assertThat(Words.anyOf(List.of("a", "b"))).isEqualTo("a or b");
        assertThat(Words.allOf(List.of("a", "b", "c"))).isEqualTo("a, b and c");
    }

    @Test
    void controlCharactersNeverReachAMessage() {
        assertThat(Words.quote("a\nb\u001B[31m")).isEqualTo("'a\uFFFDb\uFFFD[31m'");
    }
}
