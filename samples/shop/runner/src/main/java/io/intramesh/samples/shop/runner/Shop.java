package io.intramesh.samples.shop.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the shop: starts the services, opens the door to customers, shows what happens, and stops everything at the end,
 * however that comes: after {@code --seconds}, by Ctrl-C, or because a service did not start.
 */
final class Shop implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(8);
    private static final long TICK_MILLIS = 250;

    /** Traffic before the first restart and after the last, so that both are seen in it. */
    private static final long ROLLING_PAUSE_SECONDS = 5;

    private final Options options;
    private final PrintStream out;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Service> services;
    private final Events events;
    private final Path agent;
    private final MeshTool tool;
    private final List<ServiceProcess> processes = new ArrayList<>();

    // Set on the way in, by the main thread; read by close(), under its lock.
    private @Nullable EndpointsFile endpoints;
    private @Nullable Certificates certificates;
    private @Nullable Traffic traffic;
    private @Nullable Stranger stranger;
    private @Nullable Tally tally;
    private @Nullable Display display;
    private boolean isClosed;

    /** Whether every service was restarted. */
    private volatile boolean isRollingDone;

    /** Whether services may speak up: what they say while starting is in their logs. */
    private volatile boolean isOpen;

    private Shop(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
        this.services = Service.running(options.rollingRestart());
        this.events = new Events(System::nanoTime, services.size());
        this.agent = options.home().resolve("runner/target/shop.jar");
        this.tool = new MeshTool(options.home(), agent);
    }

    public static void main(String[] args) {
        // Not System.out: that one encodes by the locale, and flushes where it likes.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        System.exit(run(List.of(args), out));
    }

    private static int run(List<String> arguments, PrintStream out) {
        if (arguments.contains("--help")) {
            out.print(Options.USAGE);
            return 0;
        }
        Options options;
        try {
            options = Options.parse(home(), arguments);
        } catch (IllegalArgumentException e) {
            out.println(e.getMessage());
            out.print(Options.USAGE);
            return 2;
        }
        try (Shop shop = new Shop(options, out)) {
            Runtime.getRuntime().addShutdownHook(new Thread(shop::close, "close"));
            shop.open();
            shop.watch();
            return shop.isWell() ? 0 : 1;
        } catch (IOException e) {
            out.println(e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    /** The folder samples/shop: three above this program's jar, or its classes. */
    private static Path home() {
        Path program = Path.of(URI.create(
                Shop.class.getProtectionDomain().getCodeSource().getLocation().toString()));
        return program.resolve("../../..").normalize();
    }

    private void open() throws IOException, InterruptedException {
        long start = System.nanoTime();
        if (!Files.isDirectory(options.mesh())) {
            throw new IOException(options.mesh() + ": no such folder; name the one that holds the mesh resources");
        }
        Map<Service, Integer> ports = new Ports(options.ownPorts(), new Random()).pick(services);
        hold(EndpointsFile.write(options.mesh(), ports));
        Certificates issued = Certificates.issue(options, tool);
        hold(issued);
        out.println("certificates of " + Certificates.TRUST_DOMAIN + " for every node, renewed while the shop runs: "
                + issued.folder());
        for (Map.Entry<Service, Integer> entry : ports.entrySet()) {
            Service service = entry.getKey();
            int port = entry.getValue();
            out.println(String.format(
                    Locale.ROOT,
                    "starting %-13s on port %d%s",
                    service.name(),
                    port,
                    port == service.preferredPort() || !options.ownPorts()
                            ? ""
                            : " (" + service.preferredPort() + " is taken)"));
            hold(ServiceProcess.start(service, port, options, agent, false, this::log));
        }
        awaitReady(start);

        URI storefront = URI.create("http://127.0.0.1:" + ports.get(Service.STOREFRONT));
        out.println(String.format(
                Locale.ROOT, "open after %.1f s: %s   logs: %s", secondsSince(start), storefront, options.logs()));
        out.println();
        begin(storefront, port(ports, "payments-v1"), issued);
    }

    private static int port(Map<Service, Integer> ports, String name) {
        return ports.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .mapToInt(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    private synchronized void hold(EndpointsFile file) {
        endpoints = file;
    }

    private void hold(Certificates issued) throws IOException {
        synchronized (this) {
            certificates = issued;
            if (!isClosed) {
                return;
            }
        }
        // Ctrl-C came while they were issued.
        issued.close();
    }

    private void hold(ServiceProcess process) {
        synchronized (this) {
            processes.add(process);
            if (!isClosed) {
                return;
            }
        }
        // Ctrl-C came while it started.
        process.release();
    }

    private void log(Service service, String line) {
        if (isOpen) {
            events.log(service, line);
        }
    }

    private void awaitReady(long start) throws IOException, InterruptedException {
        List<ServiceProcess> starting;
        synchronized (this) {
            starting = new ArrayList<>(processes);
        }
        awaitReady(starting, start, out::println);
    }

    private void awaitReady(List<ServiceProcess> starting, long start, Consumer<String> tell)
            throws IOException, InterruptedException {
        HttpClient client = prober();
        while (!starting.isEmpty()) {
            for (ServiceProcess process : List.copyOf(starting)) {
                if (!process.isAlive()) {
                    throw new IOException(
                            process.end() + "; it says last:\n  " + String.join("\n  ", process.lastLines()));
                }
                if (isReady(client, process)) {
                    starting.remove(process);
                    tell.accept(String.format(
                            Locale.ROOT,
                            "ready    %-13s after %.1f s",
                            process.service().name(),
                            secondsSince(start)));
                }
            }
            if (secondsSince(start) > START_LIMIT.toSeconds()) {
                throw new IOException("not ready after " + START_LIMIT.toSeconds() + " s: "
                        + starting.get(0).service().name() + "; see "
                        + starting.get(0).log());
            }
            if (stop.await(100, TimeUnit.MILLISECONDS)) {
                throw new IOException("stopped before it opened");
            }
        }
    }

    /** Returns a client that knows the shop's authority and shows a certificate of its own. */
    private HttpClient prober() throws IOException {
        Certificates held;
        synchronized (this) {
            if (certificates == null) {
                throw new IllegalStateException("no certificates yet");
            }
            held = certificates;
        }
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .sslContext(held.context(Certificates.RUNNER))
                .build();
    }

    /** Asks for the health check of the service's listener, which its mesh answers. */
    private static boolean isReady(HttpClient client, ServiceProcess process) throws InterruptedException {
        // Browsers have no certificates of ours; everything behind the storefront takes nothing else.
        String scheme = process.service().equals(Service.STOREFRONT) ? "http" : "https";
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + process.port() + "/ping"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private synchronized void begin(URI storefront, int paymentsPort, Certificates issued) {
        if (isClosed) {
            return;
        }
        boolean isTable = options.display() == Options.Display.TABLE
                || (options.display() == Options.Display.AUTO && Terminal.isInteractive());
        display = isTable
                ? new LiveTable(out, "Intramesh shop   " + storefront + "   Ctrl-C stops", hint(), Terminal::size)
                : new PlainLines(out);
        tally = new Tally(System::nanoTime);
        traffic = new Traffic(storefront, tally);
        traffic.start(options.visitsPerSecond());
        stranger = new Stranger(paymentsPort, issued, tally, this::explainStranger);
        stranger.start();
        isOpen = true;
        if (options.rollingRestart()) {
            Thread thread = new Thread(this::restartAll, "rolling-restart");
            thread.setDaemon(true);
            thread.start();
        } else if (!isTable) {
            out.println(hint());
        }
    }

    /** Says why marketing is refused, in the words of {@code mesh explain}. */
    private void explainStranger() {
        List<String> question = List.of(
                "explain",
                "--registry",
                options.mesh().toString(),
                "--virtual-node",
                Stranger.NODE,
                "POST",
                "http://payments.local/pay?amount=1");
        try {
            tell("mesh " + String.join(" ", question));
            // The part about policies; what comes before is about routes.
            tool.run(question).stream()
                    .dropWhile(line -> !line.equals("access"))
                    .forEach(line -> tell("  " + line));
        } catch (IOException e) {
            tell(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String hint() {
        return "Change the weights of the route 'beta' in " + options.mesh().resolve("payments.yaml")
                + " and watch the traffic move.";
    }

    private void watch() throws IOException, InterruptedException {
        Tally counted;
        Display shown;
        Set<ServiceProcess> lost = new HashSet<>();
        synchronized (this) {
            if (display == null || tally == null) {
                return;
            }
            counted = tally;
            shown = display;
        }
        FolderChanges changes = new FolderChanges(options.mesh());
        long start = System.nanoTime();
        while (options.seconds() == 0 || secondsSince(start) < options.seconds()) {
            if (stop.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
            changes.lines().forEach(shown::event);
            events.complete().forEach(shown::event);
            for (ServiceProcess process : processes()) {
                if (process.isLost() && lost.add(process)) {
                    shown.event(Events.time(Instant.now()) + " " + process.end());
                }
            }
            shown.figures(counted.figures());
        }
    }

    private synchronized List<ServiceProcess> processes() {
        return List.copyOf(processes);
    }

    /**
     * Restarts every service that other services call, one after the other, each as a deployment does: asks it to stop, waits for
     * its end, starts it again, and goes on once it answers. The storefront stays: customers call it without a mesh.
     */
    private void restartAll() {
        int restarted = 0;
        long start = System.nanoTime();
        try {
            pause();
            for (ServiceProcess process : processes()) {
                if (!process.service().equals(Service.STOREFRONT)) {
                    restart(process);
                    restarted++;
                }
            }
            pause();
            tell(String.format(Locale.ROOT, "rolling restart: %d services in %.0f s", restarted, secondsSince(start)));
            isRollingDone = true;
        } catch (IOException e) {
            tell("rolling restart given up after " + restarted + " services: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stop.countDown();
        }
    }

    /** Lets customers come for a while. */
    private void pause() throws IOException, InterruptedException {
        if (stop.await(ROLLING_PAUSE_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("the shop closes");
        }
    }

    private void restart(ServiceProcess old) throws IOException, InterruptedException {
        long start = System.nanoTime();
        tell("restarting " + old.service().name());
        old.terminate();
        if (!old.awaitEnd(STOP_LIMIT)) {
            throw new IOException(old.service().name() + " did not stop in " + STOP_LIMIT.toSeconds() + " s");
        }
        double ended = secondsSince(start);
        ServiceProcess fresh = ServiceProcess.start(old.service(), old.port(), options, agent, true, this::log);
        synchronized (this) {
            // In its place: callees first.
            processes.set(processes.indexOf(old), fresh);
            if (isClosed) {
                fresh.release();
            }
        }
        awaitReady(new ArrayList<>(List.of(fresh)), start, line -> {});
        tell(String.format(
                Locale.ROOT,
                "restarted  %-13s ended after %.1f s, ready after %.1f s; visits so far: %s",
                old.service().name(),
                ended,
                secondsSince(start),
                counts()));
    }

    private synchronized String counts() {
        if (tally == null) {
            return "none";
        }
        Figures figures = tally.figures();
        return figures.served() + " served, " + figures.refusedTotal() + " refused, " + figures.failedTotal()
                + " failed";
    }

    private synchronized void tell(String text) {
        if (display != null) {
            display.event(Events.time(Instant.now()) + " " + text);
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Whether customers were served, and none failed. */
    private synchronized boolean isWell() {
        if (tally == null) {
            return false;
        }
        Figures figures = tally.figures();
        return figures.served() > 0 && figures.failed().isEmpty() && (isRollingDone || !options.rollingRestart());
    }

    /** Stops everything, and says what there was. Idempotent; a second caller waits for the first. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        stop.countDown();
        if (stranger != null) {
            stranger.close();
        }
        if (traffic != null) {
            traffic.close();
        }
        Figures figures = tally == null ? null : tally.figures();
        if (display != null) {
            display.close();
        }
        long running = processes.stream().filter(ServiceProcess::isAlive).count();
        if (running > 0) {
            out.println("stopping " + running + " services");
        }
        // Callers first, then whom they call: nobody is refused a call on the way out.
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).release();
        }
        try {
            for (ServiceProcess process : processes) {
                if (!process.awaitEnd(STOP_LIMIT)) {
                    out.println(process.service().name() + " did not stop in " + STOP_LIMIT.toSeconds()
                            + " s and was killed");
                }
            }
            if (endpoints != null) {
                endpoints.close();
            }
            if (certificates != null) {
                certificates.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            out.println("left behind: " + e.getMessage());
        }
        if (figures != null) {
            out.println();
            Report.lines(figures, Report.WIDTH).forEach(out::println);
        }
        if (!processes.isEmpty()) {
            out.println("stopped");
        }
    }
}
