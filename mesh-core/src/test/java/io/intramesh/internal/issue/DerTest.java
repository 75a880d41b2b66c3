package io.intramesh.internal.issue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected bytes are written by hand from X.690, or are those of the RFC that is named. */
final class DerTest {
    @ParameterizedTest
    @CsvSource({"0,020100", "127,02017f", "128,02020080", "256,02020100", "-1,0201ff"})
    void integersAreShortAndSigned(long number, String hex) {
        assertThat(hex(Der.integer(number))).isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({"127,047f", "128,048180", "255,0481ff", "256,04820100", "65536,0483010000"})
    void lengthsTakeAsFewBytesAsTheyCan(int length, String head) {
        assertThat(hex(Der.octets(new byte[length]))).startsWith(head + "00").hasSize(head.length() + 2 * length);
    }

    /** RSADSI's own arc, as X.690 §8.19 and every textbook have it; then one with a zero and one of three bytes. */
    @ParameterizedTest
    @CsvSource({"1.2.840.113549,06062a864886f70d", "1.3.132.0.34,06052b81040022", "2.5.29.17,0603551d11"})
    void objectIdentifiersAreWrittenInBase128(String dotted, String hex) {
        assertThat(hex(Der.oid(dotted))).isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({"80,03020780", "a0,030205a0", "06,03020106", "01,03020001", "00,030100"})
    void namedBitsEndWithTheLastOneThatIsSet(String mask, String hex) {
        assertThat(hex(Der.namedBits(Integer.parseInt(mask, 16)))).isEqualTo(hex);
    }

    @Test
    void timesHaveTwoDigitsOfTheYearUpTo2049AndFourFromThenOn() {
        assertThat(text(Der.time(Instant.parse("2049-12-31T23:59:59Z")))).isEqualTo("491231235959Z");
        assertThat(Der.time(Instant.parse("2049-12-31T23:59:59Z"))[0]).isEqualTo((byte) 0x17);
        assertThat(text(Der.time(Instant.parse("2050-01-01T00:00:00Z")))).isEqualTo("20500101000000Z");
        assertThat(Der.time(Instant.parse("2050-01-01T00:00:00Z"))[0]).isEqualTo((byte) 0x18);
    }

    private static String hex(byte[] der) {
        return HexFormat.of().formatHex(der);
    }

    private static String text(byte[] der) {
        return new String(der, 2, der.length - 2, StandardCharsets.US_ASCII);
    }
}
