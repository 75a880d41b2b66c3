package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Attempt;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.Verdict;
import io.intramesh.model.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.AsyncTimeout;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: a call of OkHttp to one endpoint, and everything that listens to it. One object plays all these parts because
 * there is one for every attempt: it is the listener that learns whether bytes went out and when the response body is
 * through, which spares wrapping bodies; the callback of asynchronous calls; and the sink and source of headers.
 */
final class AttemptCall extends EventListener
        implements Callback, Attempt.HeaderLookup, BiConsumer<String, String>, AttemptTimers.Timed {
    private static final String CONNECTION_SHUTDOWN = "okhttp3.internal.http2.ConnectionShutdownException";
    private static final String STREAM_RESET = "okhttp3.internal.http2.StreamResetException";
    private static final String REFUSED_STREAM = "stream was reset: REFUSED_STREAM";

    private final LogicalCall logical;
    private final Attempt attempt;
    private final Call call;

    // Touched by the thread that runs the attempt, and then by the one that reports it.
    private boolean requestBegun;
    private boolean connectBegun;
    private boolean isAcquired;
    private boolean isReused;
    private @Nullable Connection connection;
    private long sentNanos;
    private @Nullable Request bare;
    private Request.@Nullable Builder dressing;
    private @Nullable Response response;

    // Limits that this object keeps itself; see limit(). Written before one begins, which publishes them.
    private long wholeNanos;
    private long begunNanos;
    private long dueNanos;
    private int slot;
    private volatile boolean isTimed;
    private volatile boolean isAnswered;

    // Whoever comes last reports the end: the verdict that hands the answer to the application, or the event that the
    // exchange is over, which comes first where the response has no body. Both may see both; the mesh takes one report.
    private volatile boolean delivered;

    /** The answer whose trailers count; null where they say nothing. Written before {@link #delivered}. */
    private volatile @Nullable Response awaited;

    private volatile Attempt.@Nullable End end;

    AttemptCall(LogicalCall logical, Attempt attempt, OkHttpClient client, Request request) {
        this.logical = logical;
        this.attempt = attempt;
        call = client.newCall(request);
    }

    /**
     * Begins to listen.
     *
     * @param shared whether the application listens too; then only a tag finds this object again
     */
    void listen(boolean shared) {
        if (shared) {
            tag();
        }
        call.addEventListener(this);
    }

    /** Adds a listener of the application. */
    void addEventListener(EventListener listener) {
        tag();
        call.addEventListener(listener);
    }

    /** Returns the attempt that a call of OkHttp is made for. */
    static @Nullable AttemptCall of(Interceptor.Chain chain) {
        return chain.getEventListener() instanceof AttemptCall alone
                ? alone
                : chain.call().tag(AttemptCall.class);
    }

    /**
     * Sets how long the attempt may take, the response body included, and when the application's own time is up. Without the latter,
     * OkHttp's timer is left out.
     */
    void limit(@Nullable Timeout whole) {
        if (whole == null && call.timeout() instanceof AsyncTimeout) {
            wholeNanos = attempt.timeoutNanos();
            return;
        }
        Timeout timeout = call.timeout();
        timeout.timeout(attempt.timeoutNanos(), TimeUnit.NANOSECONDS);
        if (whole != null) {
            timeout.deadlineNanoTime(whole.deadlineNanoTime());
        }
    }

    Response execute() throws IOException {
        beginLimits();
        Response answer;
        try {
            answer = call.execute();
        } catch (IOException e) {
            throw orLate(e);
        }
        IOException late = late(answer);
        if (late != null) {
            throw late;
        }
        return answer;
    }

    void enqueue() {
        enqueue(this);
    }

    /** Runs on the dispatcher; the receiver asks {@link #late} and {@link #orLate} about what it gets. */
    void enqueue(Callback receiver) {
        beginLimits();
        call.enqueue(receiver);
    }

    /** Returns the failure that an answer comes to which began too late, having closed it; null for one in time. */
    @Nullable
    IOException late(Response answer) {
        if (!endLimit()) {
            answer.close();
            return timedOut(null);
        }
        isAnswered = true;
        if (wholeNanos > 0 && end == null) {
            beginLimit(begunNanos + wholeNanos);
            // It may have come to its end meanwhile.
            if (end != null) {
                endLimit();
            }
        }
        return null;
    }

    /** Returns what a failure comes to: another one where it is the time that was up. */
    IOException orLate(IOException failure) {
        return endLimit() ? failure : timedOut(failure);
    }

    /** Returns how long it may stay unanswered before another one begins beside it; 0 means for ever. */
    long hedgeAfterNanos() {
        return attempt.hedgeAfterNanos();
    }

    private void beginLimits() {
        long answer = attempt.answerTimeoutNanos();
        if (answer > 0 || wholeNanos > 0) {
            begunNanos = logical.client().outbound().nanoTime();
            beginLimit(begunNanos + (answer > 0 && (wholeNanos == 0 || answer < wholeNanos) ? answer : wholeNanos));
        }
    }

    private void beginLimit(long due) {
        isTimed = true;
        timers().enter(this, due);
    }

    /** Ends the limit that runs, if one does; returns whether that was in time. */
    private boolean endLimit() {
        if (!isTimed) {
            return true;
        }
        isTimed = false;
        return timers().leave(this);
    }

    private AttemptTimers timers() {
        return logical.client().timers();
    }

    private static InterruptedIOException timedOut(@Nullable IOException cause) {
        InterruptedIOException timeout = new InterruptedIOException("timeout");
        timeout.initCause(cause);
        return timeout;
    }

    void cancel() {
        call.cancel();
    }

    Attempt attempt() {
        return attempt;
    }

    /**
     * Tells whether the attempt failed for the connection it was given, which its peer had closed or was closing, and may be
     * sent over another one without asking the mesh: that is no retry, since App Mesh's Envoy would not have used such a
     * connection. A connection that has just been made is never stale, so this comes to an end. Where the request may have been
     * sent, it takes one that may be sent twice (RFC 9112, section 9.3.1).
     */
    boolean isLostToStaleConnection(IOException failure) {
        if (!isReused || response != null || failure instanceof InterruptedIOException || call.isCanceled()) {
            return false;
        }
        boolean isStale = failure instanceof StaleConnectionException
                || isShutDown(failure)
                || (!isRefusal(failure) && logical.isRepeatable() && isIdempotent());
        if (isStale) {
            forgetConnections();
        }
        return isStale;
    }

    /** A connection of HTTP/2 is read all the time, so that its end is noticed at once. */
    private void forgetConnections() {
        if (!attempt.protocol().isHttp2OnTheWire()) {
            logical.client().forgetConnections(attempt.endpoint());
        }
    }

    /**
     * Checks, before anything of a request is sent that may not be sent twice, that the peer has not closed a kept connection of
     * HTTP/1.1. A process that drains and then stops closes those that were idle meanwhile, without a word; nothing else would
     * notice it but the request that is lost.
     */
    void checkKept(@Nullable Connection kept) throws IOException {
        if (!isReused
                || kept == null
                || kept.protocol() != okhttp3.Protocol.HTTP_1_1
                || (isIdempotent() && logical.isRepeatable())) {
            return;
        }
        boolean isTrusted = logical.client().clients(attempt.endpoint()).isTrusted();
        if (!isTrusted && KeptConnection.isClosedByPeer(kept.socket())) {
            kept.socket().close();
            throw new StaleConnectionException(attempt.endpoint());
        }
    }

    /** RFC 9110, section 9.2.2. */
    private boolean isIdempotent() {
        return switch (logical.method()) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    /** Reports an answer. */
    Verdict responded(Response answer) {
        if (answer.header(InboundRequest.DRAINING_HEADER) != null) {
            forgetConnections();
        } else if (requestBegun && !attempt.protocol().isHttp2OnTheWire()) {
            logical.client().clients(attempt.endpoint()).servedSince(sentNanos);
        }
        response = answer;
        Verdict verdict = attempt.responded(answer.code(), this);
        response = null;
        return verdict;
    }

    /** Reports that no answer came. */
    Verdict failed(IOException failure) {
        if (!requestBegun) {
            forgetConnections();
        }
        if (attempt.tls() != null) {
            IOException refusal = refusalOfOurs(failure);
            if (refusal != null) {
                return requestBegun ? attempt.refused(refusal) : attempt.failed(refusal, false);
            }
        }
        if (requestBegun && isRefusal(failure)) {
            return attempt.refused(failure);
        }
        return attempt.failed(failure, requestBegun);
    }

    /**
     * Returns what the failure comes to where the peer refused our certificate. In HTTP/2 the thread that reads the connection may
     * come upon the peer's alert before the call does, which then only learns that the connection is shut down.
     */
    private @Nullable IOException refusalOfOurs(IOException failure) {
        IOException refusal = isReused ? null : TlsFailures.refusalOfOurs(failure);
        if (refusal == null && connection != null && connection.socket() instanceof TlsSocket socket) {
            SSLException alert = socket.refusal();
            refusal = alert == null ? null : TlsFailures.refusalOfOurs(alert);
        }
        return refusal;
    }

    /** The answer goes to the application: from now on the end of its body is the end of the attempt. */
    void delivered(Response answer) {
        if (attempt.protocol() == Protocol.GRPC) {
            awaited = answer;
        }
        delivered = true;
        Attempt.End known = end;
        if (known != null) {
            attempt.ended(known);
        }
    }

    /** Tells whether a failure comes of cancelling this call, by whom ever, and not of the endpoint or of time. */
    boolean isCancellation(IOException failure) {
        return call.isCanceled() && !(failure instanceof InterruptedIOException);
    }

    /** Ends the attempt without an answer, through no fault of the endpoint. */
    void abandon() {
        endLimit();
        attempt.ended(Attempt.End.CANCELLED);
    }

    @Override
    public void inSlot(int value) {
        slot = value;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public void dueAt(long nanos) {
        dueNanos = nanos;
    }

    @Override
    public long dueNanos() {
        return dueNanos;
    }

    @Override
    public void timeUp() {
        if (isAnswered) {
            untimed(1);
        } else {
            call.cancel();
        }
    }

    /** OkHttp's own timer goes on; what it ends is a time-out for whoever reads the body. */
    @Override
    public void untimed(long leftNanos) {
        isTimed = false;
        if (call.timeout() instanceof AsyncTimeout timer) {
            timer.timeout(leftNanos, TimeUnit.NANOSECONDS);
            if (connectBegun || isAcquired) {
                // OkHttp has begun the call without a limit. Before that, it takes this one by itself.
                timer.enter();
            }
        }
    }

    /** Returns the request as it goes out: with the attempt's headers, and the path that the mesh forwards to. */
    Request dressed(Request request) {
        bare = request;
        dressing = null;
        Headers headers = request.headers();
        for (int i = 0; i < headers.size(); i++) {
            if (!attempt.forwards(headers.name(i))) {
                dressing().removeHeader(headers.name(i));
            }
        }
        attempt.headers(this);
        String path = logical.forwardedPath();
        // HTTP/2 tells the scheme, which a server that is called by TLS may hold us to. The port stays: it is no longer
        // on the
        // wire, and OkHttp wants it to.
        boolean tellsScheme = attempt.tls() != null && attempt.protocol().isHttp2OnTheWire() && !request.isHttps();
        if (path != null || tellsScheme) {
            HttpUrl.Builder url = request.url().newBuilder();
            if (path != null) {
                url.encodedPath(path);
            }
            if (tellsScheme) {
                url.scheme("https").port(request.url().port());
            }
            dressing().url(url.build());
        }
        return dressing == null ? request : dressing.build();
    }

    /**
     * Checks that a connection speaks what the listener declares. Without an answer to its ALPN offer OkHttp speaks HTTP/1.1, also
     * where it should not.
     */
    void check(@Nullable Connection made) throws IOException {
        if (attempt.tls() != null
                && made != null
                && attempt.protocol().isHttp2OnTheWire()
                && made.protocol() == okhttp3.Protocol.HTTP_1_1) {
            // So that nobody tries it again.
            made.socket().close();
            throw TlsFailures.notHttp2(attempt.endpoint(), "http/1.1");
        }
    }

    /** Takes a header of the attempt. */
    @Override
    public void accept(String name, String value) {
        dressing().header(name, value);
    }

    /** Looks up a header of the answer. */
    @Override
    public @Nullable String get(String name) {
        return response == null ? null : response.header(name);
    }

    @Override
    public void onResponse(Call inner, Response answer) {
        IOException late = late(answer);
        if (late == null) {
            logical.attemptResponded(this, answer);
        } else {
            logical.attemptFailed(this, late);
        }
    }

    @Override
    public void onFailure(Call inner, IOException failure) {
        logical.attemptFailed(this, orLate(failure));
    }

    @Override
    public void connectStart(Call inner, InetSocketAddress address, Proxy proxy) {
        connectBegun = true;
    }

    @Override
    public void connectionAcquired(Call inner, Connection acquired) {
        isAcquired = true;
        isReused = !connectBegun;
        connection = acquired;
    }

    @Override
    public void requestHeadersStart(Call inner) {
        requestBegun = true;
        sentNanos = begunNanos != 0 ? begunNanos : logical.client().outbound().nanoTime();
    }

    @Override
    public void callEnd(Call inner) {
        ended(logical.isAborted() ? Attempt.End.CANCELLED : Attempt.End.COMPLETED);
    }

    @Override
    public void callFailed(Call inner, IOException failure) {
        ended(isCancellation(failure) ? Attempt.End.CANCELLED : Attempt.End.FAILED);
    }

    /** Comes on cancellation and when the time is up, and is all that comes where the body is never read again. */
    @Override
    public void canceled(Call inner) {
        if (delivered) {
            attempt.ended(logical.isAborted() ? Attempt.End.CANCELLED : Attempt.End.FAILED);
        }
    }

    private void ended(Attempt.End how) {
        Response whole = awaited;
        if (whole != null && how == Attempt.End.COMPLETED) {
            reportTrailers(whole);
        }
        end = how;
        if (isAnswered) {
            endLimit();
        }
        if (delivered) {
            attempt.ended(how);
        }
        logical.client().connectionFreed();
    }

    /** The status of a gRPC call is a trailer. A body that was closed early has none. */
    private void reportTrailers(Response whole) {
        try {
            Headers trailers = whole.peekTrailers();
            if (trailers != null) {
                attempt.trailed(trailers::get);
            }
        } catch (IOException e) {
            MeshClient.log.debug("trailers not read endpoint={}", attempt.endpoint(), e);
        }
    }

    /**
     * By name, because OkHttp does not export them. In HTTP/2 the peer says that it did nothing about a stream (RFC 9113,
     * section 8.7) by REFUSED_STREAM, or by a GOAWAY below the stream, which OkHttp shows as the former; on a connection that is
     * shut down it opens no stream at all.
     */
    private static boolean isRefusal(IOException failure) {
        String type = failure.getClass().getName();
        return isShutDown(failure) || (type.equals(STREAM_RESET) && REFUSED_STREAM.equals(failure.getMessage()));
    }

    /** No stream was opened, so nothing of the request has left. */
    private static boolean isShutDown(IOException failure) {
        return failure.getClass().getName().equals(CONNECTION_SHUTDOWN);
    }

    private Request.Builder dressing() {
        Request.Builder builder = dressing;
        if (builder == null) {
            builder = requireNonNull(bare).newBuilder();
            dressing = builder;
        }
        return builder;
    }

    private void tag() {
        AttemptCall found = call.tag(AttemptCall.class, () -> this);
        assert found == this;
    }
}
