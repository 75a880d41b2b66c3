package io.intramesh.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@NullMarked
class DuplicateOkHttpTest {

    @Test
    void ourOwnClassPathHasOneCopy() {
        assertThat(DuplicateOkHttp.copies(OkHttpClient.class.getClassLoader())).hasSize(1);
    }

    @Test
    void aSecondCopyIsFoundAndNamed(@TempDir Path folder) throws Exception {
        Path second = folder.resolve("okhttp3/OkHttpClient.class");
        Files.createDirectories(second.getParent());
        Files.write(second, new byte[1]);
        Logger logger = (Logger) LoggerFactory.getLogger(DuplicateOkHttp.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, OkHttpClient.class.getClassLoader())) {
            List<URL> copies = DuplicateOkHttp.copies(loader);
            DuplicateOkHttp.warn(copies);
            DuplicateOkHttp.warn(copies.subList(0, 1));

            assertThat(copies).hasSize(2);
        } finally {
            logger.detachAppender(lines);
            logger.setAdditive(true);
        }

        assertThat(lines.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .startsWith("OkHttp is on the class path 2 times")
                        .contains(folder.toString()));
    }
}
