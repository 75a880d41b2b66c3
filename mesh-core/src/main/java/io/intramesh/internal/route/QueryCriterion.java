package io.intramesh.internal.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.QueryParameterMatch;
import org.jspecify.annotations.Nullable;

/**
 * A condition on the first query parameter of a name. Names and values are compared after percent-decoding; a plus sign is a
 * plus sign, and what is no percent-encoding stands for itself. A parameter without {@code =} has an empty value. Decodes
 * while it compares, so nothing is allocated.
 */
final class QueryCriterion implements Criterion {
    private final String name;
    private final @Nullable String expected;
    private final byte[] nameBytes;
    private final byte @Nullable [] expectedBytes;

    QueryCriterion(QueryParameterMatch match) {
        this.name = match.name();
        this.expected = match.exact();
        this.nameBytes = name.getBytes(UTF_8);
        this.expectedBytes = expected == null ? null : expected.getBytes(UTF_8);
    }

    @Override
    public boolean test(MeshRequest request, @Nullable String path) {
        String query = request.query();
        if (query == null) {
            // An absent query is open only together with an open path.
            return path == null;
        }
        int start = find(query);
        if (start < 0) {
            return false;
        }
        byte[] wanted = expectedBytes;
        if (wanted == null) {
            return true;
        }
        int end = end(query, start, '&');
        int equals = end(query, start, '=');
        return equals < end ? isEqual(query, equals + 1, end, wanted) : wanted.length == 0;
    }

    /** Returns where the first parameter of the name begins, or -1. */
    private int find(String query) {
        int length = query.length();
        for (int start = 0; start <= length; ) {
            int end = end(query, start, '&');
            if (isEqual(query, start, Math.min(end, end(query, start, '=')), nameBytes)) {
                return start;
            }
            start = end + 1;
        }
        return -1;
    }

    private static int end(String query, int start, char separator) {
        int found = query.indexOf(separator, start);
        return found < 0 ? query.length() : found;
    }

    /** Compares a part of the query, decoded, with UTF-8 bytes. */
    private static boolean isEqual(String query, int start, int end, byte[] wanted) {
        int matched = 0;
        int position = start;
        while (position < end) {
            char c = query.charAt(position);
            int high = c == '%' && position + 2 < end ? Character.digit(query.charAt(position + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(query.charAt(position + 2), 16) : -1;
            if (low >= 0) {
                if (matched == wanted.length || wanted[matched++] != (byte) ((high << 4) | low)) {
                    return false;
                }
                position += 3;
            } else if (c < 0x80) {
                if (matched == wanted.length || wanted[matched++] != (byte) c) {
                    return false;
                }
                position++;
            } else {
                // Not legal in a query, but seen: the character stands for its UTF-8 bytes.
                int next = query.offsetByCodePoints(position, 1);
                for (byte b : query.substring(position, next).getBytes(UTF_8)) {
                    if (matched == wanted.length || wanted[matched++] != b) {
                        return false;
                    }
                }
                position = next;
            }
        }
        return matched == wanted.length;
    }

    @Override
    public String describe() {
        return "query parameter " + name + (expected == null ? " is present" : " is '" + expected + "'");
    }

    @Override
    public String mismatch(MeshRequest request, @Nullable String path) {
        String query = request.query();
        if (query == null || find(query) < 0) {
            return "query parameter " + name + " is absent";
        }
        int start = find(query);
        int end = end(query, start, '&');
        int equals = Math.min(end, end(query, start, '='));
        return "query parameter " + name + " is '" + query.substring(Math.min(end, equals + 1), end) + "', not '"
                + expected + "'";
    }
}
