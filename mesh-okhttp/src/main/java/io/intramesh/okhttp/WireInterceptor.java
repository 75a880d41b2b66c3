package io.intramesh.okhttp;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The outermost network interceptor of every attempt. Here, below cookies and cache and without touching the request that
 * the application sees, the attempt's headers and path go in.
 *
 * <p>It also keeps OkHttp from sending a request again by itself on {@code 503} with {@code Retry-After: 0}, which it does
 * even where retries are switched off: the header passes OkHttp in a form that it does not act on, and
 * {@link #released(Response)} restores it. (The same on {@code 408} does heed {@code retryOnConnectionFailure(false)}.)
 */
final class WireInterceptor implements Interceptor {
    static final WireInterceptor INSTANCE = new WireInterceptor();

    private static final String RETRY_AFTER = "Retry-After";
    private static final String HELD = "; held by intramesh";
    private static final int UNAVAILABLE = 503;

    private WireInterceptor() {}

    @Override
    public Response intercept(Chain chain) throws IOException {
        AttemptCall attempt = AttemptCall.of(chain);
        Request request = chain.request();
        if (attempt != null) {
            attempt.check(chain.connection());
            attempt.checkKept(chain.connection());
        }
        Response response = chain.proceed(attempt == null ? request : attempt.dressed(request));
        String retryAfter = response.code() == UNAVAILABLE ? response.header(RETRY_AFTER) : null;
        return retryAfter == null
                ? response
                : response.newBuilder().header(RETRY_AFTER, retryAfter + HELD).build();
    }

    /** Returns the response as the peer sent it. */
    static Response released(Response response) {
        if (response.code() != UNAVAILABLE) {
            return response;
        }
        Response released = withRetryAfter(response);
        Response network = response.networkResponse();
        Response releasedNetwork = network == null ? null : withRetryAfter(network);
        return releasedNetwork == network
                ? released
                : released.newBuilder().networkResponse(releasedNetwork).build();
    }

    private static Response withRetryAfter(Response response) {
        @Nullable String held = response.header(RETRY_AFTER);
        if (held == null || !held.endsWith(HELD)) {
            return response;
        }
        return response.newBuilder()
                .header(RETRY_AFTER, held.substring(0, held.length() - HELD.length()))
                .build();
    }
}
