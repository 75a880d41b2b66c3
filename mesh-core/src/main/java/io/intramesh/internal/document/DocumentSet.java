package io.intramesh.internal.document;

import io.intramesh.document.MeshTestDocument;
import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.Problem.Severity;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.ServiceDiscovery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads sets of files, one after another, and parses only what changed in between. Not thread-safe.
 *
 * <p>Two stages. Each file is parsed and bound by itself ({@link FileContents}); that is the costly part, and it is kept. Then
 * the whole set is looked at: what dialects join ({@link JoinedDialect}), names that fragments leave open, resources written
 * twice, what takes the place of parts that exist only in AWS ({@link Overrides}), references ({@link CrossChecks}).
 * That is done anew for every set, at the cost of a few map accesses per resource.
 */
public final class DocumentSet {
    private final FileContents.Reader reader;
    private final boolean strict;
    private final Predicate<ServiceDiscovery> isFound;
    private Map<String, FileContents> kept = Map.of();

    /** Overrides in force: while a new form of one cannot be read, its resources must not fall back to what is in AWS. */
    private Map<ResourceId, Placed> overrides = Map.of();

    private long filesParsed;

    /**
     * @param values fill placeholders, before the environment does
     * @param regexChecker tells why an expression is no RE2; null means that it is fine
     * @param strict makes a resource that is written twice an error
     */
    public DocumentSet(
            Map<String, String> values,
            Map<String, String> environment,
            Function<String, @Nullable String> regexChecker,
            boolean strict) {
        this(values, environment, regexChecker, strict, discovery -> false);
    }

    /** @param isFound tells whether somebody here finds endpoints by that discovery, so that nobody need decide about it */
    public DocumentSet(
            Map<String, String> values,
            Map<String, String> environment,
            Function<String, @Nullable String> regexChecker,
            boolean strict,
            Predicate<ServiceDiscovery> isFound) {
        this.isFound = isFound;
        this.reader = new FileContents.Reader(new Placeholders(values, environment), regexChecker);
        this.strict = strict;
    }

    /** Reads these files, in this order. Never throws. */
    public ReadResult read(List<RawDocument> documents) {
        List<FileContents> files = contents(documents);
        return new Assembly(files).assemble();
    }

    /** Returns how many files were parsed since the beginning, those that had not changed not counted. */
    long filesParsed() {
        return filesParsed;
    }

    private List<FileContents> contents(List<RawDocument> documents) {
        List<FileContents> files = new ArrayList<>(documents.size());
        Map<String, FileContents> next = new HashMap<>();
        for (RawDocument document : documents) {
            FileContents contents = kept.get(document.name());
            if (contents == null || !contents.raw().equals(document)) {
                contents = reader.read(document);
                filesParsed++;
            }
            files.add(contents);
            next.put(document.name(), contents);
        }
        kept = next; // Files that are gone are forgotten.
        return files;
    }

    /** A resource with what it was made from. */
    record Placed(Draft draft, Resource resource) {}

    /** Puts one set together. */
    private final class Assembly implements Dialect.Drafts {
        private final List<FileContents> files;
        private final List<Draft> drafts = new ArrayList<>();
        private final Map<String, Integer> fileOrder = new HashMap<>();
        private final List<Problem> problems = new ArrayList<>();
        private final Map<ResourceId, Draft> latest = new LinkedHashMap<>();
        private final Map<ResourceId, Placed> placed = new LinkedHashMap<>();
        private final Set<ResourceId> refused = new HashSet<>();

        Assembly(List<FileContents> files) {
            this.files = files;
        }

        ReadResult assemble() {
            Set<String> unreadable = new HashSet<>();
            List<String> skipped = new ArrayList<>();
            List<MeshTestDocument> tests = new ArrayList<>();
            for (FileContents file : files) {
                fileOrder.putIfAbsent(file.raw().name(), fileOrder.size());
                problems.addAll(file.problems());
                drafts.addAll(file.drafts());
                tests.addAll(file.tests());
                if (!file.isReadable()) {
                    unreadable.add(file.raw().name());
                }
                if (file.isSkipped()) {
                    skipped.add(file.raw().name());
                }
            }
            join();
            Guesses guesses = new Guesses(drafts, problems);
            for (Draft draft : drafts) {
                problems.addAll(draft.problems().found());
                add(guesses.idOf(draft), draft);
            }
            latest.forEach(this::place);
            overrides = Overrides.apply(placed, standing(unreadable), refused, problems, isFound);
            for (CrossChecks.Finding finding : CrossChecks.of(placed, refused)) {
                problems.add(finding.problem());
                if (finding.problem().isError()) {
                    refused.add(finding.id());
                }
            }
            return new ReadResult(resources(), origins(), sorted(), refused, unreadable, skipped, tests);
        }

        /** Brings what was joined to the place of its file, so that the order of declaration is that of the files. */
        private void join() {
            for (JoinedDialect dialect : reader.joinedDialects()) {
                List<JoinedDialect.Part> parts = new ArrayList<>();
                String first = "";
                for (FileContents file : files) {
                    for (FileContents.Held held : file.held()) {
                        if (held.dialect() == dialect) {
                            first = parts.isEmpty() ? file.raw().name() : first;
                            parts.add(held.part());
                        }
                    }
                }
                try {
                    dialect.join(parts, this);
                } catch (RuntimeException e) {
                    // A fault of ours, in one dialect, must not keep the others from being read.
                    Problems fault = new Problems(first);
                    fault.error(
                            Mark.WHOLE_FILE,
                            Path.ROOT,
                            "the reader failed (" + e + "); please report this with the files");
                    addProblems(fault);
                }
            }
            drafts.sort(Comparator.comparing(draft -> fileOrder.getOrDefault(draft.file(), Integer.MAX_VALUE)));
        }

        @Override
        public void add(Draft draft) {
            drafts.add(draft);
        }

        @Override
        public void addProblems(Problems found) {
            problems.addAll(found.found());
        }

        @Override
        public void add(JoinedDialect.Part part) {
            throw new IllegalStateException("a part, after the files were read");
        }

        private void add(ResourceId id, Draft draft) {
            Draft earlier = latest.remove(id);
            if (earlier != null) {
                problems.add(new Problem(
                        draft.origin(),
                        "",
                        strict ? Severity.ERROR : Severity.NOTE,
                        id + " is written twice, first at " + earlier.origin()
                                + (strict ? "; remove one" : "; this one stands, remove the other")));
                if (strict) {
                    refused.add(id);
                }
            }
            latest.put(id, draft);
        }

        private void place(ResourceId id, Draft draft) {
            Function<ResourceId, Resource> bound = draft.bound();
            if (bound == null && !draft.problems().hasErrors()) {
                // A fault of ours: a refusal without a reason must not look like success.
                problems.add(new Problem(
                        draft.origin(), "", Severity.ERROR, id + " cannot be built; please report this with the file"));
            }
            if (draft.problems().hasErrors() || bound == null) {
                refused.add(id);
                return;
            }
            placed.put(id, new Placed(draft, bound.apply(id)));
        }

        /** Returns the overrides that are written down, as far as one can see, and of which no form can be read now. */
        private List<Placed> standing(Set<String> unreadable) {
            List<Placed> standing = new ArrayList<>();
            overrides.forEach((id, earlier) -> {
                boolean unseen = !latest.containsKey(id)
                        && unreadable.contains(earlier.draft().file());
                if (unseen || refused.contains(id)) {
                    standing.add(earlier);
                }
            });
            return standing;
        }

        private ResourceSet resources() {
            return ResourceSet.of(placed.values().stream()
                    .map(Placed::resource)
                    .filter(resource -> !refused.contains(resource.id()))
                    .toList());
        }

        private Map<ResourceId, Origin> origins() {
            Map<ResourceId, Origin> origins = new HashMap<>();
            latest.forEach((id, draft) -> origins.put(id, draft.origin()));
            return origins;
        }

        private List<Problem> sorted() {
            problems.sort(Comparator.comparing((Problem problem) ->
                            fileOrder.getOrDefault(problem.origin().file(), Integer.MAX_VALUE))
                    .thenComparing(problem -> problem.origin().line())
                    .thenComparing(problem -> problem.origin().column()));
            return problems;
        }
    }
}
