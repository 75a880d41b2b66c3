package io.intramesh.okhttp;

import java.net.ProtocolException;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which OkHttp follows redirects, applied above the mesh: OkHttp itself would stay with the endpoint of the
 * first request, whatever host the redirect names.
 */
final class Redirects {
    /** OkHttp's own limit. */
    static final int LIMIT = 20;

    private Redirects() {}

    /**
     * Returns the request that a response asks for, or null where the response is the answer.
     *
     * @param followed redirects of this call so far
     * @throws ProtocolException when there are too many of them
     */
    static @Nullable Request next(OkHttpClient client, Request request, Response response, int followed)
            throws ProtocolException {
        if (!isRedirect(response.code()) || !client.followRedirects()) {
            return null;
        }
        String location = response.header("Location");
        HttpUrl url = location == null ? null : request.url().resolve(location);
        if (url == null || !(url.scheme().equals(request.url().scheme()) || client.followSslRedirects())) {
            return null;
        }
        Request next = request(request, response.code(), url);
        RequestBody body = next.body();
        if (body != null && (body.isOneShot() || body.isDuplex())) {
            return null;
        }
        if (followed == LIMIT) {
            throw new ProtocolException("Too many follow-up requests: " + (LIMIT + 1));
        }
        return next;
    }

    /** Returns a response that remembers the one before it, as {@link Response#priorResponse} tells it. */
    static Response after(@Nullable Response prior, Response response) {
        if (prior == null || response.priorResponse() != null) {
            return response;
        }
        return response.newBuilder().priorResponse(prior).build();
    }

    /** Returns a response without its body, to be remembered. */
    static Response stripped(Response response, @Nullable Response prior) {
        return response.newBuilder()
                .body(ResponseBody.create(new byte[0], null))
                .priorResponse(prior)
                .build();
    }

    private static Request request(Request request, int status, HttpUrl url) {
        Request.Builder next = request.newBuilder().url(url);
        String method = request.method();
        boolean permitsBody = !method.equals("GET") && !method.equals("HEAD");
        if (permitsBody && becomesGet(method, status)) {
            next.method("GET", null)
                    .removeHeader("Transfer-Encoding")
                    .removeHeader("Content-Length")
                    .removeHeader("Content-Type");
        }
        HttpUrl from = request.url();
        if (!(from.host().equals(url.host())
                && from.port() == url.port()
                && from.scheme().equals(url.scheme()))) {
            next.removeHeader("Authorization");
        }
        return next.build();
    }

    private static boolean isRedirect(int status) {
        return switch (status) {
            case 300, 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    private static boolean becomesGet(String method, int status) {
        return switch (status) {
            case 303 -> !method.equals("PROPFIND");
            case 307, 308 -> false;
            default -> !method.equals("PROPFIND") && !method.equals("QUERY");
        };
    }
}
