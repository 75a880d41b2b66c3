package io.intramesh.okhttp;

import io.intramesh.call.Attempt;
import io.intramesh.call.OutboundCall;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;

/**
 * A copy of a request that goes to another virtual node, beside the call that it is of. It runs on the dispatcher's threads within
 * limits of its own, its answer is read and dropped, and whatever becomes of it the call and the application do not notice.
 */
final class MirroredCopy extends LogicalCall {
    /** Of an answer that is longer the rest is not worth the transfer; its connection is closed instead. */
    private static final long MAX_READ_BYTES = 1 << 20;

    private static final long READ_BYTES = 8192;

    private final Request copied;

    private MirroredCopy(MeshClient client, Request request) {
        super(client, request, null);
        copied = request;
    }

    /** Sends a copy, unless the mesh would rather not. Does not block, and does not throw. */
    static void send(MeshClient client, OutboundCall of, Request request) {
        MirroredCopy copy = new MirroredCopy(client, request);
        OutboundCall outbound = null;
        try {
            outbound = of.mirror(copy);
            if (outbound != null) {
                copy.goesBy(outbound);
                client.copyBegins(copy);
                copy.begin(outbound);
            }
        } catch (RuntimeException e) {
            MeshClient.log.warn("copy failed", e);
            if (outbound != null) {
                copy.over(outbound);
            }
        }
    }

    private void begin(OutboundCall outbound) {
        CompletionStage<?> pending = outbound.pending();
        if (pending == null) {
            attempt(outbound);
        } else {
            pending.whenComplete((found, failure) -> client().dispatch(() -> attempt(outbound)));
        }
    }

    private void attempt(OutboundCall outbound) {
        AttemptCall current;
        try {
            if (isAborted()) {
                over(outbound);
                return;
            }
            Attempt next = outbound.nextAttempt();
            current = new AttemptCall(this, next, client().copying(next, copied), copied);
            current.listen(false);
            current.limit(null);
            runs(current);
        } catch (IOException | RuntimeException e) {
            MeshClient.log.debug("copy not sent", e);
            over(outbound);
            return;
        }
        current.enqueue(new Dropped(outbound, current));
    }

    private void over(OutboundCall outbound) {
        outbound.cancel();
        client().copyEnded(this);
    }

    /** Reads an answer to its end, so that its connection can be used again. */
    private static void readToTheEnd(Response answer) throws IOException {
        BufferedSource source = answer.body().source();
        Buffer buffer = new Buffer();
        long left = MAX_READ_BYTES;
        while (left > 0) {
            long read = source.read(buffer, READ_BYTES);
            if (read == -1) {
                return;
            }
            buffer.clear();
            left -= read;
        }
    }

    /** Takes what comes of the attempt, and forgets it. */
    private final class Dropped implements Callback {
        private final OutboundCall outbound;
        private final AttemptCall attempt;

        private Dropped(OutboundCall outbound, AttemptCall attempt) {
            this.outbound = outbound;
            this.attempt = attempt;
        }

        @Override
        public void onResponse(Call inner, Response response) {
            try (Response closing = response) {
                IOException late = attempt.late(closing);
                if (late != null) {
                    failed(late);
                    return;
                }
                attempt.responded(closing);
                attempt.delivered(closing);
                readToTheEnd(closing);
            } catch (IOException e) {
                MeshClient.log.debug("answer to a copy broke off", e);
            } finally {
                over(outbound);
            }
        }

        @Override
        public void onFailure(Call inner, IOException failure) {
            try {
                failed(attempt.orLate(failure));
            } finally {
                over(outbound);
            }
        }

        private void failed(IOException failure) {
            // What a stale connection lost says nothing about the endpoint, and is not worth a second copy.
            if (attempt.isCancellation(failure) || attempt.isLostToStaleConnection(failure)) {
                attempt.abandon();
            } else {
                attempt.failed(failure);
            }
        }
    }
}
