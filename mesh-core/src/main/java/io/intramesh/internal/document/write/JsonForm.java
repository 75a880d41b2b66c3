package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;

/**
 * The input of App Mesh's {@code create-*} calls: the names and the spec side by side, one object for each resource. What App
 * Mesh has no call for stays native.
 */
final class JsonForm implements Form {
    private final SpecTree specs = new SpecTree(Spelling.CANONICAL);
    private final NativeForm nativeForm;

    JsonForm(NativeForm nativeForm) {
        this.nativeForm = nativeForm;
    }

    @Override
    public List<Written> documents(ResourceSet resources) {
        return resources.all().stream().map(this::document).toList();
    }

    private Written document(Resource resource) {
        return resource.kind().isAppMesh()
                ? new Written(resource.id(), content(resource), Syntax.JSON)
                : nativeForm.document(resource);
    }

    private Mapping content(Resource resource) {
        ResourceId id = resource.id();
        Kind holder = id.kind().parent();
        return Tree.mapping()
                .put("meshName", id.mesh())
                .put(holder == null ? "" : holder.term() + "Name", Tree.textOrNull(id.parent()))
                .put(
                        id.kind() == Kind.MESH ? "" : id.kind().term() + "Name",
                        id.kind() == Kind.MESH ? null : Tree.text(id.name()))
                .put("spec", specs.of(resource))
                .build();
    }
}
