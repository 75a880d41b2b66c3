package io.intramesh.benchmarks.macro;

import io.intramesh.Mesh;
import io.intramesh.okhttp.MeshClient;
import io.intramesh.registry.FileRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final Call.Factory client;
    private final Request request;

    private CallerProcess(Call.Factory client, Request request) {
        this.client = client;
        this.request = request;
    }

    /** Arguments: {@code bare} or {@code mesh}, the folder of resources, the callee's port. */
    public static void main(String[] args) throws Exception {
        long begun = System.nanoTime();
        boolean mesh = args[0].equals("mesh");
        Call.Factory client = mesh ? meshClient(Path.of(args[1])) : bareClient();
        String url = mesh ? "http://callee.local/beta/item?id=1" : "http://127.0.0.1:" + args[2] + "/beta/item?id=1";
        CallerProcess caller =
                new CallerProcess(client, new Request.Builder().url(url).build());
        print("ready " + (System.nanoTime() - begun));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            print(caller.obey(line.split(" ", -1)));
        }
        Runtime.getRuntime().halt(0);
    }

    private static Call.Factory bareClient() {
        // As a careful user of bare OkHttp sets it: its default of 5 idle connections would open new ones all the time.
        return new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
                .build();
    }

    private static Call.Factory meshClient(Path registry) {
        return MeshClient.create(Mesh.builder()
                .registry(FileRegistry.of(registry))
                .virtualNode("caller")
                .start());
    }

    private String obey(String[] order) throws InterruptedException {
        ProcessFigures before = ProcessFigures.read();
        long start = System.nanoTime();
        int threads = order[0].equals("first") ? 1 : Integer.parseInt(order[1]);
        List<long[]> latencies = switch (order[0]) {
            case "first" -> List.of(sequential(Integer.parseInt(order[1])));
            case "closed" -> together(threads, () -> closed(Long.parseLong(order[2])));
            case "rate" -> atRate(threads, Long.parseLong(order[2]), Long.parseLong(order[3]));
            default -> throw new IllegalArgumentException(order[0]);
        };
        long elapsed = System.nanoTime() - start;
        long[] sorted =
                latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        ProcessFigures used = ProcessFigures.read().minus(before);
        return "done " + sorted.length + " " + elapsed + " " + used.cpuNanos() + " " + allocated.getAndSet(0) + " "
                + percentile(sorted, 0.5) + " " + percentile(sorted, 0.99);
    }

    // Worker threads end with their order, so each counts its own bytes before it does.
    private final AtomicLong allocated = new AtomicLong();

    private interface Work {
        long[] run();
    }

    private List<long[]> together(int threads, Work work) throws InterruptedException {
        List<long[]> results = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                long[] result = counted(work);
                synchronized (results) {
                    results.add(result);
                }
                done.countDown();
            });
            thread.setDaemon(true);
            thread.start();
        }
        done.await();
        synchronized (results) {
            return List.copyOf(results);
        }
    }

    private long[] counted(Work work) {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(id);
        long[] result = work.run();
        allocated.addAndGet(threads.getThreadAllocatedBytes(id) - before);
        return result;
    }

    private long[] sequential(int calls) {
        return counted(() -> {
            long[] latencies = new long[calls];
            for (int i = 0; i < calls; i++) {
                long start = System.nanoTime();
                call();
                latencies[i] = System.nanoTime() - start;
            }
            return latencies;
        });
    }

    private long[] closed(long millis) {
        long[] latencies = new long[1 << 20];
        long begun = System.nanoTime();
        int calls = 0;
        for (long now = begun; now - begun < TimeUnit.MILLISECONDS.toNanos(millis) && calls < latencies.length; ) {
            call();
            long after = System.nanoTime();
            latencies[calls++] = after - now;
            now = after;
        }
        return Arrays.copyOf(latencies, calls);
    }

    private List<long[]> atRate(int threads, long millis, long perSecond) throws InterruptedException {
        long intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long total = perSecond * millis / 1000;
        AtomicLong ticket = new AtomicLong();
        long begun = System.nanoTime();
        return together(threads, () -> {
            long[] latencies = new long[(int) total];
            int calls = 0;
            for (long mine = ticket.getAndIncrement(); mine < total; mine = ticket.getAndIncrement()) {
                long due = begun + mine * intervalNanos;
                for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                call();
                latencies[calls++] = System.nanoTime() - due;
            }
            return Arrays.copyOf(latencies, calls);
        });
    }

    private void call() {
        try (Response response = client.newCall(request).execute()) {
            if (response.code() != 200 || response.body().bytes().length != 256) {
                throw new IllegalStateException("unexpected answer: " + response);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long percentile(long[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))];
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
