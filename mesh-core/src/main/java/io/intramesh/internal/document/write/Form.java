package io.intramesh.internal.document.write;

import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import java.util.List;

/** A way to write mesh resources down: which documents there are, and what stands in them. */
interface Form {
    /** Returns the documents of a set; the routes of one router, and those of one gateway, in their order. */
    List<Written> documents(ResourceSet resources);

    /** How a document becomes text. */
    enum Syntax {
        /** YAML that our own schema describes. */
        NATIVE_YAML,
        YAML,
        JSON
    }

    /**
     * A document.
     *
     * @param id of the resource that it is about; it may hold others
     */
    record Written(ResourceId id, Tree.Mapping content, Syntax syntax) {}
}
