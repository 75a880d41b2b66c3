package io.intramesh.internal.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.document.MappingNode.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged plans and states: whatever stands where, reading ends with problems at places, and never with an exception. */
final class TerraformMutationTest {
    private static final int ROUNDS = 400;

    /** What takes the place of a value. */
    private static final List<String> VALUES =
            List.of("null", "true", "-1", "1e9", "\"\"", "\"x\"", "[]", "{}", "[[1]]", "[null,null]");

    private static final String MAPPING = "{\"no_such\":1}";

    /** Where specs stand that count; a plan repeats them where nobody reads them. */
    private static final Pattern SPEC =
            Pattern.compile("^\\.(planned_)?values\\..*\\.values\\.spec\\b|\\.attributes\\.spec\\b");

    /** Goes through a tree and damages one of its values, counted from the root. */
    private static final class Damage {
        private final int at;
        private final RandomGenerator random;
        private int seen;
        private boolean isTypeOfSpec;

        Damage(int at, RandomGenerator random) {
            this.at = at;
            this.random = random;
        }

        String write(Node node, String path) {
            if (seen++ == at) {
                String value = random.nextBoolean() ? MAPPING : VALUES.get(random.nextInt(VALUES.size()));
                isTypeOfSpec = value.equals(MAPPING)
                        && SPEC.matcher(path).find()
                        && node instanceof ScalarNode scalar
                        && !scalar.isNull()
                        && !scalar.text().isEmpty();
                return value;
            }
            if (node instanceof MappingNode mapping) {
                List<String> members = new ArrayList<>();
                for (Entry entry : mapping.entries()) {
                    boolean renamed = seen == at && random.nextInt(3) == 0;
                    boolean dropped = seen == at && !renamed && random.nextInt(2) == 0;
                    seen += renamed || dropped ? 1 : 0;
                    if (!dropped) {
                        members.add(quoted(renamed ? "no_such" : entry.key()) + ": "
                                + write(entry.value(), path + "." + entry.key()));
                    }
                }
                return "{" + String.join(",\n", members) + "}";
            }
            if (node instanceof SequenceNode sequence) {
                List<String> items = new ArrayList<>();
                sequence.items().forEach(item -> items.add(write(item, path + "[]")));
                return "[" + String.join(",\n", items) + "]";
            }
            ScalarNode scalar = (ScalarNode) node;
            return scalar.quoted() ? quoted(scalar.text()) : scalar.text();
        }

        private static String quoted(String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan.json", "state.json", "terraform.tfstate"})
    void damageGivesProblemsAtPlacesAndNeverAnException(String file) throws Exception {
        Node original = JsonTree.parse(file, text(file)).get(0).root();
        Damage count = new Damage(-1, RandomGenerator.getDefault());
        assertThat(Read.errors(Read.files(file, count.write(original, "")))).isEmpty();
        RandomGeneratorFactory<RandomGenerator> generators = RandomGeneratorFactory.of("L64X128MixRandom");
        int refusing = 0;
        int typesOfSpec = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
            RandomGenerator random = generators.create(seed);
            Damage damage = new Damage(random.nextInt(count.seen), random);
            String text = damage.write(original, "");

            ReadResult result = Read.files(file, text);

            refusing += result.hasErrors() ? 1 : 0;
            assertThat(result.problems())
                    .as("seed %s of %s", seed, file)
                    .allMatch(problem ->
                            problem.origin().line() > 0 && !problem.message().isBlank())
                    .noneMatch(problem -> problem.message().contains("please report"));
            if (damage.isTypeOfSpec) {
                typesOfSpec++;
                assertThat(result.problems())
                        .as("seed %s of %s: a mapping where a value must stand", seed, file)
                        .anyMatch(Problem::isError);
            }
        }
        assertThat(typesOfSpec).as("wrong types within specs").isGreaterThan(3);
        assertThat(refusing).as("damage that shows").isGreaterThan(ROUNDS / 20);
    }

    private static String text(String name) throws IOException {
        try (InputStream in =
                requireNonNull(TerraformMutationTest.class.getResourceAsStream("dialects/" + name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
