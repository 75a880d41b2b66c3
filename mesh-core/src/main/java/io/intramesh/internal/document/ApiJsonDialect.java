package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
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

    private static final Set<String> LISTS = WRAPPERS.keySet().stream()
            .map(term -> term.equals("mesh") ? "meshes" : term + "s")
            .collect(Collectors.toUnmodifiableSet());

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
        return isList(root)
                || wrapped(root) != null
                || isNamed(root)
                || SpecShape.looksLikeSpec(root.mapping("spec"), SPEC_MEMBERS)
                || isMisspeltSpec(root)
                || isBareSpec(root)
                || (root.entries().isEmpty() && FileNames.kind(file) != null);
    }

    private static boolean isList(MappingNode root) {
        return root.entries().stream()
                        .allMatch(entry -> LISTS.contains(entry.key())
                                || entry.key().equals("nextToken")
                                || entry.key().equals("ResponseMetadata"))
                && root.entries().stream()
                        .anyMatch(entry -> LISTS.contains(entry.key()) && entry.value() instanceof SequenceNode);
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
            if (WRAPPERS.containsKey(entry.key())
                    && entry.value() instanceof MappingNode inner
                    && (inner.has("spec") || isNamed(inner))) {
                return entry;
            }
        }
        return null;
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        Problems problems = document.problems();
        MappingNode root = document.root();
        if (isList(root)) {
            problems.note(
                    root.mark(), Path.ROOT, "a list of references holds no specs; skipped, use the describe answers");
            drafts.addProblems(problems);
            return;
        }
        Context context = document.context(problems);
        MappingNode.Entry wrapper = wrapped(root);
        Fields fields;
        Kind wrapperKind = null;
        if (wrapper != null && wrapper.value() instanceof MappingNode inner) {
            Fields outer = new Fields(root, Path.ROOT, context);
            outer.value(wrapper.key());
            outer.ignore("ResponseMetadata");
            outer.end();
            wrapperKind = WRAPPERS.get(wrapper.key());
            fields = new Fields(inner, Path.ROOT.member(wrapper.key()), context);
        } else {
            fields = new Fields(root, Path.ROOT, context);
        }
        readResource(document, fields, wrapperKind, isBareSpec(root) && wrapper == null, drafts);
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
