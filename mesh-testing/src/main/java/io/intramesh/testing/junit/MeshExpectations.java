package io.intramesh.testing.junit;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.intramesh.document.Problem;
import io.intramesh.testing.expectation.ExpectationChecker;
import io.intramesh.testing.expectation.MeshTestCase;
import io.intramesh.testing.expectation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;

/**
 * The MeshTest documents of a folder as tests of JUnit, each expectation one, with its place in the file as source. Immutable.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicNode> mesh() {
 *     return MeshExpectations.in("../mesh");
 * }
 * }</pre>
 *
 * <p>That nothing is refused is a test, too. A folder without expectations is a test that fails: else nobody would notice
 * that a file was moved.
 */
public final class MeshExpectations {
    private final String mesh;
    private final @Nullable String tests;
    private final Map<String, String> values;
    private final boolean isRefusedAllowed;

    private MeshExpectations(
            String mesh, @Nullable String tests, Map<String, String> values, boolean isRefusedAllowed) {
        this.mesh = mesh;
        this.tests = tests;
        this.values = Map.copyOf(values);
        this.isRefusedAllowed = isRefusedAllowed;
    }

    /**
     * Returns the tests of a file or folder that holds both resources and expectations.
     *
     * @param location a path from the module's own folder, or {@code classpath:} and the name of a resource on disk
     */
    public static Stream<DynamicNode> in(String location) {
        return of(location).tests();
    }

    /** Returns the tests of a file or folder that holds both resources and expectations. */
    public static Stream<DynamicNode> in(Path fileOrFolder) {
        return in(fileOrFolder.toString());
    }

    /** Returns a description of a mesh's tests, for those who need more than {@link #in(String)}. */
    public static MeshExpectations of(String mesh) {
        return new MeshExpectations(requireNonNull(mesh, "mesh"), null, Map.of(), false);
    }

    /** Takes the expectations from another file or folder than the resources. */
    public MeshExpectations withTestsIn(String location) {
        return new MeshExpectations(mesh, requireNonNull(location, "location"), values, isRefusedAllowed);
    }

    /** Fills placeholders; nothing else does, not even the environment. */
    public MeshExpectations withValues(Map<String, String> newValues) {
        return new MeshExpectations(mesh, tests, newValues, isRefusedAllowed);
    }

    /** Takes it that resources are refused; the mesh is asked without them. */
    public MeshExpectations withRefusedAllowed() {
        return new MeshExpectations(mesh, tests, values, true);
    }

    /** Returns the tests: a container for each document, in it a test for each expectation. */
    public Stream<DynamicNode> tests() {
        @Nullable ClassLoader own = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = own == null ? ClassLoader.getSystemClassLoader() : own;
        MeshFolder resources = MeshFolder.read(mesh, values, loader);
        MeshFolder expected = tests == null ? resources : MeshFolder.read(tests, values, loader);
        ExpectationChecker checker = ExpectationChecker.of(resources.mesh(true));
        Map<String, List<DynamicNode>> documents = new LinkedHashMap<>();
        for (MeshTestCase test : MeshTestCase.of(expected.result().tests())) {
            documents
                    .computeIfAbsent(test.test(), name -> new ArrayList<>())
                    .add(dynamicTest(
                            test.title(),
                            expected.source(
                                    test.place().file(),
                                    test.place().line(),
                                    test.place().column()),
                            () -> check(test, checker)));
        }
        List<DynamicNode> nodes = new ArrayList<>();
        if (!isRefusedAllowed) {
            nodes.add(dynamicTest("no resource is refused", () -> resources.mesh(false)));
        }
        // What nobody can read may hold expectations.
        for (Problem problem : expected.result().problems()) {
            if (expected.result().unreadable().contains(problem.origin().file())) {
                nodes.add(dynamicTest(problem.origin().file() + " can be read", () -> {
                    throw new AssertionError(problem.toString());
                }));
            }
        }
        if (documents.isEmpty() && expected.result().unreadable().isEmpty()) {
            nodes.add(dynamicTest("there are expectations", () -> {
                throw new AssertionError(expected.path()
                        + ": no expectations (expected: documents of kind MeshTest); see docs/testing-a-mesh.md");
            }));
        }
        documents.forEach((name, cases) -> nodes.add(dynamicContainer(name, cases)));
        return nodes.stream();
    }

    private static void check(MeshTestCase test, ExpectationChecker checker) {
        Outcome outcome = test.check(checker);
        if (!outcome.isMet()) {
            throw new AssertionError(test.place() + ": " + test.title() + "\n" + outcome);
        }
    }
}
