package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files of parameters that stand beside templates, in the forms that the AWS CLI takes. Which template a file is for, its name
 * tells: {@code mesh.parameters.json} (also {@code mesh-parameters}, {@code mesh.params}, {@code mesh-params}) is for
 * {@code mesh.yaml}, and {@code parameters} or {@code params} for every template of the folder that has none of its own. A file
 * for one of several environments names none, and is not used.
 */
final class ParameterFiles {
    private static final List<String> WORDS = List.of("parameters", "params");
    private static final List<String> SEPARATORS = List.of(".", "-", "_");

    private final Map<String, Map<String, String>> byName = new LinkedHashMap<>();
    private final Map<String, Values> files = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    /** Parameters that one document gives. */
    record Values(String file, Mark mark, Map<String, String> values) implements JoinedDialect.Part {}

    ParameterFiles(List<Values> found) {
        for (Values each : found) {
            byName.computeIfAbsent(withoutEnding(each.file()), any -> new LinkedHashMap<>())
                    .putAll(each.values());
            files.putIfAbsent(withoutEnding(each.file()), each);
        }
    }

    private static String withoutEnding(String file) {
        return FileNames.folder(file) + FileNames.stem(file).toLowerCase(Locale.ROOT);
    }

    /** Tells whether the name of a file speaks of parameters. */
    static boolean isNamedSo(String file) {
        String stem = FileNames.stem(file).toLowerCase(Locale.ROOT);
        for (String word : WORDS) {
            for (String separator : SEPARATORS) {
                if (stem.endsWith(separator + word)) {
                    return true;
                }
            }
            if (stem.equals(word)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the parameters of a template; empty where no file is for it. */
    Map<String, String> of(Template template) {
        String folder = FileNames.folder(template.file());
        List<String> names = new ArrayList<>();
        for (String stem : List.of(FileNames.stem(template.file()), template.stem())) {
            for (String word : WORDS) {
                for (String separator : SEPARATORS) {
                    names.add(folder + stem.toLowerCase(Locale.ROOT) + separator + word);
                }
            }
        }
        WORDS.forEach(word -> names.add(folder + word));
        for (String name : names) {
            Map<String, String> values = byName.get(name);
            if (values != null) {
                used.add(name);
                return values;
            }
        }
        return Map.of();
    }

    /** Returns those that no template was found for. */
    List<Values> unused() {
        List<Values> unused = new ArrayList<>();
        files.forEach((name, values) -> {
            if (!used.contains(name)) {
                unused.add(values);
            }
        });
        return unused;
    }

    // Reading.

    /**
     * Returns the parameters in a document: an item of the list that {@code --parameters} takes, a mapping
     * {@code Parameters}, or, in a file that is named so, a plain mapping. Null where it is none of these.
     */
    static @Nullable Values read(MappingNode root, String file) {
        Map<String, String> values = new LinkedHashMap<>();
        if (root.entry("ParameterKey") != null) {
            String key = root.text("ParameterKey");
            String value = text(root.get("ParameterValue"));
            if (key != null && value != null) {
                values.put(key, value);
            }
            return new Values(file, root.mark(), values);
        }
        MappingNode wrapped = root.mapping("Parameters");
        boolean isWrapped = wrapped != null
                && root.entries().stream()
                        .allMatch(entry ->
                                Set.of("Parameters", "Tags", "StackPolicy").contains(entry.key()))
                && isPlain(wrapped);
        MappingNode plain = isWrapped ? wrapped : isNamedSo(file) && isPlain(root) ? root : null;
        if (plain == null) {
            return null;
        }
        for (MappingNode.Entry entry : plain.entries()) {
            String value = text(entry.value());
            if (value != null) {
                values.put(entry.key(), value);
            }
        }
        return new Values(file, root.mark(), values);
    }

    private static boolean isPlain(MappingNode mapping) {
        return !mapping.entries().isEmpty()
                && mapping.entries().stream().allMatch(entry -> text(entry.value()) != null);
    }

    private static @Nullable String text(@Nullable Node value) {
        if (value instanceof ScalarNode scalar) {
            return scalar.isNull() ? "" : scalar.text();
        }
        if (value instanceof SequenceNode sequence) {
            List<String> items = new ArrayList<>();
            for (Node item : sequence.items()) {
                if (!(item instanceof ScalarNode scalar)) {
                    return null;
                }
                items.add(scalar.text());
            }
            return String.join(",", items);
        }
        return null;
    }
}
