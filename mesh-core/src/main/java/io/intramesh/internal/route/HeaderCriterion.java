package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.ValueMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a header or on gRPC metadata, with Envoy's reading of an absent header: only "must be absent" holds then, a
 * value that must not match does not.
 */
final class HeaderCriterion implements Criterion {
    private final String name;
    private final String term;
    private final @Nullable ValueTest value;
    private final boolean invert;

    HeaderCriterion(HeaderMatch match, String term) {
        this.name = match.name().toLowerCase(Locale.ROOT);
        this.term = term + " " + name;
        this.value = match.match() == null ? null : ValueTest.of(match.match());
        this.invert = match.invert();
    }

    /** Returns the name in lower case. */
    String name() {
        return name;
    }

    /** Returns the only value that this condition takes, or null where there is no such value. */
    @Nullable
    String onlyValue() {
        return !invert && value instanceof ValueTest.Exact exact ? exact.expected() : null;
    }

    boolean holds(@Nullable String given) {
        if (value == null) {
            return (given == null) == invert;
        }
        return given != null && value.test(given) != invert;
    }

    @Override
    public boolean test(MeshRequest request, @Nullable String path) {
        return holds(request.header(name));
    }

    @Override
    public String describe() {
        if (value == null) {
            return term + (invert ? " is absent" : " is present");
        }
        return term + (invert ? " is present and " + value.fails() : " " + value.holds());
    }

    @Override
    public String mismatch(MeshRequest request, @Nullable String path) {
        String given = request.header(name);
        if (given == null) {
            return term + " is absent";
        }
        if (value == null) {
            return term + " is present";
        }
        return term + " is '" + given + "', which " + (invert ? value.holds() : value.fails());
    }

    /** A test of a value, and how to speak of it: "… is exactly 'x'", "… is not exactly 'x'". */
    private sealed interface ValueTest {
        boolean test(String given);

        String holds();

        String fails();

        static ValueTest of(ValueMatch match) {
            if (match instanceof ValueMatch.Exact exact) {
                return new Exact(exact.value());
            }
            if (match instanceof ValueMatch.Prefix prefix) {
                return new Prefix(prefix.value());
            }
            if (match instanceof ValueMatch.Suffix suffix) {
                return new Suffix(suffix.value());
            }
            if (match instanceof ValueMatch.Range range) {
                return new Range(range.start(), range.end());
            }
            return new Matching(new Regex(((ValueMatch.Regex) match).pattern()));
        }

        record Exact(String expected) implements ValueTest {
            @Override
            public boolean test(String given) {
                return given.equals(expected);
            }

            @Override
            public String holds() {
                return "is exactly '" + expected + "'";
            }

            @Override
            public String fails() {
                return "is not exactly '" + expected + "'";
            }
        }

        record Prefix(String expected) implements ValueTest {
            @Override
            public boolean test(String given) {
                return given.startsWith(expected);
            }

            @Override
            public String holds() {
                return "starts with '" + expected + "'";
            }

            @Override
            public String fails() {
                return "does not start with '" + expected + "'";
            }
        }

        record Suffix(String expected) implements ValueTest {
            @Override
            public boolean test(String given) {
                return given.endsWith(expected);
            }

            @Override
            public String holds() {
                return "ends with '" + expected + "'";
            }

            @Override
            public String fails() {
                return "does not end with '" + expected + "'";
            }
        }

        record Matching(Regex regex) implements ValueTest {
            @Override
            public boolean test(String given) {
                return regex.matches(given);
            }

            @Override
            public String holds() {
                return "matches '" + regex.text() + "'";
            }

            @Override
            public String fails() {
                return "does not match '" + regex.text() + "'";
            }
        }

        record Range(long start, long end) implements ValueTest {
            @Override
            public boolean test(String given) {
                return isIntegerWithin(given, start, end);
            }

            @Override
            public String holds() {
                return "is an integer from " + start + " to below " + end;
            }

            @Override
            public String fails() {
                return "is not an integer from " + start + " to below " + end;
            }
        }
    }

    /**
     * Tells whether the whole text is a base-10 integer, sign allowed, within the half-open range. By hand, because
     * {@link Long#parseLong} takes digits of every script and throws for each value that is no number.
     */
    static boolean isIntegerWithin(String text, long start, long end) {
        int length = text.length();
        int position = 0;
        boolean negative = false;
        if (length > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+')) {
            negative = text.charAt(0) == '-';
            position = 1;
        }
        if (position == length) {
            return false;
        }
        // Negative, because the least long has no positive counterpart.
        long value = 0;
        for (; position < length; position++) {
            int digit = text.charAt(position) - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            value = value * 10 - digit;
        }
        if (!negative) {
            if (value == Long.MIN_VALUE) {
                return false;
            }
            value = -value;
        }
        return start <= value && value < end;
    }
}
