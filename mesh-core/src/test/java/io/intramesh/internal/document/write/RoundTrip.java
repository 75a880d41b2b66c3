package io.intramesh.internal.document.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.intramesh.document.DocumentReader;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads what was written, and compares. */
final class RoundTrip {
    private RoundTrip() {}

    /** Reads with values that show up where a text was taken for a placeholder. */
    static ReadResult read(List<RawDocument> documents) {
        return DocumentReader.builder()
                .values(Map.of("X", "FILLED"))
                .environment(Map.of("NONE", "FILLED"))
                .build()
                .read(documents);
    }

    /** Returns the files in the order in which a folder gives them: of their names, level by level. */
    static List<RawDocument> asAFolderGivesThem(List<RawDocument> files) {
        return files.stream()
                .sorted(Comparator.comparing(file -> file.name().replace('/', '\u0001')))
                .toList();
    }

    /**
     * Compares every resource, and the order within what order means something for: the routes of a router, of a gateway, the
     * policies and the endpoints of a mesh.
     */
    static ResourceSet assertReadsBack(String what, ResourceSet expected, List<RawDocument> written) {
        ReadResult result = read(written);
        List<String> errors = result.problems().stream()
                .filter(Problem::isError)
                .map(Problem::toString)
                .toList();
        assertThat(errors).as(() -> what + "\n" + texts(written)).isEmpty();
        Map<ResourceId, Resource> found = byId(result.resources());
        for (Resource resource : expected.all()) {
            Resource read = found.remove(resource.id());
            if (!resource.equals(read)) {
                fail(what + ": wrote\n" + resource + "\nread\n" + read + "\n" + texts(written));
            }
        }
        assertThat(found.keySet()).as(what + ": not written, but read").isEmpty();
        assertThat(order(result.resources())).as(what + ": order").isEqualTo(order(expected));
        return result.resources();
    }

    private static Map<ResourceId, Resource> byId(ResourceSet resources) {
        Map<ResourceId, Resource> byId = new LinkedHashMap<>();
        resources.all().forEach(resource -> byId.put(resource.id(), resource));
        return byId;
    }

    private static Map<String, List<String>> order(ResourceSet resources) {
        return resources.ids().stream()
                .filter(id -> id.parent() != null || !id.kind().isAppMesh())
                .collect(Collectors.groupingBy(
                        id -> id.kind() + " of " + id.mesh() + " " + id.parent(),
                        Collectors.mapping(ResourceId::name, Collectors.toList())));
    }

    private static String texts(List<RawDocument> written) {
        return written.stream()
                .map(file -> "=== " + file.name() + "\n"
                        + new String(file.content(), java.nio.charset.StandardCharsets.UTF_8))
                .collect(Collectors.joining("\n"));
    }
}
