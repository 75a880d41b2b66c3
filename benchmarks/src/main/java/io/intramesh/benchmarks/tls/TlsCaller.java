package io.intramesh.benchmarks.tls;

import io.intramesh.Mesh;
import io.intramesh.benchmarks.macro.ProcessFigures;
import io.intramesh.call.MeshRequest;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.TlsSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The caller's process. Each line on its input is an order {@code MODE THREADS MILLIS}, answered by one line. Modes: {@code kept}
 * calls over kept-alive connections; {@code resumed} makes a connection for each call, to a server that it knows; {@code full}
 * likewise, to one that it has never called by that name.
 */
final class TlsCaller {
    private final Call.Factory client;
    private final String origin;
    private final AtomicLong names = new AtomicLong();

    private TlsCaller(Call.Factory client, String origin) {
        this.client = client;
        this.origin = origin;
    }

    /** Arguments: the {@link TlsBenchmark.Kind}, the folder of the {@link Shop}, the callee's port, {@code http} or {@code http2}. */
    public static void main(String[] args) throws Exception {
        TlsBenchmark.Kind kind = TlsBenchmark.Kind.valueOf(args[0]);
        Path folder = Path.of(args[1]);
        TlsCaller caller;
        if (kind == TlsBenchmark.Kind.JSSE) {
            caller = new TlsCaller(jsse(folder.resolve("caller"), args[3]), "https://callee.local:" + args[2]);
        } else {
            Mesh mesh = Shop.start(
                    folder,
                    "caller",
                    TlsSettings.builder().provider(TlsSettings.Provider.OPENSSL).build());
            caller = kind == TlsBenchmark.Kind.MESH
                    ? new TlsCaller(MeshClient.create(mesh), "http://callee.local")
                    : new TlsCaller(layered(mesh, args[3]), "https://callee.local:" + args[2]);
        }
        print("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            print(caller.obey(line.split(" ", -1)));
        }
        Runtime.getRuntime().halt(0);
    }

    private static OkHttpClient.Builder okHttp(String protocol) {
        return new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
                .protocols(
                        protocol.equals("http2")
                                ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
                                : List.of(Protocol.HTTP_1_1))
                // OkHttp leaves Nagle's algorithm on, which holds a handshake up for 40 ms; both sides of the
                // comparison do without.
                .socketFactory(new UndelayedSockets())
                .dns(name -> List.of(InetAddress.getLoopbackAddress()));
    }

    private static OkHttpClient jsse(Path keys, String protocol) throws IOException, GeneralSecurityException {
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(load(keys.resolve(Shop.KEY_STORE)), Shop.PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(load(keys.resolve(Shop.TRUST_STORE)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return okHttp(protocol)
                .sslSocketFactory(context.getSocketFactory(), (X509TrustManager) trust.getTrustManagers()[0])
                .hostnameVerifier((name, session) -> true)
                .build();
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, Shop.PASSWORD.toCharArray());
        }
        return store;
    }

    /** OkHttp as it is, over the mesh's TLS. */
    private static OkHttpClient layered(Mesh mesh, String protocol) throws IOException {
        ClientTls tls = mesh.outbound().begin(new AnyRequest()).nextAttempt().tls();
        if (tls == null) {
            throw new IOException("the mesh would call in plaintext");
        }
        return okHttp(protocol)
                .sslSocketFactory(tls.socketFactory(), tls.trustManager())
                .hostnameVerifier(tls.hostnameVerifier())
                .build();
    }

    private String obey(String[] order) throws InterruptedException {
        int threads = Integer.parseInt(order[1]);
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(order[2]));
        LongAdder calls = new LongAdder();
        CountDownLatch done = new CountDownLatch(threads);
        ProcessFigures before = ProcessFigures.read();
        long start = System.nanoTime();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                try {
                    while (System.nanoTime() - start < nanos) {
                        call(order[0]);
                        calls.increment();
                    }
                } finally {
                    done.countDown();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        done.await();
        return "done " + calls.sum() + " " + ProcessFigures.read().minus(before).cpuNanos();
    }

    private void call(String mode) {
        String url = switch (mode) {
            case "kept" -> origin + "/item?id=1";
            case "resumed" -> origin + "/close";
            case "full" -> origin.replace("callee", "callee-" + names.incrementAndGet()) + "/close";
            default -> throw new IllegalArgumentException(mode);
        };
        Request request = new Request.Builder().url(url).build();
        try (Response response = client.newCall(request).execute()) {
            if (response.code() != 200 || response.body().bytes().length != 256) {
                throw new IllegalStateException("unexpected answer: " + response);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static final class UndelayedSockets extends SocketFactory {
        private final SocketFactory sockets = SocketFactory.getDefault();

        @Override
        public Socket createSocket() throws IOException {
            Socket socket = sockets.createSocket();
            socket.setTcpNoDelay(true);
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException("OkHttp connects by itself");
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException("OkHttp connects by itself");
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException("OkHttp connects by itself");
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
            throw new UnsupportedOperationException("OkHttp connects by itself");
        }
    }

    private static final class AnyRequest implements MeshRequest {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String scheme() {
            return "http";
        }

        @Override
        public String host() {
            return "callee.local";
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public @Nullable String query() {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }
}
