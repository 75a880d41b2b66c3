package io.intramesh.internal.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessPathTest {

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/admin, /admin",
        "/admin/, /admin/",
        "/%61dmin, /admin",
        "/%41dmin, /Admin",
        "/a%20b, /a b",
        "/caf%C3%A9, /café",
        "/caf%c3%a9, /café",
        "/100%25, /100%",
        "/%40me, /@me",
        "/.well-known/x, /.well-known/x",
        "/a..b/...x, /a..b/...x",
        "/a+b, /a+b",
    })
    void aPathWithOneMeaningIsDecodedOnce(String sent, String meant) {
        assertThat(AccessPath.of(sent)).isEqualTo(meant);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "admin",
                "*",
                "http://a/admin",
                "//admin",
                "/a//b",
                "/./admin",
                "/a/../admin",
                "/a/..",
                "/a/.",
                "/%2e/admin",
                "/a/%2E%2e/admin",
                "/a/.%2e/admin",
                "/%2fadmin",
                "/a%2Fb",
                "/a%5cb",
                "/a\\b",
                "/admin;x=1",
                "/;/admin",
                "/a/..;/admin",
                "/admin%3bx",
                "/admin%00",
                "/admin%0a",
                "/admin%7F",
                "/admin\u0000",
                "/ad min",
                "/%c0%afadmin",
                "/%c0%ae%c0%ae/admin",
                "/%e0%80%af",
                "/%ed%a0%80",
                "/%ff",
                "/%f4%90%80%80",
                "/%252e%252e/admin",
                "/%2561dmin",
                "/%",
                "/%2",
                "/%zz",
                "/%u0061dmin",
                "/café",
                "/admin#x",
                "/admin?x",
            })
    void aPathThatCouldBeReadInAnotherWayIsAmbiguous(String sent) {
        assertThat(AccessPath.of(sent)).isNull();
    }

    @Test
    void whatIsEncodedAsLittleAsCanBeMeansTheSame() {
        long seed = 5;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("/");
            for (int length = random.nextInt(8); length > 0; length--) {
                text.appendCodePoint("aZ9-._~!$&'()*+,=:@/ %\"<>[]^`{|}é€\uD83D\uDE00"
                        .codePoints()
                        .skip(random.nextInt(34))
                        .findFirst()
                        .orElse('x'));
            }
            String decoded = text.toString();
            String encoded = AccessPath.encode(decoded);

            String again = AccessPath.of(encoded);

            if (again != null) {
                assertThat(again).as("seed %s, %s", seed, encoded).isEqualTo(decoded);
            }
            assertThat(encoded.chars().allMatch(c -> c > ' ' && c < 0x7f)).isTrue();
        }
    }

    @Test
    void everyOctetIsEitherReadAsUtf8OrAmbiguous() {
        for (int octet = 0; octet < 256; octet++) {
            String path = AccessPath.of(String.format("/a%%%02x", octet));

            boolean isPlain = octet >= ' ' && octet < 0x7f && "/\\;".indexOf(octet) < 0;
            assertThat(path)
                    .as("%02x", octet)
                    .isEqualTo(isPlain ? "/a" + new String(new byte[] {(byte) octet}, StandardCharsets.UTF_8) : null);
        }
    }
}
