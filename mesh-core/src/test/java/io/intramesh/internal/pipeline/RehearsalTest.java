package io.intramesh.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeRegistry;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class RehearsalTest {

    @Test
    void aRehearsalComesToItsEndAndSaysNothingThatAnybodyCouldMistakeForNews() {
        Logger logger = (Logger) LoggerFactory.getLogger("io.intramesh");
        Level before = logger.getLevel();
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.DEBUG);
        try {
            Rehearsal.run(FakeRegistry.create(), FakeNanoClock.aboutToWrap());
        } finally {
            logger.setLevel(before);
            logger.detachAppender(lines);
        }

        assertThat(lines.list)
                .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.INFO)
                        || line.getMessage().contains("given up"))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
        assertThat(lines.list)
                .as("what is rehearsed")
                .extracting(ILoggingEvent::getMessage)
                .anyMatch(message -> message.startsWith("attempt moved"))
                .anyMatch(message -> message.startsWith("attempt repeated"));
    }
}
