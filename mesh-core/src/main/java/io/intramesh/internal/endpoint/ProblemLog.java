package io.intramesh.internal.endpoint;

import io.intramesh.internal.time.MeshScheduler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns about nodes whose endpoints are not found: at most once a minute, all nodes in one line, for what fails is mostly the
 * registry that they share. On the mesh thread.
 */
final class ProblemLog {
    /** What fails together gets into one line. */
    static final Duration GATHERING = Duration.ofSeconds(1);

    static final Duration SILENCE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(ProblemLog.class);
    private static final int MAX_NAMED = 10;

    private final MeshScheduler scheduler;

    /** What nobody was told yet, by virtual node. */
    private final Map<String, String> untold = new LinkedHashMap<>();

    private boolean isPlanned;

    ProblemLog(MeshScheduler scheduler) {
        this.scheduler = scheduler;
    }

    void failed(String virtualNode, String problem) {
        untold.put(virtualNode, problem);
        if (!isPlanned) {
            isPlanned = true;
            scheduler.schedule(this::tell, GATHERING);
        }
    }

    /** Forgets what nobody was told yet: it is over. */
    void recovered(String virtualNode) {
        untold.remove(virtualNode);
    }

    private void tell() {
        if (untold.isEmpty()) {
            isPlanned = false;
            return;
        }
        log.warn(
                "endpoints not found virtualNodes={} count={} problem=\"{}\"",
                untold.keySet().stream().limit(MAX_NAMED).toList(),
                untold.size(),
                untold.values().iterator().next());
        untold.clear();
        scheduler.schedule(this::tell, SILENCE);
    }
}
