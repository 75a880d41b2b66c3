package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Manifests of the App Mesh controller for Kubernetes: {@code appmesh.k8s.aws/v1beta2} and the older {@code v1beta1}, alone or
 * in lists, among whatever else a folder of manifests holds. Namespaces are read for their labels, which decide membership.
 *
 * <p>While a file is read, each object is bound under the names that the controller would give by default; {@link KubernetesSet}
 * then settles meshes, gateways and names that stand elsewhere, without binding anything again.
 */
final class KubernetesDialect implements JoinedDialect {
    private static final String GROUP = "appmesh.k8s.aws";

    @Override
    public boolean claims(MappingNode root, String file) {
        if (isOurs(root.text("apiVersion"), root.text("kind"))) {
            return true;
        }
        return isListKind(root.text("kind"))
                && root.get("items") instanceof SequenceNode items
                && items.items().stream()
                        .anyMatch(item -> item instanceof MappingNode object
                                && isOurs(object.text("apiVersion"), object.text("kind")));
    }

    private static boolean isOurs(@Nullable String apiVersion, @Nullable String kind) {
        if (apiVersion == null) {
            return false;
        }
        return apiVersion.equals(GROUP)
                || apiVersion.startsWith(GROUP + "/")
                || (apiVersion.equals("v1")
                        && kind != null
                        && (kind.equals("Namespace") || kind.equals("NamespaceList")));
    }

    private static boolean isListKind(@Nullable String kind) {
        return kind != null && kind.endsWith("List");
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        MappingNode root = document.root();
        String kind = root.text("kind");
        if (kind != null && isListKind(kind)) {
            readList(document, kind, drafts);
            return;
        }
        new KubernetesObject(document, root, Path.ROOT, document.faults(), null, null).read(drafts);
    }

    /** Reads a list, whose items may leave out what the kind of the list says of them. */
    private static void readList(Claimed document, String listKind, Drafts drafts) {
        MappingNode root = document.root();
        Problems problems = new Problems(document.file());
        Path itemsPath = Path.ROOT.member("items");
        Node items = root.get("items");
        if (items instanceof SequenceNode sequence) {
            String itemKind = listKind.equals("List") ? null : listKind.substring(0, listKind.length() - 4);
            String itemVersion = itemKind == null ? null : root.text("apiVersion");
            for (int i = 0; i < sequence.items().size(); i++) {
                Path path = itemsPath.item(i);
                Node item = sequence.items().get(i);
                if (!(item instanceof MappingNode object)) {
                    problems.error(item.mark(), path, item.describe() + " (expected: a mapping)");
                } else if (isOurs(
                        object.has("apiVersion") ? object.text("apiVersion") : itemVersion,
                        object.has("kind") ? object.text("kind") : itemKind)) {
                    List<Fault> faults = document.faults().stream()
                            .filter(fault -> isUnder(fault.path(), path))
                            .toList();
                    new KubernetesObject(document, object, path, faults, itemVersion, itemKind).read(drafts);
                }
            }
        } else if (items != null) {
            problems.error(items.mark(), itemsPath, items.describe() + " (expected: a list)");
        }
        for (Fault fault : document.faults()) {
            if (!isUnder(fault.path(), itemsPath) && !fault.path().toString().startsWith("metadata")) {
                problems.error(fault.mark(), fault.path(), fault.message());
            }
        }
        drafts.addProblems(problems);
    }

    /** Tells whether a path is another or stands below it. */
    static boolean isUnder(Path path, Path outer) {
        String below = path.toString();
        String above = outer.toString();
        return below.startsWith(above)
                && (below.length() == above.length()
                        || above.isEmpty()
                        || below.charAt(above.length()) == '.'
                        || below.charAt(above.length()) == '[');
    }

    @Override
    public void join(List<Part> parts, Drafts drafts) {
        new KubernetesSet(parts.stream().map(KubernetesPart.class::cast).toList()).join(drafts);
    }
}
