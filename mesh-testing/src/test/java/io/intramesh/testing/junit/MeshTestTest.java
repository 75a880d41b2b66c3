package io.intramesh.testing.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.displayName;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.intramesh.OfflineMesh;
import io.intramesh.testing.assertj.MeshAssertions;
import io.intramesh.testing.expectation.ShopMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.FileSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Runs test classes by JUnit itself: what must fail, fails. */
final class MeshTestTest {
    private static final String SHOP = "classpath:shop";
    private static final String HEAD = """
            apiVersion: intramesh.io/v1
            kind: MeshTest
            metadata: { mesh: shop, name: payments }
            spec:
              expectations:
            """;

    @TempDir
    private static Path written;

    @BeforeAll
    static void writeTheShopBesideTheTestClasses() throws Exception {
        Path classes = Path.of(MeshTestTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        write(classes.resolve("shop/mesh.yaml"), ShopMesh.TEXT);
        write(classes.resolve("shop/tests/payments.yaml"), HEAD + """
                              - orders calling GET http://payments.local/beta goes 10 % to payments-v2
                              - orders calling GET http://payments.local/beta goes 50 % to payments-v2
                              - orders calling GET http://payments.local/beta goez to payments-v2
                          """);
        write(
                classes.resolve("shop-of-values/mesh.yaml"),
                ShopMesh.TEXT.replace("weight: 10 ", "weight: \"${WEIGHT}\" "));
        write(
                classes.resolve("shop-refused/mesh.yaml"),
                ShopMesh.TEXT.replace("weight: 90", "weight: 190") + "---\n" + HEAD
                        + "    - anyone calling payments is refused\n");
    }

    @Test
    void theMeshIsHandedToConstructorsAndMethods() {
        Events tests = run(Injected.class);

        tests.assertStatistics(statistics -> statistics.started(4).succeeded(3).failed(1));
        tests.assertThatEvents().haveExactly(1, event(test("whatIsWrongFails"), finishedWithFailure()));
    }

    @Test
    void aMethodHasItsOwnMeshAndValues() {
        run(OnMethods.class)
                .assertStatistics(statistics -> statistics.started(2).succeeded(2));
    }

    @Test
    void aMeshThatIsNotThereOrRefusedFailsTheTest() {
        Events tests = run(Broken.class);

        tests.assertStatistics(statistics -> statistics.started(6).succeeded(1).failed(5));
        failsWith(tests, "refused", "weightedTargets[0].weight: 190 (expected: 0 to 100)");
        failsWith(tests, "nowhere", "no/such/folder: no such file or folder");
        failsWith(tests, "noResource", "'classpath:no-such-shop': no such resource");
        failsWith(tests, "unfilled", "nothing fills ${WEIGHT}");
        failsWith(tests, "badValues", "values: 'WEIGHT' (expected: NAME=value)");
    }

    @Test
    void withoutTheAnnotationNoMeshIsResolved() {
        run(Bare.class).assertStatistics(statistics -> statistics.started(1).failed(1));
    }

    @Test
    void eachExpectationIsATestWithItsPlaceInTheFile() {
        Events tests = run(Expectations.class);

        tests.assertStatistics(statistics -> statistics.started(4).succeeded(2).failed(2));
        tests.assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                displayName("orders calling GET http://payments.local/beta goes 50 % to payments-v2"),
                                finishedWithFailure(message(text -> text.contains("tests/payments.yaml:7:7")
                                        && text.contains("expected: goes 50 % to payments-v2 (found: 10 %)")
                                        && text.contains("happens:  goes 90 % to payments-v1")))));
        tests.assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                displayName("orders calling GET http://payments.local/beta goez to payments-v2"),
                                finishedWithFailure(message(text -> text.contains("tests/payments.yaml:8:53")))));
        assertThat(tests.started().stream().map(MeshTestTest::source))
                .anySatisfy(source -> assertThat(source).endsWith("shop/tests/payments.yaml:7:7"));
    }

    @Test
    void expectationsElsewhereRefusedResourcesAndMissingTestsAreSeen() throws IOException {
        write(written.resolve("empty/mesh.yaml"), ShopMesh.TEXT);
        write(written.resolve("broken/mesh.yaml"), ShopMesh.TEXT);
        write(written.resolve("broken/tests.yaml"), HEAD + "    - a: b: c\n");

        Events tests = run(Variants.class);

        tests.assertThatEvents().haveExactly(1, failed("there are expectations", "documents of kind MeshTest"));
        tests.assertThatEvents().haveExactly(1, failed("tests.yaml can be read", "tests.yaml:6:"));
        tests.assertThatEvents().haveExactly(1, failed("no resource is refused", "190 (expected: 0 to 100)"));
        // In the folder with a broken file, no resource may be refused either; nothing else fails.
        tests.assertStatistics(statistics -> statistics.failed(6));
    }

    private static Condition<Event> failed(String name, String text) {
        return event(displayName(name), finishedWithFailure(message(message -> message.contains(text))));
    }

    private static void failsWith(Events tests, String method, String text) {
        tests.assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                test(method),
                                finishedWithFailure(new Condition<>(
                                        failure -> trace(failure).contains(text), "says %s", text))));
    }

    private static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            text.append(at.getMessage()).append('\n');
        }
        return text.toString();
    }

    private static String source(Event event) {
        TestSource source = event.getTestDescriptor().getSource().orElseThrow();
        if (!(source instanceof FileSource file)) {
            return source.toString();
        }
        return file.getPosition()
                .map(position -> file.getFile().toURI().getPath() + ":" + position.getLine() + ":"
                        + position.getColumn().orElse(0))
                .orElse("no position");
    }

    private static Events run(Class<?> testClass) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(testClass))
                .execute()
                .testEvents();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    // What JUnit runs. Surefire leaves nested classes alone.

    @MeshTest(SHOP)
    static final class Injected {
        private final OfflineMesh own;

        Injected(OfflineMesh own) {
            this.own = own;
        }

        @Test
        void aParameterIsTheMesh(OfflineMesh mesh) {
            MeshAssertions.assertThat(mesh)
                    .from("orders")
                    .routes("GET http://payments.local/beta")
                    .goesTo("payments-v2", 10);
        }

        @Test
        void theConstructorHasIt() {
            MeshAssertions.assertThat(own)
                    .from("orders")
                    .routes("GET http://payments.local/beta")
                    .takesRoute("beta");
        }

        @Test
        void whatIsWrongFails(OfflineMesh mesh) {
            MeshAssertions.assertThat(mesh)
                    .from("orders")
                    .routes("GET http://payments.local/beta")
                    .isRefused();
        }

        @Nested
        final class Inside {
            @Test
            void nestedClassesHaveIt(OfflineMesh mesh) {
                MeshAssertions.assertThat(mesh)
                        .from("orders")
                        .routes("GET http://payments.local/beta")
                        .takesRoute("beta");
            }
        }
    }

    static final class OnMethods {
        @Test
        @MeshTest(value = "classpath:shop-of-values", values = "WEIGHT=10")
        void ten(OfflineMesh mesh) {
            MeshAssertions.assertThat(mesh)
                    .from("orders")
                    .to("payments.local")
                    .routes("GET /beta")
                    .goesTo("payments-v2", 10);
        }

        @Test
        @MeshTest(value = "classpath:shop-of-values", values = "WEIGHT=90")
        void ninety(OfflineMesh mesh) {
            MeshAssertions.assertThat(mesh)
                    .from("orders")
                    .to("payments.local")
                    .routes("GET /beta")
                    .goesTo("payments-v2", 50);
        }
    }

    static final class Broken {
        @Test
        @MeshTest("classpath:shop-refused")
        void refused(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }

        @Test
        @MeshTest(value = "classpath:shop-refused", allowRefused = true)
        void allowed(OfflineMesh mesh) {
            MeshAssertions.assertThat(mesh)
                    .from("orders")
                    .to("payments.local")
                    .routes("GET /beta")
                    .isRefused();
        }

        @Test
        @MeshTest("no/such/folder")
        void nowhere(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }

        @Test
        @MeshTest("classpath:no-such-shop")
        void noResource(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }

        @Test
        @MeshTest("classpath:shop-of-values")
        void unfilled(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }

        @Test
        @MeshTest(value = "classpath:shop-of-values", values = "WEIGHT")
        void badValues(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }
    }

    static final class Bare {
        @Test
        void nobodyKnowsTheMesh(OfflineMesh mesh) {
            assertThat(mesh).isNotNull();
        }
    }

    static final class Expectations {
        @TestFactory
        Stream<DynamicNode> mesh() {
            return MeshExpectations.in(SHOP);
        }
    }

    static final class Variants {
        @TestFactory
        Stream<DynamicNode> withoutTests() {
            return MeshExpectations.in(written.resolve("empty"));
        }

        @TestFactory
        Stream<DynamicNode> withAFileThatCannotBeRead() {
            return MeshExpectations.in(written.resolve("broken"));
        }

        @TestFactory
        Stream<DynamicNode> withARefusedResource() {
            return MeshExpectations.in("classpath:shop-refused");
        }

        @TestFactory
        Stream<DynamicNode> withARefusedResourceThatIsAllowed() {
            return MeshExpectations.of("classpath:shop-refused")
                    .withRefusedAllowed()
                    .tests();
        }

        @TestFactory
        Stream<DynamicNode> withTestsElsewhere() {
            return MeshExpectations.of("classpath:shop-of-values")
                    .withTestsIn("classpath:shop/tests")
                    .withValues(Map.of("WEIGHT", "10"))
                    .tests();
        }
    }
}
