package io.intramesh.internal.document;

import io.intramesh.document.Problem.Severity;
import io.intramesh.internal.document.KubernetesPart.BackendGroup;
import io.intramesh.internal.document.KubernetesPart.GroupRef;
import io.intramesh.internal.document.KubernetesPart.Link;
import io.intramesh.internal.document.KubernetesPart.Manifest;
import io.intramesh.internal.document.KubernetesPart.Membership;
import io.intramesh.internal.document.KubernetesPart.Namespace;
import io.intramesh.internal.document.KubernetesPart.ObjectKey;
import io.intramesh.internal.document.KubernetesPart.Subject;
import io.intramesh.internal.document.LabelSelector.Verdict;
import io.intramesh.model.Backend;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import io.intramesh.model.WeightedTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All Kubernetes objects of one set, as a cluster would hold them: settles to which mesh and gateway each belongs, and what the
 * others are called. The admission webhook did so with the labels of the cluster; here, labels that stand in no file are open.
 * What is sure is decided as there; where one choice is left, it is taken with a note; else the resource says that it cannot be
 * told. Costs a few map accesses per object, and binds nothing.
 */
final class KubernetesSet {
    /** A label that the API server gives to every namespace. */
    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    private record ObjectId(Kind kind, ObjectKey key) {}

    /** What was decided, and what is to be said of it. */
    private record Choice(
            @Nullable String name,
            @Nullable Severity severity,
            @Nullable String message) {
        static Choice sure(String name) {
            return new Choice(name, null, null);
        }

        static Choice open() {
            return new Choice(null, null, null);
        }

        static Choice guess(String name, String message) {
            return new Choice(name, Severity.NOTE, message);
        }

        static Choice none(@Nullable String name, String message) {
            return new Choice(name, Severity.ERROR, message);
        }
    }

    private final List<KubernetesPart> parts;
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final Map<String, Manifest> meshes = new LinkedHashMap<>();
    private final Map<ObjectKey, Manifest> gateways = new LinkedHashMap<>();
    private final Map<ObjectId, String> names = new HashMap<>();
    private final Map<ObjectKey, BackendGroup> groups = new HashMap<>();
    private final Map<String, Set<ObjectKey>> services = new HashMap<>();
    private final Map<ObjectKey, Manifest> oldNodes = new HashMap<>();
    private final Map<String, Choice> meshOfNamespace = new HashMap<>();
    private final Set<String> toldOfNamespace = new HashSet<>();

    KubernetesSet(List<KubernetesPart> parts) {
        this.parts = parts;
        for (KubernetesPart part : parts) {
            if (part instanceof Namespace namespace) {
                // Labels add up, as when several files are applied one after another.
                namespaces
                        .computeIfAbsent(namespace.name(), KubernetesSet::ownLabels)
                        .putAll(namespace.labels());
            } else if (part instanceof BackendGroup group) {
                groups.put(group.key(), group);
            } else if (part instanceof KubernetesPart.Elsewhere elsewhere) {
                names.put(new ObjectId(elsewhere.kind(), elsewhere.key()), elsewhere.name());
            } else if (part instanceof Manifest manifest) {
                index(manifest);
            }
        }
    }

    private static Map<String, String> ownLabels(String namespace) {
        return new HashMap<>(Map.of(NAME_LABEL, namespace));
    }

    private void index(Manifest manifest) {
        Kind kind = manifest.seed().kind();
        ObjectKey key = manifest.key();
        if (manifest.subject() instanceof Subject.OfMesh) {
            meshes.put(key.name(), manifest);
            return;
        }
        if (manifest.membership() instanceof Membership.Named) {
            if (kind == Kind.VIRTUAL_NODE) {
                oldNodes.put(key, manifest);
            }
            return; // The older version refers by names alone.
        }
        if (kind != Kind.ROUTE) {
            names.put(new ObjectId(kind, key), manifest.seed().name());
        }
        if (kind == Kind.VIRTUAL_GATEWAY) {
            gateways.put(key, manifest);
        } else if (kind == Kind.VIRTUAL_SERVICE) {
            services.computeIfAbsent(key.namespace(), any -> new LinkedHashSet<>())
                    .add(key);
        }
    }

    void join(Dialect.Drafts drafts) {
        for (KubernetesPart part : parts) {
            if (part instanceof Manifest manifest) {
                drafts.add(joined(manifest));
            }
        }
    }

    private Draft joined(Manifest manifest) {
        Additions additions = new Additions(manifest.seed());
        String mesh = mesh(manifest, additions);
        String parent = parent(manifest, additions);
        checkMeshesOfArns(manifest, mesh, additions);
        Function<ResourceId, Resource> bound = bound(manifest, additions);
        return manifest.seed().joined(mesh, parent, additions.problems(), bound);
    }

    /** The problems of a resource, copied only when there is one to add. */
    private static final class Additions {
        private final Draft seed;
        private @Nullable Problems copy;

        Additions(Draft seed) {
            this.seed = seed;
        }

        void add(Severity severity, Mark mark, Path path, String message) {
            Problems problems = copy == null ? seed.problems().copy() : copy;
            copy = problems;
            if (severity == Severity.ERROR) {
                problems.error(mark, path, message);
            } else {
                problems.note(mark, path, message);
            }
        }

        Problems problems() {
            return copy == null ? seed.problems() : copy;
        }
    }

    // Meshes.

    private @Nullable String mesh(Manifest manifest, Additions additions) {
        Membership membership = manifest.membership();
        if (membership instanceof Membership.Itself) {
            return manifest.seed().name();
        }
        if (membership instanceof Membership.Named named) {
            return named.mesh();
        }
        if (membership instanceof Membership.Referred referred) {
            Manifest mesh = meshes.get(referred.meshObject());
            return mesh == null ? referred.meshObject() : mesh.seed().name();
        }
        Membership.Selected selected = (Membership.Selected) membership;
        String namespace = manifest.key().namespace();
        Choice choice = meshOfNamespace.computeIfAbsent(namespace, this::meshOf);
        String message = choice.message();
        if (choice.severity() != null && message != null) {
            // A guess is told once for its namespace, an error for each resource that it refuses.
            if (choice.severity() == Severity.ERROR || toldOfNamespace.add(namespace)) {
                additions.add(choice.severity(), selected.mark(), selected.path(), message);
            }
        }
        return choice.name();
    }

    private Choice meshOf(String namespace) {
        boolean known = namespaces.containsKey(namespace);
        Map<String, String> labels = labels(namespace);
        List<Manifest> sure = new ArrayList<>();
        List<Manifest> open = new ArrayList<>();
        for (Manifest mesh : meshes.values()) {
            LabelSelector selector = selector(mesh);
            Verdict verdict = selector == null ? Verdict.NO : selector.verdictOnNamespace(labels, known);
            if (verdict == Verdict.YES) {
                sure.add(mesh);
            } else if (verdict == Verdict.OPEN) {
                open.add(mesh);
            }
        }
        if (sure.size() == 1) {
            return Choice.sure(sure.get(0).seed().name());
        }
        if (sure.size() > 1) {
            return Choice.none(
                    sure.get(0).seed().name(),
                    "meshes "
                            + Words.allOf(sure.stream()
                                    .map(mesh -> Words.quote(mesh.key().name()))
                                    .toList())
                            + " select namespace " + Words.quote(namespace)
                            + " (expected: one); narrow their namespaceSelectors, or write spec.meshRef");
        }
        if (meshes.isEmpty()) {
            return Choice.open();
        }
        Manifest only = open.size() == 1
                ? open.get(0)
                : meshes.size() == 1 ? meshes.values().iterator().next() : null;
        if (known && open.size() == 1) {
            return Choice.guess(
                    open.get(0).seed().name(),
                    "namespace " + Words.quote(namespace) + " does not say the label that mesh "
                            + Words.quote(open.get(0).key().name()) + " asks for (" + asked(open.get(0))
                            + "); took that mesh; add the label to the Namespace");
        }
        if (!known) {
            // Labels may be anywhere; a mesh that surely does not select the namespace is still the best one if alone.
            return only == null
                    ? Choice.open()
                    : Choice.guess(
                            only.seed().name(),
                            "namespace " + Words.quote(namespace) + " is in no file; took mesh "
                                    + Words.quote(only.seed().name())
                                    + (meshes.size() == 1
                                            ? " (the only one here)"
                                            : " (the only one that may select it)")
                                    + "; add the Namespace with its labels");
        }
        return Choice.none(only == null ? null : only.seed().name(), noMesh(namespace, labels, only));
    }

    private static String asked(Manifest mesh) {
        LabelSelector selector = selector(mesh);
        return selector == null ? "nothing" : selector.describe();
    }

    private static @Nullable LabelSelector selector(Manifest mesh) {
        return mesh.subject() instanceof Subject.OfMesh subject ? subject.namespaces() : null;
    }

    private Map<String, String> labels(String namespace) {
        Map<String, String> labels = namespaces.get(namespace);
        return labels == null ? ownLabels(namespace) : labels;
    }

    private String noMesh(String namespace, Map<String, String> labels, @Nullable Manifest only) {
        Map<String, String> written = new TreeMap<>(labels);
        written.remove(NAME_LABEL);
        String asked = "";
        if (only != null) {
            LabelSelector selector = selector(only);
            String name = Words.quote(only.key().name());
            asked = selector == null
                    ? "; give mesh " + name + " a namespaceSelector ({} selects all)"
                    : "; mesh " + name + " asks for " + selector.describe();
        }
        return "no mesh selects namespace " + Words.quote(namespace) + " (its labels: "
                + LabelSelector.describe(written) + ")" + asked + ", or write spec.meshRef";
    }

    // Routers and gateways.

    private @Nullable String parent(Manifest manifest, Additions additions) {
        if (manifest.subject() instanceof Subject.OfRoute route) {
            return route.router();
        }
        if (!(manifest.subject() instanceof Subject.OfGatewayRoute subject)) {
            return null;
        }
        ObjectKey reference = subject.gateway();
        if (reference != null) {
            return name(Kind.VIRTUAL_GATEWAY, reference);
        }
        Choice choice = gateway(manifest.key().namespace(), subject.labels());
        String message = choice.message();
        if (choice.severity() != null && message != null) {
            additions.add(choice.severity(), manifest.seed().mark(), Path.ROOT, message);
        }
        return choice.name();
    }

    private Choice gateway(String namespace, Map<String, String> labels) {
        boolean known = namespaces.containsKey(namespace);
        Map<String, String> namespaceLabels = labels(namespace);
        List<Manifest> sure = new ArrayList<>();
        List<Manifest> open = new ArrayList<>();
        List<Manifest> selectless = new ArrayList<>();
        for (Manifest gateway : gateways.values()) {
            if (!(gateway.subject() instanceof Subject.OfGateway subject)) {
                continue;
            }
            LabelSelector ofRoutes = subject.routes();
            LabelSelector ofNamespaces = subject.namespaces();
            if (ofRoutes != null && !ofRoutes.selects(labels)) {
                continue;
            }
            Verdict verdict =
                    ofNamespaces == null ? Verdict.NO : ofNamespaces.verdictOnNamespace(namespaceLabels, known);
            if (verdict == Verdict.YES) {
                sure.add(gateway);
            } else if (verdict == Verdict.OPEN) {
                open.add(gateway);
            } else if (!known && ofNamespaces == null) {
                selectless.add(gateway);
            }
        }
        if (sure.size() == 1) {
            return Choice.sure(sure.get(0).seed().name());
        }
        if (open.isEmpty()) {
            open = selectless; // As for meshes: what stands here alone is likelier than something elsewhere.
        }
        String where = "namespace " + Words.quote(namespace);
        if (sure.size() > 1) {
            return Choice.none(
                    sure.get(0).seed().name(),
                    "virtual gateways " + names(sure) + " select this route (expected: one); narrow their selectors, or"
                            + " write spec.virtualGatewayRef");
        }
        if (open.size() == 1) {
            String name = open.get(0).seed().name();
            return Choice.guess(
                    name,
                    where + (known ? " lacks a label that is asked for" : " is in no file") + "; took virtualGateway "
                            + Words.quote(name)
                            + " (the only one that may select this route); add the Namespace with its labels");
        }
        if (gateways.isEmpty() || !open.isEmpty()) {
            return Choice.open();
        }
        return Choice.none(
                gateways.values().iterator().next().seed().name(),
                "no virtual gateway selects this route (here: " + names(List.copyOf(gateways.values()))
                        + "); give the route and " + where
                        + " the labels that one of them asks for, or write spec.virtualGatewayRef");
    }

    private static String names(List<Manifest> manifests) {
        return Words.shorten(Words.allOf(
                manifests.stream().map(manifest -> "'" + manifest.key() + "'").toList()));
    }

    // Names.

    private String name(Kind kind, ObjectKey key) {
        String name = names.get(new ObjectId(kind, key));
        return name == null ? key.resourceName(kind) : name;
    }

    private String name(Link link) {
        return link instanceof Link.ByObject reference
                ? name(reference.kind(), reference.key())
                : ((Link.ByName) link).name();
    }

    private static void checkMeshesOfArns(Manifest manifest, @Nullable String mesh, Additions additions) {
        for (Link link : manifest.links()) {
            if (link instanceof Link.ByName named
                    && named.mesh() != null
                    && mesh != null
                    && !named.mesh().equals(mesh)) {
                additions.add(
                        Severity.NOTE,
                        named.mark(),
                        named.path(),
                        "names mesh " + Words.quote(named.mesh()) + ", while this stands in mesh " + Words.quote(mesh)
                                + "; the name is looked up there");
            }
        }
    }

    // What the names of others make of a resource.

    private @Nullable Function<ResourceId, Resource> bound(Manifest manifest, Additions additions) {
        Function<ResourceId, Resource> seed = manifest.seed().bound();
        if (seed == null) {
            return null;
        }
        if (manifest.subject() instanceof Subject.OfNode node) {
            List<String> backends = manifest.links().stream().map(this::name).toList();
            List<String> grouped = grouped(manifest.key(), node.groups(), additions);
            return backends.isEmpty() && grouped.isEmpty()
                    ? seed
                    : id -> withBackends((VirtualNode) seed.apply(id), backends, grouped);
        }
        if (manifest.subject() instanceof Subject.OfImpliedRouter implied) {
            return impliedRouter(seed, implied, additions);
        }
        if (manifest.links().isEmpty()) {
            return seed;
        }
        List<String> targets = manifest.links().stream().map(this::name).toList();
        return id -> withTargets(seed.apply(id), targets);
    }

    /** Returns the virtual services of backend groups. */
    private List<String> grouped(ObjectKey node, List<GroupRef> references, Additions additions) {
        List<String> found = new ArrayList<>();
        for (GroupRef reference : references) {
            ObjectKey key = reference.key();
            if (key.name().equals(KubernetesV1Beta2.EVERY_SERVICE)) {
                services.getOrDefault(key.namespace(), Set.of())
                        .forEach(service -> found.add(name(Kind.VIRTUAL_SERVICE, service)));
                continue;
            }
            BackendGroup group = groups.get(key);
            if (group == null) {
                additions.add(
                        Severity.NOTE,
                        reference.mark(),
                        reference.path(),
                        "backendGroup " + Words.quote(key.name())
                                + (key.namespace().equals(node.namespace())
                                        ? ""
                                        : " of namespace " + Words.quote(key.namespace()))
                                + " is not here; it adds no backends");
                continue;
            }
            group.services().forEach(service -> found.add(name(Kind.VIRTUAL_SERVICE, service)));
        }
        return found;
    }

    /** One virtual service is one backend, however often it is named; the first one, which may have a policy, stays. */
    private static VirtualNode withBackends(VirtualNode node, List<String> names, List<String> grouped) {
        Map<String, Backend> backends = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            backends.putIfAbsent(
                    names.get(i),
                    new Backend(names.get(i), node.backends().get(i).clientPolicy()));
        }
        grouped.forEach(name -> backends.putIfAbsent(name, new Backend(name, null)));
        return node.toBuilder().backends(List.copyOf(backends.values())).build();
    }

    private static Resource withTargets(Resource resource, List<String> names) {
        if (resource instanceof VirtualService service) {
            return service.provider() instanceof VirtualService.Provider.Node
                    ? new VirtualService(service.id(), new VirtualService.Provider.Node(names.get(0)))
                    : new VirtualService(service.id(), new VirtualService.Provider.Router(names.get(0)));
        }
        if (resource instanceof Route route) {
            return new Route(route.id(), route.priority(), withTargets(route.spec(), names));
        }
        if (resource instanceof GatewayRoute route) {
            return new GatewayRoute(route.id(), route.priority(), withTarget(route.spec(), names.get(0)));
        }
        return resource;
    }

    private static Route.Spec withTargets(Route.Spec spec, List<String> names) {
        List<WeightedTarget> targets = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            WeightedTarget target = spec.weightedTargets().get(i);
            targets.add(new WeightedTarget(names.get(i), target.weight(), target.port()));
        }
        if (spec instanceof Route.Http http) {
            return new Route.Http(http.protocol(), http.match(), targets, http.retryPolicy(), http.timeout());
        }
        if (spec instanceof Route.Grpc grpc) {
            return new Route.Grpc(grpc.match(), targets, grpc.retryPolicy(), grpc.timeout());
        }
        return new Route.Tcp(spec.port(), targets, spec.timeout());
    }

    private static GatewayRoute.Spec withTarget(GatewayRoute.Spec spec, String name) {
        GatewayRoute.Target target = new GatewayRoute.Target(name, spec.target().port());
        return spec instanceof GatewayRoute.Http http
                ? new GatewayRoute.Http(
                        http.protocol(), http.match(), target, http.rewritesHostname(), http.pathRewrite())
                : new GatewayRoute.Grpc(((GatewayRoute.Grpc) spec).match(), target, spec.rewritesHostname());
    }

    /** Returns a router that listens as the first target does; without that target, on any port. */
    private Function<ResourceId, Resource> impliedRouter(
            Function<ResourceId, Resource> seed, Subject.OfImpliedRouter implied, Additions additions) {
        ObjectKey from = implied.listenerFrom();
        if (from == null) {
            return seed;
        }
        Manifest node = oldNodes.get(from);
        Function<ResourceId, Resource> nodeBound =
                node == null || node.seed().problems().hasErrors()
                        ? null
                        : node.seed().bound();
        if (node == null || nodeBound == null) {
            additions.add(
                    Severity.NOTE,
                    additions.seed.mark(),
                    Path.ROOT,
                    "no listener is written, and the node " + Words.quote(from.name())
                            + ", whose own it would take, is not here; routes match on any port");
            return seed;
        }
        return id -> {
            VirtualNode target = (VirtualNode) nodeBound.apply(
                    ResourceId.of(Kind.VIRTUAL_NODE, id.mesh(), node.seed().name()));
            List<PortMapping> listeners = target.listeners().isEmpty()
                    ? List.of()
                    : List.of(target.listeners().get(0).portMapping());
            return new VirtualRouter(id, listeners);
        };
    }
}
