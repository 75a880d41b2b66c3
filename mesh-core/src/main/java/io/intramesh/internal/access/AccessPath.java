package io.intramesh.internal.access;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/*
 * A rule on paths holds only if it reads a path as the application does. Servers and frameworks differ in what they make of
 * an unusual path: whether %2F parts segments, whether dots step up before or after decoding, whether ";x" is cut off, what an
 * invalid UTF-8 sequence stands for. An attacker picks the spelling in which the two differ. So there is no attempt here to
 * read such a path as somebody else would. A path is taken in one spelling alone, the one that has one meaning to all, and
 * what is written in another is ambiguous, and refused:
 *
 *   - it begins with a slash, and no segment but the last is empty; none is "." or "..", encoded or not;
 *   - it has no backslash, no path parameter (;), no control character and no fragment, and no encoded form of what parts or
 *     cuts segments or ends strings: %2F, %5C, %3B, %00 to %1F, %7F;
 *   - each % begins a triplet, what they decode to is UTF-8 in its shortest form, and is not a triplet once more (%252e);
 *   - characters beyond ASCII are encoded.
 *
 * What is left is decoded once, which is what the servlet specification gives to the application (Servlet 6.1, 3.5.2, whose
 * list of what containers should refuse is close to this one), and rules are held against that. Spring Security's
 * StrictHttpFirewall refuses nearly the same.
 *
 * Cost: one pass without allocation where nothing is encoded, which is nearly always.
 */

/** Reads the path of a request as every application must read it, or not at all. */
public final class AccessPath {
    private AccessPath() {}

    /** Returns the decoded path, or null where it could be read in more than one way. */
    public static @Nullable String of(@Nullable String sent) {
        if (sent == null || sent.isEmpty() || sent.charAt(0) != '/') {
            return null;
        }
        boolean isEncoded = false;
        for (int i = 0; i < sent.length(); i++) {
            char c = sent.charAt(i);
            // Beyond ASCII included: HTTP has no such characters in a path, and containers disagree about their
            // encoding.
            if (c <= ' ' || c >= 0x7f || c == '\\' || c == ';' || c == '#' || c == '?') {
                return null;
            }
            isEncoded |= c == '%';
        }
        String decoded = isEncoded ? decode(sent) : sent;
        return decoded == null || hasOddSegment(decoded) ? null : decoded;
    }

    /** Tells whether a segment but the last is empty, or any steps up or stays. */
    private static boolean hasOddSegment(String path) {
        int start = 1;
        for (int i = 1; i <= path.length(); i++) {
            boolean isEnd = i == path.length();
            if (isEnd || path.charAt(i) == '/') {
                int size = i - start;
                boolean isDots = (size == 1 && path.charAt(start) == '.')
                        || (size == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.');
                if (isDots || (size == 0 && !isEnd)) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }

    private static @Nullable String decode(String sent) {
        byte[] octets = new byte[sent.length()];
        int length = 0;
        for (int i = 0; i < sent.length(); i++) {
            char c = sent.charAt(i);
            int octet = c;
            if (c == '%') {
                octet = triplet(sent, i);
                // Below the blank stands -1, too: no triplet.
                if (octet < ' ' || octet == 0x7f || octet == '/' || octet == '\\' || octet == ';') {
                    return null;
                }
                i += 2;
            }
            octets[length++] = (byte) octet;
        }
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(octets, 0, length));
        } catch (CharacterCodingException overlongOrBroken) {
            return null;
        }
        String decoded = text.toString();
        for (int i = decoded.indexOf('%'); i >= 0; i = decoded.indexOf('%', i + 1)) {
            // Who decodes twice would see another path.
            if (triplet(decoded, i) >= 0) {
                return null;
            }
        }
        return decoded;
    }

    /** Returns the octet of the triplet at that place, or -1 where there is none. */
    private static int triplet(String text, int percent) {
        if (percent + 2 >= text.length()) {
            return -1;
        }
        int high = hex(text.charAt(percent + 1));
        int low = hex(text.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : (high << 4) | low;
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /** Returns the spelling of a decoded path in which only that is encoded which must be (RFC 3986, section 3.3). */
    public static String encode(String decoded) {
        StringBuilder encoded = new StringBuilder(decoded.length() + 8);
        byte[] octets = decoded.getBytes(StandardCharsets.UTF_8);
        for (byte octet : octets) {
            int c = octet & 0xff;
            if (isPathCharacter(c)) {
                encoded.append((char) c);
            } else {
                encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            }
        }
        return encoded.toString();
    }

    private static final String HEX = "0123456789ABCDEF";

    private static boolean isPathCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c < 0x80 && "-._~!$&'()*+,=:@/".indexOf(c) >= 0);
    }
}
