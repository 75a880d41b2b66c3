package io.intramesh.servlet;

import io.intramesh.call.InboundRequest;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reports the end of an asynchronous request. The container may call it on any thread, one call after the other. */
final class AsyncEnd implements AsyncListener {
    private final InboundRequest exchange;
    private final HttpServletResponse response;
    private final @Nullable Throwable escaped;
    private volatile @Nullable Throwable failure;
    private volatile boolean timedOut;
    private volatile boolean reported;

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
        report(status());
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        timedOut = true;
    }

    @Override
    public void onError(AsyncEvent event) {
        Throwable thrown = event.getThrowable();
        if (failure == null) {
            failure = thrown;
        }
        if (!(thrown instanceof IOException)) {
            // An exception left the application and the container takes it for the end, but not all containers say so
            // once more: where a request went asynchronous and then threw, Tomcat 11.0.22 drops the connection without
            // onComplete, and the place would stay taken for good. After an IOException, which is the caller's hanging
            // up, the application may still be at work, and onComplete does come.
            report(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        }
    }

    /** A dispatch that goes asynchronous again has forgotten its listeners. */
    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }

    private void report(int status) {
        if (!reported) {
            reported = true;
            exchange.ended(status, failure);
        }
    }

    private int status() {
        int status = response.getStatus();
        boolean wentWrong = timedOut || failure != null;
        // The container answers 500 where the application does not; it may do so only after telling its listeners.
        boolean isStillUnsaid = wentWrong && status < HttpServletResponse.SC_BAD_REQUEST && !response.isCommitted();
        return escaped != null || isStillUnsaid ? HttpServletResponse.SC_INTERNAL_SERVER_ERROR : status;
    }
}
