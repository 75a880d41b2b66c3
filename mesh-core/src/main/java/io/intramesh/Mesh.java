package io.intramesh;

import static java.util.Objects.requireNonNull;

import io.intramesh.call.Inbound;
import io.intramesh.call.LoadBalancer;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Outbound;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.explain.Explanation;
import io.intramesh.internal.pipeline.MeshRuntime;
import io.intramesh.internal.pipeline.MeshSettings;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSourceFactory;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.tls.ServerTls;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TlsState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The mesh within this process, as one virtual node sees it. It reads the registry, keeps the compiled configuration, and
 * decides about calls and requests; adapters such as {@code MeshClient} and {@code MeshFilter} send and receive.
 *
 * <pre>{@code
 * try (Mesh mesh = Mesh.builder()
 *         .registry(FileRegistry.of(Path.of("/etc/mesh")))
 *         .mesh("shop")
 *         .virtualNode("orders")
 *         .start()) {
 *     MeshClient client = MeshClient.create(mesh);
 *     …
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads. Owns one daemon thread, and those that its registry and resolver add; {@link #close}
 * ends them all.
 */
public final class Mesh implements AutoCloseable {
    private final MeshRuntime runtime;

    private Mesh(MeshRuntime runtime) {
        this.runtime = runtime;
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the outbound half, for transports. */
    public Outbound outbound() {
        return runtime.outbound();
    }

    /** Returns the inbound half, for transports. */
    public Inbound inbound() {
        return runtime.inbound();
    }

    /**
     * Returns the encryption of this virtual node's listener on a port, for the container that serves it. It follows the
     * configuration: a listener that declares no TLS, or does not exist, is DISABLED until it does. Where the node has a single
     * listener, that is meant whatever the port, as for requests.
     */
    public ServerTls serverTls(int port) {
        return runtime.serverTls(port);
    }

    /** Returns the name of the mesh. */
    public String name() {
        return runtime.meshName();
    }

    /** Returns the name of the virtual node that this process is. */
    public String virtualNode() {
        return runtime.virtualNode();
    }

    /**
     * Says what {@link Outbound#begin} would do with a request and why, endpoints and their states included. The caller is
     * this process's virtual node unless the request names another.
     */
    public Explanation explain(ExplainRequest request) {
        return runtime.explain(requireNonNull(request, "request"));
    }

    /** Returns what is in force at this moment. */
    public MeshState state() {
        return runtime.state();
    }

    /** Returns the certificates and authorities in use: whose they are, when they end, and what is wrong with newer ones. */
    public List<TlsState> tls() {
        return runtime.tls();
    }

    /** Registers a listener for changes of configuration and for refusals. Close the handle to end it. */
    public AutoCloseable addListener(MeshListener listener) {
        return runtime.addListener(requireNonNull(listener, "listener"));
    }

    /** Returns the context of the request that this thread works on, or null where it works on none. */
    public @Nullable MeshContext context() {
        return runtime.contexts().current();
    }

    /** Makes a context current on this thread; use it to carry a request over to another thread. */
    public MeshContext.Scope enter(MeshContext context) {
        return runtime.contexts().enter(requireNonNull(context, "context"));
    }

    /**
     * Begins to drain: health checks fail, responses ask callers to close their connections, and new requests are refused
     * once the callers had time to notice. Calls out go on. Idempotent.
     */
    public void drain() {
        runtime.drain();
    }

    /** Waits until every request that was admitted has ended, at most that long. Returns whether all have. */
    public boolean awaitDrained(Duration limit) throws InterruptedException {
        return runtime.awaitDrained(requireNonNull(limit, "limit"));
    }

    /** Ends the mesh: watches, threads, look-ups. Calls that are under way may finish; new ones are refused. Idempotent. */
    @Override
    public void close() {
        runtime.close();
    }

    @Override
    public String toString() {
        return "mesh '" + name() + "' virtualNode '" + virtualNode() + "'";
    }

    /** Builds and starts a {@link Mesh}. Not thread-safe. */
    public static final class Builder {
        /** How long {@link #start} waits for a first configuration, when nothing else is said. */
        public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(30);

        /** How long {@link #start} waits for the endpoints of declared backends, when nothing else is said. */
        public static final Duration DEFAULT_WARM_UP = Duration.ofSeconds(3);

        /**
         * How long a draining process still admits requests, when nothing else is said: the time that callers need to notice
         * a failed health check or a {@code Connection: close}. Istio's sidecar waits as long.
         */
        public static final Duration DEFAULT_DRAIN_GRACE = Duration.ofSeconds(5);

        private @Nullable MeshRegistry registry;
        private @Nullable String mesh;
        private @Nullable String virtualNode;
        private Duration startTimeout = DEFAULT_START_TIMEOUT;
        private Duration warmUp = DEFAULT_WARM_UP;
        private Duration drainGrace = DEFAULT_DRAIN_GRACE;
        private Map<String, String> values = Map.of();
        private boolean strict;
        private boolean strictRetries;
        private final List<EndpointSource> endpointSources = new ArrayList<>();
        private boolean installedSources = true;
        private EndpointSourceFactory.Settings sourceSettings = InstalledSources.ofProcess();
        private @Nullable Supplier<LoadBalancer> loadBalancer;
        private @Nullable String zone;
        private TlsSettings tls = TlsSettings.defaults();
        private AccessSettings access = AccessSettings.DEFAULTS;

        private Builder() {}

        /** Sets where resources come from. The mesh closes it. Required. */
        public Builder registry(MeshRegistry value) {
            registry = requireNonNull(value, "registry");
            return this;
        }

        /** Sets the name of the mesh; null takes it from {@link #identity} or, where the registry holds only one, that. */
        public Builder mesh(@Nullable String value) {
            mesh = value;
            return this;
        }

        /** Sets the name of the virtual node that this process is. Required. */
        public Builder virtualNode(@Nullable String value) {
            virtualNode = value;
            return this;
        }

        /**
         * Sets mesh and virtual node from what App Mesh called a resource: an ARN, or
         * {@code mesh/<mesh>/virtualNode/<node>} (the owner in {@code mesh/<mesh>@<account>} is ignored).
         *
         * @throws MeshConfigException when the text has neither form
         */
        public Builder identity(String resource) {
            NodeIdentity parsed = NodeIdentity.parse(resource);
            mesh = parsed.mesh();
            virtualNode = parsed.virtualNode();
            return this;
        }

        /** Sets how long {@link #start} waits for a first configuration; default 30 s. */
        public Builder startTimeout(Duration value) {
            startTimeout = requireNonNull(value, "startTimeout");
            return this;
        }

        /** Sets how long {@link #start} waits for endpoints of declared backends to be found; default 3 s, zero for not at all. */
        public Builder warmUp(Duration value) {
            warmUp = requireNonNull(value, "warmUp");
            return this;
        }

        /** Sets how long a draining process still admits new requests; default 5 s, zero for not at all. */
        public Builder drainGrace(Duration value) {
            drainGrace = requireNonNull(value, "drainGrace");
            return this;
        }

        /** Sets what placeholders in documents stand for; the environment fills what is not named here. */
        public Builder values(Map<String, String> value) {
            values = Map.copyOf(value);
            return this;
        }

        /** Makes notes about duplicated resources errors; default false. */
        public Builder strict(boolean value) {
            strict = value;
            return this;
        }

        /**
         * Makes written retry policies, too, repeat only what is safe to repeat: what cannot have reached the peer, idempotent
         * requests, and those that are declared to be. Default false: a policy means what it meant in App Mesh.
         */
        public Builder strictRetries(boolean value) {
            strictRetries = value;
            return this;
        }

        /**
         * Adds a source of endpoints, which is asked before installed and built-in ones; see {@link EndpointSource} for who is
         * asked. The mesh closes it.
         */
        public Builder endpointSource(EndpointSource value) {
            endpointSources.add(requireNonNull(value, "endpointSource"));
            return this;
        }

        /**
         * Sets whether sources of endpoints that other jars bring along are taken up; default true. One of the same name as
         * a source that was added here is passed over. See {@link EndpointSourceFactory}.
         */
        public Builder installedSources(boolean value) {
            installedSources = value;
            return this;
        }

        /** Sets what installed sources are configured by; default the system properties, then the environment. */
        public Builder installedSourceSettings(EndpointSourceFactory.Settings value) {
            sourceSettings = requireNonNull(value, "installedSourceSettings");
            return this;
        }

        /** Sets how endpoints are picked where no TrafficPolicy says it: one balancer per virtual node. Default round robin. */
        public Builder loadBalancer(Supplier<LoadBalancer> value) {
            loadBalancer = requireNonNull(value, "loadBalancer");
            return this;
        }

        /**
         * Sets the zone that this process runs in, named as its callees' endpoints name theirs; null where it is unknown. Used
         * where a TrafficPolicy prefers the own zone.
         */
        public Builder zone(@Nullable String value) {
            zone = value;
            return this;
        }

        /** Sets how callers' identities name virtual nodes, and what holds without a policy; default {@link AccessSettings#DEFAULTS}. */
        public Builder access(AccessSettings value) {
            access = requireNonNull(value, "access");
            return this;
        }

        /** Sets which library does TLS, and where secrets are that resources only name; default {@link TlsSettings#defaults}. */
        public Builder tls(TlsSettings value) {
            tls = requireNonNull(value, "tls");
            return this;
        }

        /**
         * Starts the mesh and waits until the configuration is in force.
         *
         * @throws MeshConfigException when something required is missing, an installed source of endpoints or a demanded TLS
         *     library is not to be had, the registry delivers nothing in time, or the virtual node is not in it
         */
        public Mesh start() {
            List<String> missing = new ArrayList<>();
            if (registry == null) {
                missing.add("registry: missing; name the place of the mesh's resources, such as FileRegistry.of(path)");
            }
            if (virtualNode == null) {
                missing.add("virtualNode: missing; name the virtual node that this service is");
            }
            List<EndpointSource> sources = new ArrayList<>(endpointSources);
            if (missing.isEmpty() && installedSources) {
                InstalledSources.add(sources, ServiceLoader.load(EndpointSourceFactory.class), sourceSettings, missing);
            }
            if (!missing.isEmpty()) {
                sources.forEach(EndpointSource::close);
                throw new MeshConfigException("the mesh cannot start", missing);
            }
            return new Mesh(MeshRuntime.start(new MeshSettings(
                    requireNonNull(registry),
                    mesh,
                    requireNonNull(virtualNode),
                    startTimeout,
                    warmUp,
                    drainGrace,
                    values,
                    strict,
                    strictRetries,
                    List.copyOf(sources),
                    loadBalancer,
                    zone,
                    tls,
                    access)));
        }
    }
}
