package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs the runner's jar, which is the agent. */
@Tag("shop")
final class LeashTest {

    @Test
    void aServiceEndsWithItsShutdownHooksWhenTheOtherEndOfItsInputCloses() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-javaagent:" + Path.of("target", "shop.jar"),
                        "-cp",
                        Path.of("target", "test-classes").toString(),
                        Forever.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("started");

            // This is what the operating system does when the runner is killed.
            process.getOutputStream().close();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("stopped");
        } finally {
            process.destroyForcibly();
        }
    }

    /** A service that nothing but its leash ends. */
    static final class Forever {
        private Forever() {}

        public static void main(String[] args) throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopped")));
            System.out.println("started");
            new CountDownLatch(1).await();
        }
    }
}
