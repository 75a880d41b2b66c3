package io.intramesh.internal.document.write;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.document.write.KubernetesNames.ObjectName;
import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.internal.document.write.Tree.Member;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.Route;
import io.intramesh.model.VirtualRouter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Manifests of the App Mesh controller, {@code appmesh.k8s.aws/v1beta2}. A mesh selects its namespace by a label, and a gateway its
 * routes, so that the controller, which fills in {@code meshRef} and {@code virtualGatewayRef} itself and refuses them from
 * users, finds the same members as our reader. These two are written only where what they name is not among the resources.
 *
 * <p>Routes stand in their router. What the controller has no kind for stays native.
 */
final class KubernetesForm implements Form {
    private static final String API_VERSION = "appmesh.k8s.aws/v1beta2";

    /** Marks an object that only holds, or names, what belongs to a resource that is declared elsewhere. */
    private static final String ROUTES_ONLY = "intramesh.io/routes-only";

    /** Stands for the account and region that a name from elsewhere does not tell. */
    private static final String ARN_START = "arn:aws:appmesh:us-east-1:000000000000:mesh/";

    private static final String UNKNOWN_TO_CRD = "unknown to App Mesh's CRD";

    private final NativeForm nativeForm;
    private final Function<ResourceId, List<String>> comments;

    KubernetesForm(NativeForm nativeForm, Function<ResourceId, List<String>> comments) {
        this.nativeForm = nativeForm;
        this.comments = comments;
    }

    @Override
    public List<Written> documents(ResourceSet resources) {
        return new Writing(resources).documents();
    }

    /** Writes one set. */
    private final class Writing {
        private final ResourceSet resources;
        private final KubernetesNames names;
        private final Map<String, SpecTree> specs = new HashMap<>();
        private final List<Written> documents = new ArrayList<>();
        private final Set<String> meshesDone = new HashSet<>();
        private final Set<ResourceId> holdersDone = new HashSet<>();

        Writing(ResourceSet resources) {
            this.resources = resources;
            this.names = new KubernetesNames(resources);
        }

        List<Written> documents() {
            for (Resource resource : resources.all()) {
                if (resource.kind().isAppMesh()) {
                    beginMesh(resource.id().mesh());
                    add(resource);
                } else {
                    documents.add(nativeForm.document(resource));
                }
            }
            return documents;
        }

        private void beginMesh(String mesh) {
            if (!meshesDone.add(mesh)) {
                return;
            }
            ResourceId id = ResourceId.mesh(mesh);
            Mapping metadata = Tree.mapping()
                    .put("name", names.namespace(mesh))
                    .put("labels", meshLabel(mesh))
                    .build();
            documents.add(new Written(
                    id,
                    Tree.mapping()
                            .put("apiVersion", "v1")
                            .put("kind", "Namespace")
                            .put("metadata", metadata)
                            .build(),
                    Syntax.YAML));
            MeshResource resource = resources.mesh(mesh);
            if (resource == null) {
                return;
            }
            Mapping spec = Tree.mapping()
                    .put("awsName", names.mesh(mesh).equals(mesh) ? null : Tree.text(mesh))
                    .put("namespaceSelector", Tree.mapping("matchLabels", meshLabel(mesh)))
                    .putAll(specs(mesh).of(resource))
                    .build();
            documents.add(
                    document(id, Tree.mapping().put("name", names.mesh(mesh)).build(), spec, comments.apply(id)));
        }

        private Mapping meshLabel(String mesh) {
            return Tree.mapping("mesh", Tree.text(names.namespace(mesh)));
        }

        private SpecTree specs(String mesh) {
            return specs.computeIfAbsent(mesh, any -> new SpecTree(new KubernetesSpelling(names, mesh)));
        }

        private void add(Resource resource) {
            switch (resource.kind()) {
                case MESH -> {
                    // Stands at the beginning of what belongs to it.
                }
                case VIRTUAL_ROUTER, ROUTE -> addRouter(resource.id());
                case GATEWAY_ROUTE -> addGatewayRoute((GatewayRoute) resource);
                case VIRTUAL_GATEWAY -> addGateway(resource);
                default -> {
                    ResourceId id = resource.id();
                    addObject(id, specs(id.mesh()).of(resource), Tree.mapping());
                }
            }
        }

        private void addRouter(ResourceId routerOrRoute) {
            String mesh = routerOrRoute.mesh();
            String name =
                    routerOrRoute.kind() == Kind.ROUTE ? requireNonNull(routerOrRoute.parent()) : routerOrRoute.name();
            ResourceId id = ResourceId.of(Kind.VIRTUAL_ROUTER, mesh, name);
            if (!holdersDone.add(id)) {
                return;
            }
            VirtualRouter router = resources.virtualRouter(mesh, name);
            List<Mapping> routes = new ArrayList<>();
            for (Route route : resources.routes(mesh, name)) {
                routes.add(Tree.mapping()
                        .put("name", route.name())
                        .putAll(specs(mesh).of(route))
                        .build()
                        .withComments(comments.apply(route.id())));
            }
            Tree.Builder spec = Tree.mapping();
            if (router != null) {
                spec.putAll(specs(mesh).of(router));
            }
            spec.put("routes", routes.isEmpty() ? null : new Tree.Sequence(routes));
            addObject(id, spec.build(), router == null ? routesOnly() : Tree.mapping());
        }

        private Tree.Builder routesOnly() {
            return Tree.mapping().put("annotations", Tree.mapping(ROUTES_ONLY, Tree.text("true")));
        }

        private void addGateway(Resource gateway) {
            ResourceId id = gateway.id();
            if (holdersDone.add(id)) {
                Mapping spec = Tree.mapping()
                        .put("namespaceSelector", Tree.mapping("matchLabels", meshLabel(id.mesh())))
                        .put("gatewayRouteSelector", Tree.mapping("matchLabels", gatewayLabel(id)))
                        .putAll(specs(id.mesh()).of(gateway))
                        .build();
                addObject(id, spec, Tree.mapping());
            }
        }

        private Mapping gatewayLabel(ResourceId gateway) {
            return Tree.mapping("gateway", Tree.text(names.name(gateway)));
        }

        private void addGatewayRoute(GatewayRoute route) {
            String mesh = route.id().mesh();
            ResourceId gateway = ResourceId.of(Kind.VIRTUAL_GATEWAY, mesh, route.virtualGateway());
            Mapping spec = specs(mesh).of(route);
            if (resources.get(gateway) != null) {
                addObject(route.id(), spec, Tree.mapping().put("labels", gatewayLabel(gateway)));
                return;
            }
            if (holdersDone.add(gateway)) {
                // Only says what the gateway is called in App Mesh.
                addObject(gateway, Tree.mapping().build(), routesOnly());
            }
            Mapping ref = Tree.mapping("name", Tree.text(names.name(gateway)));
            addObject(
                    route.id(),
                    Tree.mapping().put("virtualGatewayRef", ref).putAll(spec).build(),
                    Tree.mapping());
        }

        /**
         * @param further members of the metadata
         */
        private void addObject(ResourceId id, Mapping spec, Tree.Builder further) {
            Mapping metadata = Tree.mapping()
                    .put("name", names.name(id))
                    .put("namespace", names.namespace(id.mesh()))
                    .putAll(further.build())
                    .build();
            boolean elsewhere = resources.mesh(id.mesh()) == null;
            Mapping meshRef = Tree.mapping("name", Tree.text(names.mesh(id.mesh())));
            Mapping whole = Tree.mapping()
                    .put("awsName", Tree.textOrNull(names.awsName(id)))
                    .put("meshRef", elsewhere ? meshRef : null)
                    .putAll(spec)
                    .build();
            documents.add(document(id, metadata, whole, resources.get(id) == null ? List.of() : comments.apply(id)));
        }

        private Written document(ResourceId id, Mapping metadata, Mapping spec, List<String> lines) {
            Mapping content = Tree.mapping()
                    .put("apiVersion", API_VERSION)
                    .put("kind", id.kind().documentName())
                    .put("metadata", metadata)
                    .put("spec", spec)
                    .build();
            return new Written(id, content.withComments(lines), Syntax.YAML);
        }
    }

    /** How the custom resources spell what App Mesh's API spells otherwise. */
    private record KubernetesSpelling(KubernetesNames names, String mesh) implements Spelling {
        @Override
        public Member reference(String member, Kind kind, String name) {
            ResourceId id = ResourceId.of(kind, mesh, name);
            if (names.has(id)) {
                return new Member(kind.term() + "Ref", Tree.mapping("name", Tree.text(names.name(id))), "");
            }
            ObjectName object = KubernetesNames.split(kind, name);
            if (object != null && !names.isTaken(kind, object)) {
                Mapping ref = Tree.mapping()
                        .put("name", object.name())
                        .put("namespace", object.namespace())
                        .build();
                return new Member(kind.term() + "Ref", ref, "");
            }
            return new Member(
                    kind.term() + "ARN",
                    Tree.text(ARN_START + mesh + "/" + kind.term() + "/" + name),
                    "not among these resources: put in region and account");
        }

        @Override
        public String member(String canonical) {
            return switch (canonical) {
                case "certificateArn" -> "certificateARN";
                case "certificateAuthorityArns" -> "certificateAuthorityARNs";
                case "serviceDiscovery" -> "meshServiceDiscovery";
                default -> canonical;
            };
        }

        @Override
        public String comment(String member, String value) {
            boolean known = member.equals("mesh.ipPreference") && value.endsWith("_ONLY");
            return known ? "" : UNKNOWN_TO_CRD;
        }
    }
}
