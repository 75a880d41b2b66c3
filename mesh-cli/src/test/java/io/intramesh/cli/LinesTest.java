package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class LinesTest {

    @Test
    void everyLineIsReadAndNumbered() throws Exception {
        Lines lines = lines("one\n\nthree");

        assertThat(lines.next()).isEqualTo("one");
        assertThat(lines.next()).isEmpty();
        assertThat(lines.next()).isEqualTo("three");
        assertThat(lines.number()).isEqualTo(3);
        assertThat(lines.next()).isNull();
    }

    @Test
    void aByteOrderMarkIsDropped() throws Exception {
        assertThat(lines("\uFEFF{}\n").next()).isEqualTo("{}");
    }

    @Test
    void aWronglyEncodedLineDoesNotSpoilTheNext() throws Exception {
        byte[] bytes = {'a', (byte) 0xff, '\n', 'b'};
        Lines lines = new Lines(new ByteArrayInputStream(bytes));

        assertThatThrownBy(lines::next).isInstanceOf(BadInputException.class).hasMessageContaining("not UTF-8");
        assertThat(lines.next()).isEqualTo("b");
        assertThat(lines.number()).isEqualTo(2);
    }

    @Test
    void aLineHasABound() throws Exception {
        Lines lines = lines("x".repeat(Lines.MAX_BYTES) + "\n" + "x".repeat(Lines.MAX_BYTES + 1) + "\nlast");

        assertThat(lines.next()).hasSize(Lines.MAX_BYTES);
        assertThatThrownBy(lines::next).isInstanceOf(BadInputException.class).hasMessageContaining("too long");
        assertThat(lines.next()).isEqualTo("last");
    }

    private static Lines lines(String text) {
        return new Lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
