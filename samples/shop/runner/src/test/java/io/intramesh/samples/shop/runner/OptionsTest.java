package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OptionsTest {
    private static final Path HOME = Path.of("shop");

    @Test
    void withoutArgumentsTheShopRunsUntilItIsStopped() {
        assertThat(Options.parse(HOME, List.of()))
                .isEqualTo(new Options(
                        HOME,
                        HOME.resolve("mesh"),
                        HOME.resolve("target/logs"),
                        HOME.resolve("target/certificates"),
                        0,
                        30,
                        Options.Display.AUTO,
                        true,
                        false));
    }

    @Test
    void everyOptionIsTaken() {
        List<String> arguments = List.of(
                "--seconds",
                "10",
                "--rate",
                "50",
                "--display",
                "lines",
                "--mesh",
                "copy",
                "--logs",
                "elsewhere",
                "--certificates",
                "keys",
                "--ports",
                "any",
                "--rolling-restart");

        assertThat(Options.parse(HOME, arguments))
                .isEqualTo(new Options(
                        HOME,
                        Path.of("copy"),
                        Path.of("elsewhere"),
                        Path.of("keys"),
                        10,
                        50,
                        Options.Display.LINES,
                        false,
                        true));
    }

    @Test
    void whatIsWrongIsNamedWithWhatIsExpected() {
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--rate", "0")))
                .hasMessage("--rate: 0 (expected: 1 to 1000)");
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--seconds", "x")))
                .hasMessage("--seconds: x (expected: 0 to 86400)");
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--rate"))).hasMessage("--rate: value missing");
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--speed", "1"))).hasMessage("unknown option: --speed");
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--ports", "all")))
                .hasMessage("--ports: all (expected: own or any)");
        assertThatThrownBy(() -> Options.parse(HOME, List.of("--display", "cinema")))
                .hasMessage("--display: cinema (expected: table, lines or auto)");
    }
}
