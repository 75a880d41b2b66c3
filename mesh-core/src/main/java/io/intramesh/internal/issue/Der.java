package io.intramesh.internal.issue;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/**
 * Writes the part of DER [1] that certificates and revocation lists need. Every method returns one whole value: tag, length,
 * content. Nothing is read here; the JDK does that.
 *
 * <p>[1] ITU-T X.690 (2021), §8 and §10; as used by RFC 5280.
 */
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int NULL = 0x05;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;

    /** Context-specific class, as in {@code [0]}. */
    private static final int CONTEXT = 0x80;

    private static final int CONSTRUCTED = 0x20;

    /** A length of 128 and more is written as the count of its bytes, with this bit, and then the bytes. */
    private static final int LONG_FORM = 0x80;

    /** RFC 5280 §4.1.2.5: up to 2049 in two digits of the year, from then on in four. */
    private static final Instant FOUR_DIGIT_YEARS = Instant.parse("2050-01-01T00:00:00Z");

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter GENERALIZED =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final Pattern DOT = Pattern.compile("\\.");

    private Der() {}

    static byte[] sequence(byte[]... parts) {
        return value(SEQUENCE, concatenated(parts));
    }

    /** Returns a SET of one element; more would have to be sorted. */
    static byte[] setOf(byte[] element) {
        return value(SET, element);
    }

    static byte[] integer(long number) {
        return integer(BigInteger.valueOf(number));
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    static byte[] bool(boolean claim) {
        return value(BOOLEAN, new byte[] {(byte) (claim ? 0xff : 0)});
    }

    static byte[] nothing() {
        return value(NULL, new byte[0]);
    }

    static byte[] octets(byte[] content) {
        return value(OCTET_STRING, content);
    }

    /** Returns a BIT STRING of whole bytes. */
    static byte[] bits(byte[] content) {
        return value(BIT_STRING, concatenated(new byte[1], content));
    }

    /**
     * Returns a BIT STRING of named bits, without zeros at its end (X.690 §11.2.2).
     *
     * @param mask at most eight bits, of which bit 0 of ASN.1 is the highest
     */
    static byte[] namedBits(int mask) {
        int unused = Integer.numberOfTrailingZeros(mask | 0x100) % Byte.SIZE;
        return value(BIT_STRING, mask == 0 ? new byte[1] : new byte[] {(byte) unused, (byte) mask});
    }

    static byte[] utf8(String text) {
        return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] time(Instant instant) {
        return instant.isBefore(FOUR_DIGIT_YEARS)
                ? value(UTC_TIME, UTC.format(instant).getBytes(StandardCharsets.US_ASCII))
                : value(GENERALIZED_TIME, GENERALIZED.format(instant).getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns an OBJECT IDENTIFIER: the first two arcs share a number, and each number is written in base 128. */
    static byte[] oid(String dotted) {
        int[] arcs = DOT.splitAsStream(dotted).mapToInt(Integer::parseInt).toArray();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        base128(content, arcs[0] * 40 + arcs[1]);
        for (int at = 2; at < arcs.length; at++) {
            base128(content, arcs[at]);
        }
        return value(OBJECT_IDENTIFIER, content.toByteArray());
    }

    /** Returns {@code [number] EXPLICIT}: the content is a whole value. */
    static byte[] explicit(int number, byte[] content) {
        return value(CONTEXT | CONSTRUCTED | number, content);
    }

    /** Returns {@code [number] IMPLICIT} of a primitive type: the content has no tag of its own. */
    static byte[] implicit(int number, byte[] content) {
        return value(CONTEXT | number, content);
    }

    static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] value(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        if (content.length < LONG_FORM) {
            out.write(content.length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + Byte.SIZE - 1) / Byte.SIZE;
            out.write(LONG_FORM | bytes);
            for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                out.write(content.length >>> shift);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static void base128(ByteArrayOutputStream out, int number) {
        int groups = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(number) + 6) / 7);
        for (int shift = (groups - 1) * 7; shift > 0; shift -= 7) {
            out.write(0x80 | ((number >>> shift) & 0x7f));
        }
        out.write(number & 0x7f);
    }
}
