package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The templates of a set as the stacks that they would become: with values, and with what they take from one another. */
final class TemplateStacks {
    /** Environment variables that tell what a pseudo parameter does. */
    private static final Map<String, List<String>> VARIABLES = Map.of(
            "AWS::Region", List.of("AWS_REGION", "AWS_DEFAULT_REGION"),
            "AWS::AccountId", List.of("AWS_ACCOUNT_ID"));

    private static final Set<String> STACK_TYPES = Set.of("AWS::CloudFormation::Stack", "AWS::Serverless::Application");

    private final Placeholders placeholders;
    private final TemplateValues.Effort effort = new TemplateValues.Effort();
    private final List<Stack> stacks = new ArrayList<>();
    private final Map<String, List<Stack>> byBaseName = new HashMap<>();
    private final Map<String, List<Export>> exports = new LinkedHashMap<>();
    private boolean exportsKnown;

    TemplateStacks(List<Template> templates, ParameterFiles files, Placeholders placeholders) {
        this.placeholders = placeholders;
        for (Template template : templates) {
            Stack stack = new Stack(template, files.of(template));
            stacks.add(stack);
            byBaseName
                    .computeIfAbsent(baseName(template.file()), any -> new ArrayList<>())
                    .add(stack);
        }
        stacks.forEach(Stack::findInnerStacks);
    }

    List<Stack> stacks() {
        return stacks;
    }

    private static String baseName(String file) {
        return file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    }

    /** An output that another stack may import. */
    private record Export(Stack stack, Node value, Mark mark) {}

    private List<Export> exportsOf(String name) {
        if (!exportsKnown) {
            exportsKnown = true;
            stacks.forEach(Stack::collectExports);
        }
        return exports.getOrDefault(name, List.of());
    }

    /** One template with its values. */
    final class Stack implements TemplateValues.Surroundings, TemplateParameters.Sources {
        private final Template template;
        private final Map<String, String> fromFile;
        private final TemplateValues values;
        private @Nullable Stack outer;
        private @Nullable MappingNode outerParameters;
        private boolean severalOuter;
        private boolean dependsOnOthers;

        Stack(Template template, Map<String, String> fromFile) {
            this.template = template;
            this.fromFile = fromFile;
            this.values = new TemplateValues(template, new TemplateParameters(template, this), this, effort);
        }

        Template template() {
            return template;
        }

        TemplateValues values() {
            return values;
        }

        /** Tells whether anything that was computed so far came from another template, or may have. */
        boolean dependsOnOthers() {
            return dependsOnOthers;
        }

        /** Tells whether another template gives this one its parameters. */
        boolean isInner() {
            return outer != null;
        }

        // Parameters.

        @Override
        public @Nullable String given(String name) {
            String value = placeholders.value(name);
            for (String variable : VARIABLES.getOrDefault(name, List.of())) {
                value = value == null ? fromEnvironment(variable) : value;
            }
            return value;
        }

        @Override
        public @Nullable TemplateText fromOuterStack(String name) throws Unresolved {
            Stack around = outer;
            MappingNode given = outerParameters;
            Node value = around == null || given == null || severalOuter ? null : given.get(name);
            if (value == null || around == null) {
                return null;
            }
            dependsOnOthers = true;
            Mark use = template.root().mark();
            values.enter("parameter " + Words.quote(name), use);
            try {
                Node head = around.values.head(value);
                if (head instanceof SequenceNode sequence) {
                    List<TemplateText> items = new ArrayList<>();
                    for (Node item : sequence.items()) {
                        items.add(around.values.text(item));
                    }
                    return TemplateText.join(",", items);
                }
                return head instanceof ScalarNode scalar ? around.values.textOf(scalar) : null;
            } catch (Unresolved e) {
                throw e.within(use, "parameter " + Words.quote(name) + ", from " + around.template.file());
            } finally {
                values.leave("parameter " + Words.quote(name));
            }
        }

        @Override
        public @Nullable String fromFile(String name) throws Unresolved {
            String value = fromFile.get(name);
            return value == null
                    ? null
                    : values.filled(ScalarNode.quoted(template.root().mark(), value))
                            .text();
        }

        @Override
        public @Nullable String fromEnvironment(String name) {
            String value = placeholders.environment(name);
            return value == null || value.isEmpty() ? null : value;
        }

        @Override
        public ScalarNode fill(ScalarNode written) throws Unresolved {
            return values.filled(written);
        }

        @Override
        public ScalarNode fill(ScalarNode written, List<Fault> faults) {
            return placeholders.fill(written, Path.ROOT, faults) instanceof ScalarNode scalar ? scalar : written;
        }

        // Exports.

        private void collectExports() {
            for (MappingNode.Entry entry : template.entries("Outputs")) {
                if (!(entry.value() instanceof MappingNode output)) {
                    continue;
                }
                MappingNode export = output.mapping("Export");
                Node name = export == null ? null : export.get("Name");
                Node value = output.get("Value");
                if (name == null || value == null) {
                    continue;
                }
                try {
                    Node condition = output.get("Condition");
                    if (condition == null || values.condition(condition)) {
                        exports.computeIfAbsent(values.text(name).text(), any -> new ArrayList<>())
                                .add(new Export(this, value, entry.keyMark()));
                    }
                } catch (Unresolved e) {
                    // Its name cannot be told, so nothing here can ask for it; who needs it learns that it is missing.
                }
            }
        }

        @Override
        public TemplateText imported(TemplateText export, Mark use) throws Unresolved {
            dependsOnOthers = true;
            String name = export.text();
            String given = placeholders.value(name);
            if (given != null) {
                return TemplateText.of(given);
            }
            TemplateText found = null;
            for (Export each : exportsOf(name)) {
                TemplateText value = valueOf(each, name, use);
                if (found != null && !found.text().equals(value.text())) {
                    throw new Unresolved(
                            use,
                            Words.quote(name) + " is exported with several values, one of them at "
                                    + each.mark().in(each.stack().template.file()) + "; keep one");
                }
                found = value;
            }
            if (found != null) {
                return found;
            }
            return TemplateText.ofGap(
                    name.isEmpty() ? "export" : name.replace('/', '-'),
                    new Gap(
                            "export " + Words.quote(name),
                            false,
                            "no template here exports " + Words.quote(name),
                            "add the template that does, or give it in the values (" + Words.quote(name) + ": …)"));
        }

        private TemplateText valueOf(Export export, String name, Mark use) throws Unresolved {
            String what = "export " + Words.quote(name);
            TemplateValues others = export.stack().values;
            others.enter(what, use);
            try {
                return others.text(export.value());
            } catch (Unresolved e) {
                throw e.within(use, what + " of " + export.stack().template.file());
            } finally {
                others.leave(what);
            }
        }

        // Stacks in stacks.

        private void findInnerStacks() {
            for (TemplateResource resource : template.resources().values()) {
                Stack inner = innerStack(resource);
                if (inner != null) {
                    MappingNode properties = resource.body().mapping("Properties");
                    inner.severalOuter |= inner.outer != null;
                    inner.outer = this;
                    inner.outerParameters = properties == null ? null : properties.mapping("Parameters");
                }
            }
        }

        private @Nullable Stack innerStack(TemplateResource resource) {
            MappingNode properties = resource.body().mapping("Properties");
            if (!STACK_TYPES.contains(String.valueOf(resource.type())) || properties == null) {
                return null;
            }
            Node location =
                    properties.get("TemplateURL") != null ? properties.get("TemplateURL") : properties.get("Location");
            String path = lastText(location, 0);
            List<Stack> candidates = path == null ? List.of() : byBaseName.getOrDefault(baseName(path), List.of());
            Stack near = null;
            for (Stack candidate : candidates) {
                boolean inFolder =
                        FileNames.folder(candidate.template.file()).equals(FileNames.folder(template.file()));
                near = near == null && inFolder ? candidate : near;
            }
            Stack found = near != null ? near : candidates.size() == 1 ? candidates.get(0) : null;
            return found == this ? null : found;
        }

        /** Returns the end of a URL, however its beginning is put together. */
        private static @Nullable String lastText(@Nullable Node node, int depth) {
            if (node instanceof ScalarNode scalar) {
                return scalar.text();
            }
            if (depth > 4) {
                return null;
            }
            if (node instanceof SequenceNode sequence && !sequence.items().isEmpty()) {
                List<Node> items = sequence.items();
                boolean isSub =
                        items.size() == 2 && items.get(1) instanceof MappingNode map && map.entry("Ref") == null;
                return lastText(items.get(isSub ? 0 : items.size() - 1), depth + 1);
            }
            if (node instanceof MappingNode mapping && mapping.entries().size() == 1) {
                return lastText(mapping.entries().get(0).value(), depth + 1);
            }
            return null;
        }

        @Override
        public @Nullable TemplateText outputOf(TemplateResource stack, String output, Mark use) throws Unresolved {
            dependsOnOthers = true;
            Stack inner = innerStack(stack);
            MappingNode.Entry entry = inner == null ? null : inner.template.entry("Outputs", output);
            Node value = entry != null && entry.value() instanceof MappingNode body ? body.get("Value") : null;
            if (inner == null || value == null || inner.severalOuter) {
                return null;
            }
            String what = "output " + Words.quote(output);
            inner.values.enter(what, use);
            try {
                return inner.values.text(value);
            } catch (Unresolved e) {
                throw e.within(use, what + " of " + inner.template.file());
            } finally {
                inner.values.leave(what);
            }
        }
    }
}
