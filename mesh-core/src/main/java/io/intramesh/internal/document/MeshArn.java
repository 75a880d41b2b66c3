package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ARN of an App Mesh resource names: {@code arn:aws:appmesh:REGION:ACCOUNT:mesh/M/virtualRouter/R/route/N}, also
 * without what stands before {@code mesh/}, and with {@code mesh/M@OWNER}.
 *
 * @param kind of the resource
 * @param mesh in which it is
 * @param parent router of a route, gateway of a gateway route; else null
 * @param name of the resource; of a mesh, the mesh
 */
record MeshArn(Kind kind, TemplateText mesh, @Nullable TemplateText parent, TemplateText name) {
    private static final int OWNER_DIGITS = 12;

    /** Returns what a text names; null where it is not such an ARN. */
    static @Nullable MeshArn parse(TemplateText text) {
        TemplateText resource = text;
        if (text.text().startsWith("arn:")) {
            List<TemplateText> parts = text.split(":");
            if (parts.size() < 6 || !parts.get(2).text().equals("appmesh")) {
                return null;
            }
            resource = TemplateText.join(":", parts.subList(5, parts.size()));
        }
        List<TemplateText> steps = resource.split("/");
        if (!steps.get(0).text().equals("mesh")
                || steps.stream().anyMatch(step -> step.text().isEmpty())) {
            return null;
        }
        TemplateText mesh = steps.size() < 2 ? null : withoutOwner(steps.get(1));
        if (mesh == null) {
            return null;
        }
        if (steps.size() == 2) {
            return new MeshArn(Kind.MESH, mesh, null, mesh);
        }
        Kind outer = steps.size() < 4 ? null : kind(steps.get(2).text());
        if (outer == null) {
            return null;
        }
        if (steps.size() == 4) {
            return outer.parent() == null ? new MeshArn(outer, mesh, null, steps.get(3)) : null;
        }
        Kind inner = steps.size() == 6 ? kind(steps.get(4).text()) : null;
        return inner != null && inner.parent() == outer ? new MeshArn(inner, mesh, steps.get(3), steps.get(5)) : null;
    }

    private static @Nullable Kind kind(String term) {
        for (Kind kind : Kind.values()) {
            if (kind.isAppMesh() && kind != Kind.MESH && kind.term().equals(term)) {
                return kind;
            }
        }
        return null;
    }

    /** Returns the name of a mesh that was written as {@code name@owner}. */
    static TemplateText withoutOwner(TemplateText mesh) {
        String text = mesh.text();
        int at = text.lastIndexOf('@');
        boolean hasOwner = at > 0
                && text.length() - at - 1 == OWNER_DIGITS
                && text.chars().skip(at + 1L).allMatch(c -> c >= '0' && c <= '9');
        return hasOwner ? mesh.substring(0, at) : mesh;
    }
}
