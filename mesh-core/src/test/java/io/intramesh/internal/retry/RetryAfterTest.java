package io.intramesh.internal.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    @Test
    void secondsCountFromNow() {
        assertThat(after("3")).isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(after(" 0 ")).isZero();
    }

    @Test
    void aDateCountsInEachFormThatHttpKnows() {
        long tenSeconds = Duration.ofSeconds(10).toNanos();

        assertThat(after("Sat, 21 Nov 2026 08:00:10 GMT")).isEqualTo(tenSeconds);
        assertThat(after("Saturday, 21-Nov-26 08:00:10 GMT")).isEqualTo(tenSeconds);
        assertThat(after("Sat Nov 21 08:00:10 2026")).isEqualTo(tenSeconds);
        assertThat(after("Sun Nov  1 08:00:10 2026")).isZero();
    }

    @Test
    void aDateThatIsOverMeansNow() {
        assertThat(after("Sat, 21 Nov 2026 07:59:50 GMT")).isZero();
    }

    @Test
    void whatIsUnreadableIsUnsaid() {
        assertThat(after("soon")).isEqualTo(RetryAfter.UNSAID);
        assertThat(after("-1")).isEqualTo(RetryAfter.UNSAID);
        assertThat(after("1.5")).isEqualTo(RetryAfter.UNSAID);
        assertThat(after("")).isEqualTo(RetryAfter.UNSAID);
        assertThat(RetryAfter.pauseNanos(null, null, NOW)).isEqualTo(RetryAfter.UNSAID);
    }

    @Test
    void grpcPushesBackInMillisecondsOrForEver() {
        assertThat(RetryAfter.pauseNanos("9", "250", NOW))
                .isEqualTo(Duration.ofMillis(250).toNanos());
        assertThat(RetryAfter.pauseNanos(null, "-1", NOW)).isEqualTo(RetryAfter.NEVER);
        assertThat(RetryAfter.pauseNanos(null, "what", NOW)).isEqualTo(RetryAfter.NEVER);
    }

    private static long after(String text) {
        return RetryAfter.pauseNanos(text, null, NOW);
    }
}
