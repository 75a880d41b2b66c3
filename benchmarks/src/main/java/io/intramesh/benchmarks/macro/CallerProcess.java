package io.intramesh.benchmarks.macro;

import com.sun.management.ThreadMXBean;
import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The caller's process. Each line on its input is an order, answered by one line:
 *
 * <ul>
 *   <li>{@code first N}: N calls one after the other, right after the client was made
 *   <li>{@code closed THREADS MILLIS}: each thread calls again as soon as it is answered
 *   <li>{@code rate THREADS MILLIS PER_SECOND}: calls at a fixed rate, latency counted from when each was due
 * </ul>
 */
final class CallerProcess {
    private final Caller client;
    private final Request request;

    private CallerProcess(Caller client, String host) {
        this.client = client;
        this.request =
                new Request.Builder().url("http://" + host + "/beta/item?id=1").build();
    }

    /** Makes a call. */
    private interface Caller {
        Response call(Request request) throws IOException;
    }

    /** Arguments: {@code bare}, {@code hand} or {@code mesh}, the folder of resources, the callee's port. */
    public static void main(String[] args) throws Exception {
        long begun = System.nanoTime();
        String port = args[2];
        CallerProcess caller = switch (args[0]) {
            case "bare" -> new CallerProcess(through(bareClient()), "callee.local:" + port);
            case "hand" -> {
                HandWired wired = new HandWired(bareClient(), Integer.parseInt(port));
                yield new CallerProcess(wired::call, "callee.local");
            }
            case "mesh" -> new CallerProcess(through(meshClient(Path.of(args[1]))), "callee.local");
            default -> throw new IllegalArgumentException(args[0]);
        };
        print("ready " + (System.nanoTime() - begun));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            print(caller.obey(line.split(" ", -1)));
        }
        Runtime.getRuntime().halt(0);
    }

    private static Caller through(Call.Factory client) {
        return request -> client.newCall(request).execute();
    }

    private static OkHttpClient bareClient() {
        // As a careful user of bare OkHttp sets it: its default of 5 idle connections would open new ones all the time.
        // A callee
        // is called by its name, which costs more than an address does: OkHttp maps it anew for each call (RFC 5891).
        return new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
                .dns(name -> List.of(InetAddress.getLoopbackAddress()))
                .build();
    }

    private static Call.Factory meshClient(Path registry) {
        return MeshClient.create(Mesh.builder()
                .registry(FileRegistry.of(registry))
                .virtualNode("caller")
                .zone("a")
                .start());
    }

    private String obey(String[] order) throws InterruptedException {
        int threads = order[0].equals("first") ? 1 : Integer.parseInt(order[1]);
        Work work = switch (order[0]) {
            case "first" -> sequential(Integer.parseInt(order[1]));
            case "closed" -> closed(Long.parseLong(order[2]));
            case "rate" -> atRate(Long.parseLong(order[2]), Long.parseLong(order[3]));
            default -> throw new IllegalArgumentException(order[0]);
        };
        ProcessFigures before = ProcessFigures.read();
        long start = System.nanoTime();
        Totals totals = together(threads, work);
        long elapsed = System.nanoTime() - start;
        ProcessFigures used = ProcessFigures.read().minus(before);
        Latencies latencies = totals.latencies;
        return "done " + latencies.total() + " " + elapsed + " " + used.cpuNanos() + " " + totals.allocated + " "
                + latencies.percentile(0.5) + " " + latencies.percentile(0.99);
    }

    /** What one thread does; each thread has its own latencies. */
    private interface Work {
        void run(Latencies latencies);
    }

    /** What all threads did. Guarded by itself while they run. */
    private static final class Totals {
        private final Latencies latencies = new Latencies();
        private long allocated;

        synchronized void add(Latencies own, long ownAllocated) {
            latencies.addAll(own);
            allocated += ownAllocated;
        }
    }

    private static Totals together(int threads, Work work) throws InterruptedException {
        Totals totals = new Totals();
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                try {
                    counted(work, totals);
                } finally {
                    done.countDown();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        done.await();
        return totals;
    }

    /** Threads end with their order, and what they allocated is forgotten then: so each counts its own. */
    private static void counted(Work work, Totals totals) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        Latencies latencies = new Latencies();
        long before = threads.getThreadAllocatedBytes(id);
        work.run(latencies);
        totals.add(latencies, threads.getThreadAllocatedBytes(id) - before);
    }

    private Work sequential(int calls) {
        return latencies -> {
            for (int i = 0; i < calls; i++) {
                long start = System.nanoTime();
                call();
                latencies.add(System.nanoTime() - start);
            }
        };
    }

    private Work closed(long millis) {
        long begun = System.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
        return latencies -> {
            for (long now = System.nanoTime(); now - begun < nanos; ) {
                call();
                long after = System.nanoTime();
                latencies.add(after - now);
                now = after;
            }
        };
    }

    private Work atRate(long millis, long perSecond) {
        long intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long total = perSecond * millis / 1000;
        AtomicLong ticket = new AtomicLong();
        long begun = System.nanoTime();
        return latencies -> {
            for (long mine = ticket.getAndIncrement(); mine < total; mine = ticket.getAndIncrement()) {
                long due = begun + mine * intervalNanos;
                for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                call();
                latencies.add(System.nanoTime() - due);
            }
        };
    }

    private void call() {
        try (Response response = client.call(request)) {
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
}
