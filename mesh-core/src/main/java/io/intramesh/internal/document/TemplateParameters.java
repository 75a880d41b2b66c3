package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The values of one template's parameters. A value comes from the first of these that has one: the values that the user
 * gives; the stack that contains this one; the file of parameters beside the template; {@code Default}; the environment. What
 * none of them has is a {@link Gap} under its own name.
 */
final class TemplateParameters {
    private static final Set<String> MEMBERS = Set.of(
            "Type",
            "Default",
            "AllowedPattern",
            "AllowedValues",
            "ConstraintDescription",
            "Description",
            "MaxLength",
            "MaxValue",
            "MinLength",
            "MinValue",
            "NoEcho");

    private static final String STORED = "AWS::SSM::Parameter::Value<";

    /** Longest value of a parameter in CloudFormation. */
    private static final int MAX_LENGTH = 4096;

    /** Characters that an expression may look at; one that needs more is not used to check anything. */
    private static final int MAX_LOOKS = 200_000;

    private final Template template;
    private final Sources sources;
    private final Map<String, TemplateText> known = new LinkedHashMap<>();

    TemplateParameters(Template template, Sources sources) {
        this.template = template;
        this.sources = sources;
    }

    /** Where values come from, the first that has one. Each returns null where it has none. */
    interface Sources {
        @Nullable
        String given(String name);

        @Nullable
        TemplateText fromOuterStack(String name) throws Unresolved;

        @Nullable
        String fromFile(String name) throws Unresolved;

        @Nullable
        String fromEnvironment(String name);

        /** Fills what deployment tools left open in a default. */
        ScalarNode fill(ScalarNode written) throws Unresolved;
    }

    boolean has(String name) {
        return template.entry("Parameters", name) != null;
    }

    /** Tells whether the values of that parameter are lists. */
    boolean isList(String name) {
        String type = type(name);
        String stored = type.startsWith(STORED) ? type.substring(STORED.length()) : type;
        return stored.startsWith("CommaDelimitedList") || stored.startsWith("List<");
    }

    private String type(String name) {
        MappingNode.Entry entry = template.entry("Parameters", name);
        String type = entry != null && entry.value() instanceof MappingNode body ? body.text("Type") : null;
        return type == null ? "String" : type;
    }

    /** Returns the value of a parameter that the template declares; the items of a list with commas between them. */
    TemplateText value(String name, Mark use) throws Unresolved {
        TemplateText value = known.get(name);
        if (value == null) {
            value = find(name, use);
            known.put(name, value);
        }
        return value;
    }

    private TemplateText find(String name, Mark use) throws Unresolved {
        String what = "parameter " + Words.quote(name);
        MappingNode.Entry entry = template.entry("Parameters", name);
        if (entry == null || !(entry.value() instanceof MappingNode body)) {
            throw new Unresolved(use, what + " is declared as no mapping; give it a Type");
        }
        checkMembers(what, body, use);
        boolean stored = type(name).startsWith(STORED);
        String written = defaultOf(what, body, use);
        String given = sources.given(name);
        if (given == null && stored && written != null) {
            given = sources.given(written);
        }
        if (given != null) {
            return checked(name, what, body, given, use);
        }
        if (!stored) {
            TemplateText outer = sources.fromOuterStack(name);
            if (outer != null) {
                return outer.isCertain() ? checked(name, what, body, outer.text(), use) : outer;
            }
            String found = sources.fromFile(name);
            found = found != null ? found : written != null ? written : sources.fromEnvironment(name);
            if (found != null) {
                return checked(name, what, body, found, use);
            }
        }
        return TemplateText.ofGap(
                name,
                new Gap(
                        what,
                        false,
                        what
                                + (stored
                                        ? " has its value in AWS Systems Manager only"
                                        : " has neither a default nor a value"),
                        "give it in the values (" + Words.shorten(name) + ": …)"
                                + (stored ? "" : " or in " + template.stem() + ".parameters.json")));
    }

    private static void checkMembers(String what, MappingNode body, Mark use) throws Unresolved {
        for (MappingNode.Entry member : body.entries()) {
            if (!MEMBERS.contains(member.key())) {
                String nearest = Words.nearest(member.key(), MEMBERS);
                throw new Unresolved(
                        use,
                        what + " has the unknown member " + Words.quote(member.key())
                                + (nearest == null ? "; remove it" : "; did you mean '" + nearest + "'?"));
            }
        }
        if (body.text("Type") == null) {
            throw new Unresolved(use, what + " has no Type (expected: such as String or Number); add it");
        }
    }

    private @Nullable String defaultOf(String what, MappingNode body, Mark use) throws Unresolved {
        Node written = body.get("Default");
        if (written == null) {
            return null;
        }
        if (!(written instanceof ScalarNode scalar) || written.tag() != null) {
            throw new Unresolved(
                    use, what + " has " + written.describe() + " as its Default (expected: plain text or a number)");
        }
        return sources.fill(scalar).text();
    }

    private TemplateText checked(String name, String what, MappingNode body, String value, Mark use) throws Unresolved {
        List<String> items = new ArrayList<>();
        if (isList(name)) {
            TemplateText.of(value)
                    .split(",")
                    .forEach(item -> items.add(item.text().strip()));
        } else {
            items.add(value);
        }
        String type = type(name);
        boolean isNumber = type.equals("Number") || type.equals("List<Number>");
        String expected = value.length() > MAX_LENGTH ? "at most " + MAX_LENGTH + " characters" : null;
        for (String item : items) {
            if (expected == null) {
                expected = isNumber ? whyNoNumber(item, body) : whyNotAllowed(item, body);
            }
        }
        if (expected != null) {
            throw new Unresolved(
                    use,
                    what + " is " + Words.quote(value) + " (expected: " + expected
                            + ", as the template declares it); give another value");
        }
        return TemplateText.of(String.join(",", items));
    }

    private static @Nullable String whyNoNumber(String item, MappingNode body) {
        Double number = number(item);
        if (number == null) {
            return "a number";
        }
        Double min = limit(body, "MinValue");
        Double max = limit(body, "MaxValue");
        if (min != null && number < min) {
            return "at least " + limitText(body, "MinValue");
        }
        if (max != null && number > max) {
            return "at most " + limitText(body, "MaxValue");
        }
        return whyNotAllowed(item, body);
    }

    private static @Nullable String whyNotAllowed(String item, MappingNode body) {
        if (body.get("AllowedValues") instanceof SequenceNode allowed) {
            List<String> values = new ArrayList<>();
            for (Node each : allowed.items()) {
                if (each instanceof ScalarNode scalar) {
                    values.add(scalar.text());
                }
            }
            if (!values.contains(item)) {
                return "one of " + Words.shorten(Words.anyOf(values));
            }
        }
        Double min = limit(body, "MinLength");
        Double max = limit(body, "MaxLength");
        if (min != null && item.length() < min) {
            return "at least " + limitText(body, "MinLength") + " characters";
        }
        if (max != null && item.length() > max) {
            return "at most " + limitText(body, "MaxLength") + " characters";
        }
        String pattern = body.text("AllowedPattern");
        return pattern != null && !matches(pattern, item) ? "text that matches " + Words.shorten(pattern) : null;
    }

    private static @Nullable Double limit(MappingNode body, String member) {
        return body.get(member) instanceof ScalarNode scalar ? number(scalar.text()) : null;
    }

    private static String limitText(MappingNode body, String member) {
        return body.get(member) instanceof ScalarNode scalar ? Words.shorten(scalar.text()) : "";
    }

    private static @Nullable Double number(String text) {
        ScalarNode.Type type = ScalarNode.typeOf(text);
        if (type != ScalarNode.Type.INTEGER && type != ScalarNode.Type.DECIMAL) {
            return null;
        }
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null; // Hexadecimal or the like, which YAML knows and CloudFormation does not.
        }
    }

    /**
     * Tells whether a text matches as CloudFormation's own (Java) expressions do. They may backtrack, and whoever writes the
     * template is not always whoever runs the mesh: so the looks at the text are counted, and the check given up where there
     * are too many.
     */
    private static boolean matches(String pattern, String text) {
        try {
            return Pattern.compile(pattern).matcher(new CountedText(text)).matches();
        } catch (PatternSyntaxException | TooManyLooks | StackOverflowError e) {
            return true;
        }
    }

    private static final class TooManyLooks extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Ends the matching of an expression that backtracks without end. */
    private static final class CountedText implements CharSequence {
        private final String text;
        private int looks;

        CountedText(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++looks > MAX_LOOKS) {
                throw new TooManyLooks();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(from, to);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
