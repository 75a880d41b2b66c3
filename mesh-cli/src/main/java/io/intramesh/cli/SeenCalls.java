package io.intramesh.cli;

import io.intramesh.internal.access.AccessPath;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.AccessPolicy.Caller;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.Kind;
import io.intramesh.model.PathMatch;
import io.intramesh.model.ResourceId;
import io.intramesh.model.TargetRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an audit log shows, and the smallest policies that allow it: no caller, method or path in them that was not seen, but
 * for the open segments of {@link PathShape}. What was denied for good, and what cannot be said in a policy, is left out
 * and told. Not thread-safe.
 */
final class SeenCalls {
    /** Enough to see what is meant. */
    private static final int MAX_TOLD = 20;

    private final int siblings;
    private final boolean withDenied;
    private final boolean withNobody;

    /** By callee, caller and method; the value is the paths. */
    private final Map<String, Map<Who, Map<HttpMethod, Set<String>>>> seen = new TreeMap<>();

    private final Map<String, Map<Who, Map<HttpMethod, Set<String>>>> denied = new TreeMap<>();
    private final Map<String, Integer> callsByCallee = new TreeMap<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();

    /**
     * Makes an empty one.
     *
     * @param siblings as {@link PathShape#of}
     * @param withDenied whether to allow what enforced policies and DENY rules refused, too
     * @param withNobody whether to allow calls whose caller proved no identity, too
     */
    SeenCalls(int siblings, boolean withDenied, boolean withNobody) {
        this.siblings = siblings;
        this.withDenied = withDenied;
        this.withNobody = withNobody;
    }

    void add(AuditLine line) {
        HttpMethod method = method(line.method());
        Who who = who(line);
        String path = AuditLine.isCut(String.valueOf(line.path())) ? null : AccessPath.of(line.path());
        boolean isLong = path != null
                && !PathShape.exactly(List.of(path)).iterator().next().canBeWritten();
        if (method == null) {
            leaveOut(line, "a method that no rule can name");
        } else if (path == null || isLong) {
            leaveOut(line, "a path that may be read in more than one way, or is longer than a policy can say");
        } else if (who == null) {
            leaveOut(
                    line,
                    line.caller() == null
                            ? "a caller that proved no identity (--allow-anonymous allows these to everyone)"
                            : "a caller that is neither a virtual node nor has a SPIFFE ID");
        } else if (isForGood(line) && !withDenied) {
            put(denied, line.callee(), who, method, path);
            leaveOut(line, "denied by " + decider(line) + " (--include-denied allows these)");
        } else {
            put(seen, line.callee(), who, method, path);
            callsByCallee.merge(line.callee(), 1, Integer::sum);
        }
    }

    /** Whoever wrote a DENY rule, or enforces a policy, meant it. A policy in shadow that misses a rule asks to be written. */
    private static boolean isForGood(AuditLine line) {
        return line.event() == AuditLine.Event.DENIED
                || (line.event() == AuditLine.Event.WOULD_BE_DENIED && line.rule() != null);
    }

    private static String decider(AuditLine line) {
        if (line.policy() == null) {
            return "default";
        }
        return line.rule() == null
                ? "the default of '" + line.policy() + "'"
                : "rule '" + line.rule() + "' of '" + line.policy() + "'";
    }

    private static @Nullable HttpMethod method(@Nullable String name) {
        return Arrays.stream(HttpMethod.values())
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private @Nullable Who who(AuditLine line) {
        if (line.callerNode() != null) {
            return new Who(line.callerNode(), true);
        }
        if (line.caller() == null) {
            return withNobody ? Who.ANYONE : null;
        }
        return line.caller().startsWith("spiffe://") && !line.caller().contains("*") && !AuditLine.isCut(line.caller())
                ? new Who(line.caller(), false)
                : null;
    }

    private void leaveOut(AuditLine line, String why) {
        String what = line.callee() + ": "
                + (line.callerNode() != null ? line.callerNode() : line.caller() != null ? line.caller() : "nobody")
                + " "
                + line.method() + " " + line.path() + ": " + why;
        leftOut.merge(what, 1, Integer::sum);
    }

    private static void put(
            Map<String, Map<Who, Map<HttpMethod, Set<String>>>> calls,
            String callee,
            Who who,
            HttpMethod method,
            String path) {
        calls.computeIfAbsent(callee, name -> new TreeMap<>())
                .computeIfAbsent(who, name -> new TreeMap<>())
                .computeIfAbsent(method, name -> new TreeSet<>())
                .add(path);
    }

    boolean isEmpty() {
        return seen.isEmpty() && leftOut.isEmpty();
    }

    /** Returns the virtual nodes that were called, and may be. */
    Set<String> callees() {
        return seen.keySet();
    }

    /** Returns how many calls to a node are allowed by what is suggested. */
    int calls(String callee) {
        return callsByCallee.getOrDefault(callee, 0);
    }

    /** Returns what is not allowed, each with how often it was seen. */
    List<String> leftOut() {
        List<String> lines = new ArrayList<>();
        leftOut.forEach((what, count) -> lines.add(what + (count > 1 ? " (" + count + " times)" : "")));
        if (lines.size() > MAX_TOLD) {
            int more = lines.size() - MAX_TOLD;
            List<String> told = new ArrayList<>(lines.subList(0, MAX_TOLD));
            told.add("and " + more + " more");
            return told;
        }
        return lines;
    }

    /** Returns the policy for a node; without rules where nothing that was seen can be allowed. */
    AccessPolicy policy(String mesh, String callee, String name, AccessPolicy.Mode mode) {
        Map<Group, Set<Who>> groups = new TreeMap<>(Comparator.comparing(Group::toString));
        seen.getOrDefault(callee, Map.of()).forEach((who, byMethod) -> {
            // Methods of the same paths make one rule, and so do callers of the same methods and paths: no more is
            // allowed by it, for what a rule allows is every combination of its parts.
            Map<List<PathMatch>, Set<HttpMethod>> byPaths = new TreeMap<>(Comparator.comparing(List::toString));
            byMethod.forEach((method, paths) -> {
                List<PathMatch> matches = matches(callee, who, method, paths);
                // A rule without paths would allow every path.
                if (!matches.isEmpty()) {
                    byPaths.computeIfAbsent(matches, same -> new TreeSet<>()).add(method);
                }
            });
            byPaths.forEach((paths, methods) -> groups.computeIfAbsent(
                            new Group(List.copyOf(methods), paths), same -> new TreeSet<>())
                    .add(who));
        });
        List<AccessPolicy.Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        groups.forEach((group, callers) -> rules.add(rule(group, callers, names)));
        rules.sort(Comparator.comparing(AccessPolicy.Rule::name));
        return new AccessPolicy(
                ResourceId.of(Kind.ACCESS_POLICY, mesh, name),
                new TargetRef(Kind.VIRTUAL_NODE, callee, null),
                mode,
                true,
                AccessPolicy.Audit.DENIED,
                List.of(),
                rules);
    }

    private List<PathMatch> matches(String callee, Who who, HttpMethod method, Set<String> paths) {
        Set<String> refused = denied.getOrDefault(callee, Map.of())
                .getOrDefault(who, Map.of())
                .getOrDefault(method, Set.of());
        Set<String> allowed = new TreeSet<>(paths);
        // Seen both ways, before a policy changed and after: the refusal counts.
        allowed.removeAll(refused);
        Set<PathShape> shapes = new HashSet<>();
        for (PathShape shape : PathShape.of(allowed, siblings)) {
            if (!shape.canBeWritten() || refused.stream().anyMatch(shape::takes)) {
                shapes.addAll(
                        PathShape.exactly(allowed.stream().filter(shape::takes).toList()));
            } else {
                shapes.add(shape);
            }
        }
        return shapes.stream()
                .map(PathShape::match)
                .sorted(Comparator.comparing(PathMatch::toString))
                .toList();
    }

    private static AccessPolicy.Rule rule(Group group, Set<Who> callers, Set<String> names) {
        String methods = group.methods().stream().map(HttpMethod::name).collect(Collectors.joining("-"));
        Who first = callers.iterator().next();
        String base = first.shortName() + (callers.size() > 1 ? "-and-" + (callers.size() - 1) : "") + "-" + methods;
        String name = base;
        for (int number = 2; !names.add(name); number++) {
            name = base + "-" + number;
        }
        List<Caller> named = callers.contains(Who.ANYONE)
                ? List.of()
                : callers.stream().map(Who::caller).toList();
        return new AccessPolicy.Rule(
                name,
                AccessPolicy.Effect.ALLOW,
                named,
                group.methods(),
                group.paths(),
                List.of(),
                List.of(),
                Map.of(),
                null,
                null,
                null);
    }

    /** What one rule is about, beside its callers. */
    private record Group(List<HttpMethod> methods, List<PathMatch> paths) {}

    /**
     * Who called.
     *
     * @param name of the virtual node, or the SPIFFE ID; empty for anyone
     */
    private record Who(String name, boolean isNode) implements Comparable<Who> {
        static final Who ANYONE = new Who("", false);

        private static final int MAX_SHORT = 60;

        Caller caller() {
            return isNode ? new Caller.Node(name) : new Caller.SpiffeId(name);
        }

        String shortName() {
            if (name.isEmpty()) {
                return "anyone";
            }
            String last = isNode ? name : name.substring(name.lastIndexOf('/') + 1);
            return last.length() > MAX_SHORT ? last.substring(0, MAX_SHORT) : last;
        }

        @Override
        public int compareTo(Who other) {
            int byName = name.compareTo(other.name);
            return byName == 0 ? Boolean.compare(isNode, other.isNode) : byName;
        }
    }
}
