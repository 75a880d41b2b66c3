package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MeshCommandTest {

    @Test
    void helpNamesEveryCommandAndTheExitCodes() {
        Run run = Run.mesh("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("validate", "explain", "generate-completion", "Exit codes");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : new String[] {"validate", "explain", "test"}) {
            Run run = Run.mesh(command, "--help");

            assertThat(run.exitCode()).as(command).isZero();
            assertThat(run.out()).as(command).contains("mesh " + command, "--values", "--json", "Examples:");
        }
    }

    @Test
    void tellsItsVersion() {
        Run run = Run.mesh("--version");

        assertThat(run.exitCode()).isZero();
        assertThat(run.lines().get(0)).startsWith("mesh ");
    }

    @Test
    void withoutACommandItSaysWhatIsMissing() {
        Run run = Run.mesh();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Missing required subcommand", "mesh --help");
    }

    @Test
    void anUnknownOptionIsAUsageErrorWithTheNearestOnes() {
        Run run = Run.mesh("validate", "--jsn", "x");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("--jsn", "--json").doesNotContain("\tat ");
    }

    @Test
    void completionIsGeneratedForTheShell() {
        Run run = Run.mesh("generate-completion");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("complete -F", "--virtual-node");
    }

    @Test
    void aStackTraceIsShownOnlyWhenItIsAskedFor() {
        assertThat(Run.mesh("explain", "--registry", "/no/such/place", "GET", "a.local")
                        .err())
                .contains("no such file")
                .doesNotContain("\tat ");
        assertThat(Run.mesh("explain", "--debug", "--registry", "/no/such/place", "GET", "a.local")
                        .err())
                .contains("no such file")
                .contains("\tat io.intramesh");
    }
}
