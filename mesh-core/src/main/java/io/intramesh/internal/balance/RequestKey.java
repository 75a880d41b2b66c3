package io.intramesh.internal.balance;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.LoadBalancing.HashKey;
import org.jspecify.annotations.Nullable;

/** Turns the part of a request that decides where it goes into a number, the same in every process. */
final class RequestKey {
    /** Stands for a request without the key. A key that hashes to it, one of 2^64, is taken for none. */
    static final long NONE = 0;

    private static final String COOKIE_HEADER = "cookie";

    private final HashKey key;
    private final long source;

    /**
     * @param source stands for this process
     */
    RequestKey(HashKey key, long source) {
        this.key = key;
        this.source = source;
    }

    long of(MeshRequest request) {
        if (key instanceof HashKey.Header header) {
            String value = request.header(header.name());
            return value == null ? NONE : Hash.of(value, 0, value.length());
        }
        if (key instanceof HashKey.Cookie cookie) {
            return ofCookie(request.header(COOKIE_HEADER), cookie.name());
        }
        return source;
    }

    /**
     * Finds the value in {@code a=b; c=d} (RFC 6265, section 5.4). Several header lines, which HTTP/2 allows, arrive joined by
     * commas; no cookie name or value holds one.
     */
    private static long ofCookie(@Nullable String header, String name) {
        if (header == null) {
            return NONE;
        }
        int length = header.length();
        int start = 0;
        while (start < length) {
            int end = start;
            while (end < length && header.charAt(end) != ';' && header.charAt(end) != ',') {
                end++;
            }
            int from = start;
            while (from < end && header.charAt(from) == ' ') {
                from++;
            }
            int equals = from + name.length();
            if (equals < end && header.charAt(equals) == '=' && header.startsWith(name, from)) {
                int to = end;
                while (to > equals + 1 && header.charAt(to - 1) == ' ') {
                    to--;
                }
                return Hash.of(header, equals + 1, to);
            }
            start = end + 1;
        }
        return NONE;
    }
}
