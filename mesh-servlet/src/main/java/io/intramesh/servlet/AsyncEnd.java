package io.intramesh.servlet;

import io.intramesh.call.InboundRequest;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/** Reports the end of an asynchronous request. The container may call it on any thread, one call after the other. */
final class AsyncEnd implements AsyncListener {
    private final InboundRequest exchange;
    private final HttpServletResponse response;
    private final @Nullable Throwable escaped;
    private volatile @Nullable Throwable failure;
    private volatile boolean timedOut;

    /**
     * Listens for the end.
     *
     * @param escaped what left the application after it had gone asynchronous, or null
     */
    AsyncEnd(InboundRequest exchange, HttpServletResponse response, @Nullable Throwable escaped) {
        this.exchange = exchange;
        this.response = response;
        this.escaped = escaped;
        this.failure = escaped;
    }

    @Override
    public void onComplete(AsyncEvent event) {
        exchange.ended(status(), failure);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        timedOut = true;
    }

    @Override
    public void onError(AsyncEvent event) {
        if (failure == null) {
            failure = event.getThrowable();
        }
    }

    /** A dispatch that goes asynchronous again has forgotten its listeners. */
    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }

    private int status() {
        int status = response.getStatus();
        boolean wentWrong = timedOut || failure != null;
        // The container answers 500 where the application does not; it may do so only after telling its listeners.
        boolean isStillUnsaid = wentWrong && status < HttpServletResponse.SC_BAD_REQUEST && !response.isCommitted();
        return escaped != null || isStillUnsaid ? HttpServletResponse.SC_INTERNAL_SERVER_ERROR : status;
    }
}
