package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import io.intramesh.model.Protocol;
import io.intramesh.tls.ClientTls;
import java.lang.ref.WeakReference;
import java.net.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The clients by which one endpoint is called, attached to the endpoint: one for each security, protocol and idle timeout in use.
 * Those of the same security share one {@link EndpointConnections}: so connections are kept per endpoint and security, and calls
 * with another idle timeout find them too.
 *
 * <p>Connections under TLS age. After {@link #MAX_AGE} new calls make others, and the old ones end as soon as nobody uses them;
 * those in use end with the certificate at the latest. When a certificate is renewed, calls come with another {@link ClientTls},
 * and what was made under the former idles out.
 */
final class EndpointClients {
    /**
     * Idle timeouts belong to listeners and routes, and securities to client policies, so a node sees very few. Beyond this the
     * oldest makes room.
     */
    static final int LIMIT = 8;

    /**
     * How long a connection under TLS takes new calls. OkHttp has no such limit, and keeps one of HTTP/2 for as long as calls come
     * (okhttp issues 3374 and 9218). Long enough that a handshake costs nothing that counts. Each endpoint has up to a tenth
     * less, so that not all are connected to anew at once.
     */
    static final Duration MAX_AGE = Duration.ofMinutes(10);

    private static final int SPREAD_MILLIS = (int) MAX_AGE.toMillis() / 10;

    /** No answer takes so long that its connection would have to be ended; timers do not reach much further. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * For so long after it has taken a request as usual, a process is taken to keep its connections: one that leaves serves on for
     * longer, so that its callers hear of it. Ours; as short as the shortest useful grace of a drain.
     */
    private static final long TRUSTED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** So exactly that is noted: a note for every call would be taken from one processor to the next. */
    private static final long TRUST_STEP_NANOS = TRUSTED_NANOS / 4;

    /** The timer and the clock that certificates end by may differ by so much. */
    private static final Duration TIMER_TOLERANCE = Duration.ofSeconds(1);

    private final OkHttpClient template;
    private final ClientTimeouts timeouts;
    private final Endpoint endpoint;
    private final Ageing ageing;
    private final EndpointConnections plaintext;

    /** Replaced as a whole, under this object's lock; read without. */
    private volatile Entry[] entries = {};

    /** When the last request was sent that the process took without a word of leaving. Any thread. */
    private volatile long servedNanos;

    // Under this object's lock.
    private @Nullable Prober httpProber;
    private @Nullable Prober http2Prober;

    /** What tells when time has passed. */
    interface Ageing {
        /** Runs a task after a while, on any thread. */
        void later(Runnable task, Duration pause);

        Instant now();

        /** Returns the reading of a clock that only goes forward. */
        long nanoTime();
    }

    EndpointClients(OkHttpClient template, ClientTimeouts timeouts, Endpoint endpoint, Ageing ageing) {
        this.template = template;
        this.timeouts = timeouts;
        this.endpoint = endpoint;
        this.ageing = ageing;
        plaintext = new EndpointConnections(endpoint, null);
        servedNanos = ageing.nanoTime() - TRUSTED_NANOS;
    }

    /**
     * @param tls null for plaintext
     * @param https whether the URL says so, so that OkHttp itself encrypts
     * @param idleNanos 0 for none, so that the application's own holds; {@link ClientTimeouts#UNWATCHED} for none at all
     */
    OkHttpClient client(@Nullable ClientTls tls, boolean https, Protocol protocol, long idleNanos) {
        boolean http2 = protocol.isHttp2OnTheWire();
        boolean layered = https && tls != null;
        for (Entry entry : entries) {
            if (entry.isFor(tls, layered, http2, idleNanos)) {
                return entry.client;
            }
        }
        return add(tls, layered, http2, idleNanos);
    }

    /**
     * Returns a client that uses no connection twice. HTTP/2 has one connection for all, which OkHttp has let go by the time when
     * it is stale, so that the usual client makes another.
     */
    OkHttpClient fresh(@Nullable ClientTls tls, boolean https, Protocol protocol, long idleNanos) {
        OkHttpClient usual = client(tls, https, protocol, idleNanos);
        return protocol.isHttp2OnTheWire()
                ? usual
                : usual.newBuilder()
                        .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
                        .build();
    }

    /**
     * Returns a client for health checks: to the same endpoint, but without anything of the application's. Its URLs are https
     * ones under TLS.
     */
    synchronized OkHttpClient prober(@Nullable ClientTls tls, boolean http2) {
        Prober known = http2 ? http2Prober : httpProber;
        if (known != null && known.tls == tls) {
            return known.client;
        }
        OkHttpClient.Builder builder = client(tls, tls != null, http2 ? Protocol.HTTP2 : Protocol.HTTP, 0)
                .newBuilder()
                // Its limits are for calls, which must not hold up checks; its threads will do.
                .dispatcher(new Dispatcher(template.dispatcher().executorService()))
                .eventListener(EventListener.NONE)
                .cookieJar(CookieJar.NO_COOKIES)
                .cache(null);
        builder.networkInterceptors().clear();
        Prober made = new Prober(tls, builder.build());
        if (http2) {
            http2Prober = made;
        } else {
            httpProber = made;
        }
        return made.client;
    }

    /** Returns the connections under that security, to make one beside those of the clients. */
    synchronized EndpointConnections connections(@Nullable ClientTls tls) {
        if (tls == null) {
            return plaintext;
        }
        for (Entry entry : entries) {
            if (entry.connections.tls() == tls) {
                return entry.connections;
            }
        }
        return new EndpointConnections(endpoint, tls);
    }

    /** Notes that a request was answered as usual which was sent at that time. */
    void servedSince(long nanos) {
        if (nanos - servedNanos > TRUST_STEP_NANOS) {
            servedNanos = nanos;
        }
    }

    /** Tells whether the process was at work so shortly ago that it has not closed its kept connections since. */
    boolean isTrusted() {
        return ageing.nanoTime() - servedNanos < TRUSTED_NANOS;
    }

    int size() {
        return entries.length;
    }

    private synchronized OkHttpClient add(@Nullable ClientTls tls, boolean layered, boolean http2, long idleNanos) {
        Entry[] before = entries;
        for (Entry entry : before) {
            if (entry.isFor(tls, layered, http2, idleNanos)) {
                return entry.client;
            }
        }
        EndpointConnections connections = connections(tls);
        boolean isNew = Arrays.stream(before).noneMatch(entry -> entry.connections == connections);
        Entry entry = new Entry(connections, layered, http2, idleNanos, build(connections, layered, http2, idleNanos));
        int kept = Math.min(before.length, LIMIT - 1);
        Entry[] after = new Entry[kept + 1];
        System.arraycopy(before, before.length - kept, after, 0, kept);
        after[kept] = entry;
        entries = after;
        if (tls != null && isNew) {
            age(connections, tls);
        }
        return entry.client;
    }

    private OkHttpClient build(EndpointConnections connections, boolean layered, boolean http2, long idleNanos) {
        OkHttpClient.Builder builder = template.newBuilder()
                .dns(connections.dns())
                .proxy(Proxy.NO_PROXY)
                // Connects from a second thread: worth it only where there is another address to try.
                .fastFallback(template.fastFallback() && endpoint.addresses().size() > 1)
                .readTimeout(timeouts.readMillis(idleNanos), TimeUnit.MILLISECONDS)
                .writeTimeout(timeouts.writeMillis(idleNanos), TimeUnit.MILLISECONDS);
        ClientTls tls = connections.tls();
        if (layered && tls != null) {
            return builder.socketFactory(connections.socketsToEncrypt())
                    .sslSocketFactory(connections.layers(), tls.trustManager())
                    .hostnameVerifier(tls.hostnameVerifier())
                    .connectionSpecs(List.of(EndpointConnections.AS_MADE))
                    // OkHttp wants HTTP/1.1 among them. Whether HTTP/2 was agreed on is looked at before a request is
                    // sent.
                    .protocols(
                            http2
                                    ? List.of(okhttp3.Protocol.HTTP_2, okhttp3.Protocol.HTTP_1_1)
                                    : List.of(okhttp3.Protocol.HTTP_1_1))
                    .build();
        }
        return builder.socketFactory(connections.sockets(http2))
                .protocols(List.of(http2 ? okhttp3.Protocol.H2_PRIOR_KNOWLEDGE : okhttp3.Protocol.HTTP_1_1))
                .build();
    }

    /** Lets new calls make other connections in a while. Weak: what nobody connects by any more need not wait for this. */
    private void age(EndpointConnections connections, ClientTls tls) {
        Duration life = MAX_AGE.minusMillis(Math.floorMod(endpoint.toString().hashCode(), SPREAD_MILLIS));
        Duration left = Duration.between(ageing.now(), tls.notAfter());
        WeakReference<EndpointConnections> aged = new WeakReference<>(connections);
        WeakReference<EndpointClients> holder = new WeakReference<>(this);
        Ageing clock = ageing;
        clock.later(
                () -> {
                    EndpointClients clients = holder.get();
                    EndpointConnections old = aged.get();
                    if (old != null) {
                        if (clients != null) {
                            clients.retire(old);
                        }
                        awaitEnd(old, tls, clock);
                    }
                },
                left.compareTo(life) < 0 ? atLeastZero(left) : life);
    }

    private synchronized void retire(EndpointConnections connections) {
        entries = Arrays.stream(entries)
                .filter(entry -> entry.connections != connections)
                .toArray(Entry[]::new);
    }

    /** Nothing outlives the certificate that it was made with, long answers neither. */
    private static void awaitEnd(EndpointConnections connections, ClientTls tls, Ageing clock) {
        Duration left = Duration.between(clock.now(), tls.notAfter());
        if (!connections.isAnyOpen() || left.compareTo(LONGEST) > 0 || endIfOver(connections, tls, clock)) {
            return;
        }
        WeakReference<EndpointConnections> aged = new WeakReference<>(connections);
        clock.later(
                () -> {
                    EndpointConnections old = aged.get();
                    if (old != null) {
                        endIfOver(old, tls, clock);
                    }
                },
                left);
    }

    /** Looks at the clock, since a mesh that closes lets go on at once what waits. */
    private static boolean endIfOver(EndpointConnections connections, ClientTls tls, Ageing clock) {
        boolean isOver = Duration.between(clock.now(), tls.notAfter()).compareTo(TIMER_TOLERANCE) <= 0;
        if (isOver) {
            connections.closeAll();
        }
        return isOver;
    }

    private static Duration atLeastZero(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private static final class Prober {
        private final @Nullable ClientTls tls;
        private final OkHttpClient client;

        private Prober(@Nullable ClientTls tls, OkHttpClient client) {
            this.tls = tls;
            this.client = client;
        }
    }

    private static final class Entry {
        private final EndpointConnections connections;
        private final @Nullable ClientTls tls;
        private final boolean layered;
        private final boolean http2;
        private final long idleNanos;
        private final OkHttpClient client;

        private Entry(
                EndpointConnections connections, boolean layered, boolean http2, long idleNanos, OkHttpClient client) {
            this.connections = connections;
            this.tls = connections.tls();
            this.layered = layered;
            this.http2 = http2;
            this.idleNanos = idleNanos;
            this.client = client;
        }

        /** A security is the object that stands for it. */
        private boolean isFor(@Nullable ClientTls security, boolean isLayered, boolean isHttp2, long idle) {
            return tls == security && http2 == isHttp2 && idleNanos == idle && layered == isLayered;
        }
    }
}
