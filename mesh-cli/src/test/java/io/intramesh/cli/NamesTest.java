package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NamesTest {
    private static final List<String> KNOWN = List.of("virtualNode", "host", "port");

    @Test
    void aSlipOfTheFingerIsRecognized() {
        assertThat(Names.nearest("virtualnode", KNOWN)).isEqualTo("virtualNode");
        assertThat(Names.nearest("virtual_node", KNOWN)).isEqualTo("virtualNode");
        assertThat(Names.nearest("hots", KNOWN)).isNull();
        assertThat(Names.nearest("hst", KNOWN)).isEqualTo("host");
        assertThat(Names.nearest("ports", KNOWN)).isEqualTo("port");
    }

    @Test
    void anotherWordIsNotTakenForOneOfOurs() {
        assertThat(Names.nearest("id", KNOWN)).isNull();
        assertThat(Names.nearest("comment", KNOWN)).isNull();
        assertThat(Names.nearest("expected", KNOWN)).isNull();
        assertThat(Names.nearest("", KNOWN)).isNull();
    }
}
