package io.intramesh.spiffe;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the Workload API is served: {@code unix:///path} or {@code tcp://IP:port} [1], or a bare path as App Mesh's Envoy had it.
 *
 * <p>[1] SPIFFE, "The SPIFFE Workload Endpoint", §4.
 *
 * @param text as it was written, for messages
 */
record WorkloadSocket(String text, SocketAddress address) {
    /** [1], §4. */
    static final String VARIABLE = "SPIFFE_ENDPOINT_SOCKET";

    /** Where App Mesh's Envoy looked for the agent: a path without a scheme. */
    static final String APP_MESH_VARIABLE = "APPMESH_SDS_SOCKET_PATH";

    private static final String EXPECTED = " (expected: unix:///path/of.sock or tcp://127.0.0.1:8081, an IP address)";
    private static final Pattern IP_V4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** Returns the one that the environment names, or null. */
    static @Nullable String named(Map<String, String> environment) {
        String named = environment.get(VARIABLE);
        return named == null || named.isBlank() ? blankToNull(environment.get(APP_MESH_VARIABLE)) : named;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /**
     * @throws IllegalArgumentException when it is none
     */
    static WorkloadSocket parse(String text) {
        if (text.startsWith("/")) {
            return new WorkloadSocket(text, path(text, text));
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text);
        }
        boolean hasMore = uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null;
        if (hasMore || uri.isOpaque()) {
            throw wrong(text);
        }
        if ("unix".equals(uri.getScheme()) && uri.getRawAuthority() == null) {
            return new WorkloadSocket(text, path(uri.getPath(), text));
        }
        boolean hasPath = uri.getRawPath() != null && !uri.getRawPath().isEmpty();
        if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0 && !hasPath) {
            return new WorkloadSocket(text, new InetSocketAddress(ip(uri.getHost(), text), uri.getPort()));
        }
        throw wrong(text);
    }

    private static SocketAddress path(String path, String text) {
        if (path.length() < 2) {
            throw wrong(text);
        }
        try {
            return UnixDomainSocketAddress.of(path);
        } catch (InvalidPathException e) {
            throw wrong(text);
        }
    }

    /** No name: nothing may be looked up before there is an identity. */
    private static InetAddress ip(String host, String text) {
        if (!host.startsWith("[") && !IP_V4.matcher(host).matches()) {
            throw wrong(text);
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("socket: '" + text + "'" + EXPECTED);
    }

    @Override
    public String toString() {
        return text;
    }
}
