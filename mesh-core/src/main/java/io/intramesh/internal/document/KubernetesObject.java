package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import io.intramesh.internal.document.KubernetesPart.Link;
import io.intramesh.internal.document.KubernetesPart.Manifest;
import io.intramesh.internal.document.KubernetesPart.Membership;
import io.intramesh.internal.document.KubernetesPart.ObjectKey;
import io.intramesh.internal.document.KubernetesPart.Subject;
import io.intramesh.model.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One Kubernetes object on its way through the dialect: who it is, where its problems go, and how its spec becomes one of the
 * API. What a version and a kind make of it stands in {@link KubernetesV1Beta2} and {@link KubernetesV1Beta1}.
 */
final class KubernetesObject {
    /** What Kubernetes itself lets stand beside the members that we read (ObjectMeta of its API). */
    private static final String[] METADATA = {
        "generateName",
        "selfLink",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "annotations",
        "ownerReferences",
        "finalizers",
        "managedFields",
        "clusterName",
        "initializers"
    };

    /** What a namespace is called where nobody names one, as kubectl has it. */
    private static final String DEFAULT_NAMESPACE = "default";

    private final Dialect.Claimed document;
    private final MappingNode node;
    private final Path path;
    private final List<Fault> faults;
    private final @Nullable String apiVersion;
    private final @Nullable String kind;
    private final Problems problems;
    private final Context context;
    private final Fields fields;

    // Known once the metadata were read.
    private ObjectKey key = new ObjectKey(DEFAULT_NAMESPACE, "");
    private Map<String, String> labels = Map.of();

    /**
     * @param faults of the document that stand in this object
     * @param listVersion of the items of the list around, where the list says it; else null
     */
    KubernetesObject(
            Dialect.Claimed document,
            MappingNode node,
            Path path,
            List<Fault> faults,
            @Nullable String listVersion,
            @Nullable String listKind) {
        this.document = document;
        this.node = node;
        this.path = path;
        this.faults = faults;
        this.apiVersion = node.has("apiVersion") ? node.text("apiVersion") : listVersion;
        this.kind = node.has("kind") ? node.text("kind") : listKind;
        this.problems = problems(fault -> !isIdle(fault) && !isOfPart(fault));
        this.context = document.context(problems);
        this.fields = new Fields(node, path, context);
    }

    /** Tells whether a fault stands where nothing is read from. */
    private boolean isIdle(Fault fault) {
        Path metadata = path.member("metadata");
        boolean labelsCount = "Namespace".equals(kind) || "GatewayRoute".equals(kind);
        return isUnder(fault, path.member("status"))
                || (isUnder(fault, metadata)
                        && !isUnder(fault, metadata.member("name"))
                        && !isUnder(fault, metadata.member("namespace"))
                        && !(labelsCount && isUnder(fault, metadata.member("labels"))));
    }

    /** Tells whether a fault stands in a part that becomes a resource of its own. */
    private boolean isOfPart(Fault fault) {
        Path spec = path.member("spec");
        return switch (String.valueOf(kind)) {
            case "VirtualRouter" -> isUnder(fault, spec.member("routes"));
            case "VirtualService" ->
                isUnder(fault, spec.member("routes")) || isUnder(fault, spec.member("virtualRouter"));
            default -> false;
        };
    }

    private static boolean isUnder(Fault fault, Path outer) {
        return KubernetesDialect.isUnder(fault.path(), outer);
    }

    /** Reads the object, whatever it is. */
    void read(Dialect.Drafts drafts) {
        fields.ignore("apiVersion", "kind", "status");
        if ("v1".equals(apiVersion)) {
            fields.ignore("spec");
            if (metadata(false)) {
                drafts.add(new KubernetesPart.Namespace(key.name(), labels));
            }
            fields.end();
            drafts.addProblems(problems);
            return;
        }
        BiFunction<KubernetesObject, Dialect.Drafts, Boolean> reader = reader();
        Node spec = fields.value("spec");
        boolean named = metadata(!"Mesh".equals(kind));
        if (spec != null && !(spec instanceof MappingNode)) {
            fields.error("spec", spec.describe() + " (expected: a mapping)");
            named = false;
        }
        fields.end();
        if (reader == null || !named || !reader.apply(this, drafts)) {
            drafts.addProblems(problems);
        }
    }

    private @Nullable BiFunction<KubernetesObject, Dialect.Drafts, Boolean> reader() {
        String version =
                String.valueOf(apiVersion).substring(String.valueOf(apiVersion).indexOf('/') + 1);
        Set<String> kinds;
        BiFunction<KubernetesObject, Dialect.Drafts, Boolean> reader;
        if (version.equals("v1beta2")) {
            kinds = KubernetesV1Beta2.KINDS;
            reader = KubernetesV1Beta2::read;
        } else if (version.equals("v1beta1")) {
            kinds = KubernetesV1Beta1.KINDS;
            reader = KubernetesV1Beta1::read;
        } else {
            fields.error(
                    "apiVersion",
                    Words.quote(String.valueOf(apiVersion))
                            + " (expected: appmesh.k8s.aws/v1beta2 or appmesh.k8s.aws/v1beta1)");
            return null;
        }
        if (kind == null) {
            fields.error("kind", "missing (expected: " + Words.anyOf(kinds) + "); add it");
            return null;
        }
        if (!kinds.contains(kind)) {
            String nearest = Words.nearest(kind, kinds);
            fields.error(
                    "kind",
                    Words.quote(kind) + " (expected: " + Words.anyOf(kinds) + ")"
                            + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
            return null;
        }
        return reader;
    }

    /** Reads the metadata; false, and problems, where they do not tell who this is. */
    private boolean metadata(boolean namespaced) {
        Fields metadata = fields.requiredObject("metadata");
        if (metadata == null) {
            return false;
        }
        int errors = problems.errors();
        String name = metadata.requiredName("name");
        MappingNode written = node.mapping("metadata");
        boolean empty = written != null && "".equals(written.text("namespace"));
        metadata.ignore("namespace");
        String namespace = empty ? null : metadata.name("namespace");
        boolean identified = problems.errors() == errors && name != null;
        if ("Namespace".equals(kind) || "GatewayRoute".equals(kind)) {
            labels = LabelSelector.labels(metadata, "labels");
        } else {
            metadata.ignore("labels");
        }
        metadata.ignore(METADATA);
        metadata.end();
        if (name == null || !identified) {
            return false;
        }
        key = new ObjectKey(!namespaced ? "" : namespace == null ? DEFAULT_NAMESPACE : namespace, name);
        return true;
    }

    // What a version reads from.

    ObjectKey key() {
        return key;
    }

    Map<String, String> labels() {
        return labels;
    }

    Path path() {
        return path;
    }

    Mark mark() {
        return node.mark();
    }

    Problems problems() {
        return problems;
    }

    Context context() {
        return context;
    }

    /** Returns the kind, which is one that the version knows. */
    String kind() {
        return String.valueOf(kind);
    }

    /** Returns the spec; an empty one where none is written. */
    MappingNode spec() {
        MappingNode spec = node.mapping("spec");
        return spec == null ? MappingNode.empty(node.mark()) : spec;
    }

    Path specPath() {
        return path.member("spec");
    }

    /**
     * Hands over each item of a list in the spec, with its path; where there is no list, says so.
     *
     * @param fields of the spec, to which the problem goes
     */
    void forEachOf(String list, Fields fields, BiConsumer<Node, Path> reader) {
        Node found = spec().get(list);
        if (found instanceof SequenceNode sequence) {
            Path items = specPath().member(list);
            for (int i = 0; i < sequence.items().size(); i++) {
                reader.accept(sequence.items().get(i), items.item(i));
            }
        } else if (found != null) {
            fields.error(list, found.describe() + " (expected: a list)");
        }
    }

    /** Tells whether the object is marked so that its routes count alone. */
    boolean isRoutesOnly() {
        MappingNode metadata = node.mapping("metadata");
        MappingNode annotations = metadata == null ? null : metadata.mapping("annotations");
        return annotations != null && "true".equals(annotations.text("intramesh.io/routes-only"));
    }

    /** Returns where the namespace stands, for problems of membership. */
    Membership.Selected selected() {
        MappingNode metadata = node.mapping("metadata");
        MappingNode.Entry entry = metadata == null ? null : metadata.entry("namespace");
        Mark mark = entry == null ? node.mark() : entry.value().mark();
        return new Membership.Selected(mark, path.member("metadata").member("namespace"));
    }

    /** Returns a collector for a part of this object, with the faults that stand in it. */
    Problems problemsOf(Path part) {
        return problems(fault -> isUnder(fault, part));
    }

    private Problems problems(Predicate<Fault> which) {
        Problems collected = new Problems(document.file());
        faults.stream().filter(which).forEach(fault -> collected.error(fault.mark(), fault.path(), fault.message()));
        return collected;
    }

    Context contextOf(Problems partProblems) {
        return document.context(partProblems);
    }

    /** Binds a spec in the form of the API, and hands in what came of it. */
    void add(
            Dialect.Drafts drafts,
            Kind resourceKind,
            String name,
            Mark mark,
            MappingNode spec,
            Path bindingPath,
            Context binding,
            Membership membership,
            Subject subject,
            List<Link> links) {
        // The document is only asked for where its spec is no mapping, and this one is.
        var bound = SpecBinder.bind(resourceKind, spec, bindingPath, new Fields(node, path, binding));
        Draft seed = new Draft(
                resourceKind,
                null,
                null,
                name,
                true,
                document.file(),
                mark,
                bindingPath.toString(),
                binding.problems(),
                bound,
                binding.places(),
                bindingPath.spelling());
        drafts.add(new Manifest(seed, key, membership, subject, links));
    }
}
