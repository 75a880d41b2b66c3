package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes label selector: what it asks of the labels of an object, all of it. One that asks for nothing selects everything.
 *
 * @param requirements in order of writing
 */
record LabelSelector(List<Requirement> requirements) {
    static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** How surely something is selected. */
    enum Verdict {
        YES,
        NO,
        /** Depends on labels that nobody knows. */
        OPEN
    }

    enum Operator {
        IN("In"),
        NOT_IN("NotIn"),
        EXISTS("Exists"),
        DOES_NOT_EXIST("DoesNotExist");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        boolean hasValues() {
            return this == IN || this == NOT_IN;
        }
    }

    record Requirement(String key, Operator operator, List<String> values) {
        Requirement {
            values = List.copyOf(values);
        }

        boolean matches(@Nullable String label) {
            return switch (operator) {
                case IN -> label != null && values.contains(label);
                case NOT_IN -> label == null || !values.contains(label);
                case EXISTS -> label != null;
                case DOES_NOT_EXIST -> label == null;
            };
        }

        String describe() {
            return switch (operator) {
                case IN -> values.size() == 1 ? key + "=" + values.get(0) : key + " in (" + join(values) + ")";
                case NOT_IN -> key + " not in (" + join(values) + ")";
                case EXISTS -> key;
                case DOES_NOT_EXIST -> "no " + key;
            };
        }

        private static String join(List<String> values) {
            return String.join(", ", values);
        }
    }

    /** Reads the selector under that name; null where none is written, or where it is wrong, which is then reported. */
    static @Nullable LabelSelector read(Fields holder, String name) {
        Fields fields = holder.object(name);
        if (fields == null) {
            return null;
        }
        List<Requirement> requirements = new ArrayList<>();
        labels(fields, "matchLabels")
                .forEach((key, value) -> requirements.add(new Requirement(key, Operator.IN, List.of(value))));
        requirements.addAll(
                fields.list("matchExpressions", 0, Integer.MAX_VALUE, fields.objects(LabelSelector::expression)));
        fields.end();
        return new LabelSelector(requirements);
    }

    private static @Nullable Requirement expression(Fields fields) {
        String key = fields.requiredText("key", 1, Integer.MAX_VALUE);
        Operator operator = fields.requiredChoice("operator", Operator.values(), Operator::text);
        List<String> values = fields.list(
                "values",
                0,
                Integer.MAX_VALUE,
                (item, path) -> Fields.text(item, path, 0, Integer.MAX_VALUE, fields.context()));
        if (operator != null && operator.hasValues() && !fields.has("values")) {
            fields.error("values", "missing (expected: at least one with " + operator.text() + "); add it");
        } else if (operator != null && operator.hasValues() && values.isEmpty()) {
            fields.error("values", "no entries (expected: at least one with " + operator.text() + ")");
        } else if (operator != null && !operator.hasValues() && !values.isEmpty()) {
            fields.error("values", "together with " + operator.text() + " (expected: none); remove it");
        }
        fields.end();
        return key == null || operator == null ? null : new Requirement(key, operator, values);
    }

    /** Reads a mapping of labels; those that are wrong are reported. */
    static Map<String, String> labels(Fields holder, String name) {
        Map<String, String> labels = new LinkedHashMap<>();
        Node value = holder.value(name);
        if (value instanceof MappingNode mapping) {
            for (MappingNode.Entry entry : mapping.entries()) {
                Path path = holder.path(name).member(entry.key());
                if (entry.value() instanceof ScalarNode scalar && scalar.isNull()) {
                    labels.put(entry.key(), ""); // As Kubernetes reads it.
                    continue;
                }
                String text = Fields.text(entry.value(), path, 0, Integer.MAX_VALUE, holder.context());
                if (text != null) {
                    labels.put(entry.key(), text);
                }
            }
        } else if (value != null) {
            holder.error(name, value.describe() + " (expected: a mapping)");
        }
        return labels;
    }

    /** Tells whether an object with these labels, and no others, is selected. */
    boolean selects(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels.get(requirement.key())));
    }

    /**
     * Tells whether a namespace is selected. A label that is not written may still be there, since {@code kubectl label} is
     * how many put it there; so only a label that is written otherwise excludes.
     *
     * @param written whether a document of the namespace is here; what it lacks counts as absent where that is asked for
     */
    Verdict verdictOnNamespace(Map<String, String> labels, boolean written) {
        Verdict verdict = Verdict.YES;
        for (Requirement requirement : requirements) {
            String label = labels.get(requirement.key());
            boolean matches = requirement.matches(label);
            if (label == null && !(written && matches)) {
                verdict = Verdict.OPEN;
            } else if (!matches) {
                return Verdict.NO;
            }
        }
        return verdict;
    }

    /** Returns what is asked for, as one would say it: {@code mesh=shop, tier in (a, b)}. */
    String describe() {
        List<String> asked = requirements.stream().map(Requirement::describe).toList();
        return asked.isEmpty() ? "anything" : Words.shorten(String.join(", ", asked));
    }

    /** Returns labels as one would say them. */
    static String describe(Map<String, String> labels) {
        List<String> said = labels.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .toList();
        return said.isEmpty() ? "none" : Words.shorten(String.join(", ", said));
    }
}
