package io.intramesh.servlet;

import io.intramesh.call.MeshRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/** A servlet request as the mesh sees it. Copies nothing: each question goes to the container. */
final class ServletMeshRequest implements MeshRequest {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final HttpServletRequest request;

    ServletMeshRequest(HttpServletRequest request) {
        this.request = request;
    }

    @Override
    public @Nullable String method() {
        return request.getMethod();
    }

    @Override
    public @Nullable String scheme() {
        return request.getScheme();
    }

    /** Returns the Host header's or {@code :authority}'s name, as the container resolved it. */
    @Override
    public String host() {
        return request.getServerName();
    }

    @Override
    public int port() {
        return request.getServerPort();
    }

    @Override
    public boolean isPortImplied() {
        String host = request.getHeader("Host");
        if (host == null) {
            // HTTP/2 has :authority in its place, of which the container tells no more than name and port.
            return port() == ("https".equals(scheme()) ? HTTPS_PORT : HTTP_PORT);
        }
        // An IPv6 address has colons within its brackets.
        return host.indexOf(':', host.lastIndexOf(']') + 1) < 0;
    }

    /** Returns the path as sent, path parameters included: what an application's own view may cut off must not be hidden. */
    @Override
    public @Nullable String path() {
        return request.getRequestURI();
    }

    @Override
    public @Nullable String query() {
        return request.getQueryString();
    }

    @Override
    public @Nullable String header(String name) {
        // Most of what is asked for is not there, and this question makes no enumeration.
        if (request.getHeader(name) == null) {
            return null;
        }
        Enumeration<String> values = request.getHeaders(name);
        if (values == null || !values.hasMoreElements()) {
            return null;
        }
        String first = values.nextElement();
        if (!values.hasMoreElements()) {
            return first;
        }
        StringBuilder joined = new StringBuilder(first);
        while (values.hasMoreElements()) {
            joined.append(',').append(values.nextElement());
        }
        return joined.toString();
    }

    /** The container's own look-up, which joins nothing and makes no enumeration. */
    @Override
    public @Nullable String firstHeader(String name) {
        return request.getHeader(name);
    }

    /** False: what arrives is read once. */
    @Override
    public boolean isRepeatable() {
        return false;
    }
}
