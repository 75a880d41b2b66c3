package io.intramesh.internal.document;

import io.intramesh.document.Origin;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A resource as one document gives it, checked as far as that document goes. What it leaves open is found by looking at the
 * whole set.
 *
 * @param mesh null where the document does not say
 * @param parent router or gateway of a route; null for other kinds, and where the document does not say
 * @param name as the document gives it, else after its file
 * @param isNamed whether the document itself gives the name
 * @param specPath where the spec stands in the document; empty where it is the document
 * @param problems of this resource; with an error among them it is refused
 * @param bound gives the resource once its id is known; null only with an error
 * @param places of fields that checks of the whole set may name, by path
 * @param spelling of the members of the spec, in paths
 */
record Draft(
        Kind kind,
        @Nullable String mesh,
        @Nullable String parent,
        String name,
        boolean isNamed,
        String file,
        Mark mark,
        String specPath,
        Problems problems,
        @Nullable Function<ResourceId, Resource> bound,
        Map<String, Mark> places,
        Spelling spelling) {

    /** A draft whose spec is written as the API writes it. */
    Draft(
            Kind kind,
            @Nullable String mesh,
            @Nullable String parent,
            String name,
            boolean isNamed,
            String file,
            Mark mark,
            String specPath,
            Problems problems,
            @Nullable Function<ResourceId, Resource> bound,
            Map<String, Mark> places) {
        this(kind, mesh, parent, name, isNamed, file, mark, specPath, problems, bound, places, Spelling.API);
    }

    /** Returns this resource as the other documents of the set complete it. */
    Draft joined(
            @Nullable String itsMesh,
            @Nullable String itsParent,
            Problems allProblems,
            @Nullable Function<ResourceId, Resource> completed) {
        return new Draft(
                kind,
                itsMesh,
                itsParent,
                name,
                isNamed,
                file,
                mark,
                specPath,
                allProblems,
                completed,
                places,
                spelling);
    }

    Origin origin() {
        return mark.in(file);
    }

    /** Returns the folder of the file, as far as its name shows one. */
    String folder() {
        return FileNames.folder(file);
    }

    /** Returns the path of a field of the spec, named relative to it as the API names it; empty where that is empty. */
    String pathOf(String path) {
        String spelled = spelling.ofPath(path);
        return path.isEmpty() || specPath.isEmpty() ? spelled : specPath + "." + spelled;
    }

    /** Returns the place of a field, or of the nearest field around it that is known, or of the resource. */
    Origin placeOf(String path) {
        for (String at = path; !at.isEmpty(); at = outer(at)) {
            Mark place = places.get(at);
            if (place != null) {
                return place.in(file);
            }
        }
        return origin();
    }

    private static String outer(String path) {
        return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
}
