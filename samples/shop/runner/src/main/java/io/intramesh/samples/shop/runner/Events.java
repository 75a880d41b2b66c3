package io.intramesh.samples.shop.runner;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Picks from the services' logs what is worth showing: what their meshes say, and every warning. What several services say
 * at about the same time becomes one line. Safe for use by several threads.
 */
final class Events {
    /** Services learn of one change within this time, or they did not learn of the same. */
    private static final long TOGETHER_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

    /** As the services' logs have it. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private final LongSupplier nanos;
    private final int services;

    /** The audit log has a line for each request; of those that say the same, one is enough. */
    private static final int MAX_AUDITED = 200;

    private static final Pattern REQUEST = Pattern.compile(" revision=\\S+ requestId=\\S+$");

    /** What the audit log said before, without what differs from request to request. Guarded by this. */
    private final Set<String> audited = new HashSet<>();

    /** By text, in the order in which they came. Guarded by this. */
    private final Map<String, Pending> pending = new LinkedHashMap<>();

    Events(LongSupplier nanos, int services) {
        this.nanos = nanos;
        this.services = services;
    }

    /** Returns the time of an event as people read it. */
    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /** Takes a line of a service's log. */
    synchronized void log(Service service, String text) {
        LogLine line = LogLine.parse(text);
        if (line != null && (line.isFromMesh() || line.isWarning())) {
            // Each names itself; without that, all say the same.
            String message = line.message().replace(" virtualNode=" + service.virtualNode() + " ", " ");
            if (line.isWarning()) {
                message = line.level() + " " + message;
            }
            if (line.isAudit()) {
                message = REQUEST.matcher(line.message()).replaceFirst("");
                if (audited.size() >= MAX_AUDITED || !audited.add(message)) {
                    return;
                }
            }
            pending.computeIfAbsent(message, key -> new Pending(line.time(), nanos.getAsLong()))
                    .services
                    .add(service.name());
        }
    }

    /** Returns the lines that are complete, each once. */
    synchronized List<String> complete() {
        List<String> lines = new ArrayList<>();
        for (Iterator<Map.Entry<String, Pending>> entries = pending.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Pending> entry = entries.next();
            Pending event = entry.getValue();
            if (nanos.getAsLong() - event.since >= TOGETHER_NANOS) {
                entries.remove();
                String who = event.services.size() == services ? "all services" : String.join(", ", event.services);
                lines.add(event.time + " " + who + ": " + entry.getKey());
            }
        }
        return lines;
    }

    private static final class Pending {
        final String time;
        final long since;
        final Set<String> services = new TreeSet<>();

        Pending(String time, long since) {
            this.time = time;
            this.since = since;
        }
    }
}
