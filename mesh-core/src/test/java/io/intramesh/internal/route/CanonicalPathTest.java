package io.intramesh.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CanonicalPathTest {

    @Test
    void everySpellingHasOneForm() {
        Map<String, String> forms = Map.ofEntries(
                Map.entry("", "/"),
                Map.entry("/a/./b", "/a/b"),
                Map.entry("/a/../b", "/b"),
                Map.entry("/a/b/..", "/a/"),
                Map.entry("/a/.", "/a/"),
                Map.entry("/..", "/"),
                Map.entry("/../../a", "/a"),
                Map.entry("//a///b//", "/a/b/"),
                Map.entry("/%7Euser", "/~user"),
                Map.entry("/%2e%2E/a", "/a"),
                Map.entry("/a/%2e", "/a/"),
                Map.entry("/a/.%2e/b", "/b"),
                Map.entry("/a//../b", "/a/b"),
                Map.entry("/%41%5a%30", "/AZ0"));

        forms.forEach(
                (sent, form) -> assertThat(CanonicalPath.of(sent)).as(sent).isEqualTo(form));
    }

    @Test
    void whatIsCanonicalStaysTheSameObject() {
        for (String path : List.of(
                "/",
                "/a",
                "/a/b/",
                "/.well-known/x",
                "/..a/b..",
                "/...",
                "/a.b/c",
                "/a%20b",
                "/a%2Fb",
                "/a%2fb",
                "/%",
                "/%zz",
                "/%2",
                "/%252e%252e/a",
                "/%C3%BC",
                "*",
                "/a;x=../b")) {
            assertThat(CanonicalPath.of(path)).isSameAs(path);
        }
    }

    @Test
    void decodingNeverBringsForthATriplet() {
        assertThat(CanonicalPath.of("/%2%65/a")).isEqualTo("/%2%65/a");
        assertThat(CanonicalPath.of("/%%32e/a")).isEqualTo("/%%32e/a");
        assertThat(CanonicalPath.of("/%2%65%2%65/a")).isEqualTo("/%2%65%2%65/a");
    }

    @Test
    void theCanonicalFormIsStableAndHoldsNoDotSegmentOrDoubleSlash() {
        long seed = 20261121;
        SplittableRandom random = new SplittableRandom(seed);
        String[] parts = {"/", "/", ".", "..", "%2e", "%2E", "%2", "%", "e", "2", "%65", "%32", "%2F", "a", "%61", "%25"
        };
        for (int i = 0; i < 50_000; i++) {
            StringBuilder path = new StringBuilder("/");
            for (int j = random.nextInt(12); j > 0; j--) {
                path.append(parts[random.nextInt(parts.length)]);
            }
            String form = CanonicalPath.of(path.toString());
            assertThat(CanonicalPath.of(form)).as("seed %s path %s", seed, path).isSameAs(form);
            assertThat(form).as("seed %s path %s", seed, path).startsWith("/").doesNotContain("//");
            assertThat(List.of(form.split("/", -1)))
                    .as("seed %s path %s", seed, path)
                    .doesNotContain(".", "..");
        }
    }
}
