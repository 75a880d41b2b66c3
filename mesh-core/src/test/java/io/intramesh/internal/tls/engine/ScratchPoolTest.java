package io.intramesh.internal.tls.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Buffers that go from hand to hand. */
final class ScratchPoolTest {
    /** More than wait for the next borrower. */
    private static final int MANY = 100;

    private final ScratchPool pool = new ScratchPool();

    @Test
    void whatIsTakenHasNothingInItWhateverItHeld() {
        for (int i = 0; i < MANY; i++) {
            Scratch scratch = pool.take();
            assertThat(scratch.plain.remaining()).isZero();
            assertThat(scratch.records().remaining()).isZero();
            scratch.plain.clear().put((byte) 1).flip();
            scratch.records().clear().put((byte) 2).flip();
            pool.give(scratch);
        }
    }

    @Test
    void moreThanWaitAreMadeAndNoneServesTwo() {
        for (int round = 0; round < 2; round++) {
            List<Scratch> taken = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                taken.add(pool.take());
            }

            Set<Scratch> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
            distinct.addAll(taken);
            assertThat(distinct).hasSize(MANY);
            taken.forEach(pool::give);
        }
    }

    @Test
    void eachServesOneThreadAtATime() throws Exception {
        int threads = 4;
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> strangers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                long mine = 1L + i;
                strangers.add(workers.submit(() -> foundChanged(mine)));
            }
            for (Future<Integer> found : strangers) {
                assertThat(found.get(60, TimeUnit.SECONDS)).isZero();
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private int foundChanged(long mine) {
        int changed = 0;
        for (int i = 0; i < 20_000; i++) {
            Scratch scratch = pool.take();
            scratch.plain.clear().putLong(0, mine);
            Thread.onSpinWait();
            if (scratch.plain.getLong(0) != mine) {
                changed++;
            }
            pool.give(scratch);
        }
        return changed;
    }
}
