package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.explain.Explanation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a mesh does what is expected of it, and what it does instead.
 *
 * @param messages what is different, or what is wrong with the expectation; empty where it is met
 * @param explanation what the mesh does and why; null where it could not be asked
 */
public record Outcome(
        Status status, List<String> messages, @Nullable Explanation explanation) {
    /** How many of the routes that were tried are listed; the one that matched is the last of them. */
    private static final int MAX_ROUTES = 12;

    public Outcome {
        requireNonNull(status, "status");
        messages = List.copyOf(messages);
    }

    /** How it went. */
    public enum Status {
        /** The mesh does all that is expected. */
        MET,
        /** The mesh does something else. */
        FAILED,
        /** The expectation means nothing here: it is not understood, or names what is not there. */
        ERROR
    }

    static Outcome error(String message) {
        return new Outcome(Status.ERROR, List.of(message), null);
    }

    public boolean isMet() {
        return status == Status.MET;
    }

    /** Returns what becomes of the call, in a line; null where the mesh could not be asked. */
    public @Nullable String happens() {
        Explanation asked = explanation;
        if (asked == null) {
            return null;
        }
        Explanation.Refused refused = asked.refusal();
        if (refused != null) {
            return "is refused: " + refused.reason() + " (" + refused.message() + ")";
        }
        if (asked.targets().isEmpty()) {
            return "leaves the mesh for " + asked.forwardedHost() + ", passed through as it is";
        }
        String targets = asked.targets().stream()
                .map(target -> Share.percent(target.share()) + " to " + target.virtualNode()
                        + (target.port() == null ? "" : ":" + target.port()))
                .collect(Collectors.joining(" and "));
        return "goes " + targets + (asked.route() == null ? "" : ", by route " + asked.route());
    }

    /** Returns the routes that were tried, in order, each in a line with the first thing that did not match. */
    public List<String> tried() {
        Explanation asked = explanation;
        if (asked == null) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        add(lines, "gateway route", asked.gatewayRoutes());
        add(lines, "route", asked.routes());
        for (Explanation.Access access : asked.access()) {
            lines.add("access to " + access.virtualNode() + ": " + access.words());
        }
        return lines;
    }

    private static void add(List<String> lines, String what, List<Explanation.Tried> routes) {
        int omitted = Math.max(0, routes.size() - MAX_ROUTES);
        if (omitted > 0) {
            lines.add(omitted + " " + what + "s before these did not match");
        }
        for (Explanation.Tried route : routes.subList(omitted, routes.size())) {
            lines.add(what + " " + route.name() + " (" + route.conditions() + "): "
                    + (route.mismatch() == null ? "takes it" : "no match: " + route.mismatch()));
        }
    }

    /** Returns the difference as lines for people; the empty text where there is none. */
    @Override
    public String toString() {
        if (isMet()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (String message : messages) {
            text.append(status == Status.FAILED ? "expected: " : "")
                    .append(message)
                    .append('\n');
        }
        String happens = happens();
        if (happens != null) {
            text.append("happens:  ").append(happens).append('\n');
        }
        String before = "tried:    ";
        for (String line : tried()) {
            text.append(before).append(line).append('\n');
            before = " ".repeat(before.length());
        }
        return text.toString();
    }
}
