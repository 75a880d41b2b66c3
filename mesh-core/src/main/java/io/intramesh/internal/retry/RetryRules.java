package io.intramesh.internal.retry;

import io.intramesh.model.RetryPolicy;
import io.intramesh.model.RetryPolicy.GrpcEvent;
import io.intramesh.model.RetryPolicy.HttpEvent;
import io.intramesh.model.RetryPolicy.TcpEvent;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * A retry policy as Envoy would have run it for App Mesh [1]: each event of the policy stands for statuses, gRPC statuses and
 * ways to be lost. server-error and gateway-error take in every loss, a refused stream and a failed connect included, since
 * Envoy's 5xx and gateway-error do [2]. A request may add events and change the number of retries by Envoy's own headers
 * (RT-11).
 *
 * [1] App Mesh API reference, HttpRetryPolicy and GrpcRetryPolicy; notes of the model, section 4.4.
 * [2] Envoy documentation, router filter, x-envoy-retry-on.
 */

/** What a call may send again, and how often. Immutable. */
public final class RetryRules {
    /** Requests may name events here, beyond those of the policy; comma-separated. */
    public static final String RETRY_ON_HEADER = "x-envoy-retry-on";

    /** Requests may name gRPC statuses here. */
    public static final String RETRY_GRPC_ON_HEADER = "x-envoy-retry-grpc-on";

    /** Requests may say here how often they may be sent again. */
    public static final String MAX_RETRIES_HEADER = "x-envoy-max-retries";

    /** Requests may name further statuses here, which count with {@code retriable-status-codes}. */
    public static final String STATUSES_HEADER = "x-envoy-retriable-status-codes";

    /** As many as App Mesh's default policy made. */
    public static final int DEFAULT_MAX_RETRIES = 2;

    private static final int SERVER_ERROR = 1;
    private static final int GATEWAY_ERROR = 1 << 1;
    private static final int CONFLICT = 1 << 2;
    private static final int UNAVAILABLE = 1 << 3;
    private static final int NOT_CONNECTED = 1 << 4;
    private static final int REFUSED = 1 << 5;
    private static final int RESET = 1 << 6;
    private static final int STATUSES = 1 << 7;
    private static final int LOSSES = NOT_CONNECTED | REFUSED | RESET;

    /** gRPC statuses, by their number, stand above the other events. */
    private static final int GRPC_SHIFT = 8;

    /** What holds where nobody wrote a policy, and where a virtual node is the provider. */
    private static final RetryRules DEFAULT =
            new RetryRules(false, DEFAULT_MAX_RETRIES, UNAVAILABLE | LOSSES | grpc(GrpcEvent.UNAVAILABLE), Set.of());

    private final boolean isWritten;
    private final long maxRetries;
    private final int events;
    private final Set<Integer> statuses;

    private RetryRules(boolean isWritten, long maxRetries, int events, Set<Integer> statuses) {
        this.isWritten = isWritten;
        this.maxRetries = maxRetries;
        this.events = events;
        this.statuses = statuses;
    }

    /** Returns the rules of a policy; null means App Mesh's default policy. */
    public static RetryRules of(@Nullable RetryPolicy policy) {
        if (policy == null) {
            return DEFAULT;
        }
        int events = 0;
        for (HttpEvent event : policy.httpRetryEvents()) {
            events |= switch (event) {
                case SERVER_ERROR -> SERVER_ERROR | LOSSES;
                case GATEWAY_ERROR -> GATEWAY_ERROR | LOSSES;
                case CLIENT_ERROR -> CONFLICT;
                case STREAM_ERROR -> REFUSED;
            };
        }
        if (policy.tcpRetryEvents().contains(TcpEvent.CONNECTION_ERROR)) {
            events |= NOT_CONNECTED;
        }
        for (GrpcEvent event : policy.grpcRetryEvents()) {
            events |= grpc(event);
        }
        return new RetryRules(true, policy.maxRetries(), events, Set.of());
    }

    /** Returns the limit of each attempt until its answer begins, in nanoseconds; 0 for none. */
    public static long perTryNanos(@Nullable RetryPolicy policy) {
        if (policy == null) {
            return 0;
        }
        Duration limit = policy.perRetryTimeout();
        // Beyond 292 years nothing is limited.
        return limit.toSeconds() > Integer.MAX_VALUE ? 0 : limit.toNanos();
    }

    /**
     * Returns these rules with what a request adds to them, by Envoy's headers; null where it says nothing. Words that Envoy
     * knows and an in-process mesh has no use for are passed over, as Envoy passes over words unknown to it.
     */
    public RetryRules with(
            @Nullable String retryOn,
            @Nullable String retryGrpcOn,
            @Nullable String maxRetriesText,
            @Nullable String statusesText) {
        if (retryOn == null && retryGrpcOn == null && maxRetriesText == null && statusesText == null) {
            return this;
        }
        int added = events;
        for (String word : words(retryOn)) {
            added |= event(word);
        }
        for (String word : words(retryGrpcOn)) {
            for (GrpcEvent event : GrpcEvent.values()) {
                added |= event.text().equals(word) ? grpc(event) : 0;
            }
        }
        Set<Integer> named = new HashSet<>(statuses);
        for (String word : words(statusesText)) {
            int status = (int) number(word, 999);
            if (status >= 0) {
                named.add(status);
            }
        }
        long max = maxRetriesText == null ? -1 : number(maxRetriesText.trim(), Integer.MAX_VALUE);
        boolean asksForMore = retryOn != null || retryGrpcOn != null;
        return new RetryRules(isWritten || asksForMore, max < 0 ? maxRetries : max, added, Set.copyOf(named));
    }

    /** Tells whether somebody wrote these rules down: then they mean what they say, for every method (RT-09). */
    public boolean isWritten() {
        return isWritten;
    }

    /** Returns how many attempts may follow the first. */
    public long maxRetries() {
        return maxRetries;
    }

    /** Tells whether an answer with that HTTP status is one to try again. */
    public boolean takesStatus(int status) {
        return (has(SERVER_ERROR) && isServerError(status))
                || (has(GATEWAY_ERROR) && status >= 502 && status <= 504)
                || (has(UNAVAILABLE) && status == 503)
                || (has(CONFLICT) && status == 409)
                || (has(STATUSES) && statuses.contains(status));
    }

    /** Tells whether any gRPC status is one to try again: only then it is worth looking for. */
    public boolean takesGrpc() {
        return events >>> GRPC_SHIFT != 0;
    }

    /** Tells whether an answer with that {@code grpc-status} in its headers is one to try again; null means none is there. */
    public boolean takesGrpcStatus(@Nullable String grpcStatus) {
        int status = grpcStatus == null ? -1 : (int) number(grpcStatus, 16);
        return status >= 0 && has(1 << (GRPC_SHIFT + status));
    }

    /** Tells whether an attempt that was lost in that way is one to try again. */
    public boolean takes(Loss loss) {
        return has(
                switch (loss) {
                    case NOT_CONNECTED -> NOT_CONNECTED;
                    case REFUSED -> REFUSED;
                    case RESET -> RESET;
                });
    }

    private boolean has(int event) {
        return (events & event) != 0;
    }

    /** App Mesh's list, which leaves out 509 since nobody registered it. */
    private static boolean isServerError(int status) {
        return status >= 500 && status <= 511 && status != 509;
    }

    private static int grpc(GrpcEvent event) {
        return 1 << (GRPC_SHIFT + event.status());
    }

    private static int event(String word) {
        return switch (word) {
            case "5xx" -> SERVER_ERROR | LOSSES;
            case "gateway-error" -> GATEWAY_ERROR | LOSSES;
            case "reset" -> LOSSES;
            case "connect-failure" -> NOT_CONNECTED;
            case "refused-stream" -> REFUSED;
            case "retriable-4xx" -> CONFLICT;
            case "retriable-status-codes" -> STATUSES;
            default -> 0;
        };
    }

    private static String[] words(@Nullable String list) {
        if (list == null) {
            return new String[0];
        }
        String[] words = list.split(",", -1);
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].trim();
        }
        return words;
    }

    /** Returns a number from 0 to the bound, or -1 where the text is none. */
    private static long number(String text, long bound) {
        if (text.isEmpty() || text.length() > 10) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + (digit - '0');
        }
        return number <= bound ? number : -1;
    }
}
