package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/*
 * Finds the first of many ranked routes that takes a request.
 *
 * Idea: a decision tree over the conditions that pin a value down: the path (exact or by prefix; gRPC service and method are
 * a path; a regex counts by its literal beginning), the value of a header, the method. A branch looks at one of these once
 * and leads to those routes only that can still match; a leaf is a short list, tried in order with every condition. The tree
 * only leaves out what cannot match, so it decides like a walk through the whole list, in the same order.
 *
 * At each branch, that split is taken whose largest part is the smallest. Routes that do not care about the value stand in
 * every part; a bound on such copies keeps memory linear in the number of routes, and where it is reached the leaf stays
 * long: slower, never wrong.
 *
 * Prefixes are sorted. The longest prefix of a path is the greatest one that is not above the path, or is one of its
 * ancestors, the ancestor of a prefix being the longest other one that it begins with.
 *
 * Cost: O(depth * log(routes of the router)) and no allocation, where conditions can be pinned down.
 */
final class RouteIndex {
    /** A list this short is walked faster than a branch is taken. */
    private static final int SHORT = 4;

    /** A split must leave at most this share of the routes, in percent, in its largest part. */
    private static final int WORTHWHILE_PERCENT = 75;

    /** Copies per route that the tree may hold. */
    private static final int COPIES_PER_ROUTE = 64;

    private static final int FREE_COPIES = 1024;

    private final Node root;

    private RouteIndex(Node root) {
        this.root = root;
    }

    /** Indexes candidates, which are in the order of their rank. */
    static RouteIndex of(List<Candidate> ranked) {
        Candidate[] all = ranked.toArray(new Candidate[0]);
        return new RouteIndex(new Builder(FREE_COPIES + (long) COPIES_PER_ROUTE * all.length).node(all, Set.of()));
    }

    /** Returns an index for each listener, of the candidates that may take its requests; without listeners, one of all. */
    static RouteIndex[] perListener(List<Candidate> ranked, Listening listening) {
        if (listening.isAnywhere()) {
            return new RouteIndex[] {of(ranked)};
        }
        List<RouteIndex> indexes = new ArrayList<>();
        for (int i = 0; i < listening.size(); i++) {
            PortMapping listener = listening.get(i);
            indexes.add(of(ranked.stream()
                    .filter(candidate -> candidate.isFor(listener.protocol(), listener.port()))
                    .toList()));
        }
        return indexes.toArray(new RouteIndex[0]);
    }

    /**
     * Returns the first candidate that takes the request, or null.
     *
     * @param path canonical path, or null where it is open
     */
    @Nullable
    Candidate first(MeshRequest request, @Nullable String path) {
        return first(request, path, null, -1);
    }

    /** As above, and the candidate must be for that protocol, unless null, and that port, unless -1. */
    @Nullable
    Candidate first(MeshRequest request, @Nullable String path, @Nullable Protocol protocol, int port) {
        Node node = root;
        while (node instanceof Branch branch) {
            node = branch.next(request, path);
        }
        String name = null;
        String value = null;
        candidates:
        for (Candidate candidate : ((Leaf) node).candidates) {
            if (!candidate.isFor(protocol, port)) {
                continue;
            }
            for (Criterion criterion : candidate.plain()) {
                if (!criterion.test(request, path)) {
                    continue candidates;
                }
            }
            for (HeaderCriterion header : candidate.headers()) {
                // Routes of one router mostly ask for the same header: look it up once.
                if (!header.name().equals(name)) {
                    name = header.name();
                    value = request.header(name);
                }
                if (!header.holds(value)) {
                    continue candidates;
                }
            }
            return candidate;
        }
        return null;
    }

    private sealed interface Node {}

    private static final class Leaf implements Node {
        final Candidate[] candidates;

        Leaf(Candidate[] candidates) {
            this.candidates = candidates;
        }
    }

    private abstract static sealed class Branch implements Node {
        abstract Node next(MeshRequest request, @Nullable String path);
    }

    private static final class ByMethod extends Branch {
        private final Map<String, Node> parts;
        private final Node otherwise;
        private final Node open;

        ByMethod(Map<String, Node> parts, Node otherwise, Node open) {
            this.parts = parts;
            this.otherwise = otherwise;
            this.open = open;
        }

        @Override
        Node next(MeshRequest request, @Nullable String path) {
            String method = request.method();
            if (method == null) {
                return open;
            }
            Node part = parts.get(method);
            return part == null ? otherwise : part;
        }
    }

    private static final class ByHeader extends Branch {
        private final String name;
        private final Map<String, Node> parts;
        private final Node otherwise;

        ByHeader(String name, Map<String, Node> parts, Node otherwise) {
            this.name = name;
            this.parts = parts;
            this.otherwise = otherwise;
        }

        @Override
        Node next(MeshRequest request, @Nullable String path) {
            String value = request.header(name);
            Node part = value == null ? null : parts.get(value);
            return part == null ? otherwise : part;
        }
    }

    private static final class ByPath extends Branch {
        private final Map<String, Node> exact;
        private final Prefixes prefixes;
        private final Node[] parts;
        private final Node otherwise;
        private final Node open;

        ByPath(Map<String, Node> exact, Prefixes prefixes, Node[] parts, Node otherwise, Node open) {
            this.exact = exact;
            this.prefixes = prefixes;
            this.parts = parts;
            this.otherwise = otherwise;
            this.open = open;
        }

        @Override
        Node next(MeshRequest request, @Nullable String path) {
            if (path == null) {
                return open;
            }
            if (!exact.isEmpty()) {
                Node part = exact.get(path);
                if (part != null) {
                    return part;
                }
            }
            int longest = prefixes.longestOf(path);
            return longest < 0 ? otherwise : parts[longest];
        }
    }

    /** Sorted texts, of which the longest that a path begins with is found. */
    private static final class Prefixes {
        private final String[] sorted;
        private final int[] ancestors;

        Prefixes(Set<String> texts) {
            sorted = new TreeSet<>(texts).toArray(new String[0]);
            ancestors = new int[sorted.length];
            for (int i = 0; i < sorted.length; i++) {
                int ancestor = i - 1;
                while (ancestor >= 0 && !sorted[i].startsWith(sorted[ancestor])) {
                    ancestor = ancestors[ancestor];
                }
                ancestors[i] = ancestor;
            }
        }

        int longestOf(String path) {
            int low = 0;
            int high = sorted.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (sorted[middle].compareTo(path) <= 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            int found = high;
            while (found >= 0 && !path.startsWith(sorted[found])) {
                found = ancestors[found];
            }
            return found;
        }
    }

    /** Builds the tree. Holds what is left of the bound on copies. */
    private static final class Builder {
        private long copiesLeft;

        Builder(long copies) {
            copiesLeft = copies;
        }

        /**
         * Returns the tree of these candidates.
         *
         * @param used what the branches above look at: header names in lower case, {@code :path}, {@code :method}
         */
        Node node(Candidate[] all, Set<String> used) {
            if (all.length <= SHORT) {
                return new Leaf(all);
            }
            Split best = null;
            for (Split split : splits(all, used)) {
                if (best == null || split.largest() < best.largest()) {
                    best = split;
                }
            }
            if (best == null
                    || best.largest() * 100L > (long) all.length * WORTHWHILE_PERCENT
                    || best.copies() > copiesLeft) {
                return new Leaf(all);
            }
            copiesLeft -= best.copies();
            Set<String> usedBelow = new HashSet<>(used);
            usedBelow.add(best.name());
            return best.branch(this, usedBelow);
        }

        private List<Split> splits(Candidate[] all, Set<String> used) {
            List<Split> splits = new ArrayList<>();
            if (!used.contains(PathSplit.NAME)) {
                Split byPath = PathSplit.of(all, copiesLeft);
                if (byPath != null) {
                    splits.add(byPath);
                }
            }
            if (!used.contains(ValueSplit.METHOD)) {
                splits.add(ValueSplit.ofMethod(all));
            }
            Map<String, Integer> pinned = new LinkedHashMap<>();
            for (Candidate candidate : all) {
                for (HeaderCriterion header : candidate.headers()) {
                    if (header.onlyValue() != null) {
                        pinned.merge(header.name(), 1, Integer::sum);
                    }
                }
            }
            pinned.forEach((name, count) -> {
                // What pins down too few routes cannot be worthwhile.
                if (!used.contains(name) && count * 100L >= (100L - WORTHWHILE_PERCENT) * all.length) {
                    splits.add(ValueSplit.ofHeader(name, all));
                }
            });
            return splits;
        }
    }

    /** A way to part candidates. */
    private sealed interface Split {
        /** Returns what the branch looks at. */
        String name();

        /** Returns the size of the largest part. */
        int largest();

        /** Returns the size of all parts together. */
        long copies();

        Branch branch(Builder builder, Set<String> used);
    }

    private static final class ValueSplit implements Split {
        static final String METHOD = ":method";

        private final String name;
        private final Candidate[] all;

        /** What each candidate asks for; null where it does not care, or cannot be pinned down. */
        private final @Nullable String[] values;

        private final long copies;
        private final int largest;

        private ValueSplit(String name, Candidate[] all, @Nullable String[] values) {
            this.name = name;
            this.all = all;
            this.values = values;
            Map<String, Integer> counts = new HashMap<>();
            int free = 0;
            for (String value : values) {
                if (value == null) {
                    free++;
                } else {
                    counts.merge(value, 1, Integer::sum);
                }
            }
            largest = free
                    + counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            copies = all.length + (long) counts.size() * free;
        }

        static ValueSplit ofMethod(Candidate[] all) {
            @Nullable String[] values = new @Nullable String[all.length];
            for (int i = 0; i < all.length; i++) {
                MethodCriterion method = all[i].method();
                values[i] = method == null ? null : method.method();
            }
            return new ValueSplit(METHOD, all, values);
        }

        static ValueSplit ofHeader(String name, Candidate[] all) {
            @Nullable String[] values = new @Nullable String[all.length];
            for (int i = 0; i < all.length; i++) {
                for (HeaderCriterion header : all[i].headers()) {
                    if (values[i] == null && header.name().equals(name)) {
                        values[i] = header.onlyValue();
                    }
                }
            }
            return new ValueSplit(name, all, values);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int largest() {
            return largest;
        }

        @Override
        public long copies() {
            return copies;
        }

        @Override
        public Branch branch(Builder builder, Set<String> used) {
            Map<String, List<Candidate>> parts = new LinkedHashMap<>();
            List<Candidate> otherwise = new ArrayList<>();
            for (int i = 0; i < all.length; i++) {
                String value = values[i];
                if (value != null) {
                    // The first route of a value comes after all free ones that have been seen.
                    parts.computeIfAbsent(value, key -> new ArrayList<>(otherwise))
                            .add(all[i]);
                } else {
                    Candidate free = all[i];
                    otherwise.add(free);
                    parts.values().forEach(part -> part.add(free));
                }
            }
            Map<String, Node> nodes = new HashMap<>();
            parts.forEach((value, part) -> nodes.put(value, builder.node(part.toArray(new Candidate[0]), used)));
            Node rest = builder.node(otherwise.toArray(new Candidate[0]), used);
            return name.equals(METHOD) ? new ByMethod(nodes, rest, new Leaf(all)) : new ByHeader(name, nodes, rest);
        }
    }

    private static final class PathSplit implements Split {
        static final String NAME = ":path";

        private final Candidate[] all;
        private final Prefixes prefixes;
        private final Map<String, Candidate[]> exact;
        private final Candidate[][] parts;
        private final Candidate[] otherwise;
        private final int largest;
        private final long copies;

        private PathSplit(
                Candidate[] all,
                Prefixes prefixes,
                Map<String, Candidate[]> exact,
                Candidate[][] parts,
                Candidate[] otherwise,
                int largest,
                long copies) {
            this.all = all;
            this.prefixes = prefixes;
            this.exact = exact;
            this.parts = parts;
            this.otherwise = otherwise;
            this.largest = largest;
            this.copies = copies;
        }

        /** Returns the split, or null where no route asks for a path or where it would take too many copies. */
        static @Nullable PathSplit of(Candidate[] all, long copiesLeft) {
            Map<String, List<Candidate>> byPrefix = new HashMap<>();
            Map<String, List<Candidate>> byPath = new LinkedHashMap<>();
            List<Candidate> free = new ArrayList<>();
            for (Candidate candidate : all) {
                PathCriterion path = candidate.path();
                if (path == null || path.key().isEmpty()) {
                    free.add(candidate);
                } else {
                    (path.rank() == PathCriterion.Rank.EXACT ? byPath : byPrefix)
                            .computeIfAbsent(path.key(), key -> new ArrayList<>())
                            .add(candidate);
                }
            }
            if (byPrefix.isEmpty() && byPath.isEmpty()) {
                return null;
            }
            Candidate[] otherwise = free.toArray(new Candidate[0]);
            Prefixes prefixes = new Prefixes(byPrefix.keySet());
            Candidate[][] parts = new Candidate[prefixes.sorted.length][];
            long copies = otherwise.length;
            int largest = otherwise.length;
            for (int i = 0; i < parts.length; i++) {
                // Sorted, so an ancestor's part is there already.
                Candidate[] inherited = prefixes.ancestors[i] < 0 ? otherwise : parts[prefixes.ancestors[i]];
                parts[i] = merged(inherited, byPrefix.getOrDefault(prefixes.sorted[i], List.of()));
                copies += parts[i].length;
                largest = Math.max(largest, parts[i].length);
                if (copies > copiesLeft) {
                    return null;
                }
            }
            Map<String, Candidate[]> exact = new LinkedHashMap<>();
            for (Map.Entry<String, List<Candidate>> entry : byPath.entrySet()) {
                int longest = prefixes.longestOf(entry.getKey());
                Candidate[] part = merged(longest < 0 ? otherwise : parts[longest], entry.getValue());
                exact.put(entry.getKey(), part);
                copies += part.length;
                largest = Math.max(largest, part.length);
                if (copies > copiesLeft) {
                    return null;
                }
            }
            return new PathSplit(all, prefixes, exact, parts, otherwise, largest, copies);
        }

        /** Returns both in the order of rank; both are so already. */
        private static Candidate[] merged(Candidate[] left, List<Candidate> right) {
            Candidate[] merged = Arrays.copyOf(left, left.length + right.size());
            int from = left.length - 1;
            int to = merged.length - 1;
            for (int i = right.size() - 1; i >= 0; ) {
                merged[to--] = from >= 0 && left[from].rank() > right.get(i).rank() ? left[from--] : right.get(i--);
            }
            return merged;
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public int largest() {
            return largest;
        }

        @Override
        public long copies() {
            return copies;
        }

        @Override
        public Branch branch(Builder builder, Set<String> used) {
            Map<String, Node> exactNodes = new HashMap<>();
            exact.forEach((path, part) -> exactNodes.put(path, builder.node(part, used)));
            Node[] nodes = new Node[parts.length];
            for (int i = 0; i < nodes.length; i++) {
                nodes[i] = builder.node(parts[i], used);
            }
            return new ByPath(exactNodes, prefixes, nodes, builder.node(otherwise, used), new Leaf(all));
        }
    }
}
