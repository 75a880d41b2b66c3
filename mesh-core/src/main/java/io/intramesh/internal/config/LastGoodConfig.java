package io.intramesh.internal.config;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last good form of every resource, so that a bad one never takes a good one's place while its neighbours go live.
 * What stands in an earlier form:
 *
 * <ul>
 *   <li>a resource that is written down but refused;
 *   <li>everything that a file held of which nothing can be read any more;
 *   <li>a changed resource that points to something that is not there, where its earlier form does not;
 *   <li>the virtual node of this process, even when its document is gone: a service does not forget who it is.
 * </ul>
 *
 * Confined to the mesh thread.
 */
public final class LastGoodConfig {
    private ResourceSet current = ResourceSet.EMPTY;
    private Map<ResourceId, Origin> origins = Map.of();

    /** Returns what is to be in force after a delivery. Nothing changes until {@link #accept} is told of it. */
    public EffectiveConfig merge(ReadResult read, @Nullable ResourceId own) {
        Map<ResourceId, Resource> next = new LinkedHashMap<>();
        read.resources().all().forEach(resource -> next.put(resource.id(), resource));
        List<Problem> problems = new ArrayList<>(read.problems());
        List<String> kept = new ArrayList<>();

        keepRefused(read, next, kept);
        keepUnreadable(read, next, kept);
        keepOwn(own, next, kept, problems);
        keepWhereReferencesBroke(read, next, kept, problems);
        return new EffectiveConfig(ResourceSet.of(next.values()), problems, kept);
    }

    /** Makes a merged configuration the one that later deliveries fall back to. */
    public void accept(EffectiveConfig config, ReadResult read) {
        Map<ResourceId, Origin> known = new LinkedHashMap<>(read.origins());
        config.resources().ids().forEach(id -> {
            Origin earlier = origins.get(id);
            if (earlier != null) {
                known.putIfAbsent(id, earlier);
            }
        });
        origins = known;
        current = config.resources();
    }

    private void keepRefused(ReadResult read, Map<ResourceId, Resource> next, List<String> kept) {
        for (ResourceId id : read.refused()) {
            Resource earlier = current.get(id);
            if (earlier != null && !next.containsKey(id)) {
                next.put(id, earlier);
                kept.add(id + " (its new form is refused)");
            }
        }
    }

    private void keepUnreadable(ReadResult read, Map<ResourceId, Resource> next, List<String> kept) {
        if (read.unreadable().isEmpty()) {
            return;
        }
        for (Resource earlier : current.all()) {
            Origin origin = origins.get(earlier.id());
            if (origin != null
                    && read.unreadable().contains(origin.file())
                    && next.putIfAbsent(earlier.id(), earlier) == null) {
                kept.add(earlier.id() + " (" + origin.file() + " cannot be read)");
            }
        }
    }

    private void keepOwn(
            @Nullable ResourceId own, Map<ResourceId, Resource> next, List<String> kept, List<Problem> problems) {
        Resource earlier = own == null ? null : current.get(own);
        if (earlier == null || next.putIfAbsent(earlier.id(), earlier) != null) {
            return;
        }
        kept.add(earlier.id() + " (its document is gone, and this process is that node)");
        problems.add(new Problem(
                origins.getOrDefault(earlier.id(), new Origin("registry", 0, 0)),
                "",
                Problem.Severity.ERROR,
                earlier.id()
                        + " is gone from the registry, but this process runs as it; bring the document back, or stop "
                        + "the process"));
    }

    private void keepWhereReferencesBroke(
            ReadResult read, Map<ResourceId, Resource> next, List<String> kept, List<Problem> problems) {
        Set<ResourceId> present = new HashSet<>(next.keySet());
        for (Resource resource : List.copyOf(next.values())) {
            Resource earlier = current.get(resource.id());
            if (earlier == null || earlier.equals(resource)) {
                continue;
            }
            List<ResourceId> missing = References.of(resource).stream()
                    .filter(reference -> !present.contains(reference))
                    .toList();
            if (missing.isEmpty() || !present.containsAll(References.of(earlier))) {
                continue;
            }
            next.put(resource.id(), earlier);
            kept.add(resource.id() + " (its new form points to " + missing.get(0) + ", which is not in the registry)");
            problems.add(new Problem(
                    read.origins().getOrDefault(resource.id(), new Origin("registry", 0, 0)),
                    "spec",
                    Problem.Severity.ERROR,
                    resource.id() + " points to " + missing.get(0)
                            + ", which is not in the registry; the earlier form stays " + "in force until it is"));
        }
    }
}
