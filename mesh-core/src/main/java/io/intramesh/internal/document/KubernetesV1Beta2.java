package io.intramesh.internal.document;

import io.intramesh.internal.document.KubernetesPart.GroupRef;
import io.intramesh.internal.document.KubernetesPart.Link;
import io.intramesh.internal.document.KubernetesPart.Membership;
import io.intramesh.internal.document.KubernetesPart.ObjectKey;
import io.intramesh.internal.document.KubernetesPart.Subject;
import io.intramesh.internal.document.MappingNode.Entry;
import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the objects of {@code appmesh.k8s.aws/v1beta2}, the version of the controller from 1.0 on. */
final class KubernetesV1Beta2 {
    private static final String BACKEND_GROUP = "BackendGroup";

    /** Stands for every virtual service of a namespace, in the place of a group's name. */
    static final String EVERY_SERVICE = "*";

    /** Stands in for a name that is wrong, and reported, so that nothing further is said of it. */
    private static final String WRONG = "wrong";

    private static final int MAX_ARN_LENGTH = 2048;

    /** What the spec of a kind has in common with the API's, by the name in manifests. */
    private static final Map<Kind, Map<String, String>> API_MEMBERS = Map.of(
            Kind.MESH, Map.of("egressFilter", "egressFilter", "meshServiceDiscovery", "serviceDiscovery"),
            Kind.VIRTUAL_NODE, same("listeners", "serviceDiscovery", "backends", "backendDefaults", "logging"),
            Kind.VIRTUAL_SERVICE, same("provider"),
            Kind.VIRTUAL_ROUTER, same("listeners"),
            Kind.ROUTE, same("priority", "httpRoute", "http2Route", "grpcRoute", "tcpRoute"),
            Kind.VIRTUAL_GATEWAY, same("listeners", "backendDefaults", "logging"),
            Kind.GATEWAY_ROUTE, same("priority", "httpRoute", "http2Route", "grpcRoute"));

    /** What the spec of some kind has that the API knows nothing of. */
    private static final String[] OF_KUBERNETES = {
        "awsName",
        "meshRef",
        "meshOwner",
        "namespaceSelector",
        "gatewayRouteSelector",
        "podSelector",
        "backendGroups",
        "virtualGatewayRef",
        "routes"
    };

    static final Set<String> KINDS = new TreeSet<>(Stream.concat(
                    API_MEMBERS.keySet().stream()
                            .filter(kind -> kind != Kind.ROUTE)
                            .map(Kind::documentName),
                    Stream.of(BACKEND_GROUP))
            .toList());

    private static final Spelling MESH_SPELLING =
            member -> member.equals("serviceDiscovery") ? "meshServiceDiscovery" : member;

    private final KubernetesObject object;
    private final Fields spec;

    private KubernetesV1Beta2(KubernetesObject object) {
        this.object = object;
        this.spec = new Fields(object.spec(), object.specPath(), object.context());
    }

    private static Map<String, String> same(String... members) {
        return Stream.of(members).collect(Collectors.toUnmodifiableMap(member -> member, member -> member));
    }

    private static Map<String, String> apiMembers(Kind kind) {
        return API_MEMBERS.getOrDefault(kind, Map.of());
    }

    /** Reads an object; false, and problems, where it cannot be told what it is. */
    static boolean read(KubernetesObject object, Dialect.Drafts drafts) {
        KubernetesV1Beta2 reading = new KubernetesV1Beta2(object);
        if (object.kind().equals(BACKEND_GROUP)) {
            reading.readGroup(drafts);
            return false; // No resource takes its problems along.
        }
        Kind kind = Objects.requireNonNull(Kind.ofDocumentName(object.kind()), "one of KINDS");
        return reading.readResource(kind, drafts);
    }

    private void readGroup(Dialect.Drafts drafts) {
        List<ObjectKey> services = spec.list("virtualservices", 0, Integer.MAX_VALUE, spec.objects(this::objectKey));
        meshRef();
        spec.end();
        drafts.add(new KubernetesPart.BackendGroup(object.key(), services));
    }

    private boolean readResource(Kind kind, Dialect.Drafts drafts) {
        int errors = object.problems().errors();
        String awsName = awsName();
        Membership membership = membership(kind);
        boolean identified = object.problems().errors() == errors;
        Subject subject = subject(kind);
        if (!identified) {
            endSpec(kind);
            return false;
        }
        String name = awsName != null
                ? awsName
                : kind == Kind.MESH ? object.key().name() : object.key().resourceName(kind);
        if ((kind == Kind.VIRTUAL_ROUTER || kind == Kind.VIRTUAL_GATEWAY) && object.isRoutesOnly()) {
            drafts.add(new KubernetesPart.Elsewhere(kind, object.key(), name));
            if (kind == Kind.VIRTUAL_ROUTER) {
                readRoutes(name, membership, drafts);
            }
            endSpec(kind);
            return false;
        }
        List<Link> links = new ArrayList<>();
        MappingNode api = KubernetesTree.picked(object.spec(), apiMembers(kind), OF_KUBERNETES);
        Path path = object.specPath();
        MappingNode smooth = new KubernetesQuirks(false, object.context()).smoothed(api, path);
        Node linked = smooth;
        Change change = new Change(object, object.context(), links);
        switch (kind) {
            case VIRTUAL_NODE ->
                linked = KubernetesTree.at(
                        smooth,
                        path,
                        (list, listPath) -> KubernetesTree.each(
                                list,
                                listPath,
                                (item, itemPath) -> KubernetesTree.at(
                                        item, itemPath, change.toService("clientPolicy"), "virtualService")),
                        "backends");
            case VIRTUAL_SERVICE -> {
                linked = KubernetesTree.at(smooth, path, change.toNode("virtualNodeName"), "provider", "virtualNode");
                linked = KubernetesTree.at(linked, path, change.toRouter(), "provider", "virtualRouter");
            }
            case VIRTUAL_GATEWAY ->
                linked = KubernetesTree.at(
                        smooth,
                        path,
                        (list, listPath) -> KubernetesTree.each(list, listPath, this::withoutLogging),
                        "listeners");
            case GATEWAY_ROUTE -> {
                for (String type : new String[] {"httpRoute", "http2Route", "grpcRoute"}) {
                    linked = KubernetesTree.at(
                            linked, path, change.toService(), type, "action", "target", "virtualService");
                }
            }
            default -> {}
        }
        endSpec(kind);
        object.add(
                drafts,
                kind,
                name,
                object.mark(),
                (MappingNode) linked,
                path.spelled(spelling(kind, links)),
                object.context(),
                membership,
                subject,
                links);
        if (kind == Kind.VIRTUAL_ROUTER) {
            readRoutes(name, membership, drafts);
        }
        return true;
    }

    private @Nullable Node withoutLogging(Node listener, Path path) {
        return listener instanceof MappingNode mapping && mapping.has("logging")
                ? KubernetesTree.with(mapping, "logging", new KubernetesQuirks(false, object.context())::leftOut, path)
                : listener;
    }

    /** Reports what the spec of such an object does not have. */
    private void endSpec(Kind kind) {
        spec.ignore(apiMembers(kind).keySet().toArray(new String[0]));
        spec.end();
    }

    // Who it is.

    /** Returns the name in App Mesh where the object gives one; empty counts as none, as the controller had it. */
    private @Nullable String awsName() {
        boolean empty = "".equals(object.spec().text("awsName"));
        spec.ignore("awsName");
        return empty ? null : spec.name("awsName");
    }

    private Membership membership(Kind kind) {
        if (kind == Kind.MESH) {
            return new Membership.Itself();
        }
        String mesh = meshRef();
        return mesh == null ? object.selected() : new Membership.Referred(mesh);
    }

    private @Nullable String meshRef() {
        Fields reference = spec.object("meshRef");
        if (reference == null) {
            return null;
        }
        String name = reference.requiredName("name");
        reference.ignore("uid");
        reference.end();
        return name;
    }

    private Subject subject(Kind kind) {
        return switch (kind) {
            case MESH -> {
                LabelSelector namespaces = LabelSelector.read(spec, "namespaceSelector");
                meshOwner();
                yield new Subject.OfMesh(namespaces);
            }
            case VIRTUAL_NODE -> {
                LabelSelector.read(spec, "podSelector"); // Says which pods are the node; the model needs none.
                List<GroupRef> groups = spec.list("backendGroups", 0, Integer.MAX_VALUE, this::groupRef);
                yield new Subject.OfNode(groups);
            }
            case VIRTUAL_GATEWAY -> {
                LabelSelector.read(spec, "podSelector");
                LabelSelector namespaces = LabelSelector.read(spec, "namespaceSelector");
                yield new Subject.OfGateway(namespaces, LabelSelector.read(spec, "gatewayRouteSelector"));
            }
            case GATEWAY_ROUTE -> {
                Fields reference = spec.object("virtualGatewayRef");
                yield new Subject.OfGatewayRoute(reference == null ? null : objectKey(reference), object.labels());
            }
            case VIRTUAL_ROUTER -> {
                spec.ignore("routes");
                yield new Subject.Plain();
            }
            default -> new Subject.Plain();
        };
    }

    /** Checks the account that owns a mesh; it is part of no name. YAML makes a number of it where quotes are missing. */
    private void meshOwner() {
        Node owner = spec.value("meshOwner");
        boolean account = owner instanceof ScalarNode scalar
                && scalar.text().length() == 12
                && scalar.text().chars().allMatch(c -> c >= '0' && c <= '9');
        if (owner != null && !account) {
            spec.error("meshOwner", owner.describe() + " (expected: the 12 digits of an account)");
        }
    }

    private @Nullable GroupRef groupRef(Node item, Path path) {
        Fields reference = Fields.of(item, path, object.context());
        ObjectKey key = reference == null ? null : objectKey(reference);
        return key == null ? null : new GroupRef(key, item.mark(), path);
    }

    private @Nullable ObjectKey objectKey(Fields reference) {
        return objectKey(reference, object);
    }

    /** Reads {@code {name, namespace?}}; the namespace is that of the object itself where none is written. */
    private static @Nullable ObjectKey objectKey(Fields reference, KubernetesObject object) {
        String name = reference.requiredName("name");
        boolean named = reference.has("namespace");
        String namespace = reference.name("namespace");
        reference.ignore("uid");
        reference.end();
        return name == null || (named && namespace == null)
                ? null
                : new ObjectKey(
                        named && namespace != null ? namespace : object.key().namespace(), name);
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
        if (route != null && name != null && !names.add(name)) {
            route.error("name", "two routes of this router are called " + Words.quote(name) + "; rename one");
        }
        if (route != null) {
            route.ignore(apiMembers(Kind.ROUTE).keySet().toArray(new String[0]));
            route.end();
        }
        if (name == null || !(item instanceof MappingNode mapping)) {
            drafts.addProblems(problems);
            return;
        }
        List<Link> links = new ArrayList<>();
        Change change = new Change(object, context, links);
        Node spec = KubernetesTree.picked(mapping, apiMembers(Kind.ROUTE), "name");
        for (String type : new String[] {"httpRoute", "http2Route", "grpcRoute", "tcpRoute"}) {
            spec = KubernetesTree.at(
                    spec,
                    path,
                    (list, listPath) ->
                            KubernetesTree.each(list, listPath, change.toNode("virtualNode", "weight", "port")),
                    type,
                    "action",
                    "weightedTargets");
        }
        object.add(
                drafts,
                Kind.ROUTE,
                name,
                item.mark(),
                (MappingNode) spec,
                path.spelled(spelling(Kind.ROUTE, links)),
                context,
                membership,
                new Subject.OfRoute(router),
                links);
    }

    // References.

    /** Spells references as objects, or as ARNs where the resource has no others. */
    private static Spelling spelling(Kind kind, List<Link> links) {
        if (kind == Kind.MESH) {
            return MESH_SPELLING;
        }
        boolean arns = !links.isEmpty() && links.stream().allMatch(Link.ByName.class::isInstance);
        String suffix = arns ? "ARN" : "Ref";
        return member -> switch (member) {
            case "meshName" -> "meshRef";
            case "virtualGatewayName" -> "virtualGatewayRef";
            case "certificateArn" -> "certificateARN";
            case "certificateAuthorityArns" -> "certificateAuthorityARNs";
            case "virtualServiceName" -> "virtualService" + suffix;
            case "virtualNodeName" -> "virtualNode" + suffix;
            case "virtualRouterName" -> "virtualRouter" + suffix;
            case "virtualNode" -> kind == Kind.ROUTE ? "virtualNode" + suffix : member;
            default -> member;
        };
    }

    /** Puts names in the place of references, and keeps the references in the order in which they stand. */
    private record Change(KubernetesObject object, Context context, List<Link> links) {

        KubernetesTree.Change toService(String... beside) {
            return (holder, path) -> named(holder, path, Kind.VIRTUAL_SERVICE, "virtualServiceName", beside);
        }

        KubernetesTree.Change toNode(String apiMember, String... beside) {
            return (holder, path) -> named(holder, path, Kind.VIRTUAL_NODE, apiMember, beside);
        }

        KubernetesTree.Change toRouter() {
            return (holder, path) -> named(holder, path, Kind.VIRTUAL_ROUTER, "virtualRouterName");
        }

        /**
         * Returns the mapping around a reference as the API has it.
         *
         * @param beside the reference may stand there too
         */
        private Node named(Node holder, Path path, Kind kind, String apiMember, String... beside) {
            if (!(holder instanceof MappingNode mapping)) {
                return holder;
            }
            String byObject = kind.term() + "Ref";
            String byArn = kind.term() + "ARN";
            Fields fields = new Fields(mapping, path, context);
            fields.ignore(beside);
            String member = fields.oneOf(byObject, byArn);
            Link link = null;
            Mark mark = mapping.mark();
            Mark keyMark = mapping.mark();
            if (member != null) {
                mark = fields.markOf(member);
                Entry entry = mapping.entry(member);
                keyMark = entry == null ? mark : entry.keyMark();
                link = member.equals(byObject) ? byObject(fields, byObject, kind) : byArn(fields, byArn, kind);
            }
            fields.end();
            links.add(link == null ? new Link.ByName(WRONG, null, mark, path) : link);
            List<Entry> entries = new ArrayList<>();
            entries.add(new Entry(apiMember, keyMark, ScalarNode.quoted(mark, provisional(link))));
            for (String other : beside) {
                Entry entry = mapping.entry(other);
                if (entry != null) {
                    entries.add(entry);
                }
            }
            return new MappingNode(mapping.mark(), mapping.tag(), List.copyOf(entries));
        }

        private static String provisional(@Nullable Link link) {
            if (link instanceof Link.ByObject reference) {
                return reference.key().resourceName(reference.kind());
            }
            return link instanceof Link.ByName named ? named.name() : WRONG;
        }

        private @Nullable Link byObject(Fields fields, String member, Kind kind) {
            Fields reference = fields.object(member);
            ObjectKey key = reference == null ? null : objectKey(reference, object);
            return key == null ? null : new Link.ByObject(kind, key);
        }

        private @Nullable Link byArn(Fields fields, String member, Kind kind) {
            String text = fields.text(member, 1, MAX_ARN_LENGTH);
            if (text == null) {
                return null;
            }
            Path path = fields.path(member);
            if (!text.startsWith("arn:")) {
                if (text.indexOf('/') >= 0 || text.length() > 255) {
                    fields.error(member, Words.quote(text) + " (expected: " + shape(kind) + ")");
                    return null;
                }
                fields.note(
                        member, Words.quote(text) + " is no ARN; taken as the name (expected: " + shape(kind) + ")");
                return new Link.ByName(text, null, fields.markOf(member), path);
            }
            MeshArn arn = MeshArn.parse(TemplateText.of(text));
            if (arn == null || arn.kind() != kind) {
                fields.error(member, Words.quote(text) + " (expected: " + shape(kind) + ")");
                return null;
            }
            return new Link.ByName(arn.name().text(), arn.mesh().text(), fields.markOf(member), path);
        }

        private static String shape(Kind kind) {
            return "arn:aws:appmesh:REGION:ACCOUNT:mesh/MESH/" + kind.term() + "/NAME";
        }
    }
}
