package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one Kubernetes object gives by itself, for {@link KubernetesSet} to join. */
sealed interface KubernetesPart extends JoinedDialect.Part {

    /** An object of a namespace. */
    record ObjectKey(String namespace, String name) {
        /** Returns the name as the controller formed it from both: a virtual service's with a dot, others' with a line. */
        String resourceName(Kind kind) {
            return name + (kind == Kind.VIRTUAL_SERVICE ? "." : "_") + namespace;
        }

        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /** A namespace, whose labels decide to which mesh its objects belong. */
    record Namespace(String name, Map<String, String> labels) implements KubernetesPart {
        public Namespace {
            labels = Map.copyOf(labels);
        }
    }

    /** A list of virtual services that nodes take as backends. */
    record BackendGroup(ObjectKey key, List<ObjectKey> services) implements KubernetesPart {
        public BackendGroup {
            services = List.copyOf(services);
        }
    }

    /** An object that only says what a router or gateway, which is declared elsewhere, is called in App Mesh. */
    record Elsewhere(Kind kind, ObjectKey key, String name) implements KubernetesPart {}

    /**
     * Something that becomes a resource.
     *
     * @param seed the resource, but for its mesh, its gateway and the names that others give
     * @param key of the object that it stands in; a mesh's has no namespace
     * @param links what the resource refers to by name, in the order of the model
     */
    record Manifest(Draft seed, ObjectKey key, Membership membership, Subject subject, List<Link> links)
            implements KubernetesPart {
        public Manifest {
            links = List.copyOf(links);
        }
    }

    /** How a resource comes to its mesh. */
    sealed interface Membership {
        /** It is the mesh. */
        record Itself() implements Membership {}

        /** The object names the mesh as App Mesh calls it. */
        record Named(String mesh) implements Membership {}

        /** The object names a Mesh object. */
        record Referred(String meshObject) implements Membership {}

        /**
         * The Mesh object whose selector matches the namespace.
         *
         * @param mark of the namespace, or of the object where none is written
         */
        record Selected(Mark mark, Path path) implements Membership {}
    }

    /** What else counts of an object of some kind. */
    sealed interface Subject {
        /**
         * A mesh and what it selects.
         *
         * @param namespaces that belong to the mesh; null selects none
         */
        record OfMesh(@Nullable LabelSelector namespaces) implements Subject {}

        /**
         * A virtual node and what it refers to as a group.
         *
         * @param groups whose virtual services are backends too
         */
        record OfNode(List<GroupRef> groups) implements Subject {
            public OfNode {
                groups = List.copyOf(groups);
            }
        }

        /**
         * A virtual gateway and what it selects.
         *
         * @param namespaces whose gateway routes attach; null selects none
         * @param routes of these namespaces that attach; null selects all
         */
        record OfGateway(
                @Nullable LabelSelector namespaces,
                @Nullable LabelSelector routes) implements Subject {}

        /**
         * A gateway route and what selects it.
         *
         * @param gateway as written; null where selectors decide
         * @param labels for these selectors
         */
        record OfGatewayRoute(@Nullable ObjectKey gateway, Map<String, String> labels) implements Subject {
            public OfGatewayRoute {
                labels = Map.copyOf(labels);
            }
        }

        /** A route, and the router that holds it. */
        record OfRoute(String router) implements Subject {}

        /**
         * A router that a service of v1beta1 implies.
         *
         * @param listenerFrom the node whose first listener becomes the router's, where it has none itself; else null
         */
        record OfImpliedRouter(@Nullable ObjectKey listenerFrom) implements Subject {}

        /** Nothing else. */
        record Plain() implements Subject {}
    }

    /** A backend group that a node names; {@code *} stands for every virtual service of the namespace. */
    record GroupRef(ObjectKey key, Mark mark, Path path) {}

    /** A reference of one resource to another. */
    sealed interface Link {
        /**
         * By the name that App Mesh knows.
         *
         * @param mesh that an ARN names beside it, or null
         */
        record ByName(String name, @Nullable String mesh, Mark mark, Path path) implements Link {}

        /** By the name of the object. */
        record ByObject(Kind kind, ObjectKey key) implements Link {}
    }
}
