package io.intramesh.okhttp;

import io.intramesh.call.Endpoint;
import io.intramesh.model.Protocol;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The clients by which one endpoint is called, attached to the endpoint: one for each protocol and idle timeout in use. All
 * share one {@link EndpointDns}, and OkHttp's pool compares that by identity: so connections are kept per endpoint, and
 * calls with another idle timeout find them too.
 */
final class EndpointClients {
    /** Idle timeouts belong to listeners and routes, so a node sees very few. Beyond this the oldest makes room. */
    static final int LIMIT = 8;

    private final OkHttpClient template;
    private final ClientTimeouts timeouts;
    private final Endpoint endpoint;
    private final EndpointDns dns;
    private final EndpointSocketFactory sockets;

    /** Replaced as a whole, under this object's lock; read without. */
    private volatile Entry[] entries = {};

    // Under this object's lock.
    private @Nullable OkHttpClient httpProber;
    private @Nullable OkHttpClient http2Prober;

    EndpointClients(OkHttpClient template, ClientTimeouts timeouts, Endpoint endpoint) {
        this.template = template;
        this.timeouts = timeouts;
        this.endpoint = endpoint;
        dns = new EndpointDns(endpoint);
        sockets = new EndpointSocketFactory(endpoint);
    }

    OkHttpClient client(Protocol protocol, long idleNanos) {
        boolean http2 = protocol.isHttp2OnTheWire();
        for (Entry entry : entries) {
            if (entry.http2 == http2 && entry.idleNanos == idleNanos) {
                return entry.client;
            }
        }
        return add(http2, idleNanos);
    }

    /**
     * Returns a client that uses no connection twice. HTTP/2 has one connection for all, which OkHttp has let go by the time when
     * it is stale, so that the usual client makes another.
     */
    OkHttpClient fresh(Protocol protocol, long idleNanos) {
        OkHttpClient usual = client(protocol, idleNanos);
        return protocol.isHttp2OnTheWire()
                ? usual
                : usual.newBuilder()
                        .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
                        .build();
    }

    /** Returns a client for health checks: to the same endpoint, but without anything of the application's. */
    synchronized OkHttpClient prober(boolean http2) {
        OkHttpClient known = http2 ? http2Prober : httpProber;
        if (known == null) {
            OkHttpClient.Builder builder = client(http2 ? Protocol.HTTP2 : Protocol.HTTP, 0)
                    .newBuilder()
                    // Its limits are for calls, which must not hold up checks; its threads will do.
                    .dispatcher(new Dispatcher(template.dispatcher().executorService()))
                    .eventListener(EventListener.NONE)
                    .cookieJar(CookieJar.NO_COOKIES)
                    .cache(null);
            builder.networkInterceptors().clear();
            known = builder.build();
            if (http2) {
                http2Prober = known;
            } else {
                httpProber = known;
            }
        }
        return known;
    }

    int size() {
        return entries.length;
    }

    private synchronized OkHttpClient add(boolean http2, long idleNanos) {
        Entry[] before = entries;
        for (Entry entry : before) {
            if (entry.http2 == http2 && entry.idleNanos == idleNanos) {
                return entry.client;
            }
        }
        Entry entry = new Entry(http2, idleNanos, build(http2, idleNanos));
        int kept = Math.min(before.length, LIMIT - 1);
        Entry[] after = new Entry[kept + 1];
        System.arraycopy(before, before.length - kept, after, 0, kept);
        after[kept] = entry;
        entries = after;
        return entry.client;
    }

    private OkHttpClient build(boolean http2, long idleNanos) {
        return template.newBuilder()
                .dns(dns)
                .socketFactory(sockets)
                .proxy(Proxy.NO_PROXY)
                // Connects from a second thread: worth it only where there is another address to try.
                .fastFallback(template.fastFallback() && endpoint.addresses().size() > 1)
                .protocols(List.of(http2 ? okhttp3.Protocol.H2_PRIOR_KNOWLEDGE : okhttp3.Protocol.HTTP_1_1))
                .readTimeout(timeouts.readMillis(idleNanos), TimeUnit.MILLISECONDS)
                .writeTimeout(timeouts.writeMillis(idleNanos), TimeUnit.MILLISECONDS)
                .build();
    }

    private static final class Entry {
        private final boolean http2;
        private final long idleNanos;
        private final OkHttpClient client;

        private Entry(boolean http2, long idleNanos, OkHttpClient client) {
            this.http2 = http2;
            this.idleNanos = idleNanos;
            this.client = client;
        }
    }
}
