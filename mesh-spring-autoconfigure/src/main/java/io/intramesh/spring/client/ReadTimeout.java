package io.intramesh.spring.client;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * What Spring calls a read timeout: the longest silence, before the response and within its body. It spans all attempts that
 * the mesh makes, beside the limits of routes and listeners, and cancels the call. Okio's one watchdog thread serves all.
 */
final class ReadTimeout extends AsyncTimeout {
    private final Call call;
    private final Duration limit;

    ReadTimeout(Call call, @Nullable Duration limit) {
        this.call = call;
        this.limit = limit == null ? Duration.ZERO : limit;
        // Zero is Okio's word for none, too.
        timeout(this.limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    protected void timedOut() {
        call.cancel();
    }

    @Override
    protected IOException newTimeoutException(@Nullable IOException cause) {
        SocketTimeoutException timeout = new SocketTimeoutException("nothing received for " + limit.toMillis()
                + " ms from " + call.request().url().host() + "; raise the client's read timeout, or look there");
        if (cause != null) {
            timeout.initCause(cause);
        }
        return timeout;
    }
}
