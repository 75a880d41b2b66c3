package io.intramesh.spring.client;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.FastByteArrayOutputStream;
import org.springframework.util.StreamUtils;

/**
 * One request of a blocking client. Its body is either written to {@link #getBody} and kept, or handed over by
 * {@link #setBody} and streamed; both can be sent again as far as the writer can.
 */
final class BlockingRequest extends AbstractClientHttpRequest implements StreamingHttpOutputMessage {
    private final Call.Factory calls;
    private final @Nullable Duration readTimeout;
    private final URI uri;
    private final HttpMethod method;
    private @Nullable FastByteArrayOutputStream kept;
    private @Nullable Body streamed;

    BlockingRequest(Call.Factory calls, @Nullable Duration readTimeout, URI uri, HttpMethod method) {
        this.calls = calls;
        this.readTimeout = readTimeout;
        this.uri = uri;
        this.method = method;
    }

    @Override
    public HttpMethod getMethod() {
        return method;
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public void setBody(Body body) {
        assertNotExecuted();
        if (kept != null) {
            throw new IllegalStateException("body: both written and handed over (expected: one of them)");
        }
        streamed = body;
    }

    @Override
    protected OutputStream getBodyInternal(HttpHeaders headers) {
        if (streamed != null) {
            throw new IllegalStateException("body: both written and handed over (expected: one of them)");
        }
        if (kept == null) {
            kept = new FastByteArrayOutputStream(1024);
        }
        return kept;
    }

    @Override
    protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
        Request request = OkHttpRequests.end(OkHttpRequests.begin(uri, headers), method, body(headers));
        Call call = calls.newCall(request);
        ReadTimeout timeout = new ReadTimeout(call, readTimeout);

        timeout.enter();
        okhttp3.Response response;
        try {
            response = call.execute();
        } catch (IOException e) {
            throw timeout.exit() ? timeout.newTimeoutException(e) : e;
        } catch (RuntimeException | Error e) {
            timeout.exit();
            throw e;
        }
        if (timeout.exit()) {
            response.close();
            throw timeout.newTimeoutException(null);
        }
        return new BlockingResponse(response, timeout);
    }

    private @Nullable RequestBody body(HttpHeaders headers) {
        if (streamed != null) {
            return new StreamedBody(streamed, headers.getContentLength());
        }
        if (kept != null && kept.size() > 0) {
            return RequestBody.create(kept.toByteArrayUnsafe());
        }
        return null;
    }

    /** A body that its writer writes straight to the connection, once or, where it can, for each attempt. */
    private static final class StreamedBody extends RequestBody {
        private final Body body;
        private final long length;

        StreamedBody(Body body, long length) {
            this.body = body;
            this.length = length;
        }

        @Override
        public @Nullable MediaType contentType() {
            // The header says it, and a parsed form might say it differently.
            return null;
        }

        @Override
        public long contentLength() {
            return length;
        }

        @Override
        public boolean isOneShot() {
            return !body.repeatable();
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            // Writers may close what they wrote to; the end of the body is OkHttp's to declare.
            OutputStream out = StreamUtils.nonClosing(sink.outputStream());
            body.writeTo(out);
        }
    }
}
