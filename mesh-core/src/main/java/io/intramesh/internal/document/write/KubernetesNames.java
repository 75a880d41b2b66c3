package io.intramesh.internal.document.write;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names of Kubernetes objects for resources whose own names follow no rule of Kubernetes. Where an object's default name in App
 * Mesh ({@code name_namespace}, for services {@code name.namespace}) is the resource's own, that object's name is taken; else one
 * is made of what the resource's name has in letters and digits, and {@code awsName} says the rest.
 *
 * <p>Each mesh has one namespace: the one that most of its names end with, else one called as the mesh is.
 */
final class KubernetesNames {
    /** An object's name. Kubernetes takes more for most kinds, but label values end here. */
    private static final int MAX_LENGTH = 63;

    /** What of a name is kept, so that a number fits behind it. */
    private static final int MAX_KEPT = 52;

    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?");
    private static final Pattern NOT_IN_LABELS = Pattern.compile("[^a-z0-9]+");
    private static final Pattern DASHES_AT_ENDS = Pattern.compile("^-+|-+$");

    private final Map<String, String> meshNames = new LinkedHashMap<>();
    private final Map<String, String> namespaces = new HashMap<>();
    private final Map<ResourceId, String> names = new HashMap<>();
    private final Map<Place, ResourceId> taken = new HashMap<>();

    /** Where an object stands: no two of a kind share a name in a namespace. */
    private record Place(Kind kind, String namespace, String name) {}

    /** An object by its name and namespace. */
    record ObjectName(String name, String namespace) {}

    KubernetesNames(ResourceSet resources) {
        Set<ResourceId> ids = objects(resources);
        nameMeshes(resources, ids);
        // Names that need no awsName come first, so that none of those that do takes one of them.
        for (ResourceId id : ids) {
            String natural = naturalName(id);
            if (natural != null) {
                take(id, natural);
            }
        }
        for (ResourceId id : ids) {
            if (!names.containsKey(id)) {
                take(id, free(id));
            }
        }
    }

    /** Returns what becomes an object: routes do not, but their router does, also where nothing but its routes is known. */
    private static Set<ResourceId> objects(ResourceSet resources) {
        Set<ResourceId> ids = new LinkedHashSet<>();
        for (Resource resource : resources.all()) {
            ResourceId id = resource.id();
            if (id.kind() == Kind.ROUTE) {
                ids.add(ResourceId.of(Kind.VIRTUAL_ROUTER, id.mesh(), requireNonNull(id.parent())));
            } else if (id.kind().isAppMesh() && id.kind() != Kind.MESH) {
                if (id.kind() == Kind.GATEWAY_ROUTE) {
                    ids.add(ResourceId.of(Kind.VIRTUAL_GATEWAY, id.mesh(), requireNonNull(id.parent())));
                }
                ids.add(id);
            }
        }
        return ids;
    }

    private void nameMeshes(ResourceSet resources, Set<ResourceId> ids) {
        Set<String> meshes = new LinkedHashSet<>();
        resources.all().stream()
                .filter(resource -> resource.kind().isAppMesh())
                .forEach(resource -> meshes.add(resource.id().mesh()));
        // Those that keep their names come first.
        Set<String> used = new HashSet<>(meshes.stream()
                .filter(mesh -> isLabel(mesh) || resources.mesh(mesh) == null)
                .toList());
        for (String mesh : meshes) {
            if (resources.mesh(mesh) == null) {
                // Nothing declares it, so that nothing can say that it is called otherwise than its object.
                meshNames.put(mesh, mesh);
            } else {
                meshNames.put(mesh, isLabel(mesh) ? mesh : unused(label(mesh, "mesh"), used));
            }
        }
        Set<String> usedNamespaces = new HashSet<>();
        for (String mesh : meshes) {
            String common = commonSuffix(mesh, ids);
            String wanted = common != null ? common : label(mesh, "mesh");
            namespaces.put(mesh, unused(wanted, usedNamespaces));
        }
    }

    /** Returns the namespace that more than half of the names of nodes, routers and gateways end with, or null. */
    private static @Nullable String commonSuffix(String mesh, Set<ResourceId> ids) {
        Map<String, Integer> counts = new HashMap<>();
        int all = 0;
        for (ResourceId id : ids) {
            if (id.mesh().equals(mesh) && id.kind() != Kind.VIRTUAL_SERVICE) {
                all++;
                ObjectName split = split(id.kind(), id.name());
                if (split != null) {
                    counts.merge(split.namespace(), 1, Integer::sum);
                }
            }
        }
        int half = all / 2;
        return counts.entrySet().stream()
                .filter(entry -> entry.getValue() > half)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private @Nullable String naturalName(ResourceId id) {
        ObjectName split = split(id.kind(), id.name());
        boolean free = split != null
                && split.namespace().equals(namespace(id.mesh()))
                && !taken.containsKey(new Place(id.kind(), split.namespace(), split.name()));
        return split != null && free ? split.name() : null;
    }

    private String free(ResourceId id) {
        String base = label(id.name(), id.kind().term().toLowerCase(Locale.ROOT));
        String name = base;
        for (int i = 2; taken.containsKey(new Place(id.kind(), namespace(id.mesh()), name)); i++) {
            name = base + "-" + i;
        }
        return name;
    }

    private void take(ResourceId id, String name) {
        names.put(id, name);
        taken.put(new Place(id.kind(), namespace(id.mesh()), name), id);
    }

    private static String unused(String base, Set<String> used) {
        String name = base;
        for (int i = 2; !used.add(name); i++) {
            name = base + "-" + i;
        }
        return name;
    }

    /** Returns a name that Kubernetes takes, as near to this text as can be. */
    private static String label(String text, String otherwise) {
        if (isLabel(text)) {
            return text;
        }
        String dashes = NOT_IN_LABELS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("-");
        String cut = dashes.substring(0, Math.min(dashes.length(), MAX_KEPT));
        String label = DASHES_AT_ENDS.matcher(cut).replaceAll("");
        return label.isEmpty() ? otherwise : label;
    }

    static boolean isLabel(String text) {
        return text.length() <= MAX_LENGTH && LABEL.matcher(text).matches();
    }

    /** Returns the object whose default name in App Mesh this is, or null where it is none's. */
    static @Nullable ObjectName split(Kind kind, String awsName) {
        char separator = separator(kind);
        int at = awsName.lastIndexOf(separator);
        if (at < 0) {
            return null;
        }
        String name = awsName.substring(0, at);
        String namespace = awsName.substring(at + 1);
        return isLabel(name) && isLabel(namespace) ? new ObjectName(name, namespace) : null;
    }

    private static char separator(Kind kind) {
        return kind == Kind.VIRTUAL_SERVICE ? '.' : '_';
    }

    /** Returns the name of a mesh's object; the mesh's own name where nothing declares it. */
    String mesh(String mesh) {
        return requireNonNull(meshNames.get(mesh));
    }

    String namespace(String mesh) {
        return requireNonNull(namespaces.get(mesh));
    }

    /** Tells whether a resource has an object here. */
    boolean has(ResourceId id) {
        return names.containsKey(id);
    }

    String name(ResourceId id) {
        return requireNonNull(names.get(id));
    }

    /** Returns the name in App Mesh where it is not the object's default, else null. */
    @Nullable
    String awsName(ResourceId id) {
        String standard = name(id) + separator(id.kind()) + namespace(id.mesh());
        return standard.equals(id.name()) ? null : id.name();
    }

    /** Tells whether an object of that name, which would mean another resource, stands here. */
    boolean isTaken(Kind kind, ObjectName object) {
        return taken.containsKey(new Place(kind, object.namespace(), object.name()));
    }
}
