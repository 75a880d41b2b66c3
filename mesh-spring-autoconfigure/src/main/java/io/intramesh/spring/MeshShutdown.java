package io.intramesh.spring;

import io.intramesh.Mesh;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/**
 * Takes this application out of the mesh before Spring stops anything of it. Spring Boot has refused readiness by then; next
 * the mesh's health checks fail and callers are asked to leave, then new requests are refused, then those under way end. Only
 * after that do task executors, message listeners and the web server stop.
 *
 * <p>It happens on {@link ContextClosedEvent}, first of all listeners, because Spring's own task executors refuse work from
 * that event on, which requests that are still admitted may need. The life cycle is the second net: where the application
 * publishes events on other threads, its phase, the first to stop, waits for the same end.
 *
 * <p>A context that is only stopped or paused, not closed, is not drained: it may start again, and a drained mesh cannot.
 */
final class MeshShutdown implements ApplicationListener<ContextClosedEvent>, Ordered, SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(MeshShutdown.class);

    private final Mesh mesh;
    private final ApplicationContext context;
    private final Duration limit;
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean isDraining;
    private volatile boolean isRunning;

    MeshShutdown(Mesh mesh, ApplicationContext context, MeshProperties.Shutdown properties) {
        this.mesh = mesh;
        this.context = context;
        this.limit = properties.grace().plus(properties.drain());
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        // Events of child contexts, such as that of the management port, arrive here too.
        if (event.getApplicationContext() != context || isDraining) {
            return;
        }
        isDraining = true;
        try {
            drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            drained.countDown();
        }
    }

    private void drain() throws InterruptedException {
        mesh.drain();
        // Nobody needs the grace where a container holds the application, which has closed its doors by now, or where a
        // test calls it without a server.
        boolean isOver = hasOwnServer()
                ? mesh.awaitDrained(limit)
                : mesh.awaitDrained(Duration.ZERO) || mesh.awaitDrained(limit);
        if (!isOver) {
            log.warn(
                    "mesh drain given up virtualNode={} after={} problem=\"requests still under way\"",
                    mesh.virtualNode(),
                    limit);
        }
    }

    private boolean hasOwnServer() {
        // Spring Boot sets it, under this name in each of its lines, once its server listens.
        return context.getEnvironment().containsProperty("local.server.port");
    }

    @Override
    public void start() {
        isRunning = true;
    }

    @Override
    public void stop() {
        isRunning = false;
        if (isDraining) {
            try {
                boolean unused = drained.await(limit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }

    /** Spring 7 pauses the contexts of tests between test classes; the mesh goes on. */
    public boolean isPauseable() {
        return false;
    }
}
