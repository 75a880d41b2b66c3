package io.intramesh.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.intramesh.document.DocumentForm;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.DocumentWriter;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Kind;
import io.intramesh.registry.FileRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Holds the schema to the reader: what one takes or refuses, the other does too. Every document is broken in every place in
 * every way that this test knows, and both are asked.
 */
final class DocumentSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(DocumentSchema.render());

    private static final Path COMMITTED = Path.of("../docs/schema/intramesh-v1.schema.json");
    private static final Path CORPUS = Path.of("../../shared/corpus");
    private static final Path SHOP = Path.of("../samples/shop/mesh");

    /** What the reader refuses for a reason that no schema of one document can tell, each by a part of its message. */
    private static final List<String> BEYOND_A_SCHEMA = List.of(
            // Two places of a document disagree.
            "the protocol of the listener",
            "the port of the listener",
            "is the port of another listener too",
            "stands here twice",
            "expected: less than end",
            "every weight is 0",
            "match.prefix beside it",
            "the mesh's own name",
            "expected: before notAfter",
            "of no token (expected: with 'jwt'",
            "expected: at most maxRequests",
            "of a virtual gateway, which has none",
            // Another document may make it right.
            "or an Endpoints document for this node",
            // A library decides.
            "look-around",
            "expected: a time such as",
            "expected: in braces only",
            "expected: more than 0",
            "expected: 1 to 60 s",
            "expected: 1 ms to 1 day",
            "expected: whole seconds",
            // What has more than 64 bits.
            "a 64-bit number");

    @Test
    void theCommittedSchemaIsTheOneThatIsPrinted() throws Exception {
        assertThat(Files.readString(COMMITTED))
                .as("run: ./mesh schema -o docs/schema/intramesh-v1.schema.json")
                .isEqualTo(Run.mesh("schema").out());
    }

    @Test
    void theSchemaCanBeWrittenToAFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("s.json");

        Run run = Run.mesh("schema", "-o", file.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(Files.readString(file)).isEqualTo(DocumentSchema.render());
        assertThat(Run.mesh("schema", "-o", folder.resolve("no/where").toString())
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void theSchemaIsAValidDraft7Schema() throws Exception {
        JsonSchema meta = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                        .getSchema(URI.create("http://json-schema.org/draft-07/schema#"))
                        .getSchemaNode());

        assertThat(meta.validate(JSON.readTree(DocumentSchema.render()))).isEmpty();
    }

    @Test
    void everyMemberIsDescribedOrRefersToWhatIs() throws Exception {
        List<String> silent = new ArrayList<>();
        describe(JSON.readTree(DocumentSchema.render()).get("definitions"), "", silent);

        // The condition of a conditional schema is no member.
        assertThat(silent).allMatch(path -> path.endsWith(".if.kind"));
    }

    private static void describe(JsonNode node, String path, List<String> silent) {
        JsonNode properties = node.get("properties");
        if (properties != null) {
            properties.properties().forEach(entry -> {
                if (!entry.getValue().has("description") && !entry.getValue().has("$ref")) {
                    silent.add(path + "." + entry.getKey());
                }
            });
        }
        if (node.isContainerNode()) {
            node.properties().forEach(entry -> describe(entry.getValue(), path + "." + entry.getKey(), silent));
        }
    }

    @Test
    void theShopAndEveryMemberThereIsPass() throws Exception {
        List<JsonNode> all = new ArrayList<>(fixtures());
        try (Stream<Path> files = Files.walk(SHOP)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                all.addAll(documents(Files.readString(file)));
            }
        }

        assertThat(all).hasSizeGreaterThan(40);
        for (JsonNode document : all) {
            assertThat(SCHEMA.validate(document)).as("%s", document).isEmpty();
            assertThat(errors(document)).as("%s", document).isEmpty();
        }
    }

    @Test
    void theFixturesUseEveryMemberOfEveryKind() throws Exception {
        Set<String> used = new TreeSet<>();
        fixtures().forEach(document -> names(document, used));
        Set<String> known = new TreeSet<>();
        properties(JSON.readTree(DocumentSchema.render()), known);

        assertThat(used).containsAll(known);
        assertThat(fixtures().stream().map(DocumentSchemaTest::kind))
                .containsAll(Stream.of(Kind.values()).map(Kind::documentName).toList());
    }

    private static String kind(JsonNode document) {
        return document.get("kind").asText();
    }

    private static void names(JsonNode node, Set<String> names) {
        node.fieldNames().forEachRemaining(names::add);
        node.forEach(member -> names(member, names));
    }

    private static void properties(JsonNode node, Set<String> names) {
        if (node.has("properties") && node.get("properties").isObject()) {
            node.get("properties").fieldNames().forEachRemaining(names::add);
        }
        node.forEach(member -> properties(member, names));
    }

    @Test
    void readerAndSchemaRefuseTheSame() throws Exception {
        List<String> apart = new ArrayList<>();
        int tried = 0;
        int refused = 0;
        for (JsonNode document : fixtures()) {
            if (kind(document).equals("MeshTest")) {
                continue; // Its sentences are read elsewhere.
            }
            for (Mutant mutant : mutants(document)) {
                tried++;
                List<String> errors = errors(mutant.document());
                boolean isTakenBySchema = SCHEMA.validate(mutant.document()).isEmpty();
                refused += errors.isEmpty() ? 0 : 1;
                boolean isBeyond = !errors.isEmpty()
                        && errors.stream()
                                .allMatch(error -> BEYOND_A_SCHEMA.stream().anyMatch(error::contains));
                if (errors.isEmpty() != isTakenBySchema && !isBeyond) {
                    apart.add(kind(document) + " " + mutant.what() + ": schema "
                            + (isTakenBySchema ? "takes it" : "refuses it") + ", reader: " + errors);
                }
            }
        }

        assertThat(apart).as("%d mutants, %d refused", tried, refused).isEmpty();
        assertThat(tried).isGreaterThan(3000);
        assertThat(refused).isGreaterThan(2000);
    }

    /** Real configurations have what no fixture thought of; they lie beside the repository, or are skipped. */
    @Test
    void whatTheWriterMakesOfRealConfigurationsPasses() throws Exception {
        assumeTrue(
                Files.isDirectory(CORPUS),
                () -> "no corpus at " + CORPUS.toAbsolutePath().normalize());
        DocumentWriter writer = DocumentWriter.builder(DocumentForm.NATIVE).build();
        Set<String> kinds = new TreeSet<>();
        int checked = 0;
        try (Stream<Path> folders = Files.list(CORPUS)) {
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                ReadResult read =
                        DocumentReader.builder().environment(Map.of()).build().read(FileRegistry.documents(folder));
                for (JsonNode document : documents(writer.text(read.resources(), read.tests()))) {
                    assertThat(SCHEMA.validate(document))
                            .as("%s: %s", folder, document)
                            .isEmpty();
                    kinds.add(kind(document));
                    checked++;
                }
            }
        }

        assertThat(checked).isGreaterThan(300);
        assertThat(kinds)
                .containsAll(Stream.of(Kind.values())
                        .filter(Kind::isAppMesh)
                        .map(Kind::documentName)
                        .toList());
    }

    @Test
    void whatTheWriterMakesOfEveryMemberPasses() throws Exception {
        List<RawDocument> files = new ArrayList<>();
        for (JsonNode document : fixtures()) {
            files.add(RawDocument.of("f" + files.size() + ".json", JSON.writeValueAsString(document)));
        }
        ReadResult read = DocumentReader.builder().environment(Map.of()).build().read(files);

        List<JsonNode> written =
                documents(DocumentWriter.builder(DocumentForm.NATIVE).build().text(read.resources(), read.tests()));

        assertThat(written).hasSizeGreaterThan(15);
        for (JsonNode document : written) {
            assertThat(SCHEMA.validate(document)).as("%s", document).isEmpty();
        }
    }

    @Test
    void placeholdersPassWhereTheReaderTakesThem() throws Exception {
        String text = """
                { "apiVersion": "intramesh.io/v1", "kind": "Route",
                  "metadata": { "mesh": "${MESH}", "virtualRouter": "{{ .Values.router }}", "name": "r" },
                  "spec": { "priority": "${P:-7}", "httpRoute": {
                    "match": { "prefix": "${PREFIX}", "method": "${M}", "headers": [{ "name": "x", "invert": "${I}" }] },
                    "action": { "weightedTargets": [{ "virtualNode": "${N}", "weight": "{{ .Values.w }}" }] } } } }
                """;
        ReadResult result = DocumentReader.builder()
                .values(Map.of("MESH", "m", "router", "r", "PREFIX", "/a", "M", "GET", "I", "true", "N", "n", "w", "3"))
                .build()
                .read(List.of(RawDocument.of("a.json", text)));

        assertThat(result.problems().stream().filter(Problem::isError)).isEmpty();
        assertThat(SCHEMA.validate(JSON.readTree(text))).isEmpty();
        assertThat(SCHEMA.validate(JSON.readTree(text.replace("${P:-7}", "seven"))))
                .isNotEmpty();
    }

    /** A broken document, and what was done to it. */
    private record Mutant(String what, JsonNode document) {}

    private static List<Mutant> mutants(JsonNode document) throws JsonProcessingException {
        List<JsonPointer> places = new ArrayList<>();
        places(document, JsonPointer.empty(), places);
        List<Mutant> mutants = new ArrayList<>();
        for (JsonPointer place : places) {
            JsonNode value = document.at(place);
            mutants.add(mutant(document, place, "without", null));
            for (String other : others(value)) {
                mutants.add(mutant(document, place, "= " + other, JSON.readTree(other)));
            }
            if (value.isObject()) {
                ObjectNode more = value.deepCopy();
                more.put("unknownMember", "x");
                mutants.add(mutant(document, place, "with an unknown member", more));
            }
            if (value.isArray() && !value.isEmpty()) {
                ArrayNode many = JSON.createArrayNode();
                for (int i = 0; i < 30; i++) {
                    many.add(value.get(0));
                }
                mutants.add(mutant(document, place, "30 times", many));
            }
        }
        return mutants;
    }

    /** Returns other values for a place, as JSON: of other types, and around the bounds that the reader knows. */
    private static List<String> others(JsonNode value) {
        if (value.isObject()) {
            return List.of("\"text\"", "7", "[]", "{}");
        }
        if (value.isArray()) {
            return List.of("\"text\"", "{}", "[]", "[7]", "[\"x\"]", "[{}]");
        }
        if (value.isNumber()) {
            return List.of(
                    "\"7\"",
                    "\"x\"",
                    "-1",
                    "0",
                    "1",
                    "2",
                    "11",
                    "101",
                    "301",
                    "1001",
                    "65536",
                    "300001",
                    "3000000000",
                    "1.5",
                    "true",
                    "[]",
                    "{}");
        }
        if (value.isBoolean()) {
            return List.of("\"true\"", "1", "[]", "true", "false");
        }
        List<String> texts = new ArrayList<>(List.of(
                "\"\"",
                "\"x\"",
                "\"a/b\"",
                "\"/a/\"",
                "\"arn:aws:x\"",
                "\"5m\"",
                "\"Route\"",
                "7",
                "true",
                "[]",
                "{}"));
        texts.add('"' + "y".repeat(51) + '"');
        texts.add('"' + "z".repeat(256) + '"');
        return texts;
    }

    private static void places(JsonNode value, JsonPointer path, List<JsonPointer> places) {
        if (!path.matches()) {
            places.add(path);
        }
        value.properties().forEach(entry -> places(entry.getValue(), path.appendProperty(entry.getKey()), places));
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            places(value.get(i), path.appendIndex(i), places);
        }
    }

    private static Mutant mutant(JsonNode document, JsonPointer place, String what, @Nullable JsonNode other) {
        JsonNode copy = document.deepCopy();
        JsonNode holder = copy.at(place.head());
        JsonPointer last = place.last();
        if (holder instanceof ObjectNode object) {
            object.remove(last.getMatchingProperty());
            if (other != null) {
                object.set(last.getMatchingProperty(), other);
            }
        } else if (holder instanceof ArrayNode array) {
            if (other == null) {
                array.remove(last.getMatchingIndex());
            } else {
                array.set(last.getMatchingIndex(), other);
            }
        }
        return new Mutant(place + " " + what, copy);
    }

    private static List<String> errors(JsonNode document) throws JsonProcessingException {
        ReadResult result = DocumentReader.builder()
                .environment(Map.of())
                .build()
                .read(List.of(RawDocument.of("a.json", JSON.writeValueAsString(document))));
        List<String> errors = result.problems().stream()
                .filter(Problem::isError)
                .map(Problem::toString)
                .collect(Collectors.toCollection(ArrayList::new));
        result.tests().forEach(test -> test.problems().forEach(problem -> errors.add(problem.toString())));
        // A document that is no longer taken for one of ours is refused all the same.
        if (errors.isEmpty() && result.resources().size() == 0 && result.tests().isEmpty()) {
            errors.add("nothing was read");
        }
        return errors;
    }

    private static List<JsonNode> fixtures() throws IOException {
        List<JsonNode> all = new ArrayList<>(documents(Shop.RESOURCES));
        try (InputStream in = DocumentSchemaTest.class.getResourceAsStream("every-member.yaml")) {
            all.addAll(documents(new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)));
        }
        return all;
    }

    private static List<JsonNode> documents(String yaml) {
        List<JsonNode> documents = new ArrayList<>();
        LoadSettings settings =
                LoadSettings.builder().setSchema(new CoreSchema()).build();
        new Load(settings).loadAllFromString(yaml).forEach(document -> documents.add(JSON.valueToTree(document)));
        return documents;
    }
}
