package io.intramesh.internal.pipeline;

/** What a gRPC status says about the server, by the HTTP status that it maps to (OD-03). */
final class GrpcStatus {
    /** Header, or trailer, that carries the status. */
    static final String HEADER = "grpc-status";

    private GrpcStatus() {}

    /** Tells whether it maps to 500 or more: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
    static boolean isServerError(String status) {
        return switch (status) {
            case "2", "4", "12", "13", "14", "15" -> true;
            default -> false;
        };
    }

    /** Returns the name of a status that is a server error, and others as they are. */
    static String name(String status) {
        return switch (status) {
            case "2" -> "UNKNOWN";
            case "4" -> "DEADLINE_EXCEEDED";
            case "12" -> "UNIMPLEMENTED";
            case "13" -> "INTERNAL";
            case "14" -> "UNAVAILABLE";
            case "15" -> "DATA_LOSS";
            default -> status;
        };
    }
}
