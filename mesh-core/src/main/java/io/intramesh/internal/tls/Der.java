package io.intramesh.internal.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The little of DER (X.690) that is needed to dress an old private key as a new one. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;

    private static final int LONG_FORM = 0x80;

    private final byte[] bytes;
    private int at;
    private final int end;

    private Der(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    /** Reads the values of a text, one after the other. */
    static Der reader(byte[] bytes) {
        return new Der(bytes, 0, bytes.length);
    }

    /** Returns the next value's tag, or -1 at the end. */
    int nextTag() {
        return at < end ? bytes[at] & 0xff : -1;
    }

    /** Returns the content of the next value and steps over it, or null where it is malformed or has another tag. */
    byte @Nullable [] content(int tag) {
        if (nextTag() != tag) {
            return null;
        }
        int[] place = place();
        if (place == null) {
            return null;
        }
        at = place[1];
        return Arrays.copyOfRange(bytes, place[0], place[1]);
    }

    /** Returns the next value whole, tag included, and steps over it, or null where it is malformed. */
    byte @Nullable [] whole() {
        int start = at;
        int[] place = place();
        if (place == null) {
            return null;
        }
        at = place[1];
        return Arrays.copyOfRange(bytes, start, place[1]);
    }

    /** Returns where the next value's content begins and ends. */
    private int @Nullable [] place() {
        if (at + 2 > end) {
            return null;
        }
        int length = bytes[at + 1] & 0xff;
        int start = at + 2;
        if (length >= LONG_FORM) {
            int count = length - LONG_FORM;
            if (count < 1 || count > 3 || start + count > end) {
                return null;
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << Byte.SIZE) | (bytes[start + i] & 0xff);
            }
            start += count;
        }
        return start + length > end ? null : new int[] {start, start + length};
    }

    static byte[] value(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < LONG_FORM) {
            out.write(length);
        } else if (length <= 0xff) {
            out.write(LONG_FORM + 1);
            out.write(length);
        } else if (length <= 0xffff) {
            out.write(LONG_FORM + 2);
            out.write(length >>> 8);
            out.write(length);
        } else {
            out.write(LONG_FORM + 3);
            out.write(length >>> 16);
            out.write(length >>> 8);
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
