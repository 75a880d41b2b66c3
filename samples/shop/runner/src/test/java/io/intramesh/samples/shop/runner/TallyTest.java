package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TallyTest {
    private final AtomicLong nanos = new AtomicLong();

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 5_000_000_000L})
    void recentMeansTenSeconds(long start) {
        nanos.set(start);
        Tally tally = new Tally(nanos::get);
        tally.answered("payments.local/beta", "payments-v1");
        pass(9);
        tally.answered("payments.local/beta", "payments-v1");

        assertThat(row(tally)).containsExactly(new Figures.Share("payments-v1", 2, 2));

        pass(1);
        assertThat(row(tally)).containsExactly(new Figures.Share("payments-v1", 1, 2));

        pass(60);
        assertThat(row(tally)).containsExactly(new Figures.Share("payments-v1", 0, 2));
    }

    @Test
    void refusalsAreToldApartByCallerReasonAndMessage() {
        Tally tally = new Tally(nanos::get);
        tally.refused("orders", "NO_ROUTE", "no route");
        tally.refused("orders", "NO_ROUTE", "no route");
        tally.refused("storefront", "EGRESS_DENIED", "not declared");

        assertThat(tally.figures().refused())
                .containsExactly(
                        new Figures.Refused("orders", "NO_ROUTE", "no route", 2, 2),
                        new Figures.Refused("storefront", "EGRESS_DENIED", "not declared", 1, 1));
    }

    @Test
    void textsOfOtherProcessesDoNotPileUp() {
        Tally tally = new Tally(nanos::get);
        for (int i = 0; i < 1000; i++) {
            tally.failed("failure " + i);
            tally.refused("orders", "NO_ROUTE", "message " + i);
        }

        assertThat(tally.figures().failed()).hasSize(51);
        assertThat(tally.figures().failedTotal()).isEqualTo(1000);
        assertThat(tally.figures().refused()).hasSize(51);
        assertThat(tally.figures().refusedTotal()).isEqualTo(1000);
    }

    private List<Figures.Share> row(Tally tally) {
        return tally.figures().rows().get(0).shares();
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}
