package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What people gave to and got from App Mesh's API: input of {@code create-*} and {@code update-*}, wrapped and bare answers
 * of {@code describe-*}, and the arguments of {@code --spec}, whose names stood on the command line and not in the file. In
 * JSON or, as {@code --cli-input-yaml}, in YAML.
 */
final class ApiJsonDialect implements Dialect {
    private static final Map<Kind, String> NAME_MEMBERS = new LinkedHashMap<>();

    /** The members of a describe answer that hold the resource. */
    private static final Map<String, Kind> WRAPPERS = new LinkedHashMap<>();

    static {
        // In the order in which they tell the kind: a route also names its router.
        for (Kind kind : List.of(
                Kind.ROUTE,
                Kind.GATEWAY_ROUTE,
                Kind.VIRTUAL_NODE,
                Kind.VIRTUAL_SERVICE,
                Kind.VIRTUAL_ROUTER,
                Kind.VIRTUAL_GATEWAY,
                Kind.MESH)) {
            NAME_MEMBERS.put(kind, kind.term() + "Name");
            WRAPPERS.put(kind.term(), kind);
        }
    }

    private static final Map<String, Kind> LISTS = WRAPPERS.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(
                    wrapper -> wrapper.getKey() + (wrapper.getValue() == Kind.MESH ? "es" : "s"), Map.Entry::getValue));

    private static final String[] BESIDE = {"metadata", "status", "tags", "clientToken", "meshOwner"};

    /** Every member at the top of a spec, of all kinds. */
    private static final Set<String> SPEC_MEMBERS = Set.of(
            "egressFilter",
            "serviceDiscovery",
            "listeners",
            "backends",
            "backendDefaults",
            "logging",
            "provider",
            "priority",
            "httpRoute",
            "http2Route",
            "grpcRoute",
            "tcpRoute");

    @Override
    public boolean claims(MappingNode root, String file) {
        if (root.has("apiVersion")
                || root.has("kind")
                || root.has("Resources")
                || root.has("AWSTemplateFormatVersion")) {
            return false;
        }
        return isCollection(root)
                || wrapped(root) != null
                || isNamed(root)
                || SpecShape.looksLikeSpec(root.mapping("spec"), SPEC_MEMBERS)
                || isMisspeltSpec(root)
                || isBareSpec(root)
                || capitalized(root) != null
                || (root.entries().isEmpty() && FileNames.kind(file) != null);
    }

    /**
     * Tells whether there are lists, as {@code list-*} prints them, or answers side by side: a copy of a mesh that somebody
     * put into one file.
     */
    private static boolean isCollection(MappingNode root) {
        int lists = 0;
        int answers = 0;
        for (MappingNode.Entry entry : root.entries()) {
            if (LISTS.containsKey(entry.key()) && entry.value() instanceof SequenceNode) {
                lists++;
            } else if (isAnswer(entry)) {
                answers++;
            } else if (!entry.key().equals("nextToken") && !entry.key().equals("ResponseMetadata")) {
                return false;
            }
        }
        return lists > 0 || answers > 1;
    }

    private static boolean isNamed(MappingNode root) {
        return NAME_MEMBERS.values().stream().anyMatch(member -> root.entry(member) != null);
    }

    /** Tells whether there is nothing but a spec, whose members are those of a mesh resource but for a slip. */
    private static boolean isMisspeltSpec(MappingNode root) {
        MappingNode spec = root.mapping("spec");
        return root.entries().size() == 1
                && spec != null
                && spec.entries().stream().anyMatch(entry -> meant(entry.key()) != null);
    }

    /** Returns the member of a spec that a misspelt one is taken to be; null where it is right, or like none. */
    private static @Nullable String meant(String member) {
        return SPEC_MEMBERS.contains(member) ? null : Words.nearest(member, SPEC_MEMBERS);
    }

    /** Tells whether this is the argument of {@code --spec} itself. */
    private static boolean isBareSpec(MappingNode root) {
        return !root.entries().isEmpty()
                && root.entries().stream().allMatch(entry -> SPEC_MEMBERS.contains(entry.key()))
                && root.entries().stream()
                        .anyMatch(
                                entry -> entry.value() instanceof MappingNode || entry.value() instanceof SequenceNode);
    }

    private static MappingNode.@Nullable Entry wrapped(MappingNode root) {
        for (MappingNode.Entry entry : root.entries()) {
            if (isAnswer(entry)) {
                return entry;
            }
        }
        return null;
    }

    private static boolean isAnswer(MappingNode.Entry entry) {
        return WRAPPERS.containsKey(entry.key())
                && entry.value() instanceof MappingNode inner
                && (inner.has("spec") || isNamed(inner));
    }

    /**
     * Returns the first member of a resource whose members begin with capitals, as Amazon's tools for PowerShell and some SDKs
     * print them: in a form of their own, which also wraps values ({@code "Protocol": {"Value": "http"}}). Null for anything
     * else, maps of parameters included, which have no spec.
     */
    private static MappingNode.@Nullable Entry capitalized(MappingNode root) {
        for (MappingNode.Entry entry : root.entries()) {
            String member = entry.key();
            if (member.isEmpty() || !Character.isUpperCase(member.charAt(0))) {
                continue;
            }
            String meant = Character.toLowerCase(member.charAt(0)) + member.substring(1);
            boolean isName = NAME_MEMBERS.containsValue(meant) && root.mapping("Spec") != null;
            boolean isWrapper = WRAPPERS.containsKey(meant)
                    && entry.value() instanceof MappingNode inner
                    && inner.mapping("Spec") != null;
            if (isName || isWrapper) {
                return entry;
            }
        }
        return null;
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        Problems problems = document.problems();
        MappingNode root = document.root();
        MappingNode.Entry capital = capitalized(root);
        if (capital != null) {
            problems.error(
                    capital.keyMark(),
                    Path.ROOT.member(capital.key()),
                    "members that begin with capitals, as PowerShell and some SDKs print them, are not App Mesh's API (expected: "
                            + "what 'aws appmesh describe-… --output json' prints); let the AWS CLI print it");
            drafts.addProblems(problems);
            return;
        }
        if (isCollection(root)) {
            readCollection(document, drafts);
            return;
        }
        readAnswer(document, Path.ROOT, null, drafts);
    }

    private static void readCollection(Claimed document, Drafts drafts) {
        List<Item> items = new ArrayList<>();
        Mark reference = null;
        for (MappingNode.Entry entry : document.root().entries()) {
            Path path = Path.ROOT.member(entry.key());
            if (entry.value() instanceof MappingNode answer) {
                items.add(new Item(path, answer, WRAPPERS.get(entry.key())));
                continue;
            }
            List<Node> listed = entry.value() instanceof SequenceNode list ? list.items() : List.of();
            for (int i = 0; i < listed.size(); i++) {
                Node each = listed.get(i);
                if (each instanceof MappingNode item && holdsSpec(item)) {
                    items.add(new Item(path.item(i), item, wrapped(item) == null ? LISTS.get(entry.key()) : null));
                } else if (reference == null) {
                    reference = each.mark();
                }
            }
        }
        Problems problems = new Problems(document.file());
        document.faults().stream()
                .filter(fault -> items.stream().noneMatch(item -> item.holds(fault)))
                .forEach(fault -> problems.error(fault.mark(), fault.path(), fault.message()));
        if (items.isEmpty() || reference != null) {
            problems.note(
                    items.isEmpty() || reference == null ? document.root().mark() : reference,
                    Path.ROOT,
                    "a list of references holds no specs; skipped, use the describe answers");
        }
        drafts.addProblems(problems);
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            Claimed alone = new Claimed(
                    document.file(),
                    i == 0 ? document.name() : document.name() + "-" + (i + 1),
                    item.root(),
                    document.faults().stream().filter(item::holds).toList(),
                    document.regexChecker());
            readAnswer(alone, item.path(), item.kind(), drafts);
        }
    }

    /**
     * One of several resources in a document.
     *
     * @param kind what the member that holds it says; null where it has a wrapper of its own
     */
    private record Item(
            Path path, MappingNode root, @Nullable Kind kind) {
        boolean holds(Document.Fault fault) {
            return fault.path().toString().startsWith(path + ".");
        }
    }

    private static boolean holdsSpec(MappingNode item) {
        MappingNode spec = item.mapping("spec");
        return wrapped(item) != null
                || (spec != null && (isNamed(item) || SpecShape.looksLikeSpec(spec, SPEC_MEMBERS)));
    }

    /** Reads one resource, wrapped or bare. */
    private static void readAnswer(Claimed document, Path at, @Nullable Kind told, Drafts drafts) {
        Problems problems = document.problems();
        MappingNode root = document.root();
        Context context = document.context(problems);
        MappingNode.Entry wrapper = told == null ? wrapped(root) : null;
        Fields fields;
        Kind wrapperKind = told;
        if (wrapper != null && wrapper.value() instanceof MappingNode inner) {
            Fields outer = new Fields(root, at, context);
            outer.value(wrapper.key());
            outer.ignore("ResponseMetadata");
            outer.end();
            wrapperKind = WRAPPERS.get(wrapper.key());
            fields = new Fields(inner, at.member(wrapper.key()), context);
        } else {
            fields = new Fields(root, at, context);
        }
        readResource(document, fields, wrapperKind, told == null && isBareSpec(root) && wrapper == null, drafts);
    }

    private static void readResource(
            Claimed document, Fields fields, @Nullable Kind wrapperKind, boolean bareSpec, Drafts drafts) {
        Problems problems = fields.context().problems();
        if (isDeleted(fields)) {
            problems.note(fields.markOf("status"), fields.path("status"), "the answer to a deletion; skipped");
            drafts.addProblems(problems);
            return;
        }
        Node spec = bareSpec ? document.root() : fields.value("spec");
        MappingNode mapping = spec instanceof MappingNode found ? found : null;
        Kind kind = wrapperKind != null ? wrapperKind : kind(fields, mapping, document.file());
        if (kind == null && mapping != null && isMisspeltSpec(document.root())) {
            nameSlips(mapping, fields);
            drafts.addProblems(problems);
            return;
        }
        if (kind == null) {
            fields.error(
                    "neither names nor spec tell what this is (expected: a member such as virtualNodeName); add it");
            drafts.addProblems(problems);
            return;
        }
        Names names = Names.of(kind, fields, document);
        Function<ResourceId, Resource> bound =
                SpecBinder.bind(kind, spec, bareSpec ? Path.ROOT : fields.path("spec"), fields);
        fields.ignore(BESIDE);
        if (!bareSpec) {
            fields.end();
        }
        if (names == null) {
            drafts.addProblems(problems);
            return;
        }
        drafts.add(new Draft(
                kind,
                names.mesh(),
                names.parent(),
                names.name(),
                names.isNamed(),
                document.file(),
                document.root().mark(),
                (bareSpec ? fields.path() : fields.path("spec")).toString(),
                problems,
                bound,
                fields.context().places()));
    }

    private static void nameSlips(MappingNode spec, Fields fields) {
        for (MappingNode.Entry entry : spec.entries()) {
            String meant = meant(entry.key());
            if (meant != null) {
                fields.context()
                        .problems()
                        .error(
                                entry.keyMark(),
                                fields.path("spec").member(entry.key()),
                                "no member of a spec; did you mean " + Words.quote(meant) + "?");
            }
        }
    }

    private static boolean isDeleted(Fields fields) {
        return fields.value("status") instanceof MappingNode status && "DELETED".equals(status.text("status"));
    }

    /** Tells the kind: by the names that stand there; by the spec; by the name of the file. */
    private static @Nullable Kind kind(Fields fields, @Nullable MappingNode spec, String file) {
        Kind named = null;
        for (Map.Entry<Kind, String> member : NAME_MEMBERS.entrySet()) {
            if (named == null && fields.has(member.getValue())) {
                named = member.getKey();
            }
        }
        Kind shape = spec == null ? null : SpecShape.kind(spec, file);
        if (named == null) {
            return shape != null ? shape : SpecShape.isOpen(spec) ? FileNames.kind(file) : null;
        }
        // A name of the parent alone: the resource's own stood on the command line.
        if (shape != null && (shape.parent() == named || named == Kind.MESH)) {
            return shape;
        }
        return named;
    }

    /** Who a resource is; null members stood on the command line. */
    private record Names(@Nullable String mesh, @Nullable String parent, String name, boolean isNamed) {

        /** Returns null, and has reported why, where a name that stands there is wrong. */
        static @Nullable Names of(Kind kind, Fields fields, Claimed document) {
            String nameMember = kind.term() + "Name";
            boolean named = fields.has(nameMember);
            String name = kind == Kind.VIRTUAL_SERVICE
                    ? named ? fields.requiredServiceName(nameMember, 255) : serviceNameAbsent(fields, nameMember)
                    : fields.name(nameMember);
            if (!named) {
                name = document.name();
            }
            String mesh = kind == Kind.MESH ? name : fields.name("meshName");
            Kind holder = kind.parent();
            String parent = holder == null ? null : fields.name(holder.term() + "Name");
            boolean wrong = (kind != Kind.MESH && mesh == null && fields.has("meshName"))
                    || (holder != null && parent == null && fields.has(holder.term() + "Name"));
            return name == null || wrong ? null : new Names(mesh, parent, name, named);
        }

        private static @Nullable String serviceNameAbsent(Fields fields, String member) {
            fields.value(member); // Makes it known, for the suggestions.
            return null;
        }
    }
}
