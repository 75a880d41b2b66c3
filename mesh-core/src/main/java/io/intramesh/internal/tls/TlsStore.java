package io.intramesh.internal.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.SecretSource;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TlsState;
import io.intramesh.tls.TrustSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All TLS material of one mesh. Looks at it on the mesh thread, at a fixed interval, from the first handle that needs some;
 * what changed is taken up by the handles that follow it within the same look.
 */
public final class TlsStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TlsStore.class);

    private final TlsSettings settings;
    private final MeshScheduler scheduler;
    private final InstantSource clock;
    private final Consumer<TlsEvent> events;
    private final TlsBackends backends;
    private final Secrets secrets;
    private final ConcurrentMap<Integer, ServerSecurity> servers = new ConcurrentHashMap<>();

    // The mesh thread's.
    private final Map<ClientKey, ClientSecurity> clients = new HashMap<>();
    private boolean watching;

    private volatile boolean closed;
    private final SecretSource.@Nullable Registration changes;

    /** What makes two handles one. */
    private record ClientKey(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames) {}

    /**
     * Makes a store. Which library does TLS is decided now where the settings demand one, else with the first handle.
     *
     * @throws io.intramesh.MeshConfigException when the settings demand a library that is not at hand
     */
    public TlsStore(TlsSettings settings, MeshScheduler scheduler, InstantSource clock, Consumer<TlsEvent> events) {
        this.settings = requireNonNull(settings, "settings");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.clock = requireNonNull(clock, "clock");
        this.events = requireNonNull(events, "events");
        this.backends = new TlsBackends(settings);
        this.secrets = new Secrets(settings, clock, this::tell);
        SecretSource source = settings.secretSource();
        this.changes = source == null ? null : source.onChange(() -> scheduler.execute(this::lookNow));
    }

    /**
     * Returns the live security of connections to a kind of endpoint; the same handle for equal arguments. On the mesh thread.
     *
     * @param certificate shown to servers that ask; null shows none
     * @param validation of the server's certificate; null encrypts without checking who answers, as App Mesh does towards a
     *     listener with a certificate from a file where no client policy is in force
     * @param expectedNames of which the server's certificate must carry one where the validation lists no names
     */
    public ClientHandle client(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames) {
        ClientKey key = new ClientKey(certificate, validation, List.copyOf(expectedNames));
        ClientSecurity known = clients.get(key);
        if (known != null) {
            return known;
        }
        ClientSecurity made = made(key);
        clients.put(key, made);
        made.refresh(clock.instant());
        watch();
        return made;
    }

    private ClientSecurity made(ClientKey key) {
        List<String> unknown = new ArrayList<>();
        Secret<TlsIdentity> certificate = null;
        if (key.certificate() != null) {
            Secrets.Located<CertificateSource> located = secrets.locate(key.certificate());
            CertificateSource source = located.source();
            if (source == null) {
                unknown.add(located.problem());
            } else {
                certificate = secrets.certificate(source);
            }
        }
        Secret<Authorities> trust = null;
        List<String> listed = List.of();
        if (key.validation() != null) {
            listed = key.validation().subjectAlternativeNames();
            Secrets.Located<List<TrustSource>> located =
                    secrets.locate(key.validation().trust());
            List<TrustSource> sources = located.source();
            if (sources == null) {
                unknown.add(located.problem());
            } else {
                trust = secrets.trust(sources);
            }
        }
        PeerNames names = PeerNames.ofServer(listed, key.expectedNames(), settings.trustDomain());
        return new ClientSecurity(certificate, trust, names, unknown, backends, clock);
    }

    /**
     * Returns the live security of the listener on a port; the same handle each time. DISABLED until it is configured. Safe
     * for use by several threads; the handle is configured on the mesh thread.
     */
    public ServerHandle server(int port) {
        return servers.computeIfAbsent(
                port,
                bound -> new ServerSecurity(bound, secrets, backends, settings.trustDomain(), clock, this::watch));
    }

    /** Forgets client handles that are not among these, and material that only they used. On the mesh thread. */
    public void retain(Collection<?> handlesInUse) {
        Set<Object> inUse = Collections.newSetFromMap(new IdentityHashMap<>());
        inUse.addAll(handlesInUse);
        clients.values().removeIf(client -> !inUse.contains(client));
        Set<Object> followed = Collections.newSetFromMap(new IdentityHashMap<>());
        clients.values().forEach(client -> followed.addAll(client.secrets()));
        servers.values().forEach(server -> followed.addAll(server.secrets()));
        secrets.retain(followed);
    }

    private void watch() {
        if (!watching && !closed && !secrets.isEmpty()) {
            watching = true;
            scheduler.schedule(this::look, settings.reloadInterval());
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            lookNow();
        } finally {
            watching = false;
            watch();
        }
    }

    private void lookNow() {
        if (closed) {
            return;
        }
        Instant now = clock.instant();
        secrets.look(now);
        clients.values().forEach(client -> client.refresh(now));
        servers.values().forEach(server -> server.refresh(now));
    }

    private void tell(TlsEvent event) {
        switch (event.kind()) {
            case LOADED, ROTATED ->
                log.info("tls material in force source=\"{}\" {} {}", event.source(), event.kind(), event.detail());
            case REFUSED ->
                log.warn("tls material refused source=\"{}\" problem=\"{}\"", event.source(), event.detail());
            case EXPIRED ->
                log.error("tls material expired source=\"{}\" problem=\"{}\"", event.source(), event.detail());
        }
        events.accept(event);
    }

    /** Describes everything in use. Safe for use by several threads. */
    public List<TlsState> describe() {
        return secrets.describe(backends.describe(), backends.isFips());
    }

    /** Stops watching. What handles have in force stays as it is. Idempotent. */
    @Override
    public void close() {
        closed = true;
        if (changes != null) {
            changes.close();
        }
    }
}
