package io.intramesh.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class ProblemLogTest {
    private final FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.aboutToWrap());
    private final ProblemLog problems = new ProblemLog(scheduler);
    private final Logger logger = (Logger) LoggerFactory.getLogger(ProblemLog.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(logged);
    }

    @Test
    void whatFailsTogetherIsOneLine() {
        problems.failed("payments", "no answer");
        problems.failed("stock", "no answer either");
        assertThat(lines()).isEmpty();

        scheduler.advance(ProblemLog.GATHERING);

        assertThat(lines())
                .containsExactly("endpoints not found virtualNodes=[payments, stock] count=2 problem=\"no answer\"");
    }

    @Test
    void laterOnesAreToldOnceTheMinuteIsOver() {
        problems.failed("payments", "no answer");
        scheduler.advance(ProblemLog.GATHERING);

        for (int second = 0; second < 59; second++) {
            problems.failed("payments", "flapping " + second);
            scheduler.advance(Duration.ofSeconds(1));
        }
        assertThat(lines()).hasSize(1);
        scheduler.advance(Duration.ofSeconds(1));

        assertThat(lines()).hasSize(2).last().asString().contains("[payments] count=1 problem=\"flapping 58\"");
    }

    @Test
    void whatIsOverIsNotToldAndTheSilenceEnds() {
        problems.failed("payments", "no answer");
        problems.recovered("payments");
        scheduler.advance(ProblemLog.GATHERING);
        assertThat(lines()).isEmpty();

        problems.failed("payments", "no answer");
        scheduler.advance(ProblemLog.GATHERING);
        scheduler.advance(ProblemLog.SILENCE);
        assertThat(scheduler.waiting())
                .as("nothing is planned while all is well")
                .isZero();
        problems.failed("payments", "again");
        scheduler.advance(ProblemLog.GATHERING);

        assertThat(lines()).hasSize(2);
    }

    @Test
    void theNamesAreBounded() {
        for (int i = 0; i < 1_000; i++) {
            problems.failed("node" + i, "no answer");
        }
        scheduler.advance(ProblemLog.GATHERING);

        assertThat(lines())
                .singleElement()
                .asString()
                .contains("node9]", "count=1000")
                .doesNotContain("node10");
    }

    private List<String> lines() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
