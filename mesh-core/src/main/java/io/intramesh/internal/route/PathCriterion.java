package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.PathMatch;
import org.jspecify.annotations.Nullable;

/** A condition on the canonical path; an open path lets it hold. Also tells how a route is found by its path. */
abstract sealed class PathCriterion implements Criterion {
    /** How paths rank among routes of equal priority: the order of these constants. */
    enum Rank {
        EXACT,
        PREFIX,
        REGEX,
        NONE
    }

    private final Rank rank;
    private final String key;

    private PathCriterion(Rank rank, String key) {
        this.rank = rank;
        this.key = key;
    }

    static PathCriterion of(PathMatch match) {
        if (match instanceof PathMatch.Exact exact) {
            return new Exact(exact.path());
        }
        if (match instanceof PathMatch.Prefix prefix) {
            return new Prefix(prefix.prefix());
        }
        return new Matching(new Regex(((PathMatch.Regex) match).pattern()));
    }

    /** Returns the condition on service and method, or null where the match names neither. */
    static @Nullable PathCriterion of(GrpcMatch match) {
        String service = match.serviceName();
        return service == null ? null : new GrpcCall(service, match.methodName());
    }

    Rank rank() {
        return rank;
    }

    /**
     * Returns the path itself for {@link Rank#EXACT}, else a text that every path that matches begins with, possibly empty.
     */
    String key() {
        return key;
    }

    @Override
    public final boolean test(MeshRequest request, @Nullable String path) {
        return path == null || matches(path);
    }

    abstract boolean matches(String path);

    @Override
    public final String mismatch(MeshRequest request, @Nullable String path) {
        return path == null ? describe() : mismatch(path);
    }

    abstract String mismatch(String path);

    private static final class Exact extends PathCriterion {
        Exact(String path) {
            super(Rank.EXACT, path);
        }

        @Override
        boolean matches(String path) {
            return path.equals(key());
        }

        @Override
        public String describe() {
            return "path is " + key();
        }

        @Override
        String mismatch(String path) {
            return "path is not " + key();
        }
    }

    private static final class Prefix extends PathCriterion {
        Prefix(String prefix) {
            super(Rank.PREFIX, prefix);
        }

        @Override
        boolean matches(String path) {
            return path.startsWith(key());
        }

        @Override
        public String describe() {
            return "path starts with " + key();
        }

        @Override
        String mismatch(String path) {
            return "path does not start with " + key();
        }
    }

    private static final class Matching extends PathCriterion {
        private final Regex regex;

        Matching(Regex regex) {
            super(Rank.REGEX, regex.literalPrefix());
            this.regex = regex;
        }

        @Override
        boolean matches(String path) {
            return regex.matches(path);
        }

        @Override
        public String describe() {
            return "path matches " + regex.text();
        }

        @Override
        String mismatch(String path) {
            return "path does not match " + regex.text();
        }
    }

    /** Service is the text between the first two slashes of the path, method all that follows. */
    private static final class GrpcCall extends PathCriterion {
        private final String service;
        private final @Nullable String method;

        GrpcCall(String service, @Nullable String method) {
            super(
                    method == null ? Rank.PREFIX : Rank.EXACT,
                    method == null ? "/" + service + "/" : "/" + service + "/" + method);
            this.service = service;
            this.method = method;
        }

        @Override
        boolean matches(String path) {
            // A slash within the name could only match across the second slash, which ends the service.
            return (method == null ? path.startsWith(key()) : path.equals(key())) && service.indexOf('/') < 0;
        }

        @Override
        public String describe() {
            return "gRPC service is " + service + (method == null ? "" : " and method is " + method);
        }

        @Override
        String mismatch(String path) {
            return "call is to " + path + ", not to " + key() + (method == null ? "…" : "");
        }
    }
}
