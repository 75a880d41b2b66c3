package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * What happens to a callee, and how much it is called.
 *
 * @param name short, such as {@code black hole}
 * @param story what happens, in a sentence
 * @param callers processes that call, each with connections and a mind of its own
 * @param callsPerSecond how often a call begins, on average and of all callers together; calls come by chance, whether or not
 *     earlier ones are answered
 * @param length how long calls begin
 * @param onset when the trouble begins
 * @param relief when it is over
 */
public record Incident(
        String name,
        String story,
        Fleet fleet,
        int callers,
        double callsPerSecond,
        Duration length,
        Duration onset,
        Duration relief,
        List<Change> changes) {
    public Incident {
        requireNonNull(name, "name");
        requireNonNull(story, "story");
        requireNonNull(fleet, "fleet");
        changes = List.copyOf(changes);
        if (callers < 1
                || !(callsPerSecond > 0)
                || onset.isNegative()
                || onset.compareTo(relief) > 0
                || relief.compareTo(length) > 0) {
            throw new IllegalArgumentException("incident '" + name
                    + "' (expected: callers and callsPerSecond more than 0, and 0 <= onset <= relief <= length)");
        }
        for (Change change : changes) {
            if (change instanceof Change.OfEndpoint of && (of.endpoint() < 0 || of.endpoint() >= fleet.size())) {
                throw new IllegalArgumentException("incident '" + name + "': endpoint " + of.endpoint()
                        + " (expected: 0 to " + (fleet.size() - 1) + ")");
            }
        }
    }

    /** Returns the same with that many callers, which make as many calls in all as before. */
    public Incident withCallers(int newCallers) {
        return new Incident(name, story, fleet, newCallers, callsPerSecond, length, onset, relief, changes);
    }
}
