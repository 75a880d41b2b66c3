package io.intramesh.spring.client;

import java.io.InputStream;
import okhttp3.Response;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** Response of a blocking client. Its body is read from the connection as the application reads it. */
final class BlockingResponse implements ClientHttpResponse {
    private final Response response;
    private final ReadTimeout timeout;
    private @Nullable HttpHeaders headers;
    private @Nullable InputStream body;

    BlockingResponse(Response response, ReadTimeout timeout) {
        this.response = response;
        this.timeout = timeout;
    }

    @Override
    public HttpStatusCode getStatusCode() {
        return HttpStatusCode.valueOf(response.code());
    }

    @Override
    public String getStatusText() {
        return response.message();
    }

    @Override
    public HttpHeaders getHeaders() {
        if (headers == null) {
            headers = OkHttpRequests.headers(response);
        }
        return headers;
    }

    @Override
    public InputStream getBody() {
        if (body == null) {
            body = timeout.timeoutNanos() == 0
                    ? response.body().byteStream()
                    : Okio.buffer(timeout.source(response.body().source())).inputStream();
        }
        return body;
    }

    @Override
    public void close() {
        response.close();
    }
}
