package io.intramesh.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OnceAMinuteTest {
    static Stream<FakeNanoClock> clocks() {
        return Stream.of(FakeNanoClock.create(), FakeNanoClock.aboutToWrap());
    }

    @ParameterizedTest
    @MethodSource("clocks")
    void tellsAtOnceAndThenOnceAMinute(FakeNanoClock clock) {
        OnceAMinute telling = new OnceAMinute(clock);

        assertThat(telling.isTime()).isTrue();
        assertThat(telling.isTime()).isFalse();
        clock.advance(Duration.ofMillis(59_999));
        assertThat(telling.isTime()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(telling.isTime()).isTrue();
        assertThat(telling.isTime()).isFalse();
    }
}
