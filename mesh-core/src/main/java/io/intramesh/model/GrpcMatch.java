package io.intramesh.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a grpc route, or gateway route, asks of a call. Everything given must hold; nothing given matches all.
 *
 * @param serviceName fully qualified protobuf service
 * @param methodName needs {@code serviceName}; routes only
 * @param hostname gateway routes only
 * @param port port that the caller dialled
 */
public record GrpcMatch(
        @Nullable String serviceName,
        @Nullable String methodName,
        @Nullable HostnameMatch hostname,
        @Nullable Integer port,
        List<HeaderMatch> metadata) {
    /** Matches every call. */
    public static final GrpcMatch ALL = new GrpcMatch(null, null, null, null, List.of());

    /** Longest method name that App Mesh takes. */
    public static final int MAX_METHOD_LENGTH = 50;

    public GrpcMatch {
        Checks.require(
                methodName == null || serviceName != null,
                "methodName: '" + methodName + "' (expected: together with serviceName)");
        if (methodName != null) {
            Checks.length("methodName", methodName, 1, MAX_METHOD_LENGTH);
        }
        Checks.port("port", port);
        metadata = Checks.size("metadata", metadata, 0, HttpMatch.MAX_CONDITIONS);
    }
}
