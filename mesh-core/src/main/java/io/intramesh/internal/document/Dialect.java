package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A way to write mesh resources down. A dialect tells its own documents from others, finds the names in them, and brings
 * each spec into the form of App Mesh's API, with the places of the original: {@link SpecBinder} does the rest. Keeps no state; one whose documents
 * refer to each other is a {@link JoinedDialect}.
 */
interface Dialect {

    /** Tells whether a document is written in this dialect, right or wrong. Looks at few members only. */
    boolean claims(MappingNode root, String file);

    /**
     * Tells whether documents are handed over with their placeholders, because the dialect gives <code>${NAME}</code> a
     * meaning of its own and fills the rest itself.
     */
    default boolean fillsItself() {
        return false;
    }

    /** Reads a document that this dialect claimed. */
    void read(Claimed document, Drafts drafts);

    /**
     * A document in the hands of its dialect, placeholders filled.
     *
     * @param name what a resource is called whose own document does not say: the stem of the file
     * @param faults that stand in the document and refuse what it holds
     */
    record Claimed(
            String file,
            String name,
            MappingNode root,
            List<Fault> faults,
            Function<String, @Nullable String> regexChecker) {

        /** Returns a collector of problems that holds the document's faults already. */
        Problems problems() {
            Problems problems = new Problems(file);
            faults.forEach(fault -> problems.error(fault.mark(), fault.path(), fault.message()));
            return problems;
        }

        /** Returns a context for the binding of one spec. */
        Context context(Problems problems) {
            return new Context(problems, regexChecker);
        }
    }

    /** Takes what a dialect finds. */
    interface Drafts {
        /** Takes a resource, good or refused. */
        void add(Draft draft);

        /** Takes the problems of something whose identity cannot be told. */
        void addProblems(Problems problems);

        /** Takes something that a {@link JoinedDialect} makes resources of once all files are read. Only while reading. */
        void add(JoinedDialect.Part part);
    }
}
