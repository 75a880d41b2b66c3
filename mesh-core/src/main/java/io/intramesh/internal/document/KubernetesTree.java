package io.intramesh.internal.document;

import io.intramesh.internal.document.MappingNode.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes trees of manifests into trees of the API; what stays, keeps its place, and what is new, has that of its origin. */
final class KubernetesTree {
    private KubernetesTree() {}

    /** Changes one value; null takes its member out. */
    @FunctionalInterface
    interface Change {
        @Nullable
        Node apply(Node value, Path path);
    }

    /** Returns a tree, the value changed that stands at the end of a way of members; the same tree where none stands there. */
    static Node at(Node node, Path path, Change change, String... way) {
        if (way.length == 0) {
            Node changed = change.apply(node, path);
            return changed == null ? node : changed;
        }
        String member = way[0];
        String[] rest = Arrays.copyOfRange(way, 1, way.length);
        if (!(node instanceof MappingNode mapping) || mapping.get(member) == null) {
            return node;
        }
        return with(mapping, member, (value, valuePath) -> at(value, valuePath, change, rest), path);
    }

    /** Returns a mapping with one value changed. */
    static MappingNode with(MappingNode mapping, String member, Change change, Path path) {
        List<Entry> entries = new ArrayList<>(mapping.entries().size());
        boolean changed = false;
        for (Entry entry : mapping.entries()) {
            if (!entry.key().equals(member)) {
                entries.add(entry);
                continue;
            }
            Node value = change.apply(entry.value(), path.member(member));
            changed |= value != entry.value();
            if (value != null) {
                entries.add(new Entry(entry.key(), entry.keyMark(), value));
            }
        }
        return changed ? new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries)) : mapping;
    }

    /** Returns a list with each item changed; what is no list comes back as it is. */
    static Node each(Node list, Path path, Change change) {
        if (!(list instanceof SequenceNode sequence)) {
            return list;
        }
        List<Node> items = new ArrayList<>(sequence.items().size());
        boolean changed = false;
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            Node value = change.apply(item, path.item(i));
            changed |= value != item;
            items.add(value == null ? item : value);
        }
        return changed ? new SequenceNode(sequence.mark(), sequence.tag(), List.copyOf(items)) : sequence;
    }

    /**
     * Returns the members of a mapping that are not of Kubernetes alone, under the API's names. Null values are left out, as
     * they are absent; unknown members stay, so that none is said to be missing whose name is misspelt.
     *
     * @param apiNames by the name in manifests
     */
    static MappingNode picked(MappingNode mapping, Map<String, String> apiNames, String... ofKubernetes) {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            if (mapping.has(entry.key()) && !List.of(ofKubernetes).contains(entry.key())) {
                String name = apiNames.getOrDefault(entry.key(), entry.key());
                entries.add(new Entry(name, entry.keyMark(), entry.value()));
            }
        }
        return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
    }
}
