package io.intramesh.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request without the headers by which a caller could pass itself off as somebody: {@code X-Forwarded-Client-Cert}, by which
 * Envoy told its application who calls, and took off itself what came from outside; and {@code x-mesh-*}, which the mesh only
 * ever writes on responses.
 */
final class CleanedRequest extends HttpServletRequestWrapper {
    private static final String CLIENT_CERTIFICATE_HEADER = "x-forwarded-client-cert";
    private static final String MESH_PREFIX = "x-mesh-";

    CleanedRequest(HttpServletRequest request) {
        super(request);
    }

    @Override
    public @Nullable String getHeader(String name) {
        return isHidden(name) ? null : super.getHeader(name);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        Enumeration<String> all = super.getHeaderNames();
        List<String> names = new ArrayList<>();
        while (all.hasMoreElements()) {
            String name = all.nextElement();
            if (!isHidden(name)) {
                names.add(name);
            }
        }
        return Collections.enumeration(names);
    }

    @Override
    public int getIntHeader(String name) {
        return isHidden(name) ? -1 : super.getIntHeader(name);
    }

    @Override
    public long getDateHeader(String name) {
        return isHidden(name) ? -1 : super.getDateHeader(name);
    }

    /** Most names are dismissed by their first letters. */
    private static boolean isHidden(@Nullable String name) {
        return name != null
                && name.regionMatches(true, 0, "x-", 0, 2)
                && (name.regionMatches(true, 0, MESH_PREFIX, 0, MESH_PREFIX.length())
                        || name.equalsIgnoreCase(CLIENT_CERTIFICATE_HEADER));
    }
}
