package io.intramesh.testing.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Notes what happens to calls, and sums it up. */
final class Ledger {
    private final Simulation simulation;
    private final List<Call> calls = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private int open;

    Ledger(Simulation simulation) {
        this.simulation = simulation;
    }

    Call began() {
        Call call = new Call(simulation.nowNanos());
        calls.add(call);
        open++;
        return call;
    }

    void ended(Call call, boolean isSuccess) {
        if (call.isOver) {
            throw new IllegalStateException("a call ended twice; its caller is to report one end");
        }
        open--;
        call.isOver = true;
        call.isSuccess = isSuccess;
        call.tookNanos = simulation.nowNanos() - call.atNanos;
    }

    void attempted(int endpoint) {
        attempts.add(new Attempt(simulation.nowNanos(), endpoint));
    }

    int open() {
        return open;
    }

    /** Sums up what began from the one time to the other. */
    Figures.Span span(long fromNanos, long toNanos, int endpoints) {
        long count = 0;
        long succeeded = 0;
        long[] took = new long[calls.size()];
        for (Call call : calls) {
            if (call.atNanos >= fromNanos && call.atNanos < toNanos) {
                took[(int) count] = call.tookNanos;
                count++;
                succeeded += call.isSuccess ? 1 : 0;
            }
        }
        long[] sorted = Arrays.copyOf(took, (int) count);
        Arrays.sort(sorted);
        long[] loads = new long[endpoints];
        long sent = 0;
        for (Attempt attempt : attempts) {
            if (attempt.atNanos >= fromNanos && attempt.atNanos < toNanos) {
                loads[attempt.endpoint]++;
                sent++;
            }
        }
        return new Figures.Span(
                count,
                succeeded,
                percentile(sorted, 50),
                percentile(sorted, 99),
                sent,
                Arrays.stream(loads).boxed().toList());
    }

    /** Returns the most attempts for each call that any whole second saw. */
    double peakAttemptsPerCall(long lengthNanos) {
        int seconds = (int) (lengthNanos / Figures.SECOND);
        long[] begun = new long[seconds];
        long[] sent = new long[seconds];
        for (Call call : calls) {
            int second = (int) (call.atNanos / Figures.SECOND);
            if (second < seconds) {
                begun[second]++;
            }
        }
        for (Attempt attempt : attempts) {
            int second = (int) (attempt.atNanos / Figures.SECOND);
            if (second < seconds) {
                sent[second]++;
            }
        }
        double peak = 0;
        for (int i = 0; i < seconds; i++) {
            peak = begun[i] == 0 ? peak : Math.max(peak, (double) sent[i] / begun[i]);
        }
        return peak;
    }

    /**
     * Returns the seconds from a time until calls went well again, up to the end of the last second in which more than one in
     * a hundred of those that began failed or was slow.
     */
    int secondsToRecover(long fromNanos, long lengthNanos, long slowNanos) {
        int seconds = (int) ((lengthNanos - fromNanos) / Figures.SECOND);
        long[] begun = new long[seconds];
        long[] bad = new long[seconds];
        for (Call call : calls) {
            long since = call.atNanos - fromNanos;
            if (since >= 0 && since < seconds * Figures.SECOND) {
                int second = (int) (since / Figures.SECOND);
                begun[second]++;
                bad[second] += !call.isSuccess || call.tookNanos > slowNanos ? 1 : 0;
            }
        }
        int last = 0;
        for (int i = 0; i < seconds; i++) {
            if (bad[i] * 100 > begun[i]) {
                last = i + 1;
            }
        }
        return last;
    }

    private static long percentile(long[] sorted, int percent) {
        // The smallest value that so many percent do not exceed.
        int rank = (int) ((sorted.length * (long) percent + 99) / 100);
        return sorted.length == 0 ? 0 : sorted[Math.max(0, rank - 1)];
    }

    /** A call of the application. */
    static final class Call {
        private final long atNanos;
        private long tookNanos;
        private boolean isSuccess;
        private boolean isOver;

        private Call(long atNanos) {
            this.atNanos = atNanos;
        }
    }

    private record Attempt(long atNanos, int endpoint) {}
}
