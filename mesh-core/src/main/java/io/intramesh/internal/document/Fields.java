package io.intramesh.internal.document;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of one mapping. Each is asked for by name, checked, and reported at its own place when wrong; null then
 * stands in for the value, and the resource is refused as a whole at the end. What nobody asked for is unknown: see
 * {@link #end()}.
 *
 * <p>A member written as null counts as absent, as in the JSON of the API.
 */
final class Fields {
    /** Longest duration, in its own unit: what a 32-bit number holds. In seconds these are 68 years. */
    private static final long MAX_DURATION_VALUE = Integer.MAX_VALUE;

    private static final int MAX_NAME_LENGTH = 255;

    private final MappingNode node;
    private final Path path;
    private final Context context;
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private List<String> expectedOneOf = List.of();

    Fields(MappingNode node, Path path, Context context) {
        this.node = node;
        this.path = path;
        this.context = context;
        if (node.tag() != null) {
            error("the tag " + Words.shorten(node.tag()) + " means nothing here; remove it");
        }
    }

    /** Opens a value that must be a mapping; null, and a problem, where it is not. */
    static @Nullable Fields of(Node value, Path path, Context context) {
        if (value instanceof MappingNode mapping) {
            return new Fields(mapping, path, context);
        }
        context.problems().error(value.mark(), path, value.describe() + " (expected: a mapping)");
        return null;
    }

    Mark mark() {
        return node.mark();
    }

    Path path() {
        return path;
    }

    Path path(String name) {
        return path.member(name);
    }

    Context context() {
        return context;
    }

    /** Returns how the author's dialect writes a member, for messages. */
    String spell(String name) {
        return path.spelling().of(name);
    }

    /** Tells whether a member is written, and not as null. Does not make it known. */
    boolean has(String name) {
        return node.has(name);
    }

    /** Returns where a member's value stands; the mapping's own place where it is absent. */
    Mark markOf(String name) {
        MappingNode.Entry entry = node.entry(name);
        return entry == null ? node.mark() : entry.value().mark();
    }

    private Mark keyMarkOf(String name) {
        MappingNode.Entry entry = node.entry(name);
        return entry == null ? node.mark() : entry.keyMark();
    }

    void error(String message) {
        context.problems().error(node.mark(), path, message);
    }

    /** Reports a member by its value's place. */
    void error(String name, String message) {
        context.problems().error(markOf(name), path.member(name), message);
    }

    void note(String name, String message) {
        context.problems().note(markOf(name), path.member(name), message);
    }

    /** Notes that the member of that name is a part without effect. */
    void noteIdle(String name, IdlePart part) {
        context.noteIdle(part, keyMarkOf(name), path.member(name));
    }

    /** Remembers the place of a member for checks of the whole set. */
    Fields keepPlace(String name) {
        if (has(name)) {
            context.keepPlace(path.member(name), markOf(name));
        }
        return this;
    }

    /** Declares members that may stand here and are of no interest. */
    void ignore(String... names) {
        known.addAll(List.of(names));
    }

    /** Reports every member that nobody asked for, and every required one that no misspelling explains. */
    void end() {
        boolean allKnown = true;
        for (MappingNode.Entry entry : node.entries()) {
            if (!known.contains(entry.key())) {
                allKnown = false;
                if (context.problems().isFull()) {
                    break;
                }
                context.problems().error(entry.keyMark(), path.member(entry.key()), unknown(entry.key()));
                missing.remove(String.valueOf(Words.nearest(entry.key(), known)));
            }
        }
        missing.forEach((name, expected) -> context.problems()
                .error(node.mark(), path.member(name), "missing (expected: " + expected + "); add it"));
        if (allKnown && !expectedOneOf.isEmpty()) {
            error("none of " + Words.allOf(path.spelling().of(expectedOneOf))
                    + " stands here (expected: exactly one); add it");
        }
    }

    private String unknown(String name) {
        List<String> spelled = path.spelling().of(known);
        String nearest = Words.nearest(spell(name), spelled);
        return "unknown member " + Words.quote(spell(name))
                + (nearest != null
                        ? "; did you mean '" + nearest + "'?"
                        : " (expected: " + (known.isEmpty() ? "none here" : Words.anyOf(spelled)) + "); remove it");
    }

    // Values of any type.

    @Nullable
    Node value(String name) {
        known.add(name);
        return node.get(name);
    }

    @Nullable
    Node required(String name, String expected) {
        Node value = value(name);
        if (value == null) {
            missing.put(name, expected); // Reported at the end, when all known names are known.
        }
        return value;
    }

    // Mappings and lists.

    @Nullable
    Fields object(String name) {
        Node value = value(name);
        return value == null ? null : of(value, path.member(name), context);
    }

    @Nullable
    Fields requiredObject(String name) {
        Node value = required(name, "a mapping");
        return value == null ? null : of(value, path.member(name), context);
    }

    /** Reads one item of a list; null, and a problem, where it is wrong. */
    interface ItemReader<T> {
        @Nullable
        T read(Node item, Path path);
    }

    /** Returns the items that are right; the empty list where the member is absent. */
    <T> List<T> list(String name, int min, int max, ItemReader<T> reader) {
        Node value = value(name);
        return value == null ? List.of() : items(name, value, min, max, reader);
    }

    <T> List<T> requiredList(String name, int min, int max, ItemReader<T> reader) {
        Node value = required(name, "a list");
        return value == null ? List.of() : items(name, value, min, max, reader);
    }

    private <T> List<T> items(String name, Node value, int min, int max, ItemReader<T> reader) {
        Path listPath = path.member(name);
        if (!(value instanceof SequenceNode sequence)) {
            error(
                    name,
                    value.describe() + " (expected: a list)" + (value instanceof ScalarNode ? "; write [ … ]" : ""));
            return List.of();
        }
        int size = sequence.items().size();
        if (size < min || size > max) {
            error(
                    name,
                    size + (size == 1 ? " entry" : " entries") + " (expected: "
                            + (max == Integer.MAX_VALUE
                                    ? "at least " + min
                                    : min == max ? "" + min : min + " to " + max)
                            + ")");
        }
        List<T> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            T item = reader.read(sequence.items().get(i), listPath.item(i));
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }

    /** Returns an item reader for items that are mappings. */
    <T> ItemReader<T> objects(Function<Fields, @Nullable T> reader) {
        return (item, itemPath) -> {
            Fields fields = of(item, itemPath, context);
            return fields == null ? null : reader.apply(fields);
        };
    }

    /**
     * Returns which of these members stands here, where exactly one must; null where none does, which {@link #end()} then
     * reports unless an unknown member explains it; the first of several, and a problem.
     */
    @Nullable
    String oneOf(String... names) {
        String found = atMostOneOf(names);
        if (found == null) {
            expectedOneOf = List.of(names);
        }
        return found;
    }

    /** Returns which of these members stands here, or null; the first of several, and a problem. */
    @Nullable
    String atMostOneOf(String... names) {
        known.addAll(List.of(names));
        List<String> present = List.of(names).stream().filter(this::has).toList();
        if (present.size() > 1) {
            context.problems()
                    .error(
                            keyMarkOf(present.get(1)),
                            path.member(present.get(1)),
                            "together with " + spell(present.get(0)) + " (expected: only one of "
                                    + Words.allOf(path.spelling().of(present)) + "); remove the others");
        }
        return present.isEmpty() ? null : present.get(0);
    }

    // Scalars.

    @Nullable
    String text(String name, int min, int max) {
        Node value = value(name);
        return value == null ? null : text(value, path.member(name), min, max, context);
    }

    @Nullable
    String requiredText(String name, int min, int max) {
        Node value = required(name, "text");
        return value == null ? null : text(value, path.member(name), min, max, context);
    }

    /** Reads text that stands by itself, for example in a list. */
    static @Nullable String text(Node value, Path path, int min, int max, Context context) {
        if (!(value instanceof ScalarNode scalar) || !scalar.isText()) {
            boolean quotable = value instanceof ScalarNode;
            context.problems()
                    .error(
                            value.mark(),
                            path,
                            value.describe() + " (expected: text)" + (quotable ? "; put it in quotes" : ""));
            return null;
        }
        if (rejectsTag(value, path, context)) {
            return null;
        }
        int length = scalar.text().length();
        if (length < min || length > max) {
            context.problems()
                    .error(
                            value.mark(),
                            path,
                            (length == 0 ? "empty" : length + " characters") + " (expected: "
                                    + (max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max)
                                    + (length == 0 ? " characters" : "") + ")");
            return null;
        }
        return scalar.text();
    }

    private static boolean rejectsTag(Node value, Path path, Context context) {
        if (value.tag() == null) {
            return false;
        }
        context.problems()
                .error(value.mark(), path, "the tag " + Words.shorten(value.tag()) + " means nothing here; remove it");
        return true;
    }

    /** Reads the name of another resource: 1 to 255 characters, neither a path nor an ARN. */
    @Nullable
    String name(String name) {
        Node value = value(name);
        return value == null ? null : checkedName(name, value);
    }

    @Nullable
    String requiredName(String name) {
        Node value = required(name, "a name");
        return value == null ? null : checkedName(name, value);
    }

    private @Nullable String checkedName(String name, Node value) {
        String text = text(value, path.member(name), 1, MAX_NAME_LENGTH, context);
        return text == null ? null : checkedName(text, value.mark(), path.member(name));
    }

    private @Nullable String checkedName(String text, Mark mark, Path at) {
        if (text.startsWith("arn:")) {
            context.problems()
                    .error(
                            mark,
                            at,
                            "the ARN " + Words.quote(text)
                                    + " (expected: a name); write only what follows its last '/'");
            return null;
        }
        if (text.indexOf('/') >= 0) {
            context.problems()
                    .error(mark, at, Words.quote(text) + " (expected: a name without '/'); names hold within one mesh");
            return null;
        }
        return text;
    }

    /** Reads the name of a virtual service: any text, but no ARN. */
    @Nullable
    String requiredServiceName(String name, int max) {
        Node value = required(name, "the name of a virtual service");
        if (value == null) {
            return null;
        }
        String text = text(value, path.member(name), 1, max, context);
        return text == null ? null : checkedName(text, value.mark(), path.member(name));
    }

    /** Reads an RE2 expression of 1 to 255 characters. */
    @Nullable
    String requiredRegex(String name) {
        String text = requiredText(name, 1, 255);
        if (text == null) {
            return null;
        }
        String reason = context.whyNotRegex(text);
        if (reason != null) {
            error(name, Words.reason(reason) + "; RE2 has neither look-around nor back-references");
            return null;
        }
        return text;
    }

    @Nullable
    Boolean bool(String name) {
        Node value = value(name);
        if (value == null) {
            return null;
        }
        if (value instanceof ScalarNode scalar
                && scalar.type() == ScalarNode.Type.BOOLEAN
                && !rejectsTag(value, path.member(name), context)) {
            return scalar.text().toLowerCase(Locale.ROOT).equals("true");
        }
        boolean inQuotes =
                value instanceof ScalarNode scalar && ScalarNode.typeOf(scalar.text()) == ScalarNode.Type.BOOLEAN;
        error(name, value.describe() + " (expected: true or false)" + (inQuotes ? "; remove the quotes" : ""));
        return null;
    }

    boolean bool(String name, boolean otherwise) {
        Boolean value = bool(name);
        return value == null ? otherwise : value;
    }

    @Nullable
    Integer integer(String name, int min, int max) {
        return narrowed(longInteger(name, min, max));
    }

    @Nullable
    Integer integer(String name, int min, int max, String mend) {
        Node value = value(name);
        return value == null ? null : narrowed(number(value, path.member(name), min, max, mend, context));
    }

    @Nullable
    Integer requiredInteger(String name, int min, int max) {
        return narrowed(requiredLong(name, min, max));
    }

    @Nullable
    Integer requiredInteger(String name, int min, int max, String mend) {
        Node value = required(name, expected(min, max));
        return value == null ? null : narrowed(number(value, path.member(name), min, max, mend, context));
    }

    @Nullable
    Integer port(String name) {
        return integer(name, 1, 65_535);
    }

    private static @Nullable Integer narrowed(@Nullable Long value) {
        return value == null ? null : Math.toIntExact(value);
    }

    @Nullable
    Long longInteger(String name, long min, long max) {
        Node value = value(name);
        return value == null ? null : number(value, path.member(name), min, max, "", context);
    }

    @Nullable
    Long requiredLong(String name, long min, long max) {
        Node value = required(name, expected(min, max));
        return value == null ? null : number(value, path.member(name), min, max, "", context);
    }

    /** Reads a whole number that stands by itself, for example in a list. */
    static @Nullable Long number(Node value, Path path, long min, long max, String mend, Context context) {
        if (!(value instanceof ScalarNode scalar) || scalar.type() != ScalarNode.Type.INTEGER) {
            boolean inQuotes = value instanceof ScalarNode scalar
                    && scalar.quoted()
                    && ScalarNode.typeOf(scalar.text()) == ScalarNode.Type.INTEGER;
            context.problems()
                    .error(
                            value.mark(),
                            path,
                            value.describe() + " (expected: a whole number, " + expected(min, max) + ")"
                                    + (inQuotes ? "; remove the quotes" : ""));
            return null;
        }
        if (rejectsTag(value, path, context)) {
            return null;
        }
        Long number = scalar.integer();
        if (number == null || number < min || number > max) {
            context.problems()
                    .error(
                            value.mark(),
                            path,
                            Words.shorten(scalar.text()) + " (expected: "
                                    + (isAbove(scalar, number, max) ? min + " to " + max : expected(min, max)) + ")"
                                    + (mend.isEmpty() ? "" : "; " + mend));
            return null;
        }
        return number;
    }

    /** Tells whether a number is too large, one that no long holds included: only then is the bound worth its digits. */
    private static boolean isAbove(ScalarNode scalar, @Nullable Long number, long max) {
        return number != null ? number > max : !scalar.text().startsWith("-");
    }

    private static String expected(long min, long max) {
        if (max >= Integer.MAX_VALUE) {
            return min == Long.MIN_VALUE ? "a 64-bit number" : min + " or more";
        }
        return min + " to " + max;
    }

    @Nullable
    <E extends Enum<E>> E choice(String name, E[] choices, Function<E, String> text) {
        Node value = value(name);
        return value == null ? null : choice(value, path.member(name), List.of(choices), text, context);
    }

    @Nullable
    <E extends Enum<E>> E requiredChoice(String name, E[] choices, Function<E, String> text) {
        Node value =
                required(name, Words.anyOf(List.of(choices).stream().map(text).toList()));
        return value == null ? null : choice(value, path.member(name), List.of(choices), text, context);
    }

    /** Reads one of a closed set of names. */
    static <E extends Enum<E>> @Nullable E choice(
            Node value, Path path, List<E> choices, Function<E, String> text, Context context) {
        List<String> names = choices.stream().map(text).toList();
        if (!(value instanceof ScalarNode scalar) || !scalar.isText()) {
            context.problems().error(value.mark(), path, value.describe() + " (expected: " + Words.anyOf(names) + ")");
            return null;
        }
        if (rejectsTag(value, path, context)) {
            return null;
        }
        for (E choice : choices) {
            if (text.apply(choice).equals(scalar.text())) {
                return choice;
            }
        }
        String nearest = Words.nearest(scalar.text(), names);
        context.problems()
                .error(
                        value.mark(),
                        path,
                        Words.quote(scalar.text()) + " (expected: " + Words.anyOf(names) + ")"
                                + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
        return null;
    }

    /** Reads {@code {unit: s|ms, value: n}}. */
    @Nullable
    Duration duration(String name) {
        Fields fields = object(name);
        return fields == null ? null : durationOf(fields);
    }

    @Nullable
    Duration requiredDuration(String name) {
        Fields fields = requiredObject(name);
        return fields == null ? null : durationOf(fields);
    }

    private static @Nullable Duration durationOf(Fields fields) {
        Node unit = fields.required("unit", "s or ms");
        Long value = fields.requiredLong("value", 0, MAX_DURATION_VALUE);
        Boolean seconds = unit == null ? null : inSeconds(unit, fields);
        fields.end();
        if (value == null || seconds == null) {
            return null;
        }
        return seconds ? Duration.ofSeconds(value) : Duration.ofMillis(value);
    }

    private static @Nullable Boolean inSeconds(Node unit, Fields fields) {
        if (unit instanceof ScalarNode scalar && scalar.isText()) {
            if (scalar.text().equals("s")) {
                return true;
            }
            if (scalar.text().equals("ms")) {
                return false;
            }
        }
        fields.error("unit", unit.describe() + " (expected: s or ms)");
        return null;
    }

    /** Reads a duration of our own kinds: as App Mesh writes it, or as text such as {@code 250ms}, {@code 10s}, {@code 5m}. */
    @Nullable
    Duration durationOrText(String name) {
        Node value = value(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof ScalarNode scalar)) {
            return duration(name);
        }
        Duration parsed = scalar.isText() ? parseDuration(scalar.text()) : null;
        if (parsed == null) {
            error(name, value.describe() + " (expected: a duration such as 250ms, 10s, 5m or 1h)");
        }
        return parsed;
    }

    @Nullable
    Duration requiredDurationOrText(String name) {
        return required(name, "a duration such as 250ms or 10s") == null ? null : durationOrText(name);
    }

    private static @Nullable Duration parseDuration(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        if (digits == 0 || digits > 9) {
            return null;
        }
        int number = Integer.parseInt(text.substring(0, digits));
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> number > MAX_DURATION_VALUE / 3600 ? null : Duration.ofHours(number);
            default -> null;
        };
    }

    /**
     * Builds a record, whose own checks are a second net: what slips through ours is reported at this mapping.
     */
    <T> @Nullable T build(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            error(String.valueOf(e.getMessage()));
            return null;
        }
    }
}
