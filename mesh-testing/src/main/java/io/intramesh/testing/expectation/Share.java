package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.explain.Explanation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A part of the calls and where it goes.
 *
 * @param percent 0 to 100. It counts as it is written: {@code 33} holds for everything that rounds to 33, {@code 33.3} for
 *     everything that rounds to 33.3; 0 means none at all, and 100 all without exception
 * @param port listener of the node; null for any
 */
public record Share(
        BigDecimal percent, String virtualNode, @Nullable Integer port) {
    static final BigDecimal ALL = BigDecimal.valueOf(100);

    /** What is lost where a share is computed as a floating point number. */
    private static final BigDecimal NOISE = new BigDecimal("1e-9");

    public Share {
        requireNonNull(virtualNode, "virtualNode");
        if (percent.signum() < 0 || percent.compareTo(ALL) > 0) {
            throw new IllegalArgumentException("percent: " + percent + " (expected: 0 to 100)");
        }
    }

    boolean isAll() {
        return percent.compareTo(ALL) == 0;
    }

    /** Returns by how much the true share may differ from what is written. */
    BigDecimal tolerance() {
        boolean isExact = percent.signum() == 0 || isAll();
        return isExact ? BigDecimal.ZERO : BigDecimal.valueOf(5).movePointLeft(Math.max(0, percent.scale()) + 1);
    }

    boolean covers(Explanation.Target target) {
        return target.virtualNode().equals(virtualNode) && (port == null || port.equals(target.port()));
    }

    /** Returns what is different, or null where the calls are spread so. */
    @Nullable
    String difference(Explanation explanation) {
        double sum = explanation.targets().stream()
                .filter(this::covers)
                .mapToDouble(Explanation.Target::share)
                .sum();
        BigDecimal actual = BigDecimal.valueOf(100 * sum);
        boolean holds = actual.subtract(percent).abs().subtract(tolerance()).compareTo(NOISE) <= 0;
        return holds ? null : this + " (found: " + percent(sum) + ")";
    }

    /** Returns a share from 0 to 1 as people write it. */
    static String percent(double share) {
        BigDecimal percent = BigDecimal.valueOf(100 * share).setScale(2, RoundingMode.HALF_UP);
        return plain(percent) + " %";
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** Returns {@code 10 % to payments-v2}. */
    @Override
    public String toString() {
        return percent.toPlainString() + " % to " + virtualNode + (port == null ? "" : ":" + port);
    }
}
