package io.intramesh.internal.route;

/*
 * One path, one form: what is matched is what is forwarded, so that no spelling of a path leads past a rule.
 *
 * As Envoy did for App Mesh (normalize_path, merge_slashes; RFC 3986 sections 6.2.2.2, 5.2.4), in this order:
 *   1. percent-encoded unreserved characters (letters, digits, - . _ ~) are decoded, once;
 *   2. dot segments are removed;
 *   3. runs of slashes become one.
 * All else stays as it was sent: %2F is no slash, %252e is no dot, the case of hex digits is kept, a stray % is kept.
 *
 * Decoding must not bring forth a new triplet ("%2%65" to "%2e"), or the next reader would see another path than we did: a
 * hex digit behind a stray % stays encoded. With this the form is stable: the canonical path of a canonical path is itself.
 *
 * Cost: one pass without allocation where nothing changes, which is nearly always.
 */
final class CanonicalPath {
    private CanonicalPath() {}

    /** Returns the canonical form; the same object where it is canonical already, or does not begin with a slash. */
    static String of(String path) {
        if (path.isEmpty()) {
            return "/";
        }
        if (path.charAt(0) != '/' || !isSuspect(path)) {
            return path;
        }
        String canonical = mergeSlashes(removeDotSegments(decodeUnreserved(path)));
        return canonical.equals(path) ? path : canonical;
    }

    /** Tells whether something may have to change. */
    private static boolean isSuspect(String path) {
        int length = path.length();
        char previous = 0;
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            if (previous == '/' && (c == '/' || (c == '.' && isDotSegment(path, i)))) {
                return true;
            }
            if (c == '%' && isUnreserved(decoded(path, i))) {
                return true;
            }
            previous = c;
        }
        return false;
    }

    /** Tells whether the segment that begins there is one or two dots. */
    private static boolean isDotSegment(CharSequence path, int start) {
        int end = start + 1;
        if (end < path.length() && path.charAt(end) == '.') {
            end++;
        }
        return end == path.length() || path.charAt(end) == '/';
    }

    private static String decodeUnreserved(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        int stray = -3;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int value = c == '%' ? decoded(path, i) : -1;
            if (value < 0) {
                if (c == '%') {
                    stray = out.length();
                }
                out.append(c);
            } else if (isUnreserved(value) && !(out.length() - stray <= 2 && Character.digit(value, 16) >= 0)) {
                out.append((char) value);
                i += 2;
            } else {
                out.append(path, i, i + 3);
                i += 2;
            }
        }
        return out.toString();
    }

    /** Returns the byte that the triplet at that place stands for, or -1 where there is none. */
    private static int decoded(String path, int percent) {
        if (percent + 2 >= path.length()) {
            return -1;
        }
        int high = hex(path.charAt(percent + 1));
        int low = hex(path.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : (high << 4) | low;
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    private static String removeDotSegments(String path) {
        StringBuilder out = new StringBuilder(path.length());
        int start = 0;
        while (start < path.length()) {
            // Each round takes one slash and the segment behind it.
            int next = path.indexOf('/', start + 1);
            int end = next < 0 ? path.length() : next;
            int size = end - start - 1;
            boolean one = size == 1 && path.charAt(start + 1) == '.';
            boolean two = size == 2 && path.charAt(start + 1) == '.' && path.charAt(start + 2) == '.';
            if (two) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            }
            if (!one && !two) {
                out.append(path, start, end);
            } else if (next < 0) {
                out.append('/');
            }
            start = end;
        }
        return out.toString();
    }

    private static String mergeSlashes(String path) {
        if (!path.contains("//")) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
                out.append(path.charAt(i));
            }
        }
        return out.toString();
    }
}
