package io.intramesh.document;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.document.DocumentSet;
import io.intramesh.internal.route.RegexSyntax;
import io.intramesh.model.ServiceDiscovery;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads mesh documents of every dialect. Remembers what each file gave, so that reading a set again costs what changed since.
 * Not thread-safe.
 *
 * <pre>{@code
 * ReadResult result = DocumentReader.builder().build().read(FileRegistry.documents(Path.of("/etc/mesh")));
 * result.problems().forEach(System.err::println);
 * }</pre>
 */
public final class DocumentReader {
    private final DocumentSet set;

    private DocumentReader(Builder settings) {
        this.set = new DocumentSet(
                settings.values, settings.environment, RegexSyntax::problem, settings.strict, settings.foundBySource);
    }

    /** Returns a builder with the defaults: no values, the environment of the process, not strict. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads these files, in this order: of two documents for one resource the later stands. Whatever is wrong with them
     * comes back as a problem, never as an exception.
     */
    public ReadResult read(List<RawDocument> documents) {
        return set.read(List.copyOf(requireNonNull(documents, "documents")));
    }

    /** Builds a {@link DocumentReader}. Not thread-safe. */
    public static final class Builder {
        private Map<String, String> values = Map.of();
        private Map<String, String> environment = System.getenv();
        private boolean strict;
        private Predicate<ServiceDiscovery> foundBySource = discovery -> false;

        private Builder() {}

        /** Sets what placeholders and template parameters stand for. */
        public Builder values(Map<String, String> value) {
            values = Map.copyOf(value);
            return this;
        }

        /** Sets what fills placeholders that {@link #values} does not name; default the environment of the process. */
        public Builder environment(Map<String, String> value) {
            environment = Map.copyOf(value);
            return this;
        }

        /** Makes a resource that is written down twice an error; default false, a note. */
        public Builder strict(boolean value) {
            strict = value;
            return this;
        }

        /**
         * Sets which kinds of service discovery a source of endpoints serves beside DNS, such as AWS Cloud Map: they need no
         * decision then. Default none.
         */
        public Builder foundBySource(Predicate<ServiceDiscovery> value) {
            foundBySource = requireNonNull(value, "foundBySource");
            return this;
        }

        public DocumentReader build() {
            return new DocumentReader(this);
        }
    }
}
