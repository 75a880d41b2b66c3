package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds, for documents without a name, the names by which their neighbours call them: a folder may hold {@code food-vs.json}
 * and a gateway route to {@code food.default.svc.cluster.local}, which no document declares.
 *
 * <p>A name fits a file when all words of the file's stem, those left out that speak of a kind, stand in it. For a virtual
 * service that is a host name: some of them in its first label. Other names must have the very same words. Thus
 * {@code food-vs-updated} fits no {@code food.…}, and an update stays apart from what it updates.
 *
 * <p>A fit counts only when it is clear. The document must have no better and no equal name, nor the name such a document;
 * names that the document's own folder mentions come first. A stem that is itself referred to needs nothing. Names are found by
 * their words, and a word that stands in many names tells nothing, so that the cost stays linear in the size of the set.
 */
final class ReferredNames {
    /** Names that share a word and are compared; a folder that somebody wrote by hand has fewer in all. */
    private static final int MAX_COMPARED = 64;

    /** A name that somebody uses, and who does first. */
    record Reference(ResourceId id, Draft from) {}

    private record Word(Kind kind, String mesh, String word) {}

    /** What is known of a name. */
    private static final class Mention {
        private final Reference first;
        private final Set<String> folders = new HashSet<>();
        private final Set<String> label;
        private final Set<String> words;

        Mention(Reference first) {
            String name = first.id().name();
            int dot = name.indexOf('.');
            boolean host = first.id().kind() == Kind.VIRTUAL_SERVICE && dot > 0;
            this.first = first;
            this.label = FileNames.speaking(host ? name.substring(0, dot) : name);
            this.words = FileNames.speaking(name);
        }
    }

    /** How well a document and a name fit; a name that the document's own folder mentions before any other. */
    private record Fit(Draft draft, Mention mention, boolean near, double likeness) {
        boolean isBetterThan(Fit other) {
            return near == other.near ? likeness > other.likeness : near;
        }
    }

    private final Map<ResourceId, Mention> mentions = new LinkedHashMap<>();
    private final IdentityHashMap<Draft, ResourceId> open = new IdentityHashMap<>();
    private final List<Draft> openInOrder = new ArrayList<>();
    private final Set<ResourceId> declared = new HashSet<>();

    /**
     * Adds a document of the set.
     *
     * @param id what it is called so far
     */
    void add(Draft draft, ResourceId id) {
        declared.add(id);
        if (!draft.isNamed() && id.parent() == null && id.kind() != Kind.MESH) {
            open.put(draft, id);
            openInOrder.add(draft);
        }
        Kind holder = id.kind().parent();
        if (holder != null && draft.parent() != null) {
            mention(ResourceId.of(holder, id.mesh(), draft.parent()), draft);
        }
        Function<ResourceId, Resource> bound = draft.bound();
        if (bound != null && !draft.problems().hasErrors()) {
            References.of(bound.apply(id)).forEach(target -> mention(target, draft));
        }
    }

    private void mention(ResourceId id, Draft from) {
        mentions.computeIfAbsent(id, any -> new Mention(new Reference(any, from)))
                .folders
                .add(from.folder());
    }

    /** Returns the names that were found, by document; once all documents were added. */
    IdentityHashMap<Draft, Reference> assign() {
        Map<Word, List<Mention>> index = index();
        Map<Mention, List<Fit>> wishes = new LinkedHashMap<>();
        for (Draft draft : openInOrder) {
            Fit best = bestOf(fits(draft, index));
            if (best != null) {
                wishes.computeIfAbsent(best.mention(), any -> new ArrayList<>()).add(best);
            }
        }
        IdentityHashMap<Draft, Reference> assigned = new IdentityHashMap<>();
        for (List<Fit> rivals : wishes.values()) {
            Fit best = bestOf(rivals);
            if (best != null) {
                assigned.put(best.draft(), best.mention().first);
            }
        }
        return assigned;
    }

    private Map<Word, List<Mention>> index() {
        Map<Word, List<Mention>> index = new HashMap<>();
        mentions.forEach((id, mention) -> {
            if (!declared.contains(id)) {
                for (String word : mention.words) {
                    index.computeIfAbsent(new Word(id.kind(), id.mesh(), word), any -> new ArrayList<>())
                            .add(mention);
                }
            }
        });
        return index;
    }

    private List<Fit> fits(Draft draft, Map<Word, List<Mention>> index) {
        ResourceId id = open.get(draft);
        if (id == null || mentions.containsKey(id)) {
            return List.of();
        }
        Set<String> stem = FileNames.speaking(id.name());
        List<Mention> fewest = null;
        for (String word : stem) {
            List<Mention> having = index.getOrDefault(new Word(id.kind(), id.mesh(), word), List.of());
            if (fewest == null || having.size() < fewest.size()) {
                fewest = having;
            }
        }
        if (fewest == null || fewest.size() > MAX_COMPARED) {
            return List.of();
        }
        List<Fit> fits = new ArrayList<>();
        for (Mention mention : fewest) {
            double likeness = FileNames.likeness(stem, mention.label);
            boolean fitting = id.kind() == Kind.VIRTUAL_SERVICE
                    ? likeness > 0 && mention.words.containsAll(stem)
                    : stem.equals(mention.label);
            if (fitting) {
                fits.add(new Fit(draft, mention, mention.folders.contains(draft.folder()), likeness));
            }
        }
        return fits;
    }

    /** Returns the fit that is better than every other, or null. */
    private static @Nullable Fit bestOf(List<Fit> fits) {
        Fit best = null;
        boolean tie = false;
        for (Fit fit : fits) {
            if (best == null || fit.isBetterThan(best)) {
                best = fit;
                tie = false;
            } else if (!best.isBetterThan(fit)) {
                tie = true;
            }
        }
        return tie ? null : best;
    }
}
