package io.intramesh.internal.pipeline;

import io.intramesh.MeshConfigException;
import io.intramesh.MeshListener;
import io.intramesh.MeshState;
import io.intramesh.Reason;
import io.intramesh.call.Inbound;
import io.intramesh.call.Outbound;
import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.access.Principal;
import io.intramesh.internal.access.Ruling;
import io.intramesh.internal.endpoint.EndpointDirectory;
import io.intramesh.internal.retry.RetryBudgets;
import io.intramesh.internal.route.Target;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.MeshThread;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.internal.time.Surroundings;
import io.intramesh.internal.tls.TlsStore;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.VirtualNode;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsState;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running mesh: one thread that makes snapshots, and the two pipelines that decide by the one in force. */
public final class MeshRuntime {
    /** Lets the start of the application have the processors first. */
    private static final Duration REHEARSAL_DELAY = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(MeshRuntime.class);

    private final MeshSettings settings;
    private final MeshScheduler thread;
    private final Runnable endThread;
    private final ContextHolder contexts = new ContextHolder();
    private final Listeners listeners = new Listeners();
    private final Probers probers = new Probers();
    private final ConfigApplier applier;
    private final NanoClock clock;
    private final TlsStore tls;
    private final RetryBudgets budgets;
    private final OutboundPipeline outbound;
    private final OwnListenerTls listenerTls;
    private final InboundPipeline inbound;
    private final AccessControl access;
    private final CompletableFuture<Snapshot> first = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    // Written by the mesh thread, read by all; null before the first configuration and after the end.
    private volatile @Nullable Snapshot inForce;

    // Written by registry callbacks, read by all.
    private volatile @Nullable String registryFailure;

    private MeshRuntime(MeshSettings settings, Surroundings around, Runnable endThread) {
        this.settings = settings;
        this.clock = around.clock();
        this.budgets = new RetryBudgets(clock);
        this.thread = around.scheduler();
        this.endThread = endThread;
        this.tls = new TlsStore(settings.tls(), thread, around.time(), listeners::tlsChanged);
        this.access =
                new AccessControl(settings.access(), this::ownTrustDomains, thread, around.time(), clock, listeners);
        this.applier = new ConfigApplier(
                settings,
                around.chance(),
                around.time(),
                clock,
                thread,
                new EndpointEvents(listeners, thread::execute),
                probers,
                tls::client,
                access,
                mesh -> new EndpointDirectory(mesh, thread, clock, settings.endpointSources()));
        this.outbound = new OutboundPipeline(
                CallPipeline.ofCalls(
                        clock, around.time(), around.chance(), contexts, budgets, settings.strictRetries()),
                () -> inForce,
                thread,
                listeners,
                probers,
                applier::probersChanged);
        this.listenerTls = new OwnListenerTls(tls);
        this.inbound = new InboundPipeline(
                this::selfNode,
                this::inboundRules,
                listenerTls::of,
                this::refusedByTls,
                clock,
                settings.drainGrace(),
                around.chance());
    }

    private void refusedByTls(InboundExchange exchange, Reason reason) {
        Snapshot snapshot = inForce;
        long revision = snapshot == null ? 0 : snapshot.state().revision();
        // No certificate counts that was refused: nobody is proven to have sent the request.
        access.denied(
                exchange.auditedAs(Principal.ANONYMOUS, virtualNode(), revision), Ruling.DENIED_BY_NO_POLICY, reason);
    }

    /** Returns the trust domains that this process belongs to: the one it is told, and those of its certificates. */
    private Set<String> ownTrustDomains() {
        Set<String> domains = new HashSet<>();
        String told = settings.tls().trustDomain();
        if (told != null) {
            domains.add(told);
        }
        for (TlsState state : tls.describe()) {
            if (state.use() == TlsState.Use.CERTIFICATE) {
                state.names().stream()
                        .filter(PeerIdentity::isSpiffeId)
                        .map(name -> new PeerIdentity(name, List.of(), List.of(name)).trustDomain())
                        .filter(Objects::nonNull)
                        .forEach(domains::add);
            }
        }
        return domains;
    }

    /** Starts a mesh on a thread of its own and waits for its first configuration. */
    public static MeshRuntime start(MeshSettings settings) {
        MeshThread thread = new MeshThread("intramesh-" + settings.virtualNode());
        MeshRuntime runtime = begin(settings, Surroundings.ofMachine(thread), thread::close);
        runtime.awaitStarted();
        runtime.thread.schedule(() -> Rehearsal.run(settings.registry(), runtime.clock), REHEARSAL_DELAY);
        return runtime;
    }

    /**
     * Begins to start a mesh in other surroundings than the machine's own, such as virtual time. It has started when the
     * scheduler has run what is due and {@link #awaitStarted} has returned.
     */
    public static MeshRuntime begin(MeshSettings settings, Surroundings around) {
        return begin(settings, around, () -> {});
    }

    private static MeshRuntime begin(MeshSettings settings, Surroundings around, Runnable endThread) {
        MeshRuntime runtime;
        try {
            runtime = new MeshRuntime(settings, around, endThread);
        } catch (RuntimeException | Error e) {
            settings.registry().close();
            EndpointDirectory.close(settings.endpointSources());
            endThread.run();
            throw e;
        }
        try {
            settings.registry().start(runtime.observer());
            return runtime;
        } catch (RuntimeException | Error e) {
            runtime.close();
            throw e;
        }
    }

    /** Waits for the first configuration and, for a while, for endpoints; closes the mesh where the former does not come. */
    public void awaitStarted() {
        try {
            warmUp(awaitFirst());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private MeshRegistry.Observer observer() {
        return new MeshRegistry.Observer() {
            @Override
            public void documentsChanged(List<RawDocument> documents) {
                thread.execute(() -> delivered(documents));
            }

            @Override
            public void readFailed(String message) {
                thread.execute(() -> unreadable(message));
            }
        };
    }

    private void delivered(List<RawDocument> documents) {
        registryFailure = null;
        Snapshot snapshot;
        try {
            snapshot = applier.apply(documents, inbound.isDraining());
        } catch (MeshConfigException e) {
            // Only before the first configuration; later ones fall back to the last good.
            first.completeExceptionally(e);
            return;
        } catch (RuntimeException e) {
            // A defect of ours must not take down what works.
            log.error("configuration failed, last good stays documents={}", documents.size(), e);
            first.completeExceptionally(e);
            return;
        }
        if (closed.get()) {
            return;
        }
        // Before requests are let in by it: what a listener demands anew holds from its first request on.
        listenerTls.configure(snapshot.selfNode());
        inForce = snapshot;
        tls.retain(snapshot.encryption().handles());
        forgetBudgetsOfServicesThatAreGone(snapshot);
        inbound.configurationChanged();
        MeshState state = snapshot.state();
        log.info(
                "configuration in force mesh={} virtualNode={} revision={} resources={} problems={} kept={}",
                snapshot.selfNode().id().mesh(),
                snapshot.selfNode().name(),
                state.revision(),
                state.resources().size(),
                state.problems().size(),
                state.kept().size());
        first.complete(snapshot);
        listeners.configurationChanged(state());
    }

    private void forgetBudgetsOfServicesThatAreGone(Snapshot snapshot) {
        String mesh = snapshot.selfNode().id().mesh();
        budgets.retain(snapshot.state().resources().ids().stream()
                .filter(id -> id.kind() == Kind.VIRTUAL_SERVICE && id.mesh().equals(mesh))
                .map(ResourceId::name)
                .collect(Collectors.toSet()));
    }

    private void unreadable(String message) {
        registryFailure = message;
        log.warn("registry unreadable problem=\"{}\" lastGood={}", message, inForce != null);
        listeners.registryFailed(message);
    }

    private Snapshot awaitFirst() {
        try {
            return first.get(settings.startTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            String failure = registryFailure;
            throw new MeshConfigException(
                    "no configuration from " + settings.registry().describe() + " within "
                            + settings.startTimeout().toMillis() + " ms"
                            + (failure == null ? "; check that it can be read" : ": " + failure),
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MeshConfigException refused) {
                throw refused;
            }
            throw new MeshConfigException("the mesh cannot start", Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MeshConfigException("interrupted while the mesh was starting", e);
        }
    }

    /** Waits, within bounds, until endpoints of declared backends are known. Without them the mesh starts all the same. */
    private void warmUp(Snapshot snapshot) {
        if (settings.warmUp().isZero()) {
            return;
        }
        CompletableFuture<?>[] pending = snapshot.routing().targetsOf(snapshot.self()).stream()
                .map(MeshRuntime::pending)
                .filter(Objects::nonNull)
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(pending).get(settings.warmUp().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn(
                    "endpoints not all known after={}ms; calls to the rest wait for them",
                    settings.warmUp().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable CompletableFuture<?> pending(Target target) {
        CompletionStage<?> stage = ((NodeBinding) target.binding()).endpoints().pending();
        return stage == null ? null : stage.toCompletableFuture();
    }

    private @Nullable VirtualNode selfNode() {
        Snapshot snapshot = inForce;
        return snapshot == null ? null : snapshot.selfNode();
    }

    private InboundRules inboundRules() {
        Snapshot snapshot = inForce;
        return snapshot == null ? InboundRules.NONE : snapshot.inbound();
    }

    public Outbound outbound() {
        return outbound;
    }

    public Inbound inbound() {
        return inbound;
    }

    public ServerTls serverTls(int port) {
        return listenerTls.on(port, started().selfNode());
    }

    public String meshName() {
        return started().selfNode().id().mesh();
    }

    public String virtualNode() {
        return settings.virtualNode();
    }

    public ContextHolder contexts() {
        return contexts;
    }

    /** Returns the first snapshot where none is in force any more, so that a closed mesh can still be asked about itself. */
    private Snapshot started() {
        Snapshot snapshot = inForce;
        return snapshot == null ? first.join() : snapshot;
    }

    public Explanation explain(ExplainRequest request) {
        return LiveExplanations.explain(started(), request, budgets, clock.nanoTime(), inbound.concurrency());
    }

    public MeshState state() {
        MeshState state = started().state();
        return new MeshState(
                state.revision(),
                state.since(),
                state.resources(),
                state.problems(),
                state.kept(),
                registryFailure,
                inbound.isDraining());
    }

    public List<TlsState> tls() {
        return tls.describe();
    }

    public AutoCloseable addListener(MeshListener listener) {
        return listeners.add(listener);
    }

    public void drain() {
        inbound.drain();
    }

    public boolean awaitDrained(Duration limit) throws InterruptedException {
        return inbound.awaitDrained(limit);
    }

    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        settings.registry().close();
        inForce = null;
        endThread.run();
        outbound.close();
        applier.close();
        tls.close();
    }
}
