package io.intramesh.document;

import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link DocumentReader} made of a set of files.
 *
 * @param resources everything that was not refused
 * @param origins where each of these resources, and each refused one, is written
 * @param problems errors and notes, by file and line
 * @param refused ids of resources that are written down but refused, as far as their ids could be read; what was in force
 *     for these stays in force
 * @param unreadable names of files of which nothing could be read (no YAML, no JSON, too large …); what these held stays in
 *     force
 * @param skipped names of files that hold no mesh documents at all
 * @param tests what is expected of the mesh, in the order of the files; no resources, and nothing in them refuses one
 */
public record ReadResult(
        ResourceSet resources,
        Map<ResourceId, Origin> origins,
        List<Problem> problems,
        Set<ResourceId> refused,
        Set<String> unreadable,
        List<String> skipped,
        List<MeshTestDocument> tests) {
    public ReadResult {
        origins = Map.copyOf(origins);
        problems = List.copyOf(problems);
        refused = Set.copyOf(refused);
        unreadable = Set.copyOf(unreadable);
        skipped = List.copyOf(skipped);
        tests = List.copyOf(tests);
    }

    /** Returns a result without tests. */
    public ReadResult(
            ResourceSet resources,
            Map<ResourceId, Origin> origins,
            List<Problem> problems,
            Set<ResourceId> refused,
            Set<String> unreadable,
            List<String> skipped) {
        this(resources, origins, problems, refused, unreadable, skipped, List.of());
    }

    /** Tells whether anything was refused. */
    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
