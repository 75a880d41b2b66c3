package io.intramesh.discovery.cloudmap;

import java.util.List;

/** Threads that are alive. */
final class Threads {
    private Threads() {}

    /** Returns the names of those that Cloud Map has started in this process, ours and the SDK's. */
    static List<String> ofTheMesh() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name ->
                        name.contains("cloud-map") || name.startsWith("sdk-") || name.startsWith("idle-connection"))
                .toList();
    }
}
