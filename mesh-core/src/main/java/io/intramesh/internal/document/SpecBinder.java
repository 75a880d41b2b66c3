package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * From a canonical spec, as App Mesh's API writes it, to the record of its kind. Knows nothing of names: a dialect brings
 * the spec into this form, with the places of its own document, and says who the resource is.
 */
final class SpecBinder {
    private SpecBinder() {}

    /**
     * Binds the spec of a document: it must be there, but for a mesh, and be a mapping.
     *
     * @param spec as it stands in the document, or null
     * @param path of the spec, which is not always that of a member
     * @param document that has, or lacks, the member {@code spec}
     */
    static @Nullable Function<ResourceId, Resource> bind(Kind kind, @Nullable Node spec, Path path, Fields document) {
        if (spec == null) {
            if (kind == Kind.MESH) {
                return bind(kind, MappingNode.empty(document.mark()), path, document.context());
            }
            document.required("spec", "a mapping");
            return null;
        }
        if (spec instanceof MappingNode mapping) {
            return bind(kind, mapping, path, document.context());
        }
        document.error("spec", spec.describe() + " (expected: a mapping)");
        return null;
    }

    /**
     * Binds a spec. Every problem goes to the context; the result is null when there is nothing to build from.
     *
     * @return gives the resource once its id is known
     */
    private static @Nullable Function<ResourceId, Resource> bind(
            Kind kind, MappingNode spec, Path path, Context context) {
        Fields fields = new Fields(spec, path, context);
        context.keepPlace(path, spec.mark());
        Function<ResourceId, Resource> bound = switch (kind) {
            case MESH -> NodeBinder.mesh(fields);
            case VIRTUAL_NODE -> NodeBinder.virtualNode(fields);
            case VIRTUAL_SERVICE -> NodeBinder.virtualService(fields);
            case VIRTUAL_ROUTER -> RouteBinder.virtualRouter(fields);
            case ROUTE -> RouteBinder.route(fields);
            case VIRTUAL_GATEWAY -> GatewayBinder.virtualGateway(fields);
            case GATEWAY_ROUTE -> GatewayBinder.gatewayRoute(fields);
            case ACCESS_POLICY -> PolicyBinder.accessPolicy(fields);
            case TRAFFIC_POLICY -> PolicyBinder.trafficPolicy(fields);
            case ENDPOINTS -> PolicyBinder.endpoints(fields);
            case OVERRIDE -> OverrideBinder.override(fields);
        };
        fields.end();
        return bound;
    }
}
