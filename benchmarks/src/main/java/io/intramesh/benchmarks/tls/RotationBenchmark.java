package io.intramesh.benchmarks.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.MeshListener;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.servlet.tomcat.MeshHttp11Protocol;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsSettings;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/**
 * Calls at a steady rate, GET and POST in turns, while caller and callee get new certificates all the time, each of which has
 * expired long before the end: every call succeeds. Nobody wrote a retry policy, so that no POST is sent twice that may have arrived.
 *
 * <p>Options: {@code --seconds N} (default 120), {@code --rate N} calls per second (default 500), {@code --every N} seconds until a side
 * gets its next certificate (default 5), {@code --protocol http} or {@code http2} (default http). Exit status 0 if no call failed.
 */
public final class RotationBenchmark {
    private static final int WORKERS = 32;

    /** A certificate holds for so many intervals: it expires well within the run, and long after its successor has come. */
    private static final int TTL_INTERVALS = 3;

    private final int seconds;
    private final int rate;
    private final int every;
    private final String protocol;
    private final PrintStream out;

    private final LongAdder served = new LongAdder();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final Queue<String> firstFailures = new ConcurrentLinkedQueue<>();
    private final Set<BigInteger> callers = ConcurrentHashMap.newKeySet();
    private final Map<TlsEvent.Kind, LongAdder> ofCallee = new ConcurrentHashMap<>();
    private final Set<Integer> connections = ConcurrentHashMap.newKeySet();

    private RotationBenchmark(int seconds, int rate, int every, String protocol, PrintStream out) {
        this.seconds = seconds;
        this.rate = rate;
        this.every = every;
        this.protocol = protocol;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        LogManager.getLogManager().reset();
        int seconds = 120;
        int rate = 500;
        int every = 5;
        String protocol = "http";
        for (int i = 0; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--seconds" -> seconds = Integer.parseInt(value);
                case "--rate" -> rate = Integer.parseInt(value);
                case "--every" -> every = Integer.parseInt(value);
                case "--protocol" -> protocol = value;
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(new RotationBenchmark(seconds, rate, every, protocol, out).run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        Path folder = Files.createTempDirectory("intramesh-rotation");
        Shop shop = new Shop(folder);
        Duration ttl = Duration.ofSeconds((long) every * TTL_INTERVALS);
        shop.renew("caller", ttl);
        shop.renew("callee", ttl);
        shop.write(protocol, false);
        AtomicInteger renewals = new AtomicInteger();
        Thread renewing = new Thread(() -> renew(shop, ttl, renewals), "renewing");
        renewing.setDaemon(true);
        try (Mesh callee = Shop.start(folder, "callee", TlsSettings.defaults());
                AutoCloseable events = callee.addListener(new MeshListener() {
                    @Override
                    public void tlsChanged(TlsEvent event) {
                        ofCallee.computeIfAbsent(event.kind(), kind -> new LongAdder())
                                .increment();
                    }
                })) {
            requireNonNull(events); // Ends with the run.
            Tomcat tomcat = tomcat(folder, callee);
            tomcat.start();
            shop.endpoint(tomcat.getConnector().getLocalPort());
            try (Mesh caller = Shop.start(folder, "caller", TlsSettings.defaults());
                    MeshClient client = MeshClient.create(caller)) {
                renewing.start();
                load(client);
            }
            tomcat.stop();
            tomcat.destroy();
        }
        report(renewals.get());
        return failures.isEmpty();
    }

    /** Gives the two sides new certificates in turns, half an interval apart. */
    private void renew(Shop shop, Duration ttl, AtomicInteger renewals) {
        try {
            for (int turn = 0; ; turn++) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(every) / 2);
                shop.renew(turn % 2 == 0 ? "caller" : "callee", ttl);
                renewals.incrementAndGet();
            }
        } catch (IOException e) {
            failed("no new certificate: " + e);
        }
    }

    private Tomcat tomcat(Path folder, Mesh callee) throws IOException {
        return Servers.tomcat(
                folder.resolve("tomcat"),
                new Connector(MeshHttp11Protocol.of(callee.serverTls(8443))),
                new Answer(),
                MeshFilter.of(callee));
    }

    private void load(MeshClient client) throws InterruptedException {
        long calls = (long) rate * seconds;
        long start = System.nanoTime();
        AtomicLong next = new AtomicLong();
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        for (int i = 0; i < WORKERS; i++) {
            workers.execute(() -> {
                for (long mine = next.getAndIncrement(); mine < calls; mine = next.getAndIncrement()) {
                    long due = start + mine * TimeUnit.SECONDS.toNanos(1) / rate;
                    for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                        LockSupport.parkNanos(wait);
                    }
                    call(client, mine % 2 == 0);
                }
            });
        }
        workers.shutdown();
        if (!workers.awaitTermination(seconds + 60L, TimeUnit.SECONDS)) {
            failed("calls are still under way");
        }
    }

    private void call(MeshClient client, boolean post) {
        Request.Builder request = new Request.Builder().url("http://callee.local/");
        if (post) {
            request.post(RequestBody.create("card", null));
        }
        long begun = System.nanoTime();
        try (Response response = client.newCall(request.build()).execute()) {
            String body = response.body().string();
            if (response.code() != 200 || !body.equals("done")) {
                failed((post ? "POST " : "GET ") + response.code() + " " + body);
            } else {
                served.increment();
            }
        } catch (IOException e) {
            failed((post ? "POST " : "GET ") + e);
        }
        slowestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
    }

    private void failed(String what) {
        failures.computeIfAbsent(what, text -> new LongAdder()).increment();
        if (firstFailures.size() < 10) {
            firstFailures.add(what);
        }
    }

    private void report(int renewals) {
        long failed = failures.values().stream().mapToLong(LongAdder::sum).sum();
        out.printf(
                Locale.ROOT,
                "Java %s, %s, %d calls/s for %d s, a new certificate for each side every %d s, good for %d s%n",
                System.getProperty("java.version"),
                protocol,
                rate,
                seconds,
                every,
                every * TTL_INTERVALS);
        out.printf(
                Locale.ROOT,
                "served %d, failed %d, slowest %.1f ms; %d renewals; the callee saw %d certificates of the caller over %d connections, and of its own %s%n",
                served.sum(),
                failed,
                slowestNanos.get() / 1e6,
                renewals,
                callers.size(),
                connections.size(),
                new TreeMap<>(ofCallee));
        firstFailures.forEach(failure -> out.println("  " + failure));
    }

    private final class Answer extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.getInputStream().readAllBytes();
            if (request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain) {
                callers.add(chain[0].getSerialNumber());
            }
            connections.add(request.getRemotePort());
            response.getWriter().print("done");
        }
    }
}
