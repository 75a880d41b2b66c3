package io.intramesh.internal.document.write;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.document.write.Form.Syntax;
import io.intramesh.internal.document.write.Form.Written;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Puts documents into files that people find again: a folder for each kind, a file for each resource, a router or gateway
 * together with its routes; with several meshes a folder for each. JSON has one document in a file, so that there the routes are
 * numbered: files count in the order of their names.
 */
final class Layout {
    private static final int MAX_NAME_LENGTH = 100;

    /** Key of the folder of tests: the name of no mesh, so that one called "tests" has another folder. */
    private static final String TESTS = "\0tests";

    private final List<Written> documents;
    private final Map<String, String> names = new HashMap<>();
    private final Set<String> usedNames = new HashSet<>();

    Layout(List<Written> documents) {
        this.documents = documents;
    }

    /** Makes the text of a file. */
    interface Text {
        /**
         * Returns the text.
         *
         * @param toTop leads from the file's folder to the top, such as {@code ../}; empty at the top
         */
        String of(List<Written> documents, String toTop);
    }

    List<RawDocument> files(Text text) {
        Set<String> meshes = new LinkedHashSet<>();
        documents.forEach(document -> meshes.add(document.id().mesh()));
        Map<String, List<Written>> files = new LinkedHashMap<>();
        for (Written document : documents) {
            String mesh = document.id().mesh();
            String folder = meshes.size() == 1 ? "" : fileName("", mesh) + "/";
            files.computeIfAbsent(folder + file(folder, document), any -> new ArrayList<>())
                    .add(document);
        }
        List<RawDocument> written = new ArrayList<>();
        files.forEach((name, inFile) -> {
            String toTop = "../".repeat((int) name.chars().filter(c -> c == '/').count());
            written.add(RawDocument.of(name, text.of(holderFirst(inFile), toTop)));
        });
        return written;
    }

    /** Returns the files of tests, named like those that they come from, in a folder of their own. */
    Map<String, List<MeshTestDocument>> testFiles(List<MeshTestDocument> tests) {
        Map<String, List<MeshTestDocument>> files = new LinkedHashMap<>();
        String folder = fileName("", TESTS, "tests") + "/";
        for (MeshTestDocument test : tests) {
            String from = test.origin().file();
            String last = from.substring(from.lastIndexOf('/') + 1);
            int ending = last.lastIndexOf('.');
            String stem = ending > 0 ? last.substring(0, ending) : last;
            files.computeIfAbsent(folder + fileName(folder, from, stem) + ".yaml", any -> new ArrayList<>())
                    .add(test);
        }
        return files;
    }

    /** Returns the router or gateway before its routes, which keep their order. */
    private static List<Written> holderFirst(List<Written> inFile) {
        List<Written> ordered = new ArrayList<>();
        inFile.stream()
                .filter(document -> document.id().kind().parent() == null)
                .forEach(ordered::add);
        inFile.stream()
                .filter(document -> document.id().kind().parent() != null)
                .forEach(ordered::add);
        return ordered;
    }

    private String file(String folder, Written document) {
        ResourceId id = document.id();
        boolean json = document.syntax() == Syntax.JSON;
        String ending = json ? ".json" : ".yaml";
        return switch (id.kind()) {
            case MESH -> "mesh" + ending;
            case VIRTUAL_NODE -> in(folder, "nodes/", id.name()) + ending;
            case VIRTUAL_SERVICE -> in(folder, "services/", id.name()) + ending;
            case VIRTUAL_ROUTER -> in(folder, "routers/", id.name()) + ending;
            case VIRTUAL_GATEWAY -> in(folder, "gateways/", id.name()) + ending;
            case ROUTE -> route(folder, "routers/", id, json) + ending;
            case GATEWAY_ROUTE -> route(folder, "gateways/", id, json) + ending;
            case ACCESS_POLICY, TRAFFIC_POLICY -> "policies" + ending;
            case OVERRIDE -> "overrides" + ending;
            case ENDPOINTS -> "endpoints" + ending;
        };
    }

    private String in(String folder, String kind, String name) {
        return kind + fileName(folder + kind, name);
    }

    private String route(String folder, String kind, ResourceId id, boolean json) {
        String holder = in(folder, kind, requireNonNull(id.parent()));
        if (!json) {
            return holder;
        }
        List<ResourceId> siblings = documents.stream()
                .map(Written::id)
                .filter(other -> other.kind() == id.kind()
                        && other.mesh().equals(id.mesh())
                        && requireNonNull(other.parent()).equals(id.parent()))
                .toList();
        int digits = Math.max(2, String.valueOf(siblings.size()).length());
        String number = String.format(Locale.ROOT, "%0" + digits + "d", siblings.indexOf(id) + 1);
        return holder + "/" + number + "-" + plain(id.name());
    }

    /** Returns a name of its own in that folder, also where file names do not tell upper from lower case. */
    private String fileName(String folder, String name) {
        return fileName(folder, name, name);
    }

    /**
     * @param key what has the name; the same key has the same name
     */
    private String fileName(String folder, String key, String wish) {
        return names.computeIfAbsent(folder + "\n" + key, any -> {
            String base = plain(wish);
            String unused = base;
            for (int i = 2; !usedNames.add((folder + unused).toLowerCase(Locale.ROOT)); i++) {
                unused = base + "-" + i;
            }
            return unused;
        });
    }

    /** Returns what of a name every file system takes: it neither leads out of its folder nor hides. */
    private static String plain(String name) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), MAX_NAME_LENGTH); i++) {
            char c = name.charAt(i);
            boolean taken = c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-');
            plain.append(!taken ? '-' : plain.length() == 0 && (c == '.' || c == '-') ? '_' : c);
        }
        return plain.toString().chars().allMatch(c -> c == '-') ? "unnamed" : plain.toString();
    }
}
