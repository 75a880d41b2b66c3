package io.intramesh.internal.document;

import io.intramesh.internal.document.KubernetesPart.Membership;
import io.intramesh.internal.document.KubernetesPart.ObjectKey;
import io.intramesh.internal.document.KubernetesPart.Subject;
import io.intramesh.internal.document.MappingNode.Entry;
import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the objects of {@code appmesh.k8s.aws/v1beta1}, the version of the controller before 1.0. A virtual service holds its
 * router and routes itself; its name is used as it is. Nodes and routers got the namespace into their names:
 * {@code front} in {@code demo} became {@code front-demo}, and {@code front.other} became {@code front-other} [1]. Routes kept
 * their names.
 *
 * <p>[1] aws/aws-app-mesh-controller-for-k8s 0.5, pkg/controller: controller_util.go, virtualnode.go, virtualservice.go.
 */
final class KubernetesV1Beta1 {
    static final Set<String> KINDS = new TreeSet<>(List.of("Mesh", "VirtualNode", "VirtualService"));

    private static final Map<String, String> MESH_MEMBERS = Map.of("egressFilter", "egressFilter");
    private static final Map<String, String> NODE_MEMBERS = Map.of(
            "listeners", "listeners",
            "serviceDiscovery", "serviceDiscovery",
            "backends", "backends",
            "backendDefaults", "backendDefaults",
            "logging", "logging");
    private static final Map<String, String> ROUTE_MEMBERS = Map.of(
            "priority", "priority",
            "http", "httpRoute",
            "http2", "http2Route",
            "grpc", "grpcRoute",
            "tcp", "tcpRoute");

    /** The types of a route in the order in which the controller looked for the first target. */
    private static final List<String> ROUTE_TYPES = List.of("http", "tcp", "http2", "grpc");

    private static final Spelling NODE_SPELLING = member -> switch (member) {
        case "awsCloudMap" -> "cloudMap";
        case "hostname" -> "hostName";
        default -> member;
    };

    private static final Spelling ROUTE_SPELLING = member -> switch (member) {
        case "httpRoute" -> "http";
        case "http2Route" -> "http2";
        case "grpcRoute" -> "grpc";
        case "tcpRoute" -> "tcp";
        case "virtualNode" -> "virtualNodeName";
        case "perRetryTimeout" -> "perRetryTimeoutMillis";
        default -> member;
    };

    private final KubernetesObject object;
    private final Fields spec;

    private KubernetesV1Beta1(KubernetesObject object) {
        this.object = object;
        this.spec = new Fields(object.spec(), object.specPath(), object.context());
    }

    /** Reads an object; false, and problems, where it cannot be told what it is. */
    static boolean read(KubernetesObject object, Dialect.Drafts drafts) {
        KubernetesV1Beta1 reading = new KubernetesV1Beta1(object);
        return switch (object.kind()) {
            case "Mesh" -> reading.readMesh(drafts);
            case "VirtualNode" -> reading.readNode(drafts);
            default -> reading.readService(drafts);
        };
    }

    private boolean readMesh(Dialect.Drafts drafts) {
        spec.ignore("serviceDiscoveryType"); // "Dns" was its only value.
        end(MESH_MEMBERS);
        object.add(
                drafts,
                Kind.MESH,
                object.key().name(),
                object.mark(),
                KubernetesTree.picked(object.spec(), MESH_MEMBERS, "serviceDiscoveryType"),
                object.specPath(),
                object.context(),
                new Membership.Itself(),
                new Subject.Plain(),
                List.of());
        return true;
    }

    private boolean readNode(Dialect.Drafts drafts) {
        String mesh = spec.requiredName("meshName");
        end(NODE_MEMBERS);
        if (mesh == null) {
            return false;
        }
        Path path = object.specPath().spelled(NODE_SPELLING);
        MappingNode api = new KubernetesQuirks(true, object.context())
                .smoothed(KubernetesTree.picked(object.spec(), NODE_MEMBERS, "meshName"), path);
        api = (MappingNode) KubernetesTree.at(api, path, this::discovery, "serviceDiscovery");
        object.add(
                drafts,
                Kind.VIRTUAL_NODE,
                resourceName(object.key().name()),
                object.mark(),
                api,
                path,
                object.context(),
                new Membership.Named(mesh),
                new Subject.Plain(),
                List.of());
        return true;
    }

    private void end(Map<String, String> apiMembers) {
        spec.ignore(apiMembers.keySet().toArray(new String[0]));
        spec.end();
    }

    /** Returns the name of a node or router in App Mesh. */
    private String resourceName(String name) {
        return name.indexOf('.') >= 0
                ? name.replace('.', '-')
                : name + "-" + object.key().namespace();
    }

    // Service discovery.

    private Node discovery(Node discovery, Path path) {
        if (!(discovery instanceof MappingNode mapping) || !mapping.has("cloudMap") || mapping.has("awsCloudMap")) {
            return discovery;
        }
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            boolean cloudMap = entry.key().equals("cloudMap");
            Node value = cloudMap
                    ? KubernetesTree.at(entry.value(), path.member("cloudMap"), this::attributes, "attributes")
                    : entry.value();
            entries.add(new Entry(cloudMap ? "awsCloudMap" : entry.key(), entry.keyMark(), value));
        }
        return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
    }

    /** Returns a mapping of attributes as the list that the API has. */
    private Node attributes(Node attributes, Path path) {
        if (!(attributes instanceof MappingNode mapping)) {
            return attributes;
        }
        List<Node> items = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            String value = Fields.text(entry.value(), path.member(entry.key()), 1, 1024, object.context());
            items.add(new MappingNode(
                    entry.keyMark(),
                    null,
                    List.of(
                            new Entry("key", entry.keyMark(), ScalarNode.quoted(entry.keyMark(), entry.key())),
                            new Entry(
                                    "value",
                                    entry.value().mark(),
                                    ScalarNode.quoted(entry.value().mark(), value == null ? "wrong" : value)))));
        }
        return new SequenceNode(mapping.mark(), mapping.tag(), List.copyOf(items));
    }

    // Virtual services.

    private boolean readService(Dialect.Drafts drafts) {
        String mesh = spec.requiredName("meshName");
        spec.ignore("virtualRouter", "routes");
        spec.end();
        if (mesh == null) {
            return false;
        }
        Membership membership = new Membership.Named(mesh);
        String router = readRouter(membership, drafts);
        Mark mark = object.mark();
        MappingNode provider = mapping(mark, "virtualRouterName", ScalarNode.quoted(mark, router));
        object.add(
                drafts,
                Kind.VIRTUAL_SERVICE,
                object.key().name(),
                mark,
                mapping(mark, "provider", mapping(mark, "virtualRouter", provider)),
                object.specPath(),
                object.context(),
                membership,
                new Subject.Plain(),
                List.of());
        readRoutes(router, membership, drafts);
        return true;
    }

    private static MappingNode mapping(Mark mark, String member, Node value) {
        return new MappingNode(mark, null, List.of(new Entry(member, mark, value)));
    }

    /** Reads the router that the service holds, or implies; returns its name, which is the service's where none is given. */
    private String readRouter(Membership membership, Dialect.Drafts drafts) {
        Node written = object.spec().get("virtualRouter");
        Path path = object.specPath();
        Problems problems = object.problemsOf(path.member("virtualRouter"));
        Context context = object.contextOf(problems);
        MappingNode router = MappingNode.empty(object.mark());
        String name = null;
        if (written != null) {
            path = path.member("virtualRouter");
            Fields fields = Fields.of(written, path, context);
            if (fields != null && written instanceof MappingNode found) {
                router = found;
                String text = fields.text("name", 0, 255);
                name = text == null || text.isBlank() ? null : text.strip();
                fields.ignore("listeners");
                fields.end();
            }
        }
        String resourceName = resourceName(name == null ? object.key().name() : name);
        MappingNode spec = KubernetesTree.picked(router, Map.of(), "name");
        boolean bare = !(spec.get("listeners") instanceof SequenceNode list)
                || list.items().isEmpty();
        object.add(
                drafts,
                Kind.VIRTUAL_ROUTER,
                resourceName,
                router.mark(),
                spec,
                path,
                context,
                membership,
                new Subject.OfImpliedRouter(bare ? firstTarget() : null),
                List.of());
        return resourceName;
    }

    /** Returns the first target of the first route: its first listener became the router's where that had none. */
    private @Nullable ObjectKey firstTarget() {
        if (!(object.spec().get("routes") instanceof SequenceNode routes)
                || routes.items().isEmpty()
                || !(routes.items().get(0) instanceof MappingNode route)) {
            return null;
        }
        for (String type : ROUTE_TYPES) {
            MappingNode typed = route.mapping(type);
            MappingNode action = typed == null ? null : typed.mapping("action");
            if (action != null
                    && action.get("weightedTargets") instanceof SequenceNode targets
                    && !targets.items().isEmpty()
                    && targets.items().get(0) instanceof MappingNode target) {
                String name = target.text("virtualNodeName");
                return name == null ? null : new ObjectKey(object.key().namespace(), name);
            }
        }
        return null;
    }

    // Routes.

    private void readRoutes(String router, Membership membership, Dialect.Drafts drafts) {
        Set<String> names = new HashSet<>();
        object.forEachOf("routes", spec, (route, path) -> readRoute(route, path, router, membership, names, drafts));
    }

    private void readRoute(
            Node item, Path path, String router, Membership membership, Set<String> names, Dialect.Drafts drafts) {
        Problems problems = object.problemsOf(path);
        Context context = object.contextOf(problems);
        Fields route = Fields.of(item, path, context);
        String name = route == null ? null : route.requiredName("name");
        if (route != null) {
            if (name != null && !names.add(name)) {
                route.error("name", "two routes of this service are called " + Words.quote(name) + "; rename one");
            }
            route.ignore(ROUTE_MEMBERS.keySet().toArray(new String[0]));
            ROUTE_MEMBERS.forEach((written, apiName) -> refuseApiName(route, item, apiName, written));
            route.end();
        }
        if (name == null || !(item instanceof MappingNode mapping)) {
            drafts.addProblems(problems);
            return;
        }
        Path binding = path.spelled(ROUTE_SPELLING);
        Node api = KubernetesTree.picked(mapping, ROUTE_MEMBERS, "name");
        for (String type : List.of("httpRoute", "http2Route", "grpcRoute", "tcpRoute")) {
            api = KubernetesTree.at(
                    api,
                    binding,
                    (list, listPath) -> KubernetesTree.each(
                            list, listPath, (target, targetPath) -> target(target, targetPath, context)),
                    type,
                    "action",
                    "weightedTargets");
            api = KubernetesTree.at(api, binding, KubernetesV1Beta1::retryPolicy, type, "retryPolicy");
        }
        object.add(
                drafts,
                Kind.ROUTE,
                name,
                item.mark(),
                (MappingNode) api,
                binding,
                context,
                membership,
                new Subject.OfRoute(router),
                List.of());
    }

    /** Refuses a member that later versions have under another name; tells whether it stands there. */
    private static boolean refuseApiName(Fields fields, Node holder, String apiName, String written) {
        Entry entry = holder instanceof MappingNode mapping && mapping.has(apiName) ? mapping.entry(apiName) : null;
        if (entry == null || apiName.equals(written)) {
            return false;
        }
        fields.context()
                .problems()
                .error(
                        entry.keyMark(),
                        fields.path(apiName),
                        "unknown member '" + apiName + "'; did you mean '" + written + "'?");
        fields.ignore(apiName);
        return true;
    }

    /** Returns a target with the node's name in App Mesh. */
    private Node target(Node target, Path path, Context context) {
        if (!(target instanceof MappingNode mapping)) {
            return target;
        }
        // Its own members: the API's 'virtualNode' would pass for a name that needs no namespace.
        Fields fields = new Fields(mapping, path.spelled(Spelling.API), context);
        boolean asInTheApi = refuseApiName(fields, mapping, "virtualNode", "virtualNodeName");
        String name = asInTheApi ? null : fields.requiredName("virtualNodeName");
        fields.ignore("virtualNodeName", "weight", "port");
        fields.end();
        List<Entry> entries = new ArrayList<>();
        Entry written = mapping.entry("virtualNodeName");
        entries.add(new Entry(
                "virtualNode",
                written == null ? mapping.mark() : written.keyMark(),
                ScalarNode.quoted(
                        written == null ? mapping.mark() : written.value().mark(),
                        name == null ? "wrong" : resourceName(name))));
        for (String beside : List.of("weight", "port")) {
            Entry entry = mapping.entry(beside);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
    }

    /** Returns a retry policy whose timeout, a number of milliseconds, has become a duration. */
    private static Node retryPolicy(Node policy, Path path) {
        if (!(policy instanceof MappingNode mapping)
                || !mapping.has("perRetryTimeoutMillis")
                || mapping.has("perRetryTimeout")) {
            return policy;
        }
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : mapping.entries()) {
            if (!entry.key().equals("perRetryTimeoutMillis")) {
                entries.add(entry);
                continue;
            }
            Mark mark = entry.value().mark();
            MappingNode duration = new MappingNode(
                    mark,
                    null,
                    List.of(
                            new Entry("unit", mark, ScalarNode.quoted(mark, "ms")),
                            new Entry("value", mark, entry.value())));
            entries.add(new Entry("perRetryTimeout", entry.keyMark(), duration));
        }
        return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
    }
}
