package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import io.intramesh.internal.document.MappingNode.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills {@code ${NAME}}, {@code ${NAME:-default}} and {@code {{ .Values.a.b }}} in the scalars and keys of a tree. Filled
 * after parsing, so that places hold and a value cannot bring structure with it. <code>$${</code> is a literal <code>${</code>,
 * as in Terraform and Compose; <code>{{ "{{" }}</code> is a literal <code>{{</code>, as in Helm. Any other {@code $} stays.
 */
final class Placeholders {
    // Possessive, and no alternative reads past the start of another: linear in the length of the text.
    private static final Pattern PLACEHOLDER = Pattern.compile("(?<dollar>\\$\\$\\{)"
            + "|(?<braces>\\{\\{-?+\\s*+\"\\{\\{\"\\s*+-?+}})"
            + "|\\$\\{(?<name>[A-Za-z_][A-Za-z0-9_.-]*+)(?::-(?<default>[^}$]*+))?+}"
            + "|\\{\\{-?+\\s*+(?<expression>[^{}]*+)}}");
    private static final Pattern DOTTED = Pattern.compile("(?:\\.[A-Za-z_][A-Za-z0-9_-]*+)++");

    private final Map<String, String> values;
    private final Map<String, String> environment;

    Placeholders(Map<String, String> values, Map<String, String> environment) {
        this.values = values;
        this.environment = environment;
    }

    /** Returns a value that the user gives under exactly that name, or null. */
    @Nullable
    String value(String name) {
        return values.get(name);
    }

    /** Returns a variable of the environment, or null. */
    @Nullable
    String environment(String name) {
        return environment.get(name);
    }

    /** Tells whether a text still holds a placeholder, which nothing filled. */
    static boolean isOpen(String text) {
        return text.contains("${") || text.contains("{{");
    }

    /** Returns the filled tree, the same one where nothing is to fill; adds a fault for each place that stays empty. */
    Node fill(Node node, Path path, List<Fault> faults) {
        if (node instanceof ScalarNode scalar) {
            return fillScalar(scalar, path, faults);
        }
        if (node instanceof MappingNode mapping) {
            return fillMapping(mapping, path, faults);
        }
        SequenceNode sequence = (SequenceNode) node;
        List<Node> items = new ArrayList<>(sequence.items().size());
        boolean changed = false;
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            Node filled = fill(item, path.item(i), faults);
            changed |= filled != item;
            items.add(filled);
        }
        return changed ? new SequenceNode(sequence.mark(), sequence.tag(), List.copyOf(items)) : sequence;
    }

    private MappingNode fillMapping(MappingNode mapping, Path path, List<Fault> faults) {
        List<Entry> entries = new ArrayList<>(mapping.entries().size());
        boolean changed = false;
        Set<String> keys = new HashSet<>();
        for (Entry entry : mapping.entries()) {
            Path valuePath = path.member(entry.key());
            String key = filled(entry.key(), entry.keyMark(), valuePath, faults);
            Node value = fill(entry.value(), valuePath, faults);
            if (!keys.add(key == null ? entry.key() : key)) {
                faults.add(new Fault(
                        entry.keyMark(),
                        valuePath,
                        Words.quote(entry.key()) + " gives a key that is there already; remove one"));
                changed = true;
                continue;
            }
            changed |= key != null || value != entry.value();
            entries.add(new Entry(key == null ? entry.key() : key, entry.keyMark(), value));
        }
        return changed ? new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries)) : mapping;
    }

    private ScalarNode fillScalar(ScalarNode scalar, Path path, List<Fault> faults) {
        String filled = filled(scalar.text(), scalar.mark(), path, faults);
        if (filled == null) {
            return scalar;
        }
        Matcher matcher = PLACEHOLDER.matcher(scalar.text());
        boolean asAWhole = matcher.matches();
        return scalar.filledWith(filled, asAWhole);
    }

    /** Returns the filled text; null where nothing was to fill, or not everything could be. */
    private @Nullable String filled(String text, Mark mark, Path path, List<Fault> faults) {
        if (text.indexOf('$') < 0 && !text.contains("{{")) {
            return null;
        }
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder result = new StringBuilder(text.length());
        boolean filledAny = false;
        int done = 0;
        int before = faults.size();
        while (matcher.find()) {
            String value = valueOf(matcher, mark, path, faults);
            if (value != null) {
                result.append(text, done, matcher.start()).append(value);
                done = matcher.end();
                filledAny = true;
            }
        }
        return filledAny && faults.size() == before
                ? result.append(text, done, text.length()).toString()
                : null;
    }

    private @Nullable String valueOf(Matcher matcher, Mark mark, Path path, List<Fault> faults) {
        if (matcher.group("dollar") != null) {
            return "${";
        }
        if (matcher.group("braces") != null) {
            return "{{";
        }
        String name = matcher.group("name");
        if (name != null) {
            String value = values.getOrDefault(name, environment.get(name));
            String otherwise = matcher.group("default");
            if (value == null || (value.isEmpty() && otherwise != null)) {
                value = otherwise;
            }
            if (value == null) {
                faults.add(new Fault(
                        mark,
                        path,
                        "nothing fills ${" + Words.shorten(name)
                                + "}; give it in the values or the environment, or write ${" + Words.shorten(name)
                                + ":-default}"));
            }
            return value;
        }
        String expression = matcher.group("expression").strip();
        if (expression.endsWith("-")) {
            expression = expression.substring(0, expression.length() - 1).strip();
        }
        if (!DOTTED.matcher(expression).matches()) {
            faults.add(new Fault(
                    mark,
                    path,
                    "the template expression {{ " + Words.shorten(expression)
                            + " }} (expected: {{ .Values.name }}); render the template first"));
            return null;
        }
        String dotted = expression.substring(1);
        String own = dotted.startsWith("Values.") ? dotted.substring("Values.".length()) : dotted;
        String value = values.getOrDefault(own, values.get(dotted));
        if (value == null) {
            faults.add(new Fault(
                    mark,
                    path,
                    "nothing fills {{ ." + Words.shorten(dotted) + " }}; give " + Words.quote(own) + " in the values"));
        }
        return value;
    }
}
