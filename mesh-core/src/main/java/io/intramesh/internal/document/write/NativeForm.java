package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;
import java.util.function.Function;

/** Our own documents, one for each resource, in order of declaration. */
final class NativeForm implements Form {
    static final String API_VERSION = "intramesh.io/v1";

    private final SpecTree specs = new SpecTree(Spelling.CANONICAL);
    private final Function<ResourceId, List<String>> comments;

    NativeForm(Function<ResourceId, List<String>> comments) {
        this.comments = comments;
    }

    @Override
    public List<Written> documents(ResourceSet resources) {
        return resources.all().stream().map(this::document).toList();
    }

    Written document(Resource resource) {
        return new Written(
                resource.id(), content(resource).withComments(comments.apply(resource.id())), Syntax.NATIVE_YAML);
    }

    private Mapping content(Resource resource) {
        ResourceId id = resource.id();
        Kind holder = id.kind().parent();
        Mapping metadata = Tree.mapping()
                .put("mesh", id.kind() == Kind.MESH ? null : Tree.text(id.mesh()))
                .put(holder == null ? "" : holder.term(), Tree.textOrNull(id.parent()))
                .put("name", id.name())
                .build();
        return Tree.mapping()
                .put("apiVersion", API_VERSION)
                .put("kind", id.kind().documentName())
                .put("metadata", metadata)
                .put("spec", specs.of(resource))
                .build();
    }
}
