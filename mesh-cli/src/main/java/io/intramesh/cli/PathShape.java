package io.intramesh.cli;

import io.intramesh.model.PathMatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A path of which some segments may be anything.
 *
 * <p>The rule by which paths become shapes, which docs/command-line.md tells as well: a segment is left open where it looks
 * like an identifier, or where the calls showed many values in its place, all else being equal. The first segment stays as
 * it is, and so does an empty last one. An open segment stands for one segment that is not empty, never for several: nothing
 * below or beside what was seen is allowed along with it.
 *
 * @param segments between the slashes; {@link #ANY} for an open one
 */
record PathShape(List<String> segments) {
    /** An open segment. No real one: a slash would part it. */
    static final String ANY = "/";

    private static final String ANY_EXPRESSION = "[^/]+";

    /** What an App Mesh match takes at most. */
    private static final int MAX_LENGTH = 255;

    private static final Pattern SLASH = Pattern.compile("/");

    /** Numbers, UUIDs, hashes, ULIDs, and longer mixtures of letters and digits, as tokens and keys are. */
    private static final Pattern IDENTIFIER = Pattern.compile("[0-9]+"
            + "|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
            + "|[0-9A-Fa-f]{16,}"
            + "|[0-9A-HJKMNP-TV-Z]{26}"
            + "|(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}");

    /** What means something in RE2. */
    private static final Pattern SPECIAL = Pattern.compile("[\\\\.+*?()|\\[\\]{}^$]");

    PathShape {
        segments = List.copyOf(segments);
    }

    /**
     * Returns the fewest shapes that take these paths.
     *
     * @param siblings how many values a segment must have had to be left open, all else being equal
     */
    static Set<PathShape> of(Collection<String> paths, int siblings) {
        Set<PathShape> shapes = new LinkedHashSet<>();
        int longest = 0;
        for (String path : paths) {
            PathShape shape = withoutIdentifiers(split(path));
            shapes.add(shape);
            longest = Math.max(longest, shape.segments.size());
        }
        for (int at = 1; at < longest; at++) {
            shapes = opened(shapes, at, siblings);
        }
        return shapes;
    }

    private static PathShape withoutIdentifiers(List<String> segments) {
        for (int at = 1; at < segments.size(); at++) {
            if (IDENTIFIER.matcher(segments.get(at)).matches()) {
                segments.set(at, ANY);
            }
        }
        return new PathShape(segments);
    }

    /** Opens that segment in shapes that differ in nothing else, where there are enough of them. */
    private static Set<PathShape> opened(Set<PathShape> shapes, int at, int siblings) {
        Map<PathShape, Set<PathShape>> alike = new LinkedHashMap<>();
        Set<PathShape> result = new LinkedHashSet<>();
        for (PathShape shape : shapes) {
            if (at < shape.segments.size() && !shape.segments.get(at).isEmpty()) {
                alike.computeIfAbsent(shape.withOpen(at), open -> new LinkedHashSet<>())
                        .add(shape);
            } else {
                result.add(shape);
            }
        }
        alike.forEach((open, members) -> {
            if (members.size() >= siblings || members.contains(open)) {
                result.add(open);
            } else {
                result.addAll(members);
            }
        });
        return result;
    }

    private PathShape withOpen(int at) {
        List<String> changed = new ArrayList<>(segments);
        changed.set(at, ANY);
        return new PathShape(changed);
    }

    boolean isOpen() {
        return segments.contains(ANY);
    }

    /** Tells whether a path has this shape. */
    boolean takes(String path) {
        List<String> parts = split(path);
        if (parts.size() != segments.size()) {
            return false;
        }
        for (int at = 0; at < segments.size(); at++) {
            String segment = segments.get(at);
            String part = parts.get(at);
            if (segment.equals(ANY) ? part.isEmpty() : !segment.equals(part)) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether a policy can say it. */
    boolean canBeWritten() {
        return (isOpen() ? expression() : text()).length() <= MAX_LENGTH;
    }

    PathMatch match() {
        return isOpen() ? new PathMatch.Regex(expression()) : new PathMatch.Exact(text());
    }

    private String text() {
        return "/" + String.join("/", segments);
    }

    private String expression() {
        return segments.stream()
                .map(segment -> segment.equals(ANY)
                        ? ANY_EXPRESSION
                        : SPECIAL.matcher(segment).replaceAll("\\\\$0"))
                .collect(Collectors.joining("/", "/", ""));
    }

    /** Returns each path in a shape of its own. */
    static Set<PathShape> exactly(Collection<String> paths) {
        Set<PathShape> shapes = new LinkedHashSet<>();
        for (String path : paths) {
            shapes.add(new PathShape(split(path)));
        }
        return shapes;
    }

    /** Returns the segments; the last one is empty where the path ends with a slash. */
    private static List<String> split(String path) {
        // Something behind the last slash, for splitting drops what is empty at the end.
        List<String> segments =
                SLASH.splitAsStream(path.substring(1) + "/.").collect(Collectors.toCollection(ArrayList::new));
        segments.remove(segments.size() - 1);
        return segments;
    }
}
