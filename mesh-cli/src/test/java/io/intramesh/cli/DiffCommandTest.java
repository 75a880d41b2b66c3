package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiffCommandTest {
    @TempDir
    private Path folder;

    @Test
    void theSameIsNoChangeWithExitCodeZero() throws Exception {
        Run run = diff(Shop.RESOURCES);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("no change for traffic" + System.lineSeparator());
        assertThat(run.err()).isEmpty();
        assertThat(diff(Shop.RESOURCES, "--json").out()).isEqualTo("[]" + System.lineSeparator());
    }

    @Test
    void aChangeIsALineWithExitCodeOne() throws Exception {
        Run run = diff(Shop.RESOURCES.replace("weight: 90", "weight: 10"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.lines())
                .containsExactly("payments.local GET /beta: payments-v2 10 % → 50 %, payments-v1 90 % → 50 %");
    }

    @Test
    void jsonHasTheseKeysInThisOrder() throws Exception {
        Run run = diff(Shop.RESOURCES.replace("weight: 90", "weight: 20"), "--json");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .isEqualTo("[{\"concern\":\"weights\",\"mesh\":\"shop\",\"kind\":\"Route\",\"parent\":\"payments\","
                        + "\"name\":\"beta\",\"virtualServices\":[\"payments.local\"],\"match\":\"GET /beta\","
                        + "\"setting\":\"weightedTargets\",\"before\":\"payments-v1 90 %, payments-v2 10 %\","
                        + "\"after\":\"payments-v1 66.67 %, payments-v2 33.33 %\",\"shares\":[{\"target\":\"payments-v2\","
                        + "\"before\":10.0,\"after\":33.33},{\"target\":\"payments-v1\",\"before\":90.0,\"after\":66.67}],"
                        + "\"message\":\"payments.local GET /beta: payments-v2 10 % → 33.33 %, payments-v1 90 % →"
                        + " 66.67 %\"}]" + System.lineSeparator());
    }

    @Test
    void whatIsRefusedIsSaidOnStandardError() throws Exception {
        Run run = diff(Shop.RESOURCES.replace("weight: 90", "weight: 900"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("900 (expected: 0 to 100)", "Refused and not counted here: 1 problem(s)");
        assertThat(run.out()).contains("route 'beta': is refused in B");
    }

    @Test
    void valuesFillBothSides() throws Exception {
        Path values = Files.writeString(folder.resolve("values.yaml"), "W: 90\n");
        Path after =
                Files.writeString(folder.resolve("b.yaml"), Shop.RESOURCES.replace("weight: 90", "weight: \"${W}\""));
        Path before = Files.writeString(folder.resolve("a.yaml"), Shop.RESOURCES);

        Run run = Run.mesh("diff", "--values", values.toString(), before.toString(), after.toString());

        assertThat(run.exitCode()).as(run.out()).isZero();
    }

    @Test
    void aPathThatIsNotThereIsAUsageError() throws Exception {
        String there =
                Files.writeString(folder.resolve("a.yaml"), Shop.RESOURCES).toString();

        Run run = Run.mesh("diff", there, folder.resolve("nowhere").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("nowhere", "no such file or folder");
        assertThat(run.out()).isEmpty();
        assertThat(Run.mesh("diff", there).exitCode()).isEqualTo(2);
    }

    private Run diff(String after, String... options) throws Exception {
        Path a = Files.writeString(folder.resolve("a.yaml"), Shop.RESOURCES);
        Path b = Files.writeString(folder.resolve("b.yaml"), after);
        String[] arguments = new String[options.length + 3];
        arguments[0] = "diff";
        arguments[1] = a.toString();
        arguments[2] = b.toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return Run.mesh(arguments);
    }
}
