package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * CloudFormation templates, in YAML and in JSON, with the files of parameters beside them. Templates take exports and outputs
 * from each other, so that they are evaluated together; what came out of one that depends on no other is kept for as long as
 * it and its parameters stay the same.
 */
final class CloudFormationDialect implements JoinedDialect {
    private final Placeholders placeholders;
    private IdentityHashMap<Template, Outcome> kept = new IdentityHashMap<>();

    CloudFormationDialect(Placeholders placeholders) {
        this.placeholders = placeholders;
    }

    /** Tells whether a text may be a template, before it is parsed. */
    static boolean mayBeIn(String text) {
        return text.contains("Resources") && text.contains("AWS::");
    }

    @Override
    public boolean claims(MappingNode root, String file) {
        if (root.has("apiVersion") && root.has("kind")) {
            return false;
        }
        if (root.entry("AWSTemplateFormatVersion") != null) {
            return true;
        }
        MappingNode resources = root.mapping("Resources");
        boolean isTemplate = resources != null
                && (root.has("Transform")
                        || resources.entries().stream()
                                .anyMatch(entry -> entry.value() instanceof MappingNode resource
                                        && String.valueOf(resource.text("Type")).contains("::")));
        return isTemplate || ParameterFiles.read(root, file) != null;
    }

    @Override
    public boolean fillsItself() {
        return true;
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        boolean isTemplate = document.root().entry("AWSTemplateFormatVersion") != null
                || document.root().has("Resources");
        ParameterFiles.Values values = isTemplate ? null : ParameterFiles.read(document.root(), document.file());
        drafts.add(values == null ? Template.of(document) : values);
    }

    @Override
    public void join(List<Part> parts, Drafts drafts) {
        List<Template> templates = new ArrayList<>();
        List<ParameterFiles.Values> parameters = new ArrayList<>();
        for (Part part : parts) {
            if (part instanceof Template template) {
                templates.add(template);
            } else if (part instanceof ParameterFiles.Values values) {
                parameters.add(values);
            }
        }
        ParameterFiles files = new ParameterFiles(parameters);
        TemplateStacks stacks = new TemplateStacks(templates, files, placeholders);
        IdentityHashMap<Template, Outcome> next = new IdentityHashMap<>();
        for (TemplateStacks.Stack stack : stacks.stacks()) {
            Template template = stack.template();
            Map<String, String> given = files.of(template);
            Outcome outcome = kept.get(template);
            if (outcome == null || outcome.dependsOnOthers || stack.isInner() || !outcome.given.equals(given)) {
                outcome = outcomeOf(stack, given);
            }
            outcome.giveTo(drafts);
            next.put(template, outcome);
        }
        kept = next;
        noteUnused(files, templates, drafts);
    }

    private static Outcome outcomeOf(TemplateStacks.Stack stack, Map<String, String> given) {
        Outcome outcome = new Outcome(given);
        try {
            new TemplateBinder(stack, outcome).bind();
        } catch (RuntimeException e) {
            // A fault of ours, on one template, must not keep the others from being read.
            Problems problems = new Problems(stack.template().file());
            problems.error(
                    stack.template().root().mark(),
                    Path.ROOT,
                    "the reader failed (" + e + "); please report this with the file");
            outcome.addProblems(problems);
        }
        outcome.dependsOnOthers = stack.dependsOnOthers() || stack.isInner();
        return outcome;
    }

    private static void noteUnused(ParameterFiles files, List<Template> templates, Drafts drafts) {
        if (templates.stream().noneMatch(Template::holdsResources)) {
            return;
        }
        for (ParameterFiles.Values values : files.unused()) {
            Problems problems = new Problems(values.file());
            problems.note(
                    values.mark(),
                    Path.ROOT,
                    "parameters that are not used, since the file's name does not say for which template; give them as"
                            + " the values, or call the file TEMPLATE.parameters.json");
            drafts.addProblems(problems);
        }
    }

    /** What came out of one template. */
    private static final class Outcome implements Drafts {
        private final Map<String, String> given;
        private final List<Draft> drafts = new ArrayList<>();
        private final List<Problems> problems = new ArrayList<>();
        private boolean dependsOnOthers;

        Outcome(Map<String, String> given) {
            this.given = given;
        }

        @Override
        public void add(Draft draft) {
            drafts.add(draft);
        }

        @Override
        public void addProblems(Problems found) {
            problems.add(found);
        }

        @Override
        public void add(Part part) {
            throw new IllegalStateException("a part, after the files were read");
        }

        void giveTo(Drafts to) {
            drafts.forEach(to::add);
            problems.forEach(to::addProblems);
        }
    }
}
