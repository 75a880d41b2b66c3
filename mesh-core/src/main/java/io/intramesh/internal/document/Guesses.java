package io.intramesh.internal.document;

import io.intramesh.document.Origin;
import io.intramesh.document.Problem;
import io.intramesh.document.Problem.Severity;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the names that the fragments of a set leave open, since they stood on a command line, and says what it took and why:
 * one note for each document.
 *
 * <p>The name is the one that others refer to, where that is clear ({@link ReferredNames}), else the stem of the file. The
 * mesh is the only one of the set. The router or gateway is the only one in the folder, or the one whose name fits best.
 */
final class Guesses {
    /** Stands in for a mesh, router or gateway of which nothing in the set gives the name. */
    private static final String NOBODY = "default";

    private final List<Problem> problems;
    private final String onlyMesh;
    private final IdentityHashMap<Draft, ReferredNames.Reference> referred = new IdentityHashMap<>();
    private final Map<Kind, Map<String, Map<String, List<String>>>> holders = new HashMap<>();

    /** A name that was taken: {@code routeName}, {@code of}, {@code route}, {@code beta}, {@code the name of the file}. */
    private record Taken(String member, String preposition, String term, String name, String why) {
        String asOneOfMany(boolean first) {
            return (first ? "" : preposition + " ") + term + " " + Words.quote(name) + " (" + why + ")";
        }
    }

    Guesses(List<Draft> drafts, List<Problem> problems) {
        this.problems = problems;
        this.onlyMesh = onlyMesh(drafts);
        if (drafts.stream().anyMatch(draft -> !draft.isNamed())) {
            ReferredNames names = new ReferredNames();
            for (Draft draft : drafts) {
                names.add(draft, provisionalId(draft));
            }
            referred.putAll(names.assign());
        }
        for (Draft draft : drafts) {
            if (draft.kind() == Kind.VIRTUAL_ROUTER || draft.kind() == Kind.VIRTUAL_GATEWAY) {
                holders.computeIfAbsent(draft.kind(), kind -> new HashMap<>())
                        .computeIfAbsent(meshOf(draft), mesh -> new HashMap<>())
                        .computeIfAbsent(draft.folder(), folder -> new ArrayList<>())
                        .add(nameOf(draft));
            }
        }
    }

    private static String onlyMesh(List<Draft> drafts) {
        Set<String> written = new TreeSet<>();
        Set<String> named = new TreeSet<>();
        for (Draft draft : drafts) {
            String mesh = draft.kind() == Kind.MESH ? draft.name() : draft.mesh();
            if (mesh != null && !Placeholders.isOpen(mesh)) { // What nothing fills is nobody's name.
                (draft.kind() == Kind.MESH ? written : named).add(mesh);
            }
        }
        if (written.size() == 1) {
            return written.iterator().next();
        }
        return written.isEmpty() && named.size() == 1 ? named.iterator().next() : NOBODY;
    }

    private String meshOf(Draft draft) {
        String mesh = draft.mesh();
        return mesh == null ? onlyMesh : mesh;
    }

    private String nameOf(Draft draft) {
        ReferredNames.Reference reference = referred.get(draft);
        return reference == null ? draft.name() : reference.id().name();
    }

    /** Returns an id under which a draft can be looked at before its name and its parent are settled. */
    private ResourceId provisionalId(Draft draft) {
        String parent = draft.parent();
        boolean orphan = draft.kind().parent() != null && parent == null;
        return new ResourceId(draft.kind(), meshOf(draft), orphan ? NOBODY : parent, draft.name());
    }

    ResourceId idOf(Draft draft) {
        List<Taken> taken = new ArrayList<>();
        int names = 1;
        if (!draft.isNamed()) {
            taken.add(
                    new Taken(draft.kind().term() + "Name", "", draft.kind().term(), nameOf(draft), whyTheName(draft)));
        }
        Kind holder = draft.kind().parent();
        String parent = draft.parent();
        if (holder != null) {
            names++;
            if (parent == null) {
                Taken guess = guessParent(draft, holder);
                taken.add(guess);
                parent = guess.name();
            }
        }
        if (draft.kind() != Kind.MESH) {
            names++;
            if (draft.mesh() == null) {
                String why = onlyMesh.equals(NOBODY) ? "since nothing here names a single one" : "the only one here";
                taken.add(new Taken("meshName", "in", "mesh", onlyMesh, why));
            }
        }
        note(draft, taken, names);
        return new ResourceId(draft.kind(), meshOf(draft), parent, nameOf(draft));
    }

    private String whyTheName(Draft draft) {
        ReferredNames.Reference reference = referred.get(draft);
        if (reference == null) {
            return "the name of the file";
        }
        Origin origin = reference.from().origin();
        return "the name at " + origin + " that fits the name of the file";
    }

    private Taken guessParent(Draft draft, Kind holder) {
        List<String> names = holders
                .getOrDefault(holder, Map.of())
                .getOrDefault(meshOf(draft), Map.of())
                .getOrDefault(draft.folder(), List.of())
                .stream()
                .distinct()
                .toList();
        if (names.size() == 1) {
            return parent(holder, names.get(0), "the only one in this folder");
        }
        String best = null;
        double bestLikeness = 0;
        boolean tie = false;
        for (String name : names) {
            double likeness = FileNames.likeness(draft.name(), name);
            if (likeness > bestLikeness) {
                best = name;
                bestLikeness = likeness;
                tie = false;
            } else if (likeness == bestLikeness) {
                tie = true;
            }
        }
        if (best != null && !tie) {
            return parent(holder, best, "its name fits best of " + names.size() + " in this folder");
        }
        return parent(
                holder,
                NOBODY,
                names.isEmpty()
                        ? "since none stands in this folder"
                        : "since none of " + names.size() + " in this folder fits best");
    }

    private static Taken parent(Kind holder, String name, String why) {
        return new Taken(holder.term() + "Name", "of", holder.term(), name, why);
    }

    /**
     * Adds the note of one document, if there is anything to say.
     *
     * @param names how many names such a document has when none is missing
     */
    private void note(Draft draft, List<Taken> taken, int names) {
        if (taken.isEmpty()) {
            return;
        }
        List<String> members =
                taken.stream().map(each -> draft.spelling().of(each.member())).toList();
        String message;
        if (taken.size() == 1) {
            Taken only = taken.get(0);
            message = "missing; took " + Words.quote(only.name()) + " (" + only.why() + "); add \"" + members.get(0)
                    + "\"";
        } else {
            List<String> parts = new ArrayList<>();
            for (Taken each : taken) {
                parts.add(each.asOneOfMany(parts.isEmpty()));
            }
            message = (taken.size() == names ? "no names in the file" : "not all names are in the file") + ": took "
                    + String.join(" ", parts) + "; add " + String.join(", ", members);
        }
        String path = taken.size() == 1 ? members.get(0) : "";
        problems.add(new Problem(draft.origin(), path, Severity.NOTE, message));
    }
}
