package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name of a resource that stands directly in a mesh, as AWS writes it:
 * {@code arn:aws:appmesh:us-west-2:111122223333:mesh/shop/virtualNode/cart}. Where another account owns the mesh, its number
 * follows: {@code mesh/shop@444455556666/…}.
 */
record AppMeshArn(String mesh, Kind kind, String name) {

    /** Tells whether a text claims to be an ARN of whatever service. */
    static boolean isMeant(String text) {
        return text.startsWith("arn:");
    }

    /** Returns what an ARN names, or null where it is none of App Mesh or names no resource directly in a mesh. */
    static @Nullable AppMeshArn parse(String text) {
        List<String> parts = split(text, ':', 6);
        if (parts.size() != 6 || !parts.get(0).equals("arn") || !parts.get(2).equals("appmesh")) {
            return null;
        }
        List<String> resource = split(parts.get(5), '/', 5);
        if (resource.size() != 4 || !resource.get(0).equals("mesh")) {
            return null;
        }
        String mesh = split(resource.get(1), '@', 2).get(0);
        Kind kind = kind(resource.get(2));
        String name = resource.get(3);
        return kind == null || mesh.isEmpty() || name.isEmpty() ? null : new AppMeshArn(mesh, kind, name);
    }

    private static @Nullable Kind kind(String term) {
        for (Kind kind : Kind.values()) {
            if (kind.isAppMesh() && kind.term().equals(term)) {
                return kind;
            }
        }
        return null;
    }

    /** Splits at most so many parts off; the last one keeps the rest. */
    private static List<String> split(String text, char separator, int max) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (parts.size() < max - 1) {
            int at = text.indexOf(separator, from);
            if (at < 0) {
                break;
            }
            parts.add(text.substring(from, at));
            from = at + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }
}
