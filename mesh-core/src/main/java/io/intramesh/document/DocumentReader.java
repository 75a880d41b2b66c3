package io.intramesh.document;

import io.intramesh.model.ResourceSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    private final Builder settings;

    private DocumentReader(Builder settings) {
        this.settings = settings;
    }

    /** Returns a builder with the defaults: no values, the environment of the process, not strict. */
    public static Builder builder() {
        return new Builder();
    }

    /** Reads these files, in this order: of two documents for one resource the later stands. */
    public ReadResult read(List<RawDocument> documents) {
        if (documents.isEmpty()) {
            return new ReadResult(ResourceSet.EMPTY, Map.of(), List.of(), Set.of(), Set.of(), List.of());
        }
        throw new IllegalStateException("under construction" + settings);
    }

    /** Builds a {@link DocumentReader}. Not thread-safe. */
    public static final class Builder {
        private Map<String, String> values = Map.of();
        private Map<String, String> environment = System.getenv();
        private boolean strict;

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

        public DocumentReader build() {
            return new DocumentReader(this);
        }

        @Override
        public String toString() {
            return "strict=" + strict + " values=" + values.keySet() + " environment=" + environment.size();
        }
    }
}
