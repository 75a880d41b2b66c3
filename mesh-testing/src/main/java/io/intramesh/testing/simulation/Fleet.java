package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The endpoints of a callee. Each is a queue before a number of threads, so that too many requests make it slow, as they do
 * in life; and a request whose caller has gone is worked on all the same, for a server that reads its connection only between
 * requests does not see it go.
 *
 * @param zones of the endpoints, one for each
 * @param threads that work at a time at each endpoint
 * @param queue requests that wait at each endpoint; one more is answered 503 at once
 * @param work how long a request is worked on, by a thread
 */
public record Fleet(List<String> zones, int threads, int queue, Work work) {
    public Fleet {
        zones = List.copyOf(zones);
        requireNonNull(work, "work");
        if (zones.isEmpty() || threads < 1 || queue < 0) {
            throw new IllegalArgumentException("fleet: " + zones.size() + " endpoints, " + threads + " threads, queue "
                    + queue + " (expected: at least 1, 1 and 0)");
        }
    }

    /** Returns the number of endpoints. */
    public int size() {
        return zones.size();
    }

    /** Returns how many requests a second all endpoints together can work on, when they are well. */
    public double capacity() {
        return size() * threads / (work.meanNanos() / 1e9);
    }

    /**
     * How long work takes: log-normal, as service times mostly are.
     *
     * @param sigma standard deviation of the logarithm; 0 for always the median
     */
    public record Work(Duration median, double sigma) {
        public Work {
            requireNonNull(median, "median");
        }

        long drawNanos(RandomGenerator chance) {
            return (long) (median.toNanos() * StrictMath.exp(sigma * chance.nextGaussian()));
        }

        double meanNanos() {
            return median.toNanos() * StrictMath.exp(sigma * sigma / 2);
        }
    }
}
