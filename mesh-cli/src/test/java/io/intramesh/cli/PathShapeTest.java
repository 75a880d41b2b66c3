package io.intramesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.PathMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PathShapeTest {

    @Test
    void pathsThatAreSeenStayAsTheyAre() {
        assertThat(matches(List.of("/", "/pay", "/pay/", "/stock/tea")))
                .containsExactlyInAnyOrder(
                        new PathMatch.Exact("/"),
                        new PathMatch.Exact("/pay"),
                        new PathMatch.Exact("/pay/"),
                        new PathMatch.Exact("/stock/tea"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "4711",
                "0b6f9d1e-9f6a-4d2b-8a53-5e0f6a7b8c9d",
                "9e107d9d372bb6826bd81d3542a419d6",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "cus_9s6XKzkNRiz8i3Xa7bQ2"
            })
    void anIdentifierIsLeftOpen(String identifier) {
        assertThat(matches(List.of("/orders/" + identifier + "/lines")))
                .containsExactly(new PathMatch.Regex("/orders/[^/]+/lines"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tea", "v2", "all-customers-of-the-north", "admin", "cafe", ""})
    void aWordIsNot(String word) {
        assertThat(matches(List.of("/orders/" + word))).containsExactly(new PathMatch.Exact("/orders/" + word));
    }

    @Test
    void theFirstSegmentIsNeverLeftOpen() {
        List<String> paths = new ArrayList<>();
        IntStream.range(0, 100).forEach(number -> paths.add("/" + number + "/x"));

        assertThat(matches(paths)).hasSize(100).allMatch(PathMatch.Exact.class::isInstance);
    }

    @Test
    void manyValuesInOnePlaceLeaveItOpenAndFewerDoNot() {
        assertThat(matches(List.of("/stock/tea/r", "/stock/coffee/r", "/stock/honey/r", "/stock/milk/r")))
                .hasSize(4);
        assertThat(matches(
                        List.of("/stock/tea/r", "/stock/coffee/r", "/stock/honey/r", "/stock/milk/r", "/stock/jam/r")))
                .containsExactly(new PathMatch.Regex("/stock/[^/]+/r"));
    }

    @Test
    void onlyWhatIsAlikeInAllElseCounts() {
        assertThat(matches(List.of(
                        "/stock/tea/a", "/stock/coffee/b", "/stock/honey/c", "/stock/milk/d", "/stock/jam/e/f")))
                .hasSize(5);
    }

    @Test
    void whatMeansSomethingInAnExpressionIsTakenByItsLetter() {
        assertThat(matches(List.of("/a.b(c)$/1"))).containsExactly(new PathMatch.Regex("/a\\.b\\(c\\)\\$/[^/]+"));
    }

    /** The expression, read by another engine, and the shape agree about every path; and what was seen is taken. */
    @Test
    void shapeAndExpressionAgree() {
        long seed = 20261121;
        Random random = new Random(seed);
        List<String> words = List.of("a", "b", "c", "1", "22", "a.b", "x+y", "", "admin", "$", "[", "\\");
        for (int round = 0; round < 2000; round++) {
            List<String> paths = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                paths.add(path(random, words));
            }
            Set<PathShape> shapes = PathShape.of(paths, 2 + random.nextInt(4));
            String other = path(random, words);
            for (PathShape shape : shapes) {
                for (String path : List.of(other, paths.get(0))) {
                    assertThat(shape.takes(path))
                            .as("seed %d round %d: %s on %s", seed, round, shape, path)
                            .isEqualTo(matches(shape.match(), path));
                }
            }
            for (String path : paths) {
                assertThat(shapes).as("seed %d round %d: %s", seed, round, path).anyMatch(shape -> shape.takes(path));
            }
        }
    }

    private static String path(Random random, List<String> words) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            path.append('/').append(words.get(random.nextInt(words.size())));
        }
        return path.toString();
    }

    private static boolean matches(PathMatch match, String path) {
        return match instanceof PathMatch.Regex regex
                ? Pattern.matches(regex.pattern(), path)
                : ((PathMatch.Exact) match).path().equals(path);
    }

    private static List<PathMatch> matches(List<String> paths) {
        return PathShape.of(paths, 5).stream().map(PathShape::match).toList();
    }
}
