package io.intramesh.servlet;

import io.intramesh.call.MeshContext;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tells the caller of a request that failed because a call behind it failed for good: not to try again. It does so the moment
 * the application sets the status, since what it writes next may commit the response.
 */
final class MarkedResponse extends HttpServletResponseWrapper {
    private final MeshContext context;

    MarkedResponse(HttpServletResponse response, MeshContext context) {
        super(response);
        this.context = context;
        // An error page: the container has set the status.
        mark(response, context, response.getStatus());
    }

    static void mark(HttpServletResponse response, MeshContext context, int status) {
        if (status >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR
                && context.hasExhaustedRetries()
                && !response.isCommitted()) {
            response.setHeader(MeshContext.RETRIES_EXHAUSTED_HEADER, "true");
        }
    }

    @Override
    public void setStatus(int status) {
        mark((HttpServletResponse) getResponse(), context, status);
        super.setStatus(status);
    }

    @Override
    public void sendError(int status) throws IOException {
        mark((HttpServletResponse) getResponse(), context, status);
        super.sendError(status);
    }

    @Override
    public void sendError(int status, @Nullable String message) throws IOException {
        mark((HttpServletResponse) getResponse(), context, status);
        super.sendError(status, message);
    }
}
