package io.intramesh.cli;

import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.HttpMethod;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a request as people type it: {@code GET http://payments.local/beta?id=1 -H 'k: v'}. */
final class TypedRequest {
    private TypedRequest() {}

    /** Returns a builder for that request. A URL without a scheme leaves the scheme open. */
    static ExplainRequest.Builder parse(String method, String url, List<String> headers) throws BadInputException {
        String scheme = scheme(url);
        String rest = scheme == null ? url : url.substring(scheme.length() + "://".length());
        int end = endOfAuthority(rest);
        if (rest.substring(0, end).indexOf('@') >= 0) {
            throw new BadInputException("URL: '" + url + "' names a user (expected: host and path only)");
        }
        Authority authority = Authority.parse(rest.substring(0, end));

        ExplainRequest.Builder request =
                ExplainRequest.builder(authority.host()).method(method(method)).path(path(rest.substring(end)));
        if (scheme != null) {
            request.scheme(scheme.toLowerCase(Locale.ROOT));
        }
        if (authority.port() >= 0) {
            request.port(authority.port());
        } else if (scheme != null) {
            request.impliedPort(scheme.equalsIgnoreCase("https") ? 443 : 80);
        }
        for (String header : headers) {
            header(request, header);
        }
        return request;
    }

    private static @Nullable String scheme(String url) throws BadInputException {
        int end = url.indexOf("://");
        if (end < 0 || endOfAuthority(url) < end) {
            return null;
        }
        String scheme = url.substring(0, end);
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw new BadInputException(
                    "URL: scheme '" + scheme + "' (expected: http or https; --protocol tells grpc from http)");
        }
        return scheme;
    }

    private static int endOfAuthority(String text) {
        int end = 0;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    private static String method(String method) throws BadInputException {
        if (!isToken(method)) {
            throw new BadInputException("METHOD: '" + method + "' (expected: a word, such as GET)");
        }
        String capitals = method.toUpperCase(Locale.ROOT);
        // Methods tell case apart, so 'get' would match no route that asks for GET; nobody who types it wants to learn
        // that.
        for (HttpMethod known : HttpMethod.values()) {
            if (known.name().equals(capitals) && !method.equals(capitals)) {
                throw new BadInputException("METHOD: '" + method + "' (expected: " + capitals + ", in capitals)");
            }
        }
        return method;
    }

    private static String path(String pathAndQuery) throws BadInputException {
        int fragment = pathAndQuery.indexOf('#');
        // A fragment never leaves the browser.
        String sent = fragment < 0 ? pathAndQuery : pathAndQuery.substring(0, fragment);
        if (!sent.startsWith("/")) {
            sent = "/" + sent;
        }
        return checkedPath(sent);
    }

    /** Returns the path with its query, if a request line can carry it. */
    static String checkedPath(String path) throws BadInputException {
        if (!path.startsWith("/")) {
            throw new BadInputException("path: '" + path + "' (expected: starts with '/')");
        }
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) <= ' ' || path.charAt(i) == 0x7f) {
                throw new BadInputException("path: '" + path + "' has a blank or control character at " + (i + 1)
                        + " (expected: encoded, such as %20)");
            }
        }
        return path;
    }

    private static void header(ExplainRequest.Builder request, String line) throws BadInputException {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new BadInputException("-H '" + line + "': no colon (expected: -H 'name: value')");
        }
        header(
                request,
                line.substring(0, colon).strip(),
                line.substring(colon + 1).strip());
    }

    /** Adds a header, if a request can carry it. */
    static void header(ExplainRequest.Builder request, String name, String value) throws BadInputException {
        if (!isToken(name)) {
            throw new BadInputException("header '" + name + "' (expected: a name of letters, digits and -)");
        }
        if (name.equalsIgnoreCase("host")) {
            throw new BadInputException("header '" + name + "': the host is named by the URL (or the key host)");
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new BadInputException("header '" + name + "': its value has a control character");
        }
        request.header(name, value);
    }

    // RFC 9110, section 5.6.2.
    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }
}
