package io.intramesh.okhttp;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.call.Attempt;
import io.intramesh.call.Endpoint;
import io.intramesh.call.MeshContext;
import io.intramesh.call.MeshRequest;
import io.intramesh.call.Outbound;
import io.intramesh.call.OutboundCall;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends OkHttp's calls through a mesh. It takes the place of an {@link OkHttpClient} wherever a {@link okhttp3.Call.Factory} is
 * asked for, such as in Retrofit:
 *
 * <pre>{@code
 * MeshClient client = MeshClient.create(mesh);
 * Request request = new Request.Builder().url("http://payments.shop.local/charges/7").build();
 * try (Response response = client.newCall(request).execute()) {
 *     …
 * }
 * }</pre>
 *
 * <p>The URL names a virtual service; the mesh chooses the endpoint, and the {@code Host} header stays the virtual service's.
 * What else an {@link OkHttpClient} was given goes on working with the URL that the application wrote: interceptors (once per
 * call), network interceptors (once per attempt), cookies, cache, authenticators, event listeners (one call of OkHttp, and so
 * one listener, per attempt). Redirects are followed as OkHttp does, each routed by the mesh. Hosts that the mesh lets pass
 * are called by the application's client as it is, with its own TLS, proxies and pool.
 *
 * <p>Where the mesh encrypts, it does so underneath: an http URL stays one, with its cookies and cache keys, and
 * {@link okhttp3.Response#handshake} is null for it. An https URL of a virtual service is taken where the mesh encrypts and checks
 * the peer, by the mesh's certificates and trust; the application's certificate pins hold as well. Socket factories and host name
 * verifiers of the client concern hosts outside the mesh alone.
 *
 * <p>What the mesh decides in the client's stead: retries; read and write timeouts, unless the client's differ from OkHttp's
 * 10 s and are shorter than the mesh's idle timeout; the connect timeout, 5 s unless the client's differs from 10 s. The
 * client's call timeout limits the whole call with its redirects and attempts, as ever. DNS, proxies, socket factories and
 * protocols of the client do not concern calls to endpoints of the mesh.
 *
 * <p>Where a traffic policy hedges, a second attempt may run beside the first, and where one mirrors, a copy of the request: its
 * body is then written by two threads at a time, and network interceptors run for both. Only bodies that are neither one-shot nor
 * duplex are sent so.
 *
 * <p>Failures: a call that the mesh refuses or cannot complete ends as {@link RefusalStyle} says. Once the answer is in the
 * application's hands, reading its body fails as with OkHttp; an expired time limit is an
 * {@link java.io.InterruptedIOException} then.
 *
 * <p>Safe for use by several threads. Close it when it is done with, but before the mesh.
 */
public final class MeshClient implements Call.Factory, AutoCloseable {
    /**
     * Idle connections to keep. OkHttp's default of 5 suits a telephone; a service speaks to dozens of endpoints with several
     * connections each, and every one that is dropped costs a handshake later.
     */
    public static final int MAX_IDLE_CONNECTIONS = 512;

    /**
     * How long an idle connection is kept, in seconds. Less than what servers allow (Tomcat 20 s, Jetty 30 s, AWS load
     * balancers 60 s), so that it is the client who closes: a request sent just as the server closes is lost.
     */
    public static final int KEEP_ALIVE_SECONDS = 15;

    /**
     * Asynchronous calls to run at once, in all and for each host. OkHttp's 5 per host would let only five calls at a time
     * through to a virtual service, however many endpoints it has; the bounds that matter are the mesh's own, and this is
     * App Mesh's default for requests in flight to one cluster (Envoy's 1024).
     */
    public static final int MAX_REQUESTS = 1024;

    static final Logger log = LoggerFactory.getLogger(MeshClient.class);

    private static final int OKHTTP_MAX_REQUESTS = 64;
    private static final int OKHTTP_MAX_REQUESTS_PER_HOST = 5;

    private final Outbound outbound;
    private final AttemptTimers timers;
    private final @Nullable Contexts contexts;
    private final RefusalStyle refusalStyle;
    private final OkHttpClient base;
    private final boolean ownsDispatcher;

    /** Sends what the mesh lets pass. */
    private final OkHttpClient outside;

    /** What the clients of endpoints are made from, and the pool of all their connections. */
    private final OkHttpClient template;

    private final ClientTimeouts timeouts;
    private final InstantSource time = InstantSource.system();

    /** Carries the application's interceptors with the mesh below them; null where there are none. */
    private final @Nullable OkHttpClient intercepted;

    private final EndpointClients.Ageing ageing = new EndpointClients.Ageing() {
        @Override
        public void later(Runnable task, Duration pause) {
            outbound.schedule(task, pause, Runnable::run);
        }

        @Override
        public Instant now() {
            return time.instant();
        }

        @Override
        public long nanoTime() {
            return outbound.nanoTime();
        }
    };

    private final Function<Endpoint, EndpointClients> attach = this::attach;

    /** Where this client attached something; guarded by itself. Weak, because endpoints come and go. */
    private final Set<Endpoint> attached = Collections.newSetFromMap(new WeakHashMap<>());

    /** Calls in a pause or waiting for endpoints. */
    private final Set<LogicalCall> waiting = ConcurrentHashMap.newKeySet();

    /** Copies under way, which the mesh bounds. */
    private final Set<MirroredCopy> copies = ConcurrentHashMap.newKeySet();

    /** Runs them on the same threads, but so that they do not count among the application's calls. */
    private final Dispatcher copyDispatcher;

    /** Ends the offer to send health checks. */
    private final AutoCloseable probing;

    // Shared by any threads.
    private volatile boolean listenedTo;
    private volatile boolean closed;

    private MeshClient(Builder builder) {
        outbound = builder.outbound;
        timers = new AttemptTimers(outbound);
        contexts = builder.contexts;
        refusalStyle = builder.refusals;
        ownsDispatcher = builder.okHttp == null;
        base = builder.okHttp == null ? ownClient() : builder.okHttp;
        raise(base.dispatcher());
        timeouts = ClientTimeouts.of(base);
        outside = outsideClient(base);
        template = templateClient();
        copyDispatcher = new Dispatcher(base.dispatcher().executorService());
        copyDispatcher.setMaxRequests(MAX_REQUESTS);
        copyDispatcher.setMaxRequestsPerHost(MAX_REQUESTS);
        intercepted = base.interceptors().isEmpty() ? null : interceptedClient();
        probing = outbound.probeWith(new OkHttpProber(
                endpoint -> endpoint.attachment(this, attach), base.dispatcher().executorService()));
        DuplicateOkHttp.warnOnce();
    }

    /** Returns a client with the defaults: that of {@link #builder} with nothing set. */
    public static MeshClient create(Mesh mesh) {
        return builder(mesh).build();
    }

    /** Returns a builder. */
    public static Builder builder(Mesh mesh) {
        requireNonNull(mesh, "mesh");
        return new Builder(mesh.outbound(), new Contexts() {
            @Override
            public @Nullable MeshContext current() {
                return mesh.context();
            }

            @Override
            public MeshContext.Scope enter(MeshContext context) {
                return mesh.enter(context);
            }
        });
    }

    static Builder builder(Outbound outbound, @Nullable Contexts contexts) {
        return new Builder(outbound, contexts);
    }

    /**
     * Returns a call for a request. It runs in the request context of the thread that makes it, whichever thread executes it.
     * After {@link #close} a call fails with an {@link IOException} once it is executed.
     */
    @Override
    public Call newCall(Request request) {
        requireNonNull(request, "request");
        if (intercepted == null) {
            return new MeshCall(this, request);
        }
        Call call = intercepted.newCall(request);
        MeshContext context = context();
        if (context != null) {
            call.tag(MeshContext.class, () -> context);
        }
        return call;
    }

    /**
     * Closes idle connections to endpoints, and ends the dispatcher where the application brought none of its own. Calls that
     * are under way may finish, those that wait for a retry or for endpoints without waiting any longer. Leaves the application's client and its connections alone. Idempotent.
     */
    @Override
    public void close() {
        closed = true;
        stopProbing();
        // Their timer is the mesh's, which will be closed next.
        waiting.forEach(LogicalCall::wake);
        copies.forEach(LogicalCall::abort);
        release();
        if (ownsDispatcher) {
            base.dispatcher().executorService().shutdown();
            base.connectionPool().evictAll();
        }
    }

    private void stopProbing() {
        try {
            probing.close();
        } catch (Exception e) {
            log.debug("health checks not ended", e);
        }
    }

    // ---- for calls

    Outbound outbound() {
        return outbound;
    }

    AttemptTimers timers() {
        return timers;
    }

    OkHttpClient base() {
        return base;
    }

    OkHttpClient outside() {
        return outside;
    }

    ConnectionPool pool() {
        return template.connectionPool();
    }

    RefusalStyle refusalStyle() {
        return refusalStyle;
    }

    int callTimeoutMillis() {
        return base.callTimeoutMillis();
    }

    @Nullable
    MeshContext context() {
        return contexts == null ? null : contexts.current();
    }

    /** Tells whether the application has event listeners of its own on some call. */
    boolean isListenedTo() {
        return listenedTo;
    }

    OutboundCall begin(MeshRequest request, @Nullable MeshContext context) throws IOException {
        if (closed) {
            throw new IOException("the mesh client is closed");
        }
        if (context == null || contexts == null || context.equals(contexts.current())) {
            return outbound.begin(request);
        }
        MeshContext.Scope scope = contexts.enter(context);
        try {
            return outbound.begin(request);
        } finally {
            scope.close();
        }
    }

    OkHttpClient sibling(Attempt attempt, Request request) {
        return clients(attempt.endpoint())
                .client(attempt.tls(), request.isHttps(), attempt.protocol(), silenceNanos(attempt, request));
    }

    /** Returns a client that makes a connection of its own for the attempt. */
    OkHttpClient fresh(Attempt attempt, Request request) {
        return clients(attempt.endpoint())
                .fresh(attempt.tls(), request.isHttps(), attempt.protocol(), silenceNanos(attempt, request));
    }

    EndpointClients clients(Endpoint endpoint) {
        return endpoint.attachment(this, attach);
    }

    /**
     * Returns how long the peer may be silent, for {@link EndpointClients#client}. Where the limit of the whole attempt comes first, its
     * silence needs no watch: that would cost a timer for each read and write, and has the JDK ask before each read whether
     * there is anything, where without a limit it just reads.
     */
    private long silenceNanos(Attempt attempt, Request request) {
        long idle = attempt.idleTimeoutNanos();
        long whole = attempt.timeoutNanos();
        return whole > 0 && timeouts.areLongerThan(whole, idle) && !outlastsItsLimit(request)
                ? ClientTimeouts.UNWATCHED
                : idle;
    }

    /** Of what goes on in both directions, OkHttp ends the limit when the answer begins. */
    private static boolean outlastsItsLimit(Request request) {
        RequestBody body = request.body();
        return (body != null && body.isDuplex()) || request.header("Upgrade") != null;
    }

    /**
     * Uses none of the endpoint's idle connections again: its process goes, or has gone, and closes them. OkHttp notices that of a
     * connection of HTTP/1.1 only by sending on it, unless it has idled for 10 s. What is under way goes on.
     */
    void forgetConnections(Endpoint endpoint) {
        endpoint.detach(this);
    }

    /** Runs a task on a thread of the dispatcher, or on this one where the dispatcher takes no more. */
    void dispatch(Runnable task) {
        try {
            base.dispatcher().executorService().execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /** A connection went back to the pool, which nobody looks after any longer once this client is closed. */
    void connectionFreed() {
        if (closed) {
            release();
        }
    }

    /** Returns a client for a copy: as for the call itself, but nothing that is shared learns from it. */
    OkHttpClient copying(Attempt attempt, Request request) {
        CookieJar cookies = base.cookieJar();
        return sibling(attempt, request)
                .newBuilder()
                .dispatcher(copyDispatcher)
                .cookieJar(new CookieJar() {
                    @Override
                    public List<Cookie> loadForRequest(HttpUrl url) {
                        return cookies.loadForRequest(url);
                    }

                    @Override
                    public void saveFromResponse(HttpUrl url, List<Cookie> saved) {}
                })
                .cache(null)
                .authenticator(Authenticator.NONE)
                .eventListener(EventListener.NONE)
                .build();
    }

    void copyBegins(MirroredCopy copy) {
        copies.add(copy);
        if (closed) {
            copy.abort();
        }
    }

    void copyEnded(MirroredCopy copy) {
        copies.remove(copy);
    }

    void waits(LogicalCall call) {
        waiting.add(call);
        if (closed) {
            call.wake();
        }
    }

    void waitsNoLonger(LogicalCall call) {
        waiting.remove(call);
    }

    private void release() {
        synchronized (attached) {
            attached.forEach(endpoint -> endpoint.detach(this));
            attached.clear();
        }
        template.connectionPool().evictAll();
    }

    private EndpointClients attach(Endpoint endpoint) {
        synchronized (attached) {
            attached.add(endpoint);
        }
        return new EndpointClients(template, timeouts, endpoint, ageing);
    }

    // ---- clients

    private static OkHttpClient ownClient() {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "mesh-okhttp-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        return new OkHttpClient.Builder().dispatcher(new Dispatcher(executor)).build();
    }

    /** Limits that differ from OkHttp's defaults were set on purpose. */
    private static void raise(Dispatcher dispatcher) {
        if (dispatcher.getMaxRequests() == OKHTTP_MAX_REQUESTS
                && dispatcher.getMaxRequestsPerHost() == OKHTTP_MAX_REQUESTS_PER_HOST) {
            dispatcher.setMaxRequests(MAX_REQUESTS);
            dispatcher.setMaxRequestsPerHost(MAX_REQUESTS);
        }
    }

    private static OkHttpClient outsideClient(OkHttpClient base) {
        OkHttpClient.Builder builder = base.newBuilder()
                // Redirects come back to the mesh: the next host may lie inside, or be forbidden.
                .followRedirects(false)
                .followSslRedirects(false)
                // Counted for the whole call, above.
                .callTimeout(0, TimeUnit.MILLISECONDS);
        builder.interceptors().clear();
        return builder.build();
    }

    private OkHttpClient templateClient() {
        EventListener.Factory listeners = base.eventListenerFactory();
        OkHttpClient.Builder builder = base.newBuilder()
                .connectionPool(new ConnectionPool(MAX_IDLE_CONNECTIONS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS))
                .followRedirects(false)
                .followSslRedirects(false)
                // OkHttp would send a POST again on its own when a reused connection dies. The mesh decides about that.
                .retryOnConnectionFailure(false)
                .callTimeout(0, TimeUnit.MILLISECONDS)
                .connectTimeout(timeouts.connectMillis(), TimeUnit.MILLISECONDS)
                .eventListenerFactory(call -> {
                    EventListener listener = listeners.create(call);
                    if (listener != EventListener.NONE && !listenedTo) {
                        listenedTo = true;
                    }
                    return listener;
                });
        builder.interceptors().clear();
        builder.networkInterceptors().add(0, WireInterceptor.INSTANCE);
        return builder.build();
    }

    private OkHttpClient interceptedClient() {
        return base.newBuilder()
                .addInterceptor(new MeshInterceptor(this))
                // The calls below it have the application's listeners.
                .eventListenerFactory(call -> EventListener.NONE)
                .build();
    }

    /** Builds a {@link MeshClient}. Not thread-safe. */
    public static final class Builder {
        private final Outbound outbound;
        private final @Nullable Contexts contexts;
        private @Nullable OkHttpClient okHttp;
        private RefusalStyle refusals = RefusalStyle.EXCEPTION;

        private Builder(Outbound outbound, @Nullable Contexts contexts) {
            this.outbound = outbound;
            this.contexts = contexts;
        }

        /**
         * Sets the application's own client, whose settings are kept. Its dispatcher is shared, and where its limits are
         * OkHttp's defaults (64 calls, 5 per host) they are raised to {@value MeshClient#MAX_REQUESTS} each; its connection
         * pool serves hosts outside the mesh, while connections to endpoints are kept in a pool of this client's own
         * ({@value MeshClient#MAX_IDLE_CONNECTIONS} idle, {@value MeshClient#KEEP_ALIVE_SECONDS} s). Default: a new client
         * with a dispatcher of daemon threads.
         */
        public Builder okHttp(OkHttpClient value) {
            okHttp = requireNonNull(value, "okHttp");
            return this;
        }

        /** Sets the application's own client as {@link #okHttp(OkHttpClient)}; what the builder is given later has no effect. */
        public Builder okHttp(OkHttpClient.Builder value) {
            return okHttp(requireNonNull(value, "okHttp").build());
        }

        /** Sets how refusals are shown; default {@link RefusalStyle#EXCEPTION}. */
        public Builder refusals(RefusalStyle value) {
            refusals = requireNonNull(value, "refusals");
            return this;
        }

        /** Builds the client. */
        public MeshClient build() {
            return new MeshClient(this);
        }
    }
}
