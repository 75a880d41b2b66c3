package io.intramesh.internal.document;

import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.HttpScheme;
import io.intramesh.model.PathMatch;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.ValueMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds what routes and gateway routes ask of a request. */
final class MatchBinder {
    private MatchBinder() {}

    /**
     * Binds the match of an http or http2 route. The API's documents say that a prefix or a path is needed; the API itself
     * took matches without (the multiple listeners walkthrough has one), and so do we: any path.
     */
    static @Nullable HttpMatch http(Fields fields, boolean gateway, boolean http2) {
        PathMatch path = path(fields);
        HostnameMatch hostname = gateway ? hostname(fields) : null;
        HttpMethod method = fields.choice("method", HttpMethod.values(), HttpMethod::name);
        HttpScheme scheme = null;
        if (!gateway && http2) {
            scheme = fields.choice("scheme", HttpScheme.values(), HttpScheme::text);
        } else if (!gateway && fields.has("scheme")) {
            fields.value("scheme");
            fields.error(
                    "scheme",
                    "stands in an " + fields.spell("httpRoute") + " (expected: only in " + fields.spell("http2Route")
                            + "); remove it");
        }
        Integer port = fields.keepPlace("port").port("port");
        List<HeaderMatch> headers = headers(fields, "headers");
        List<QueryParameterMatch> parameters =
                fields.list("queryParameters", 1, HttpMatch.MAX_CONDITIONS, fields.objects(MatchBinder::parameter));
        fields.end();
        HttpScheme schemeFound = scheme;
        return ifFits(headers, parameters)
                ? fields.build(() -> new HttpMatch(path, hostname, method, schemeFound, port, headers, parameters))
                : null;
    }

    /** Tells whether the lists keep their bounds; else that is reported already. */
    private static boolean ifFits(List<?> headers, List<?> parameters) {
        return headers.size() <= HttpMatch.MAX_CONDITIONS && parameters.size() <= HttpMatch.MAX_CONDITIONS;
    }

    private static @Nullable PathMatch path(Fields fields) {
        String member = fields.atMostOneOf("prefix", "path");
        if (member == null) {
            return null;
        }
        if (member.equals("prefix")) {
            String prefix = fields.text("prefix", 1, Integer.MAX_VALUE);
            if (prefix != null && !prefix.startsWith("/")) {
                fields.error("prefix", Words.quote(prefix) + " (expected: starts with '/')");
                return null;
            }
            return prefix == null ? null : new PathMatch.Prefix(prefix);
        }
        Fields union = fields.object("path");
        if (union == null) {
            return null;
        }
        PathMatch path = exactOrRegex(union);
        union.end();
        return path;
    }

    private static @Nullable PathMatch exactOrRegex(Fields union) {
        String member = union.oneOf("exact", "regex");
        if (member == null) {
            return null;
        }
        if (member.equals("exact")) {
            String exact = union.text("exact", 1, 255);
            return exact == null ? null : new PathMatch.Exact(exact);
        }
        String regex = union.requiredRegex("regex");
        return regex == null ? null : new PathMatch.Regex(regex);
    }

    /** Binds a condition on the path as our own policies write it: one of prefix, exact and regex. */
    static @Nullable PathMatch policyPath(Fields union) {
        String member = union.oneOf("prefix", "exact", "regex");
        PathMatch path = null;
        if (member != null && member.equals("prefix")) {
            String prefix = union.text("prefix", 1, Integer.MAX_VALUE);
            path = prefix == null ? null : union.build(() -> new PathMatch.Prefix(prefix));
        } else if (member != null) {
            path = exactOrRegex(union);
        }
        union.end();
        return path;
    }

    private static @Nullable HostnameMatch hostname(Fields fields) {
        Fields union = fields.object("hostname");
        if (union == null) {
            return null;
        }
        String member = union.oneOf("exact", "suffix");
        HostnameMatch hostname = null;
        if (member != null) {
            String text = union.text(member, 1, HostnameMatch.MAX_LENGTH);
            if (text != null) {
                hostname = member.equals("exact") ? new HostnameMatch.Exact(text) : new HostnameMatch.Suffix(text);
            }
        }
        union.end();
        return hostname;
    }

    static List<HeaderMatch> headers(Fields fields, String name) {
        return fields.list(name, 1, HttpMatch.MAX_CONDITIONS, fields.objects(MatchBinder::header));
    }

    private static @Nullable HeaderMatch header(Fields fields) {
        String name = fields.requiredText("name", 1, HeaderMatch.MAX_NAME_LENGTH);
        Fields union = fields.object("match");
        ValueMatch match = union == null ? null : valueMatch(union);
        boolean invert = fields.bool("invert", false);
        fields.end();
        return name == null ? null : new HeaderMatch(name, match, invert);
    }

    private static @Nullable ValueMatch valueMatch(Fields union) {
        String member = union.oneOf("exact", "prefix", "suffix", "regex", "range");
        ValueMatch match = null;
        if (member != null) {
            match = switch (member) {
                case "range" -> range(union);
                case "regex" -> {
                    String regex = union.requiredRegex("regex");
                    yield regex == null ? null : new ValueMatch.Regex(regex);
                }
                default -> {
                    String text = union.text(member, 1, ValueMatch.MAX_LENGTH);
                    yield text == null ? null : textMatch(member, text);
                }
            };
        }
        union.end();
        return match;
    }

    private static ValueMatch textMatch(String member, String text) {
        return switch (member) {
            case "exact" -> new ValueMatch.Exact(text);
            case "prefix" -> new ValueMatch.Prefix(text);
            default -> new ValueMatch.Suffix(text);
        };
    }

    private static @Nullable ValueMatch range(Fields union) {
        Fields fields = union.object("range");
        if (fields == null) {
            return null;
        }
        Long start = fields.requiredLong("start", Long.MIN_VALUE, Long.MAX_VALUE);
        Long end = fields.requiredLong("end", Long.MIN_VALUE, Long.MAX_VALUE);
        fields.end();
        if (start == null || end == null) {
            return null;
        }
        if (start >= end) {
            fields.error("start", start + " (expected: less than end, " + end + "); the range excludes its end");
            return null;
        }
        return new ValueMatch.Range(start, end);
    }

    private static @Nullable QueryParameterMatch parameter(Fields fields) {
        String name = fields.requiredText("name", 1, Integer.MAX_VALUE);
        Fields match = fields.object("match");
        String exact = null;
        if (match != null) {
            exact = match.requiredText("exact", 0, Integer.MAX_VALUE);
            match.end();
        }
        fields.end();
        return name == null ? null : new QueryParameterMatch(name, exact);
    }

    /** Binds the match of a grpc route or gateway route. */
    static @Nullable GrpcMatch grpc(Fields fields, boolean gateway) {
        String serviceName = fields.text("serviceName", 1, Integer.MAX_VALUE);
        String methodName = gateway ? null : fields.text("methodName", 1, GrpcMatch.MAX_METHOD_LENGTH);
        if (methodName != null && !fields.has("serviceName")) {
            fields.error(
                    "methodName",
                    Words.quote(methodName) + " (expected: together with " + fields.spell("serviceName") + "); add "
                            + fields.spell("serviceName"));
        }
        HostnameMatch hostname = gateway ? hostname(fields) : null;
        Integer port = fields.keepPlace("port").port("port");
        List<HeaderMatch> metadata = headers(fields, "metadata");
        fields.end();
        if ((methodName != null && serviceName == null) || !ifFits(metadata, List.of())) {
            return null;
        }
        return new GrpcMatch(serviceName, methodName, hostname, port, metadata);
    }
}
