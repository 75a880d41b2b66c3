package io.intramesh.internal.document;

import io.intramesh.document.RawDocument;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** From bytes to text, strictly: UTF-8 without control characters; a byte order mark is dropped. */
final class Text {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Text() {}

    static String of(RawDocument document, int maxBytes) throws Unreadable {
        byte[] bytes = document.content();
        if (bytes.length > maxBytes) {
            throw new Unreadable(
                    Mark.WHOLE_FILE, bytes.length + " bytes (expected: at most " + maxBytes + "); split the file");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CoderResult result = decoder.decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            throw new Unreadable(
                    markAt(text, text.length()),
                    "the byte at offset " + in.position() + " is no UTF-8; save the file as UTF-8");
        }
        if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAllowed(c)) {
                throw new Unreadable(markAt(text, i), String.format("control character U+%04X; remove it", (int) c));
            }
        }
        return text;
    }

    /** What YAML 1.2 calls printable (section 5.1); JSON allows no control characters either, outside of escapes. */
    private static boolean isAllowed(char c) {
        return (c >= 0x20 && c < 0x7F)
                || c == '\n'
                || c == '\r'
                || c == '\t'
                || c == 0x85
                || (c >= 0xA0 && c != BYTE_ORDER_MARK && c < 0xFFFE);
    }

    /** Returns the place of the character at an offset. */
    static Mark markAt(String text, int offset) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < offset; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new Mark(line, offset - lineStart + 1);
    }
}
