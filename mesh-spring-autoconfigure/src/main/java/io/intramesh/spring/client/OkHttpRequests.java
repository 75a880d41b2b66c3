package io.intramesh.spring.client;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/** Translates requests and headers between Spring and OkHttp. */
final class OkHttpRequests {
    // OkHttp refuses these without a body.
    private static final Set<String> NEED_BODY = Set.of("POST", "PUT", "PATCH", "PROPPATCH", "REPORT", "QUERY");

    private OkHttpRequests() {}

    /** Begins a request; lets {@link HttpUrl} read the address, since it takes host names that {@link URI} does not. */
    static Request.Builder begin(URI uri, HttpHeaders headers) throws IOException {
        HttpUrl url = HttpUrl.parse(uri.toString());
        if (url == null) {
            throw new IOException("url: '" + uri + "' (expected: an absolute http or https URL)");
        }
        Request.Builder request = new Request.Builder().url(url);
        headers.forEach((name, values) -> values.forEach(value -> request.addHeader(name, value)));
        return request;
    }

    /** Ends a request. A body of null is none, or an empty one where the method demands one. */
    static Request end(Request.Builder request, HttpMethod method, @Nullable RequestBody body) {
        RequestBody sent = body == null && NEED_BODY.contains(method.name()) ? RequestBody.EMPTY : body;
        return request.method(method.name(), sent).build();
    }

    static HttpHeaders headers(Response response) {
        HttpHeaders headers = new HttpHeaders();
        okhttp3.Headers received = response.headers();
        for (int i = 0; i < received.size(); i++) {
            headers.add(received.name(i), received.value(i));
        }
        return headers;
    }
}
