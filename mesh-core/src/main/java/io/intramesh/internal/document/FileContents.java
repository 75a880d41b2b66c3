package io.intramesh.internal.document;

import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.internal.document.Document.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one file gives by itself; depends on nothing else, and so is kept for as long as the file stays the same. Immutable
 * once read.
 *
 * @param held what waits for the other files
 * @param tests what is expected of the mesh
 * @param problems of the file, beside those of its drafts
 * @param isReadable false where nothing in it counts
 * @param isSkipped whether it holds no mesh documents
 */
record FileContents(
        RawDocument raw,
        List<Draft> drafts,
        List<Held> held,
        List<MeshTestDocument> tests,
        List<Problem> problems,
        boolean isReadable,
        boolean isSkipped) {
    FileContents {
        drafts = List.copyOf(drafts);
        held = List.copyOf(held);
        tests = List.copyOf(tests);
        problems = List.copyOf(problems);
    }

    /** A part, with the dialect that joins it to the others. */
    record Held(JoinedDialect dialect, JoinedDialect.Part part) {}

    /** Reads files by a fixed set of dialects and values. */
    static final class Reader {
        private final TerraformDialect terraform = new TerraformDialect();
        private final List<Dialect> dialects;
        private final Placeholders placeholders;
        private final Function<String, @Nullable String> regexChecker;

        Reader(Placeholders placeholders, Function<String, @Nullable String> regexChecker) {
            this.dialects = List.of(
                    new NativeDialect(),
                    new KubernetesDialect(),
                    terraform,
                    new ApiJsonDialect(),
                    new CloudFormationDialect(placeholders));
            this.placeholders = placeholders;
            this.regexChecker = regexChecker;
        }

        /** Returns the dialects whose parts are to be joined, in the order in which they are asked. */
        List<JoinedDialect> joinedDialects() {
            return dialects.stream()
                    .filter(JoinedDialect.class::isInstance)
                    .map(JoinedDialect.class::cast)
                    .toList();
        }

        FileContents read(RawDocument raw) {
            try {
                return new Reading(raw).read();
            } catch (Unreadable e) {
                return unreadable(raw, e.mark(), e.problem());
            } catch (RuntimeException e) {
                // A fault of ours, on one file, must not keep the other files from being read.
                return unreadable(
                        raw, Mark.WHOLE_FILE, "the reader failed (" + e + "); please report this with the file");
            }
        }

        private static FileContents unreadable(RawDocument raw, Mark mark, String message) {
            Problems problems = new Problems(raw.name());
            problems.error(mark, Path.ROOT, message);
            return new FileContents(raw, List.of(), List.of(), List.of(), problems.found(), false, false);
        }

        /** Reads one file. */
        private final class Reading implements Dialect.Drafts {
            private final RawDocument raw;
            private final String file;
            private String text = "";
            private final List<Draft> drafts = new ArrayList<>();
            private final List<Held> held = new ArrayList<>();
            private final List<MeshTestDocument> tests = new ArrayList<>();
            private final List<Problem> problems = new ArrayList<>();
            private @Nullable Dialect reader;
            private int claimed;
            private @Nullable MeshTests meshTests;

            Reading(RawDocument raw) {
                this.raw = raw;
                this.file = raw.name();
            }

            FileContents read() throws Unreadable {
                if (TerraformDialect.isSource(file)) {
                    return source();
                }
                List<Document> documents = documents();
                documents.forEach(this::readDocument);
                return new FileContents(raw, drafts, held, tests, problems, true, isEmpty());
            }

            private boolean isEmpty() {
                return problems.isEmpty()
                        && drafts.isEmpty()
                        && tests.isEmpty()
                        && held.stream().noneMatch(each -> each.part().holdsResources());
            }

            private FileContents source() {
                boolean counts = TerraformDialect.concernsMeshes(file, raw.content());
                if (counts) {
                    reader = terraform;
                    TerraformDialect.readSource(file, this);
                }
                return new FileContents(raw, drafts, held, tests, problems, true, !counts);
            }

            private List<Document> documents() throws Unreadable {
                String ending = FileNames.ending(file);
                // The formats that are JSON and nothing else may be longer.
                boolean isJson = ending.equals("json") || ending.equals("tfstate");
                text = Text.of(raw, isJson ? Bounds.MAX_JSON_BYTES : Bounds.MAX_FILE_BYTES);
                if (ending.equals("template") && !CloudFormationDialect.mayBeIn(text)) {
                    return List.of(); // A template of something else: a server's configuration, say.
                }
                return switch (ending) {
                    case "json", "tfstate" -> JsonTree.parse(file, text);
                    case "yaml", "yml" -> YamlTree.parse(file, text);
                    default -> looksLikeJson(text) ? JsonTree.parse(file, text) : YamlTree.parse(file, text);
                };
            }

            private void readDocument(Document document) {
                if (document.root() instanceof SequenceNode list) {
                    list.items().forEach(item -> readRoot(item, document.faults()));
                } else {
                    readRoot(document.root(), document.faults());
                }
            }

            private void readRoot(Node node, List<Fault> faults) {
                if (!(node instanceof MappingNode root)) {
                    return;
                }
                if (MeshTests.claims(root)) {
                    claimed++;
                    readTest(root, faults);
                    return;
                }
                for (Dialect dialect : dialects) {
                    if (dialect.claims(root, file)) {
                        claimed++;
                        reader = dialect;
                        List<Fault> all = new ArrayList<>(faults);
                        MappingNode filled =
                                dialect.fillsItself() ? root : (MappingNode) placeholders.fill(root, Path.ROOT, all);
                        dialect.read(new Dialect.Claimed(file, ownName(), filled, all, regexChecker), this);
                        return;
                    }
                }
            }

            private void readTest(MappingNode root, List<Fault> faults) {
                List<Fault> all = new ArrayList<>(faults);
                MappingNode filled = (MappingNode) placeholders.fill(root, Path.ROOT, all);
                MeshTests reading = meshTests;
                if (reading == null) {
                    reading = new MeshTests(file, text);
                    meshTests = reading;
                }
                tests.add(reading.read(filled, all));
            }

            /** Returns the stem of the file; with a number from the second document on. */
            private String ownName() {
                String stem = FileNames.stem(file);
                return claimed == 1 ? stem : stem + "-" + claimed;
            }

            @Override
            public void add(Draft draft) {
                drafts.add(draft);
            }

            @Override
            public void addProblems(Problems found) {
                problems.addAll(found.found());
            }

            @Override
            public void add(JoinedDialect.Part part) {
                if (!(reader instanceof JoinedDialect joined)) {
                    throw new IllegalStateException("a part of no joined dialect");
                }
                held.add(new Held(joined, part));
            }
        }

        private static boolean looksLikeJson(String text) {
            String start = text.stripLeading();
            return (start.startsWith("{") && !start.startsWith("{{")) || start.startsWith("[");
        }
    }
}
