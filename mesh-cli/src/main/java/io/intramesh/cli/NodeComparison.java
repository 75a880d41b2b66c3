package io.intramesh.cli;

import io.intramesh.cli.Change.Concern;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Listener;
import io.intramesh.model.MeshResource;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.VirtualNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares the virtual nodes of two forms of a mesh: what they listen on, how they are found, whom they may call. */
final class NodeComparison {
    private final ResourceSet before;
    private final ResourceSet after;
    private final String first;
    private final String second;
    private final Consumer<Change> changes;
    private final SettingComparison settings;

    /**
     * @param first name of the mesh before, as {@code second} is after
     */
    NodeComparison(ResourceSet before, ResourceSet after, String first, String second, Consumer<Change> changes) {
        this.before = before;
        this.after = after;
        this.first = first;
        this.second = second;
        this.changes = changes;
        this.settings = new SettingComparison(changes);
    }

    void run() {
        Map<String, VirtualNode> was = Comparison.named(before, first, VirtualNode.class);
        Map<String, VirtualNode> is = Comparison.named(after, second, VirtualNode.class);
        was.forEach((name, node) -> {
            VirtualNode other = is.get(name);
            if (other == null) {
                changes.accept(Change.of(
                        Concern.NODE_REMOVED,
                        node.id(),
                        node.id().toString(),
                        "is gone; what still leads to it is refused"));
            } else {
                node(node, other);
            }
        });
        is.forEach((name, node) -> {
            if (!was.containsKey(name)) {
                changes.accept(
                        Change.of(Concern.NODE_ADDED, node.id(), node.id().toString(), introduced(node)));
            }
        });
    }

    private String introduced(VirtualNode node) {
        List<String> parts = new ArrayList<>();
        parts.add("is new");
        if (!node.listeners().isEmpty()) {
            parts.add("listens on "
                    + Comparison.words(
                            node.listeners().stream().map(Listener::portMapping).toList()));
        }
        Settings.of(node, null).stream()
                .filter(setting -> setting.name().equals("serviceDiscovery") && !setting.isDefault())
                .forEach(setting -> parts.add("found by " + setting.value()));
        if (!node.backends().isEmpty()) {
            parts.add("may call "
                    + node.backends().stream()
                            .map(Backend::virtualServiceName)
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        return String.join(", ", parts);
    }

    private void node(VirtualNode was, VirtualNode is) {
        backends(was, is);
        settings.compare(
                is.id(),
                is.name(),
                Settings.of(was, meshFor(was, is, before.mesh(first))),
                Settings.of(is, meshFor(was, is, after.mesh(second))));
        List<Integer> ports = was.listeners().stream().map(Listener::port).toList();
        List<Integer> portsNow = is.listeners().stream().map(Listener::port).toList();
        if (Set.copyOf(ports).equals(Set.copyOf(portsNow))
                && !ports.isEmpty()
                && !ports.get(0).equals(portsNow.get(0))) {
            changes.accept(Change.of(
                            Concern.LISTENER,
                            is.id(),
                            is.name(),
                            "calls that name no port now reach " + portsNow.get(0) + " instead of " + ports.get(0))
                    .values("listeners", ports.toString(), portsNow.toString()));
        }
    }

    // What the mesh prefers is told once, at the mesh, unless one of the nodes has a word of its own.
    private @Nullable MeshResource meshFor(VirtualNode was, VirtualNode is, @Nullable MeshResource mesh) {
        ServiceDiscovery former = was.serviceDiscovery();
        ServiceDiscovery now = is.serviceDiscovery();
        boolean isOwn =
                (former != null && former.ipPreference() != null) || (now != null && now.ipPreference() != null);
        return isOwn ? mesh : null;
    }

    private void backends(VirtualNode was, VirtualNode is) {
        Map<String, Backend> former = backendsByHost(was);
        Map<String, Backend> now = backendsByHost(is);
        former.forEach((host, backend) -> {
            if (!now.containsKey(host)) {
                changes.accept(Change.of(
                                Concern.BACKEND_REMOVED,
                                is.id(),
                                is.name(),
                                Comparison.isOpen(after, second)
                                        ? "no longer declares " + backend.virtualServiceName()
                                                + "; such calls now leave the mesh (ALLOW_ALL)"
                                        : "may no longer call " + backend.virtualServiceName())
                        .about(List.of(backend.virtualServiceName()), null)
                        .values("backends", backend.virtualServiceName(), null));
            }
        });
        now.forEach((host, backend) -> {
            Backend other = former.get(host);
            if (other == null) {
                changes.accept(Change.of(
                                Concern.BACKEND_ADDED,
                                is.id(),
                                is.name(),
                                "may now call " + backend.virtualServiceName())
                        .about(List.of(backend.virtualServiceName()), null)
                        .values("backends", null, backend.virtualServiceName()));
            } else {
                policy(was, is, other, backend);
            }
        });
    }

    private Map<String, Backend> backendsByHost(VirtualNode node) {
        Map<String, Backend> backends = new TreeMap<>();
        node.backends()
                .forEach(backend -> backends.put(backend.virtualServiceName().toLowerCase(Locale.ROOT), backend));
        return backends;
    }

    private void policy(VirtualNode was, VirtualNode is, Backend former, Backend now) {
        if (former.clientPolicy() == null && now.clientPolicy() == null) {
            return; // Told once, as the node's default.
        }
        String first = Settings.words(inForce(was, former));
        String second = Settings.words(inForce(is, now));
        if (!first.equals(second)) {
            changes.accept(Change.of(
                            Concern.TLS,
                            is.id(),
                            is.name(),
                            "calls " + now.virtualServiceName() + " by " + second + " instead of " + first)
                    .about(List.of(now.virtualServiceName()), null)
                    .values("clientPolicy", first, second));
        }
    }

    private @Nullable ClientPolicy inForce(VirtualNode node, Backend backend) {
        return backend.clientPolicy() == null ? node.backendDefaults() : backend.clientPolicy();
    }
}
