package io.intramesh.internal.route;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What counts as a regular expression: RE2's syntax, without look-around and back-references. */
public final class RegexSyntax {
    private RegexSyntax() {}

    /** Returns null when the pattern is one, else why it is none. */
    public static @Nullable String problem(String pattern) {
        try {
            Pattern.compile(pattern);
            return null;
        } catch (PatternSyntaxException e) {
            return "no RE2 expression: " + e.getDescription()
                    + (e.getPattern().isEmpty() ? "" : ": '" + e.getPattern() + "'");
        }
    }
}
