package io.intramesh.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LikenessTest {
    private static final List<String> KNOWN = List.of("virtualNode", "host", "port");

    @Test
    void theDistanceCountsInsertionsDeletionsSubstitutionsAndSwaps() {
        assertThat(Likeness.distance("weight", "weight")).isZero();
        assertThat(Likeness.distance("weigth", "weight")).isEqualTo(1);
        assertThat(Likeness.distance("weigt", "weight")).isEqualTo(1);
        assertThat(Likeness.distance("weightt", "weight")).isEqualTo(1);
        assertThat(Likeness.distance("waight", "weight")).isEqualTo(1);
        assertThat(Likeness.distance("", "abc")).isEqualTo(3);
        assertThat(Likeness.distance("ca", "abc")).isEqualTo(3);
    }

    @Test
    void aSlipOfTheFingerIsRecognized() {
        assertThat(Likeness.nearest("virtualnode", KNOWN)).isEqualTo("virtualNode");
        assertThat(Likeness.nearest("virtual_node", KNOWN)).isEqualTo("virtualNode");
        assertThat(Likeness.nearest("hots", KNOWN)).isEqualTo("host");
        assertThat(Likeness.nearest("hst", KNOWN)).isEqualTo("host");
        assertThat(Likeness.nearest("ports", KNOWN)).isEqualTo("port");
    }

    @Test
    void anotherWordIsNotTakenForOneOfOurs() {
        assertThat(Likeness.nearest("id", KNOWN)).isNull();
        assertThat(Likeness.nearest("comment", KNOWN)).isNull();
        assertThat(Likeness.nearest("expected", KNOWN)).isNull();
        assertThat(Likeness.nearest("", KNOWN)).isNull();
        assertThat(Likeness.nearest("x".repeat(100_000), KNOWN)).isNull();
    }
}
