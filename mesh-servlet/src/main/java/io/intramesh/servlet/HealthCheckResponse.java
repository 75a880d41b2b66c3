package io.intramesh.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * The response to a health check, as the application sees it. Whatever it answers goes through, except that it has nothing
 * there: a 404 is held back until the application is done, and then replaced by the filter's own answer. A check that goes
 * asynchronous is the application's from then on.
 */
final class HealthCheckResponse extends HttpServletResponseWrapper {
    private static final byte[] UP = "{\"status\":\"UP\"}".getBytes(StandardCharsets.US_ASCII);

    private final HttpServletRequest request;

    /** The application said 404, and what it writes about that goes nowhere. */
    private boolean missing;

    /** It said so by {@link #sendError}, after which a response counts as committed. */
    private boolean closed;

    /** Later answers are none of our business. */
    private boolean released;

    HealthCheckResponse(HttpServletRequest request, HttpServletResponse response) {
        super(response);
        this.request = request;
    }

    /** Answers in the application's place where it had nothing to say. Called when it is done. */
    void finish() throws IOException {
        released = true;
        if (!missing || super.isCommitted()) {
            return;
        }
        if (request.isAsyncStarted()) {
            super.sendError(SC_NOT_FOUND);
            return;
        }
        super.reset();
        super.setStatus(SC_OK);
        super.setContentType("application/json");
        super.setContentLength(UP.length);
        super.getOutputStream().write(UP);
    }

    @Override
    public void setStatus(int status) {
        if (!released && !closed) {
            missing = status == SC_NOT_FOUND;
        }
        super.setStatus(status);
    }

    @Override
    public void sendError(int status) throws IOException {
        if (!isHeldBack(status)) {
            super.sendError(status);
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        if (!isHeldBack(status)) {
            super.sendError(status, message);
        }
    }

    @Override
    public boolean isCommitted() {
        return (holds() && closed) || super.isCommitted();
    }

    @Override
    public void flushBuffer() throws IOException {
        if (!holds()) {
            super.flushBuffer();
        }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        return holds() ? new Nowhere() : super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        return holds() ? new PrintWriter(Writer.nullWriter()) : super.getWriter();
    }

    @Override
    public void reset() {
        super.reset();
        missing = false;
        closed = false;
    }

    private boolean isHeldBack(int status) {
        if (status != SC_NOT_FOUND || released || super.isCommitted() || request.isAsyncStarted()) {
            missing = false;
            return false;
        }
        super.setStatus(status);
        missing = true;
        closed = true;
        return true;
    }

    private boolean holds() {
        return missing && !released;
    }

    private static final class Nowhere extends ServletOutputStream {
        @Override
        public void write(int octet) {}

        @Override
        public void write(byte[] octets, int offset, int length) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException("the request is not asynchronous");
        }
    }
}
