package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/** One thing that happens in an incident. */
public sealed interface Change {
    /** Returns when it happens, since the beginning. */
    Duration at();

    /** An endpoint gets into another condition. */
    record OfEndpoint(Duration at, int endpoint, Condition condition) implements Change {
        public OfEndpoint {
            requireNonNull(at, "at");
            requireNonNull(condition, "condition");
        }
    }

    /** DNS answers with these endpoints from now on; with none, it says that there is none. */
    record OfNames(Duration at, List<Integer> endpoints) implements Change {
        public OfNames {
            requireNonNull(at, "at");
            endpoints = List.copyOf(endpoints);
        }
    }

    /** DNS does not answer from now on. */
    record OfNameServer(Duration at) implements Change {
        public OfNameServer {
            requireNonNull(at, "at");
        }
    }

    /** Somebody changes the configuration, of clients that have one which can be changed. */
    record OfConfiguration(Duration at) implements Change {
        public OfConfiguration {
            requireNonNull(at, "at");
        }
    }
}
