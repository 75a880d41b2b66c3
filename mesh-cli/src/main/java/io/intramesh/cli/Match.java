package io.intramesh.cli;

import io.intramesh.model.GatewayRoute;
import io.intramesh.model.GrpcMatch;
import io.intramesh.model.HeaderMatch;
import io.intramesh.model.HostnameMatch;
import io.intramesh.model.HttpMatch;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.HttpScheme;
import io.intramesh.model.PathMatch;
import io.intramesh.model.Protocol;
import io.intramesh.model.QueryParameterMatch;
import io.intramesh.model.Route;
import io.intramesh.model.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a route asks of a request, in a form in which equal meaning is equal: no condition on the path is the prefix
 * {@code /}, the names of headers and hosts are in lower case, and the order of conditions does not count.
 *
 * @param service gRPC only; null for any
 * @param method HTTP method; null for any
 * @param call gRPC method; null for any
 * @param port null for any
 */
record Match(
        Protocol protocol,
        @Nullable HostnameMatch host,
        PathMatch path,
        @Nullable HttpMethod method,
        @Nullable HttpScheme scheme,
        @Nullable Integer port,
        List<HeaderMatch> headers,
        List<QueryParameterMatch> queryParameters,
        @Nullable String service,
        @Nullable String call) {
    private static final PathMatch ANY_PATH = new PathMatch.Prefix("/");

    /** Returns the match of a route. */
    static Match of(Route.Spec spec) {
        if (spec instanceof Route.Http http) {
            return http(http.protocol(), http.match());
        }
        return spec instanceof Route.Grpc grpc
                ? grpc(grpc.match())
                : new Match(Protocol.TCP, null, ANY_PATH, null, null, spec.port(), List.of(), List.of(), null, null);
    }

    /** Returns the match of a gateway route. */
    static Match of(GatewayRoute.Spec spec) {
        return spec instanceof GatewayRoute.Http http
                ? http(http.protocol(), http.match())
                : grpc(((GatewayRoute.Grpc) spec).match());
    }

    private static Match http(Protocol protocol, HttpMatch match) {
        PathMatch path = match.path();
        return new Match(
                protocol,
                host(match.hostname()),
                path == null ? ANY_PATH : path,
                match.method(),
                match.scheme(),
                match.port(),
                headers(match.headers()),
                match.queryParameters().stream()
                        .distinct()
                        .sorted((one, other) -> one.toString().compareTo(other.toString()))
                        .toList(),
                null,
                null);
    }

    private static Match grpc(GrpcMatch match) {
        return new Match(
                Protocol.GRPC,
                host(match.hostname()),
                ANY_PATH,
                null,
                null,
                match.port(),
                headers(match.metadata()),
                List.of(),
                match.serviceName(),
                match.methodName());
    }

    private static List<HeaderMatch> headers(List<HeaderMatch> headers) {
        return headers.stream()
                .map(header -> new HeaderMatch(header.name().toLowerCase(Locale.ROOT), header.match(), header.invert()))
                .distinct()
                .sorted((one, other) -> one.toString().compareTo(other.toString()))
                .toList();
    }

    private static @Nullable HostnameMatch host(@Nullable HostnameMatch host) {
        if (host instanceof HostnameMatch.Exact exact) {
            return new HostnameMatch.Exact(exact.hostname().toLowerCase(Locale.ROOT));
        }
        return host instanceof HostnameMatch.Suffix suffix
                ? new HostnameMatch.Suffix(suffix.suffix().toLowerCase(Locale.ROOT))
                : null;
    }

    /** Returns this match without its port where that is the only one there is. */
    Match onOnly(@Nullable Integer onlyPort) {
        return port == null || !port.equals(onlyPort)
                ? this
                : new Match(protocol, host, path, method, scheme, null, headers, queryParameters, service, call);
    }

    /** Tells whether this surely takes every request that the other takes. False means: not surely. */
    boolean covers(Match other) {
        return protocol == other.protocol
                && (port == null || port.equals(other.port))
                && (method == null || method == other.method)
                && (scheme == null || scheme == other.scheme)
                && (service == null || service.equals(other.service))
                && (call == null || call.equals(other.call))
                && coversHost(other.host)
                && coversPath(other.path)
                && headers.stream().allMatch(header -> isImplied(header, other.headers))
                && other.queryParameters.containsAll(queryParameters);
    }

    // Every condition on a value asks for presence, too.
    private static boolean isImplied(HeaderMatch header, List<HeaderMatch> given) {
        return given.contains(header)
                || (header.match() == null
                        && !header.invert()
                        && given.stream().anyMatch(other -> other.name().equals(header.name()) && !isAbsence(other)));
    }

    private boolean coversHost(@Nullable HostnameMatch other) {
        if (host == null || host.equals(other)) {
            return true;
        }
        String end = host instanceof HostnameMatch.Suffix suffix ? suffix.suffix() : null;
        return end != null && other != null && text(other).endsWith(end);
    }

    private boolean coversPath(PathMatch other) {
        if (path.equals(other) || path.equals(ANY_PATH)) {
            return true;
        }
        return path instanceof PathMatch.Prefix prefix
                && !(other instanceof PathMatch.Regex)
                && text(other).startsWith(prefix.prefix());
    }

    /** Tells whether surely no request is taken by both. False means: not surely. */
    boolean isApartFrom(Match other) {
        return protocol != other.protocol
                || differ(port, other.port)
                || differ(method, other.method)
                || differ(scheme, other.scheme)
                || differ(service, other.service)
                || differ(call, other.call)
                || isHostApart(other.host)
                || isPathApart(other.path)
                || isAnyHeaderApart(other.headers)
                || isAnyQueryApart(other.queryParameters);
    }

    private static boolean differ(@Nullable Object one, @Nullable Object other) {
        return one != null && other != null && !one.equals(other);
    }

    private boolean isHostApart(@Nullable HostnameMatch other) {
        if (host == null || other == null) {
            return false;
        }
        String one = text(host);
        String two = text(other);
        boolean isOneExact = host instanceof HostnameMatch.Exact;
        boolean isOtherExact = other instanceof HostnameMatch.Exact;
        if (isOneExact || isOtherExact) {
            return (isOneExact && isOtherExact)
                    ? !one.equals(two)
                    : isOneExact ? !one.endsWith(two) : !two.endsWith(one);
        }
        return !one.endsWith(two) && !two.endsWith(one);
    }

    private boolean isPathApart(PathMatch other) {
        if (path instanceof PathMatch.Regex || other instanceof PathMatch.Regex) {
            return false;
        }
        String one = text(path);
        String two = text(other);
        boolean isOneExact = path instanceof PathMatch.Exact;
        boolean isOtherExact = other instanceof PathMatch.Exact;
        if (isOneExact || isOtherExact) {
            return (isOneExact && isOtherExact)
                    ? !one.equals(two)
                    : isOneExact ? !one.startsWith(two) : !two.startsWith(one);
        }
        return !one.startsWith(two) && !two.startsWith(one);
    }

    private boolean isAnyHeaderApart(List<HeaderMatch> others) {
        return headers.stream().anyMatch(one -> others.stream().anyMatch(other -> isApart(one, other)));
    }

    private static boolean isApart(HeaderMatch one, HeaderMatch other) {
        if (!one.name().equals(other.name())) {
            return false;
        }
        if (isAbsence(one) || isAbsence(other)) {
            return isAbsence(one) != isAbsence(other);
        }
        if (one.match() == null || other.match() == null) {
            return false;
        }
        if (one.invert() != other.invert()) {
            return one.match().equals(other.match());
        }
        return !one.invert()
                && one.match() instanceof ValueMatch.Exact exact
                && other.match() instanceof ValueMatch.Exact otherExact
                && !exact.value().equals(otherExact.value());
    }

    private static boolean isAbsence(HeaderMatch header) {
        return header.match() == null && header.invert();
    }

    private boolean isAnyQueryApart(List<QueryParameterMatch> others) {
        return queryParameters.stream()
                .anyMatch(one -> others.stream()
                        .anyMatch(other -> one.name().equals(other.name()) && differ(one.exact(), other.exact())));
    }

    private static String text(HostnameMatch host) {
        return host instanceof HostnameMatch.Exact exact ? exact.hostname() : ((HostnameMatch.Suffix) host).suffix();
    }

    private static String text(PathMatch path) {
        if (path instanceof PathMatch.Prefix prefix) {
            return prefix.prefix();
        }
        return path instanceof PathMatch.Exact exact ? exact.path() : ((PathMatch.Regex) path).pattern();
    }

    /** Returns the match in the words of the field: {@code GET /beta with header x-user = 7}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (method != null) {
            text.append(method.name()).append(' ');
        }
        if (scheme != null) {
            text.append(scheme.text()).append("://");
        }
        if (host != null) {
            text.append(host instanceof HostnameMatch.Suffix ? "*" : "").append(text(host));
        }
        text.append(destination());
        List<String> conditions = new ArrayList<>();
        String term = protocol == Protocol.GRPC ? "metadata " : "header ";
        headers.forEach(header -> conditions.add(term + text(header)));
        queryParameters.forEach(parameter -> conditions.add(
                "query " + parameter.name() + (parameter.exact() == null ? "" : " = " + parameter.exact())));
        if (!conditions.isEmpty()) {
            text.append(" with ").append(String.join(" and ", conditions));
        }
        if (port != null) {
            text.append(" on port ").append(port);
        }
        return text.append(protocol == Protocol.HTTP2 ? " (http2)" : "").toString();
    }

    private String destination() {
        if (protocol == Protocol.TCP) {
            return "tcp";
        }
        if (protocol == Protocol.GRPC) {
            String called = service == null ? "any gRPC call" : service + "/" + (call == null ? "*" : call);
            return host == null ? called : " " + called;
        }
        if (path instanceof PathMatch.Regex regex) {
            return "~" + regex.pattern();
        }
        return text(path) + (path instanceof PathMatch.Exact ? " (exact)" : "");
    }

    static String text(HeaderMatch header) {
        ValueMatch match = header.match();
        if (match == null) {
            return header.name() + (header.invert() ? " absent" : " present");
        }
        String operator;
        String value;
        if (match instanceof ValueMatch.Exact exact) {
            operator = "=";
            value = exact.value();
        } else if (match instanceof ValueMatch.Prefix prefix) {
            operator = "starting with";
            value = prefix.value();
        } else if (match instanceof ValueMatch.Suffix suffix) {
            operator = "ending with";
            value = suffix.value();
        } else if (match instanceof ValueMatch.Regex regex) {
            operator = "~";
            value = regex.pattern();
        } else {
            ValueMatch.Range range = (ValueMatch.Range) match;
            operator = "from";
            value = range.start() + " to below " + range.end();
        }
        return header.name() + (header.invert() ? " not " : " ") + operator + " " + value;
    }
}
