package io.intramesh.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.intramesh.Corpus;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.document.MappingNode.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Breaks real configurations of every dialect in one place each, and looks whether the reader notices. What is broken is
 * told by App Mesh's own service model and not by our binders: a required member, a type, a range, an enumeration, a
 * reference, a name that may stand there only once.
 */
final class CorpusMutationTest {
    private static final int MUTANTS = 6_000;
    private static final String NOBODY = "no-such-resource";

    /** Ways to break a place. */
    private enum Damage {
        MEMBER_DELETED,
        WRONG_TYPE,
        OUT_OF_RANGE,
        UNKNOWN_MEMBER,
        DANGLING_REFERENCE,
        WRITTEN_TWICE
    }

    @Test
    void noBrokenPlaceIsTakenInSilence() throws IOException, Unreadable {
        RandomGeneratorFactory<RandomGenerator> generators = RandomGeneratorFactory.of("L64X128MixRandom");
        List<Original> originals = originals();
        ServiceModel model = ServiceModel.read();
        Map<String, Integer> tried = new TreeMap<>();
        List<String> silent = new ArrayList<>();
        List<String> misplaced = new ArrayList<>();
        int noticed = 0;

        for (int seed = 0; seed < MUTANTS; seed++) {
            RandomGenerator random = generators.create(seed);
            Original original = originals.get(random.nextInt(originals.size()));
            Mutant mutant = original.mutate(model, Damage.values()[seed % Damage.values().length], random);
            if (mutant == null) {
                mutant = original.mutate(model, Damage.values()[random.nextInt(3)], random);
            }
            if (mutant == null) {
                continue;
            }
            tried.merge(original.dialect() + " " + mutant.damage(), 1, Integer::sum);
            String what = "seed " + seed + " " + mutant;

            ReadResult result = Read.reader().read(List.of(RawDocument.of(original.name(), mutant.text())));

            List<Problem> fresh = original.problemsAdded(result);
            for (Problem problem : fresh) {
                assertThat(problem.message()).as(what).isNotBlank().doesNotContain("please report");
                assertThat(problem.origin().file()).as(what).isEqualTo(original.name());
                if (problem.origin().line() == 0) {
                    misplaced.add(what + ": " + problem);
                }
            }
            boolean told = mutant.mustBeRefused()
                    ? fresh.stream().anyMatch(Problem::isError)
                    : !fresh.isEmpty()
                            || !result.resources().equals(original.read().resources());
            if (told) {
                noticed++;
            } else {
                silent.add(what + " " + fresh.stream().map(Problem::message).toList());
            }
        }

        int total = tried.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(silent.stream().limit(20))
                .as("%s taken in silence of %s mutants, %s", silent.size(), total, tried)
                .isEmpty();
        assertThat(misplaced).isEmpty();
        assertThat(total).as("%s", tried).isGreaterThanOrEqualTo(5_000);
        assertThat(noticed).isEqualTo(total);
    }

    private static List<Original> originals() throws IOException, Unreadable {
        List<Original> originals = new ArrayList<>();
        for (Path file : Corpus.files(Corpus.root())) {
            Original original = Original.read(Corpus.name(file), Files.readAllBytes(file));
            if (original != null) {
                originals.add(original);
            }
        }
        assertThat(originals.size()).isGreaterThan(90);
        return originals;
    }

    /**
     * A file that loads without an error.
     *
     * @param trees of its documents, placeholders unfilled
     */
    private record Original(String name, String dialect, List<Node> trees, ReadResult read, Set<String> known) {

        static @Nullable Original read(String name, byte[] content) throws Unreadable {
            RawDocument raw = RawDocument.of(name, content);
            List<Document> documents;
            try {
                documents = name.endsWith(".json")
                        ? JsonTree.parse(name, Text.of(raw, Bounds.MAX_FILE_BYTES))
                        : YamlTree.parse(name, Text.of(raw, Bounds.MAX_FILE_BYTES));
            } catch (Unreadable e) {
                return null;
            }
            List<Node> trees = documents.stream().map(Document::root).toList();
            ReadResult before = Read.reader().read(List.of(raw));
            // Written anew, so that places are those of the mutants.
            ReadResult result = Read.reader().read(List.of(RawDocument.of(name, new Writing(null).all(trees))));
            assertThat(result.resources()).as("%s written anew", name).isEqualTo(before.resources());
            if (result.hasErrors() || result.resources().size() == 0) {
                return null;
            }
            Set<String> known = new HashSet<>();
            result.problems().forEach(problem -> known.add(withoutPlace(problem)));
            return new Original(name, dialectOf(trees), trees, result, known);
        }

        private static String dialectOf(List<Node> trees) {
            for (Node tree : trees) {
                if (tree instanceof MappingNode root) {
                    String apiVersion = root.text("apiVersion");
                    if (apiVersion != null && apiVersion.startsWith("appmesh.k8s.aws/")) {
                        return apiVersion.substring("appmesh.k8s.aws/".length());
                    }
                    if (root.has("Resources")) {
                        return "cloudformation";
                    }
                }
            }
            return "api";
        }

        /** Returns the kind of the only resource, which an API document may leave to its shape; else null. */
        private @Nullable String onlyKind() {
            return read.resources().size() == 1
                    ? read.resources().all().iterator().next().kind().documentName()
                    : null;
        }

        /** Returns the problems that the original did not have; lines shift, so places do not count. */
        List<Problem> problemsAdded(ReadResult result) {
            return result.problems().stream()
                    .filter(problem -> !known.contains(withoutPlace(problem)))
                    .toList();
        }

        private static String withoutPlace(Problem problem) {
            return problem.path() + " " + problem.message().replaceAll(":\\d+:\\d+", "");
        }

        @Nullable
        Mutant mutate(ServiceModel model, Damage damage, RandomGenerator random) {
            List<Place> places = new ArrayList<>();
            for (Node tree : trees) {
                for (Spec spec : Spec.allIn(tree, onlyKind())) {
                    model.walk(spec, places);
                }
            }
            List<Place> fitting =
                    places.stream().filter(place -> place.takes(damage)).toList();
            if (fitting.isEmpty()) {
                return null;
            }
            Place place = fitting.get(random.nextInt(fitting.size()));
            Edit edit = place.edit(damage, random);
            String text = new Writing(edit).all(trees);
            return new Mutant(name, damage, place, edit, text);
        }
    }

    private record Mutant(String file, Damage damage, Place place, Edit edit, String text) {
        boolean mustBeRefused() {
            return edit.mustBeRefused();
        }

        @Override
        public String toString() {
            return file + " " + damage + " " + place.path() + " " + edit;
        }
    }

    /** A spec in a document, with the shape that the service model gives it. */
    private record Spec(String shape, MappingNode node, String path) {
        private static final List<String> KINDS = List.of(
                "Mesh", "VirtualNode", "VirtualService", "VirtualRouter", "Route", "VirtualGateway", "GatewayRoute");

        static List<Spec> allIn(Node tree, @Nullable String onlyKind) {
            List<Spec> found = new ArrayList<>();
            if (!(tree instanceof MappingNode root)) {
                return found;
            }
            MappingNode resources = root.mapping("Resources");
            String apiVersion = root.text("apiVersion");
            MappingNode spec = root.mapping("spec");
            if (resources != null) {
                for (Entry entry : resources.entries()) {
                    if (entry.value() instanceof MappingNode resource) {
                        String type = String.valueOf(resource.text("Type"));
                        MappingNode properties = resource.mapping("Properties");
                        MappingNode templateSpec = properties == null ? null : properties.mapping("Spec");
                        if (type.startsWith("AWS::AppMesh::") && templateSpec != null) {
                            String kind = type.substring("AWS::AppMesh::".length());
                            found.add(new Spec(kind + "Spec", templateSpec, entry.key()));
                        }
                    }
                }
            } else if (apiVersion != null) {
                String kind = root.text("kind");
                if (apiVersion.startsWith("appmesh.k8s.aws/") && spec != null && kind != null && KINDS.contains(kind)) {
                    found.add(new Spec(kind + "Spec", spec, kind));
                    if (spec.get("routes") instanceof SequenceNode routes) {
                        for (Node route : routes.items()) {
                            if (route instanceof MappingNode mapping) {
                                found.add(new Spec("RouteSpec", mapping, kind + ".routes"));
                            }
                        }
                    }
                }
            } else if (spec != null && onlyKind != null) {
                found.add(new Spec(onlyKind + "Spec", spec, onlyKind));
            }
            return found;
        }
    }

    /**
     * A place in a spec.
     *
     * @param shape what the service model says should stand there
     */
    private record Place(String path, Entry entry, ServiceModel.Shape shape, boolean required, boolean reference) {

        boolean takes(Damage damage) {
            // A tag computes a value, and a placeholder stands for one: neither shows its type.
            boolean plain = entry.value().tag() == null && !isComputed(entry.value());
            return switch (damage) {
                case MEMBER_DELETED -> required && plain;
                case WRONG_TYPE -> plain;
                case OUT_OF_RANGE ->
                    plain && (shape.isBoundedNumber() || !shape.choices().isEmpty());
                case UNKNOWN_MEMBER -> true;
                case DANGLING_REFERENCE -> reference;
                case WRITTEN_TWICE -> true;
            };
        }

        private static boolean isComputed(Node node) {
            return node instanceof MappingNode mapping
                    && mapping.entries().size() == 1
                    && (mapping.entries().get(0).key().startsWith("Fn::") || mapping.has("Ref"));
        }

        Edit edit(Damage damage, RandomGenerator random) {
            return switch (damage) {
                case MEMBER_DELETED -> new Edit(entry, entry.key(), null, false, true);
                case WRONG_TYPE -> new Edit(entry, entry.key(), wrongType(), false, true);
                case OUT_OF_RANGE ->
                    new Edit(
                            entry,
                            entry.key(),
                            shape.choices().isEmpty()
                                    ? number(
                                            random.nextBoolean() && shape.min() != null
                                                    ? Objects.requireNonNull(shape.min()) - 1
                                                    : shape.max() == null
                                                            ? Objects.requireNonNull(shape.min()) - 1
                                                            : shape.max() + 1)
                                    : ScalarNode.quoted(Mark.WHOLE_FILE, "neverHeardOf"),
                            false,
                            true);
                case UNKNOWN_MEMBER -> new Edit(entry, entry.key() + "Xyz", entry.value(), false, true);
                case DANGLING_REFERENCE ->
                    new Edit(entry, entry.key(), ScalarNode.quoted(Mark.WHOLE_FILE, NOBODY), false, false);
                case WRITTEN_TWICE -> new Edit(entry, entry.key(), entry.value(), true, true);
            };
        }

        private Node wrongType() {
            if (shape.isCollection()) {
                return ScalarNode.quoted(Mark.WHOLE_FILE, "neither mapping nor list");
            }
            return new MappingNode(
                    Mark.WHOLE_FILE,
                    null,
                    List.of(new Entry("surprise", Mark.WHOLE_FILE, ScalarNode.quoted(Mark.WHOLE_FILE, "x"))));
        }

        private static Node number(long value) {
            return ScalarNode.plain(Mark.WHOLE_FILE, null, Long.toString(value));
        }
    }

    /**
     * What to write in place of an entry.
     *
     * @param value null deletes it
     * @param twice whether it is written a second time
     */
    private record Edit(Entry at, String key, @Nullable Node value, boolean twice, boolean mustBeRefused) {
        @Override
        public String toString() {
            return value == null ? "deleted" : key + (twice ? " twice" : ": " + Writing.shortly(value));
        }
    }

    /** App Mesh's service model: which members a shape has, and what each may be. */
    private record ServiceModel(MappingNode shapes) {

        /** Members that name another resource which must be there. */
        private static final Set<String> REFERENCES = Set.of(
                "WeightedTarget.virtualNode",
                "VirtualNodeServiceProvider.virtualNodeName",
                "VirtualRouterServiceProvider.virtualRouterName",
                "GatewayRouteVirtualService.virtualServiceName");

        static ServiceModel read() throws IOException, Unreadable {
            Path file = Corpus.root().resolveSibling("reference").resolve("appmesh-2019-01-25.service-2.json");
            assumeTrue(Files.isRegularFile(file), "no service model at " + file + ": not tested here");
            String text = Files.readString(file);
            MappingNode root =
                    (MappingNode) JsonTree.parse("model.json", text).get(0).root();
            return new ServiceModel(Objects.requireNonNull(root.mapping("shapes")));
        }

        /**
         * @param choices of an enumeration, else empty
         */
        private record Shape(
                String type, @Nullable Long min, @Nullable Long max, List<String> choices) {
            boolean isBoundedNumber() {
                return (type.equals("integer") || type.equals("long")) && (min != null || max != null);
            }

            boolean isCollection() {
                return type.equals("structure") || type.equals("list");
            }
        }

        void walk(Spec spec, List<Place> places) {
            walk(spec.node(), spec.shape(), spec.path(), places);
        }

        private void walk(Node node, String shapeName, String path, List<Place> places) {
            MappingNode shape = Objects.requireNonNull(shapes.mapping(shapeName), shapeName);
            if (node instanceof SequenceNode list && "list".equals(shape.text("type"))) {
                String member = Objects.requireNonNull(
                        Objects.requireNonNull(shape.mapping("member")).text("shape"));
                for (int i = 0; i < list.items().size(); i++) {
                    walk(list.items().get(i), member, path + "[" + i + "]", places);
                }
            }
            MappingNode members = shape.mapping("members");
            if (!(node instanceof MappingNode mapping) || members == null) {
                return;
            }
            List<String> required = texts(shape.get("required"));
            for (Entry entry : mapping.entries()) {
                Entry member = memberFor(entry.key(), members);
                if (member == null || !(member.value() instanceof MappingNode found)) {
                    continue; // Of the dialect alone; its own tests look at it.
                }
                String name = Objects.requireNonNull(found.text("shape"));
                places.add(new Place(
                        path + "." + entry.key(),
                        entry,
                        shapeOf(name),
                        required.contains(member.key()),
                        REFERENCES.contains(shapeName + "." + member.key())));
                walk(entry.value(), name, path + "." + entry.key(), places);
            }
        }

        /** Finds a member in whatever case a dialect writes it. */
        private static @Nullable Entry memberFor(String key, MappingNode members) {
            return members.entries().stream()
                    .filter(member -> member.key().equalsIgnoreCase(key))
                    .findFirst()
                    .orElse(null);
        }

        private Shape shapeOf(String name) {
            MappingNode shape = Objects.requireNonNull(shapes.mapping(name));
            return new Shape(
                    Objects.requireNonNull(shape.text("type")),
                    number(shape, "min"),
                    number(shape, "max"),
                    texts(shape.get("enum")));
        }

        private static @Nullable Long number(MappingNode shape, String bound) {
            return shape.get(bound) instanceof ScalarNode scalar ? scalar.integer() : null;
        }

        private static List<String> texts(@Nullable Node list) {
            return list instanceof SequenceNode sequence
                    ? sequence.items().stream()
                            .map(item -> ((ScalarNode) item).text())
                            .toList()
                    : List.of();
        }
    }

    /** Writes trees in flow style, one member a line, which is JSON where no tag stands. */
    private static final class Writing {
        private final @Nullable Edit edit;
        private final StringBuilder out = new StringBuilder();

        Writing(@Nullable Edit edit) {
            this.edit = edit;
        }

        static String shortly(Node node) {
            Writing writing = new Writing(null);
            writing.write(node);
            return writing.out.toString().replace("\n", "");
        }

        String all(List<Node> trees) {
            for (Node tree : trees) {
                if (trees.size() > 1) {
                    out.append("---\n");
                }
                write(tree);
                out.append('\n');
            }
            return out.toString();
        }

        private void write(Node node) {
            if (node.tag() != null) {
                out.append(node.tag()).append(' ');
            }
            if (node instanceof ScalarNode scalar) {
                out.append(
                        scalar.type() == ScalarNode.Type.TEXT
                                ? quoted(scalar.text())
                                : scalar.isNull() ? "null" : scalar.text());
            } else if (node instanceof SequenceNode list) {
                writeAll(
                        '[',
                        ']',
                        list.items().stream()
                                .map(item -> (Runnable) () -> write(item))
                                .toList());
            } else {
                List<Runnable> members = new ArrayList<>();
                for (Entry entry : ((MappingNode) node).entries()) {
                    // The same entry may be shared by YAML aliases; then it is broken everywhere.
                    boolean here = edit != null && entry.equals(edit.at());
                    Node value = here ? Objects.requireNonNull(edit).value() : entry.value();
                    String key = here ? Objects.requireNonNull(edit).key() : entry.key();
                    if (value == null) {
                        continue;
                    }
                    Runnable member = () -> {
                        out.append(quoted(key)).append(": ");
                        write(value);
                    };
                    members.addAll(
                            here && Objects.requireNonNull(edit).twice()
                                    ? Arrays.asList(member, member)
                                    : List.of(member));
                }
                writeAll('{', '}', members);
            }
        }

        private void writeAll(char open, char close, List<Runnable> parts) {
            out.append(open);
            for (int i = 0; i < parts.size(); i++) {
                out.append(i == 0 ? "\n" : ",\n");
                parts.get(i).run();
            }
            out.append('\n').append(close);
        }

        private static String quoted(String text) {
            StringBuilder quoted = new StringBuilder("\"");
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '"' || c == '\\') {
                    quoted.append('\\').append(c);
                } else if (c < ' ' || c == 0x7f) {
                    quoted.append(String.format("\\u%04x", (int) c));
                } else {
                    quoted.append(c);
                }
            }
            return quoted.append('"').toString();
        }
    }
}
