package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Attempt;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.OutboundCall;
import io.intramesh.call.Verdict;
import io.intramesh.model.Protocol;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * What the application asks for, from its request to the answer: redirects, and below each the attempts that the mesh hands
 * out. Blocking ({@link #run}) and asynchronous ({@link #start}) drive it through the same two decisions: {@link #settle} an
 * answer, or a failure. It shows the mesh its current request itself, which spares an object per call.
 *
 * <p>One thread at a time drives it, with two attempts as well, see {@link HedgeRace}; {@link #abort} comes from any.
 */
class LogicalCall implements MeshRequest {
    private static final String CANCELED = "Canceled";
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String GRPC = "application/grpc";

    /** In place of a pause: another attempt is under way, and the call goes on by what comes of it. */
    private static final long OTHER_UNDER_WAY = -1;

    private final MeshClient client;
    private final @Nullable MeshContext context;

    // Touched by the thread that drives the call; each hands over to the next through OkHttp's dispatcher.
    private Request request;
    private @Nullable OutboundCall outbound;

    /** The attempt to send once more, over another connection; null where there is none. */
    private @Nullable Attempt resent;

    private @Nullable Response prior;
    private int redirects;
    private long pauseNanos;

    /** The answer that another attempt is made for at once; the application gets it where that cannot be had. */
    private @Nullable Response kept;

    private @Nullable Timeout whole;
    private long limitNanos;
    private @Nullable Call outer;
    private @Nullable Callback callback;

    // Shared with threads that cancel or listen. The driver writes what runs, then looks whether it is aborted;
    // abort() goes the other way round, so that one of them always sees the other.
    private volatile boolean aborted;
    private volatile @Nullable AttemptCall attempt;
    private volatile @Nullable AttemptCall hedge;
    private volatile @Nullable Call outside;
    private volatile @Nullable Runnable waiting;
    private volatile @Nullable List<EventListener> listeners;

    LogicalCall(MeshClient client, Request request, @Nullable MeshContext context) {
        this.client = client;
        this.request = request;
        this.context = context;
    }

    final MeshClient client() {
        return client;
    }

    final boolean isAborted() {
        return aborted;
    }

    final @Nullable String forwardedPath() {
        OutboundCall current = outbound;
        return current == null ? null : current.forwardedPath();
    }

    /** Gives up, now or as soon as it begins. Idempotent. */
    final void abort() {
        aborted = true;
        AttemptCall running = attempt;
        if (running != null) {
            running.cancel();
        }
        AttemptCall beside = hedge;
        if (beside != null) {
            beside.cancel();
        }
        Call passing = outside;
        if (passing != null) {
            passing.cancel();
        }
        wake();
    }

    /** Ends a pause or a wait for endpoints, if the call is in one, and lets it go on. */
    final void wake() {
        Runnable wake = waiting;
        if (wake != null) {
            wake.run();
        }
    }

    /** Adds a listener to this attempt and those to come. */
    final void listen(EventListener listener) {
        synchronized (this) {
            List<EventListener> known = listeners;
            if (known == null) {
                known = new CopyOnWriteArrayList<>();
                listeners = known;
            }
            known.add(listener);
        }
        AttemptCall running = attempt;
        if (running != null) {
            running.addEventListener(listener);
        }
        AttemptCall beside = hedge;
        if (beside != null) {
            beside.addEventListener(listener);
        }
        Call passing = outside;
        if (passing != null) {
            passing.addEventListener(listener);
        }
    }

    // ---- blocking

    /**
     * Runs the call on this thread.
     *
     * @param limit the application's own limit, counted from now; null means none
     */
    final Response run(@Nullable Timeout limit) throws IOException {
        whole = begun(limit);
        try {
            for (; ; ) {
                Response response = exchange();
                Request next = redirect(response);
                if (next == null) {
                    return Redirects.after(prior, response);
                }
                follow(response, next);
            }
        } catch (MeshCallException refusal) {
            return refused(refusal);
        }
    }

    private Response exchange() throws IOException {
        OutboundCall call = begin();
        if (call.isPassThrough()) {
            return newOutsideCall().execute();
        }
        CompletionStage<?> pending = call.pending();
        if (pending != null) {
            Latch latch = new Latch();
            pending.whenComplete((found, failure) -> latch.run());
            await(latch, whole == null ? Timeout.NONE : whole);
        }
        for (; ; ) {
            AttemptCall current = prepare(call);
            if (current == null) {
                return takeKept();
            }
            long hedgeAfter = current.hedgeAfterNanos();
            Response settled =
                    hedgeAfter == 0 ? perform(current) : new HedgeRace(this, call, current, hedgeAfter).run();
            if (settled != null) {
                return settled;
            }
            if (pauseNanos > 0) {
                Timeout limit = new Timeout().timeout(pauseNanos, TimeUnit.NANOSECONDS);
                if (whole != null) {
                    limit.deadlineNanoTime(whole.deadlineNanoTime());
                }
                await(new Latch(), limit);
            }
        }
    }

    /** Makes an attempt; returns the answer for the application, or null where the mesh wants another attempt. */
    private @Nullable Response perform(AttemptCall current) throws IOException {
        Response answer;
        try {
            answer = current.execute();
        } catch (IOException e) {
            settle(current, e);
            return null;
        } catch (RuntimeException | Error e) {
            current.abandon();
            endCall();
            throw e;
        }
        return settle(current, answer);
    }

    /** Waits until the latch opens or the limit is reached; what comes next finds out which. */
    private void await(Latch latch, Timeout limit) throws InterruptedIOException {
        beginWait(latch);
        try {
            latch.await(limit);
        } catch (InterruptedIOException e) {
            if (Thread.currentThread().isInterrupted()) {
                endCall();
                throw e;
            }
        } finally {
            endWait();
        }
    }

    // ---- asynchronous

    /** Runs the call on OkHttp's dispatcher; what goes to the callback never comes on this thread. */
    final void start(@Nullable Timeout limit, Call shown, Callback receiver) {
        whole = begun(limit);
        limitNanos = limit == null ? 0 : limit.timeoutNanos();
        outer = shown;
        callback = receiver;
        startExchange();
    }

    private void startExchange() {
        CompletionStage<?> pending;
        try {
            OutboundCall call = begin();
            if (call.isPassThrough()) {
                newOutsideCall().enqueue(new OutsideCallback());
                return;
            }
            pending = call.pending();
        } catch (IOException | RuntimeException e) {
            failSoon(e);
            return;
        }
        if (pending == null) {
            startAttempt();
            return;
        }
        Wake wake = newWake();
        pending.whenComplete((found, failure) -> wake.run());
        if (limitNanos > 0) {
            client.outbound().schedule(wake, Duration.ofNanos(limitNanos), Runnable::run);
        }
    }

    private void startAttempt() {
        OutboundCall call = requireNonNull(outbound);
        AttemptCall current;
        try {
            current = prepare(call);
        } catch (IOException | RuntimeException e) {
            failSoon(e);
            return;
        }
        if (current == null) {
            Response last = takeKept();
            client.dispatch(() -> succeed(last));
        } else {
            long hedgeAfter = current.hedgeAfterNanos();
            if (hedgeAfter == 0) {
                current.enqueue();
            } else {
                new HedgeRace(this, call, current, hedgeAfter).start();
            }
        }
    }

    /** Goes on after two attempts, on a thread of the dispatcher, with what the application gets or else another attempt. */
    final void attemptsSettled(@Nullable Response settled, @Nullable Exception failure) {
        if (failure != null) {
            fail(failure instanceof IOException io ? io : wrapped(failure));
        } else if (settled != null) {
            succeed(settled);
        } else {
            again();
        }
    }

    /** Takes the answer to an attempt, on a thread of the dispatcher. */
    final void attemptResponded(AttemptCall current, Response answer) {
        Response settled;
        try {
            settled = settle(current, answer);
        } catch (IOException e) {
            fail(e);
            return;
        } catch (RuntimeException e) {
            fail(wrapped(e));
            throw e;
        }
        if (settled == null) {
            again();
        } else {
            succeed(settled);
        }
    }

    /** Takes the failure of an attempt, on a thread of the dispatcher. */
    final void attemptFailed(AttemptCall current, IOException failure) {
        try {
            settle(current, failure);
        } catch (IOException e) {
            fail(e);
            return;
        } catch (RuntimeException e) {
            fail(wrapped(e));
            throw e;
        }
        again();
    }

    private void again() {
        if (pauseNanos > 0) {
            client.outbound().schedule(newWake(), Duration.ofNanos(pauseNanos), Runnable::run);
        } else {
            startAttempt();
        }
    }

    private Wake newWake() {
        Wake wake = new Wake();
        beginWait(wake);
        return wake;
    }

    private void succeed(Response response) {
        Request next;
        try {
            next = redirect(response);
        } catch (IOException e) {
            fail(e);
            return;
        }
        if (next != null) {
            follow(response, next);
            startExchange();
            return;
        }
        deliver(Redirects.after(prior, response));
    }

    private void fail(IOException failure) {
        if (failure instanceof MeshCallException refusal) {
            Response response;
            try {
                response = refused(refusal);
            } catch (MeshCallException e) {
                requireNonNull(callback).onFailure(requireNonNull(outer), e);
                return;
            }
            deliver(response);
            return;
        }
        requireNonNull(callback).onFailure(requireNonNull(outer), failure);
    }

    private void deliver(Response response) {
        try {
            requireNonNull(callback).onResponse(requireNonNull(outer), response);
        } catch (IOException e) {
            // As OkHttp does: the callback had its answer and gets no second call.
            MeshClient.log.info("callback failed", e);
        }
    }

    private void failSoon(Exception e) {
        client.dispatch(() -> fail(e instanceof IOException failure ? failure : wrapped(e)));
    }

    // ---- both

    private OutboundCall begin() throws IOException {
        if (aborted) {
            throw new IOException(CANCELED);
        }
        OutboundCall begun = client.begin(this, context);
        outbound = begun;
        return begun;
    }

    /** Returns the next attempt, or null where there is none and the answer that was kept is the one that counts. */
    private @Nullable AttemptCall prepare(OutboundCall call) throws IOException {
        Response last = kept;
        boolean stays = false;
        try {
            if (aborted) {
                call.cancel();
                throw new IOException(CANCELED);
            }
            checkTime(null);
            Attempt again = resent;
            resent = null;
            Attempt next = again != null ? again : last == null ? call.nextAttempt() : call.retry();
            if (next == null) {
                stays = true;
                return null;
            }
            AttemptCall current =
                    newAttempt(next, again == null ? client.sibling(next, request) : client.fresh(next, request));
            runs(current);
            if (again == null && call.isMirrored()) {
                MirroredCopy.send(client, call, request);
            }
            return current;
        } finally {
            if (last != null && !stays) {
                kept = null;
                last.close();
            }
        }
    }

    /** Sets what the mesh decided about the request. */
    final void goesBy(OutboundCall decided) {
        outbound = decided;
    }

    /** Sets the attempt that runs. */
    final void runs(AttemptCall current) {
        attempt = current;
        if (aborted) {
            current.cancel();
        }
    }

    /** Returns an attempt that runs beside the present one. */
    final AttemptCall beside(Attempt next) {
        AttemptCall other = newAttempt(next, client.sibling(next, request));
        hedge = other;
        if (aborted) {
            other.cancel();
        }
        return other;
    }

    /** Returns what takes the place of that attempt, over another connection, or null where that is not needed. */
    final @Nullable AttemptCall resent(AttemptCall lost) {
        Attempt again = resent;
        if (again == null) {
            return null;
        }
        resent = null;
        AttemptCall fresh = newAttempt(again, client.fresh(again, request));
        if (lost == hedge) {
            hedge = fresh;
        } else {
            attempt = fresh;
        }
        if (aborted) {
            fresh.cancel();
        }
        return fresh;
    }

    /** Of two attempts, that one counts from now on. */
    final void decidedBy(AttemptCall winner) {
        attempt = winner;
        hedge = null;
        if (aborted) {
            winner.cancel();
        }
    }

    private AttemptCall newAttempt(Attempt next, OkHttpClient by) {
        AttemptCall current = new AttemptCall(this, next, by, request);
        List<EventListener> known = listeners;
        current.listen(known != null || client.isListenedTo());
        if (known != null) {
            known.forEach(current::addEventListener);
        }
        current.limit(whole);
        return current;
    }

    private Response takeKept() {
        Response last = requireNonNull(kept, "kept");
        kept = null;
        return last;
    }

    private Call newOutsideCall() {
        Call call = client.outside().newCall(request);
        List<EventListener> known = listeners;
        if (known != null) {
            known.forEach(call::addEventListener);
        }
        if (whole != null) {
            call.timeout().deadlineNanoTime(whole.deadlineNanoTime());
        }
        outside = call;
        if (aborted) {
            call.cancel();
        }
        return call;
    }

    /** Returns the answer for the application, or null where the mesh wants another attempt or {@linkplain #awaitsOther another report}. */
    final @Nullable Response settle(AttemptCall current, Response answer) throws IOException {
        if (aborted) {
            answer.close();
            current.abandon();
            endCall();
            throw new IOException(CANCELED);
        }
        Response released = WireInterceptor.released(answer);
        Verdict verdict = current.responded(released);
        if (goesOn(verdict)) {
            if (pauseNanos == 0) {
                kept = released;
            } else {
                // To keep it for longer would keep its connection from other calls.
                released.close();
            }
            return null;
        }
        current.delivered(released);
        MeshCallException failure = verdict.failure();
        if (failure != null) {
            released.close();
            throw failure;
        }
        return released;
    }

    /** Returns where the mesh wants another attempt or {@linkplain #awaitsOther another report}, else throws what the application gets. */
    final void settle(AttemptCall current, IOException failure) throws IOException {
        if (current.isCancellation(failure)) {
            current.abandon();
            endCall();
            throw failure;
        }
        if (current.isLostToStaleConnection(failure)) {
            checkTime(failure);
            resent = current.attempt();
            pauseNanos = 0;
            return;
        }
        Verdict verdict = current.failed(failure);
        checkTime(failure);
        if (goesOn(verdict)) {
            return;
        }
        MeshCallException refusal = verdict.failure();
        throw refusal == null ? failure : refusal;
    }

    private boolean goesOn(Verdict verdict) {
        if (verdict.awaitsOther()) {
            pauseNanos = OTHER_UNDER_WAY;
            return true;
        }
        pauseNanos = verdict.pauseNanos();
        return verdict.isRetry();
    }

    /** Tells whether what was settled last decides nothing, since another attempt is under way. */
    final boolean awaitsOther() {
        return pauseNanos == OTHER_UNDER_WAY;
    }

    private @Nullable Request redirect(Response response) throws IOException {
        try {
            return Redirects.next(client.base(), request, response, redirects);
        } catch (IOException e) {
            response.close();
            throw e;
        }
    }

    private void follow(Response response, Request next) {
        // Closed first: the attempt is over before the next call begins.
        response.close();
        prior = Redirects.stripped(response, prior);
        request = next;
        redirects++;
        outbound = null;
    }

    private Response refused(MeshCallException refusal) throws MeshCallException {
        // An injected fault stands for an answer of the callee, which would be none of our exceptions.
        if (client.refusalStyle() == RefusalStyle.EXCEPTION && refusal.reason() != Reason.FAULT_INJECTED) {
            throw refusal;
        }
        MeshClient.log.debug("call refused reason={}", refusal.reason(), refusal);
        return Redirects.after(prior, Refusals.response(request, refusal));
    }

    private void checkTime(@Nullable IOException cause) throws IOException {
        if (whole == null) {
            return;
        }
        try {
            whole.throwIfReached();
        } catch (IOException reached) {
            endCall();
            InterruptedIOException timeout =
                    new InterruptedIOException(Thread.currentThread().isInterrupted() ? "interrupted" : "timeout");
            timeout.initCause(cause);
            throw timeout;
        }
    }

    private void beginWait(Runnable wake) {
        waiting = wake;
        client.waits(this);
        if (aborted) {
            wake.run();
        }
    }

    private void endWait() {
        waiting = null;
        client.waitsNoLonger(this);
    }

    private void endCall() {
        OutboundCall call = outbound;
        if (call != null) {
            call.cancel();
        }
    }

    /** Returns the limit with its time begun to run, so that redirects, attempts and pauses share it. */
    private static @Nullable Timeout begun(@Nullable Timeout limit) {
        if (limit == null || (limit.timeoutNanos() == 0 && !limit.hasDeadline())) {
            return null;
        }
        Timeout begun = new Timeout();
        if (limit.timeoutNanos() > 0) {
            begun.deadline(limit.timeoutNanos(), TimeUnit.NANOSECONDS);
        }
        if (limit.hasDeadline() && !(begun.hasDeadline() && begun.deadlineNanoTime() - limit.deadlineNanoTime() < 0)) {
            begun.deadlineNanoTime(limit.deadlineNanoTime());
        }
        return begun;
    }

    private static IOException wrapped(Exception e) {
        return new IOException("canceled due to " + e, e);
    }

    // ---- what the mesh sees of the request

    @Override
    public final @Nullable Protocol protocol() {
        String type = request.header(CONTENT_TYPE);
        if (type != null) {
            return type.regionMatches(true, 0, GRPC, 0, GRPC.length()) ? Protocol.GRPC : null;
        }
        RequestBody body = request.body();
        MediaType media = body == null ? null : body.contentType();
        return media != null
                        && media.type().equals("application")
                        && media.subtype().startsWith("grpc")
                ? Protocol.GRPC
                : null;
    }

    @Override
    public final String method() {
        return request.method();
    }

    @Override
    public final String scheme() {
        return request.url().scheme();
    }

    @Override
    public final String host() {
        return request.url().host();
    }

    @Override
    public final int port() {
        return request.url().port();
    }

    /** OkHttp does not keep whether the port was written down; the scheme's own need not have been. */
    @Override
    public final boolean isPortImplied() {
        HttpUrl url = request.url();
        return url.port() == (url.isHttps() ? 443 : 80);
    }

    @Override
    public final String path() {
        return request.url().encodedPath();
    }

    @Override
    public final @Nullable String query() {
        return request.url().encodedQuery();
    }

    @Override
    public final @Nullable String header(String name) {
        Headers headers = request.headers();
        String first = null;
        StringBuilder joined = null;
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).equalsIgnoreCase(name)) {
                if (first == null) {
                    first = headers.value(i);
                } else {
                    joined = (joined == null ? new StringBuilder(first) : joined)
                            .append(',')
                            .append(headers.value(i));
                }
            }
        }
        if (joined != null) {
            return joined.toString();
        }
        if (first == null && name.equalsIgnoreCase(CONTENT_TYPE)) {
            // OkHttp adds it on the way out.
            RequestBody body = request.body();
            MediaType type = body == null ? null : body.contentType();
            return type == null ? null : type.toString();
        }
        return first;
    }

    @Override
    public final boolean isRepeatable() {
        RequestBody body = request.body();
        return body == null || !(body.isOneShot() || body.isDuplex());
    }

    // ---- waiting

    /** What a blocked thread waits for. */
    static final class Latch implements Runnable {
        private boolean open;

        @Override
        public synchronized void run() {
            open = true;
            notifyAll();
        }

        synchronized void awaitUninterruptibly() {
            boolean interrupted = false;
            while (!open) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized void await(Timeout limit) throws InterruptedIOException {
            while (!open) {
                limit.waitUntilNotified(this);
            }
        }
    }

    /** What goes on after a wait without a thread, once, whoever wakes it first: the event, the time limit, or abort(). */
    private final class Wake extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1L;

        @Override
        public void run() {
            if (compareAndSet(false, true)) {
                client.dispatch(() -> {
                    endWait();
                    startAttempt();
                });
            }
        }
    }

    /** Takes the answer of a host outside the mesh. */
    private final class OutsideCallback implements Callback {
        @Override
        public void onResponse(Call inner, Response response) {
            succeed(response);
        }

        @Override
        public void onFailure(Call inner, IOException failure) {
            fail(failure);
        }
    }
}
