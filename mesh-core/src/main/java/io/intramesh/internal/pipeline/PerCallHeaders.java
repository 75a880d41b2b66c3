package io.intramesh.internal.pipeline;

import java.util.Set;
import java.util.TreeSet;

/**
 * Envoy's request headers by which one call sets its own retries and time limits. They speak to the caller's side and end there, as
 * with Envoy, whose router takes off exactly these before it sends [1]: else the next hop would act on them once more.
 * {@code x-envoy-expected-rq-timeout-ms} speaks to the callee, and {@code x-request-id} to everybody.
 *
 * <p>[1] Envoy, source/common/router/router.cc (Filter::decodeHeaders, FilterUtility::finalTimeout) and retry_state_impl.cc
 * (RetryStateImpl::create).
 */
final class PerCallHeaders {
    private static final String PREFIX = "x-envoy-";

    private static final Set<String> NAMES = caseInsensitive(
            "x-envoy-retry-on",
            "x-envoy-retry-grpc-on",
            "x-envoy-max-retries",
            "x-envoy-retriable-status-codes",
            "x-envoy-retriable-header-names",
            "x-envoy-hedge-on-per-try-timeout",
            "x-envoy-upstream-rq-timeout-ms",
            "x-envoy-upstream-rq-per-try-timeout-ms",
            "x-envoy-upstream-rq-timeout-alt-response",
            "x-envoy-upstream-alt-stat-name");

    private PerCallHeaders() {}

    /** Tells whether a header is one of them. Most names are dismissed by their first letters. */
    static boolean isOne(String name) {
        return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) && NAMES.contains(name);
    }

    private static Set<String> caseInsensitive(String... names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(Set.of(names));
        return set;
    }
}
