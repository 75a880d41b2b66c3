package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import io.intramesh.internal.document.MappingNode.Entry;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes drafts of the App Mesh resources of one template. Each is brought into the API's form by itself, values computed on
 * the way; a value that cannot be told refuses its own resource and no other.
 */
final class TemplateBinder {
    private static final CloudFormationSpelling SPELLING = CloudFormationSpelling.INSTANCE;

    private static final List<String> TYPES = Stream.of(Kind.values())
            .filter(Kind::isAppMesh)
            .map(TemplateResource::typeOf)
            .toList();

    private static final Set<String> ATTRIBUTES = Set.of(
            "Condition",
            "CreationPolicy",
            "DeletionPolicy",
            "DependsOn",
            "Description",
            "Metadata",
            "Properties",
            "Type",
            "UpdatePolicy",
            "UpdateReplacePolicy");

    /** Properties without a meaning here, whatever they hold. */
    private static final Set<String> PASSED_OVER = Set.of("Tags", "MeshOwner");

    /** Transforms that leave App Mesh resources as they are. */
    private static final Set<String> HARMLESS_TRANSFORMS =
            Set.of("AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen", "AWS::Include");

    /** Members that hold the name of another resource, which may also be written as its ARN. */
    private static final Map<String, Kind> NAMES = Stream.of(Kind.values())
            .filter(Kind::isAppMesh)
            .collect(Collectors.toUnmodifiableMap(kind -> kind.term() + "Name", kind -> kind));

    /** Members where a stand-in is no harm: it only makes a name that nobody has, or trust that nobody meets. */
    private static final Set<String> MAY_STAND_IN = Set.of(
            "certificateArn",
            "certificateAuthorityArns",
            "certificateChain",
            "namespaceName",
            "privateKey",
            "secretName",
            "virtualNode");

    /** Members of parts that exist only in AWS altogether. */
    private static final Set<String> DECIDED_AS_A_WHOLE =
            Set.of("certificateArn", "certificateAuthorityArns", "namespaceName");

    /** Further such members, each with the one around it. */
    private static final Set<String> MAY_STAND_IN_BELOW = Set.of(
            "dns.hostname",
            "hostname.exact",
            "hostname.suffix",
            "awsCloudMap.serviceName",
            "attributes.key",
            "attributes.value",
            "match.exact@subjectAlternativeNames",
            "file.path");

    private final Template template;
    private final TemplateValues values;
    private final Dialect.Drafts drafts;
    private final Problems ofTemplate;
    private final Set<Gap> told = new HashSet<>();
    private int nodes;

    TemplateBinder(TemplateStacks.Stack stack, Dialect.Drafts drafts) {
        this.template = stack.template();
        this.values = stack.values();
        this.drafts = drafts;
        this.ofTemplate = new Problems(template.file());
    }

    void bind() {
        checkSections();
        for (TemplateResource resource : template.resources().values()) {
            if (resource.id().startsWith("Fn::ForEach")) {
                refuseLoop(resource);
            } else if (resource.type() == null) {
                refuseWithoutType(resource);
            } else if (resource.isOfMesh()) {
                new Binding(resource).bind();
            }
        }
        drafts.addProblems(ofTemplate);
    }

    // The template.

    private void checkSections() {
        for (Entry entry : template.root().entries()) {
            String key = entry.key();
            boolean known = Template.SECTIONS.contains(key) || key.startsWith("Fn::") || key.startsWith("$");
            if (!known) {
                String nearest = Words.nearest(key, Template.SECTIONS);
                ofTemplate.error(
                        entry.keyMark(),
                        Path.ROOT.member(key),
                        "unknown section " + Words.quote(key)
                                + (nearest == null ? "; remove it" : "; did you mean '" + nearest + "'?"));
            }
        }
        for (String section : new String[] {"Resources", "Parameters", "Conditions", "Mappings"}) {
            Entry entry = template.root().entry(section);
            if (entry != null && !(entry.value() instanceof MappingNode)) {
                ofTemplate.error(
                        entry.value().mark(),
                        Path.ROOT.member(section),
                        entry.value().describe() + " (expected: a mapping)");
            }
        }
        if (template.root().entry("Resources") == null) {
            ofTemplate.error(
                    template.root().mark(), Path.ROOT.member("Resources"), "missing (expected: a mapping); add it");
        }
        template.faults().stream()
                .filter(fault -> !isOfResource(fault) && !isWithoutEffect(fault))
                .forEach(fault -> ofTemplate.error(fault.mark(), fault.path(), fault.message()));
        checkTransforms();
    }

    private void checkTransforms() {
        Node transform = template.root().get("Transform");
        List<Node> all = transform == null
                ? List.of()
                : transform instanceof SequenceNode list ? list.items() : List.of(transform);
        if (!template.holdsResources()) {
            return;
        }
        for (Node each : all) {
            String name = each instanceof ScalarNode scalar
                    ? scalar.text()
                    : each instanceof MappingNode mapping ? mapping.text("Name") : null;
            boolean harmless = name != null
                    && (HARMLESS_TRANSFORMS.contains(name)
                            || name.startsWith("AWS::Serverless-")
                            || name.startsWith("AWS::SecretsManager-"));
            if (!harmless) {
                ofTemplate.note(
                        each.mark(),
                        Path.ROOT.member("Transform"),
                        "the macro " + Words.quote(String.valueOf(name))
                                + " runs in AWS only; what it adds or changes is not seen here");
            }
        }
    }

    private static boolean isOfResource(Fault fault) {
        return isIn("Resources", fault.path()) && depth(fault.path()) > 1;
    }

    private static boolean isWithoutEffect(Fault fault) {
        return isIn("Metadata", fault.path()) || isIn("Outputs", fault.path()) || isIn("Globals", fault.path());
    }

    private static boolean isIn(String section, Path path) {
        Path top = step(path, 1);
        return top != null && section.equals(top.member());
    }

    private static int depth(Path path) {
        int depth = 0;
        for (Path each = path; each.parent() != null; each = each.parent()) {
            depth++;
        }
        return depth;
    }

    /** Returns the path of the first steps; null where it has fewer. */
    private static @Nullable Path step(Path path, int steps) {
        int up = depth(path) - steps;
        Path at = up < 0 ? null : path;
        for (int i = 0; i < up && at != null; i++) {
            at = at.parent();
        }
        return at;
    }

    private void refuseLoop(TemplateResource resource) {
        if (mentionsMesh(resource.value(), 0)) {
            ofTemplate.error(resource.mark(), pathOf(resource), TemplateCall.FOR_EACH);
        }
    }

    private static boolean mentionsMesh(Node node, int depth) {
        if (node instanceof ScalarNode scalar) {
            return scalar.text().startsWith("AWS::AppMesh::");
        }
        if (depth > 6) {
            return false;
        }
        if (node instanceof SequenceNode sequence) {
            return sequence.items().stream().anyMatch(item -> mentionsMesh(item, depth + 1));
        }
        return node instanceof MappingNode mapping
                && mapping.entries().stream().anyMatch(entry -> mentionsMesh(entry.value(), depth + 1));
    }

    private void refuseWithoutType(TemplateResource resource) {
        boolean included = resource.id().startsWith("Fn::");
        if (!included) {
            Node type = resource.body().get("Type");
            String found = resource.value() instanceof MappingNode
                    ? type == null ? "missing (expected: such as " : type.describe() + " (expected: such as "
                    : resource.value().describe() + " (expected: a mapping with a Type such as ";
            ofTemplate.error(
                    resource.mark(), pathOf(resource).member("Type"), found + "AWS::AppMesh::Route); write it");
        }
    }

    private static Path pathOf(TemplateResource resource) {
        return Path.ROOT.member("Resources").member(resource.id());
    }

    // One resource.

    /** Makes the draft of one resource. */
    private final class Binding {
        private final TemplateResource resource;
        private final Problems problems = new Problems(template.file());
        private final Context context = new Context(problems, template.regexChecker());
        private final Path path;
        private final Map<String, Integer> decisions = new HashMap<>();

        Binding(TemplateResource resource) {
            this.resource = resource;
            this.path = pathOf(resource);
        }

        void bind() {
            for (Fault fault : template.faults()) {
                Path at = step(fault.path(), 2);
                if (isOfResource(fault) && at != null && resource.id().equals(at.member())) {
                    problems.error(fault.mark(), fault.path(), fault.message());
                }
            }
            if (!exists()) {
                return;
            }
            checkAttributes();
            Kind kind = kind();
            Fields properties = properties();
            if (kind == null || properties == null) {
                drafts.addProblems(problems);
                return;
            }
            add(kind, properties);
        }

        private boolean exists() {
            Node condition = resource.body().get("Condition");
            if (condition == null) {
                return true;
            }
            try {
                return values.condition(condition);
            } catch (Unresolved e) {
                problems.error(e.mark(), path.member("Condition"), e.problem());
                return true;
            }
        }

        private void checkAttributes() {
            for (Entry entry : resource.body().entries()) {
                if (!ATTRIBUTES.contains(entry.key())) {
                    String nearest = Words.nearest(entry.key(), ATTRIBUTES);
                    problems.error(
                            entry.keyMark(),
                            path.member(entry.key()),
                            "unknown member " + Words.quote(entry.key())
                                    + (nearest == null ? "; remove it" : "; did you mean '" + nearest + "'?"));
                }
            }
        }

        private @Nullable Kind kind() {
            Kind kind = resource.kind();
            if (kind == null) {
                String type = String.valueOf(resource.type());
                String nearest = Words.nearest(type, TYPES);
                Entry entry = resource.body().entry("Type");
                problems.error(
                        entry == null ? resource.mark() : entry.value().mark(),
                        path.member("Type"),
                        Words.quote(type) + " (expected: " + Words.anyOf(TYPES) + ")"
                                + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
            }
            return kind;
        }

        /** Returns the properties by the API's names; null, and a problem, where they are no mapping. */
        private @Nullable Fields properties() {
            Path at = path.member("Properties").spelled(SPELLING);
            Node written = resource.body().get("Properties");
            MappingNode found = MappingNode.empty(resource.mark());
            if (written != null) {
                try {
                    Node head = values.head(written);
                    if (head != null && !(head instanceof MappingNode)) {
                        throw new Unresolved(written.mark(), head.describe() + " (expected: a mapping)");
                    }
                    found = head instanceof MappingNode mapping ? mapping : found;
                } catch (Unresolved e) {
                    problems.error(e.mark(), at, e.problem());
                    return null;
                }
            }
            List<Entry> entries = found.entries().stream()
                    .filter(entry -> !PASSED_OVER.contains(entry.key()))
                    .toList();
            return new Fields(translated(new MappingNode(found.mark(), null, entries), at), at, context);
        }

        private void add(Kind kind, Fields fields) {
            String nameMember = kind.term() + "Name";
            boolean named = fields.has(nameMember);
            String name = kind == Kind.VIRTUAL_SERVICE
                    ? fields.requiredServiceName(nameMember, 255)
                    : fields.name(nameMember);
            if (!named && kind != Kind.VIRTUAL_SERVICE) {
                name = resource.id();
                problems.note(
                        resource.mark(),
                        fields.path(nameMember),
                        "missing; took " + Words.quote(name)
                                + ", the logical id, with which AWS begins the name that it" + " makes up; add "
                                + fields.spell(nameMember));
            }
            String mesh = kind == Kind.MESH ? name : fields.requiredName("meshName");
            Kind holder = kind.parent();
            String parent = holder == null ? null : fields.requiredName(holder.term() + "Name");
            Function<ResourceId, Resource> bound =
                    SpecBinder.bind(kind, fields.value("spec"), fields.path("spec"), fields);
            fields.end();
            if (name == null || mesh == null || (holder != null && parent == null)) {
                drafts.addProblems(problems);
                return;
            }
            drafts.add(new Draft(
                    kind,
                    mesh,
                    parent,
                    name,
                    true,
                    template.file(),
                    resource.mark(),
                    fields.path("spec").toString(),
                    problems,
                    bound,
                    context.places(),
                    SPELLING));
        }

        // From the template's tree to the API's.

        private MappingNode translated(MappingNode mapping, Path at) {
            List<Entry> entries = new ArrayList<>();
            Set<String> members = new HashSet<>();
            for (Entry entry : mapping.entries()) {
                String member = SPELLING.api(entry.key());
                String right = SPELLING.right(entry.key());
                if (right != null && entry.key().equals(member)) {
                    // As the API writes it: seen in templates that were deployed.
                    problems.note(
                            entry.keyMark(),
                            at.member(member),
                            "taken; CloudFormation's own spelling is '" + right + "'");
                } else if (right != null) {
                    problems.error(
                            entry.keyMark(),
                            at.member(member),
                            "unknown member " + Words.quote(entry.key()) + "; CloudFormation writes '" + right + "'");
                }
                Node value = value(entry.value(), at.member(member));
                if (value != null && members.add(member)) {
                    entries.add(new Entry(member, entry.keyMark(), value));
                }
            }
            return new MappingNode(mapping.mark(), null, List.copyOf(entries));
        }

        /** Returns a value without calls; null where there is none; something that is refused silently, where it has failed. */
        private @Nullable Node value(Node written, Path at) {
            try {
                if (++nodes > Bounds.MAX_NODES) {
                    throw new Unresolved(
                            written.mark(), "more than " + Bounds.MAX_NODES + " values in the specs; split the file");
                }
                Node head = values.head(written);
                if (head instanceof MappingNode mapping) {
                    return translated(mapping, at);
                }
                if (head instanceof SequenceNode sequence) {
                    List<Node> items = new ArrayList<>();
                    for (Node each : sequence.items()) {
                        Node item = value(each, at.item(items.size()));
                        if (item != null) {
                            items.add(item);
                        }
                    }
                    return new SequenceNode(written.mark(), null, List.copyOf(items));
                }
                return head instanceof ScalarNode scalar ? leaf(scalar, written.mark(), at) : null;
            } catch (Unresolved e) {
                problems.error(e.mark(), at, e.problem());
                // A text at the same place: what the binder says of it is told already.
                return ScalarNode.quoted(e.mark(), "?");
            }
        }

        private ScalarNode leaf(ScalarNode scalar, Mark mark, Path at) throws Unresolved {
            TemplateText text = values.textOf(scalar);
            Kind named = nameAt(at);
            if (named != null) {
                text = values.references().asName(named, text, mark);
            }
            for (TemplateText.Span span : text.spans()) {
                if (named == null && !mayStandIn(at)) {
                    throw new Unresolved(mark, span.gap().refusal());
                }
                tell(span.gap(), text.text().substring(span.from(), span.to()), mark, at);
            }
            return new ScalarNode(mark, null, text.text(), ScalarNode.typeOf(text.text()), scalar.quoted(), true);
        }

        private void tell(Gap gap, String text, Mark mark, Path at) {
            if (gap.isRunTime()) {
                // What is decided on as a whole (an Override) has a note of its own.
                if (!DECIDED_AS_A_WHOLE.contains(String.valueOf(field(at).member()))
                        && decisions.merge(gap.subject() + "@" + at, 1, Integer::sum) == 1) {
                    problems.note(mark, at, gap.note(text));
                }
            } else if (told.add(gap)) {
                Entry declared = gap.subject().startsWith("parameter ") ? template.entry("Parameters", text) : null;
                ofTemplate.note(
                        declared == null ? mark : declared.keyMark(),
                        declared == null ? at : Path.ROOT.member("Parameters").member(text),
                        gap.note(text));
            }
        }

        private @Nullable Kind nameAt(Path at) {
            String member = at.member();
            if ("virtualNode".equals(member)) {
                return Kind.VIRTUAL_NODE;
            }
            return member == null ? null : NAMES.get(member);
        }

        private boolean mayStandIn(Path at) {
            Path field = field(at);
            Path around = named(field.parent());
            if (field.member() == null || around == null) {
                return false;
            }
            Path outside = named(around.parent());
            String both = around.member() + "." + field.member();
            return MAY_STAND_IN.contains(field.member())
                    || MAY_STAND_IN_BELOW.contains(both)
                    || (outside != null && MAY_STAND_IN_BELOW.contains(both + "@" + outside.member()));
        }

        /** Returns the member that a value, or the list around it, is of. */
        private static Path field(Path at) {
            Path holder = at.parent();
            return at.member() == null && holder != null ? holder : at;
        }

        /** Returns the nearest path that ends in a member, not in an index. */
        private static @Nullable Path named(@Nullable Path at) {
            Path each = at;
            while (each != null && each.member() == null && each.parent() != null) {
                each = each.parent();
            }
            return each;
        }
    }
}
