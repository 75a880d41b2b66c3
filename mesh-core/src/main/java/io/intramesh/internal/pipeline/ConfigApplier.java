package io.intramesh.internal.pipeline;

import io.intramesh.MeshConfigException;
import io.intramesh.MeshState;
import io.intramesh.document.DocumentReader;
import io.intramesh.document.Problem;
import io.intramesh.document.RawDocument;
import io.intramesh.document.ReadResult;
import io.intramesh.internal.balance.LoadBalancers;
import io.intramesh.internal.config.EffectiveConfig;
import io.intramesh.internal.config.LastGoodConfig;
import io.intramesh.internal.endpoint.EndpointDirectory;
import io.intramesh.internal.endpoint.EndpointGroup;
import io.intramesh.internal.route.Caller;
import io.intramesh.internal.route.RoutingTable;
import io.intramesh.internal.route.Target;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.Kind;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.VirtualNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes snapshots of deliveries: read, merge with the last good, compile. Confined to the mesh thread. What does not change
 * is not compiled again.
 */
final class ConfigApplier {
    private static final Logger log = LoggerFactory.getLogger(ConfigApplier.class);
    private static final int MAX_LOGGED_PROBLEMS = 20;

    private final MeshSettings settings;
    private final DocumentReader reader;
    private final LastGoodConfig lastGood = new LastGoodConfig();
    private final RandomGenerator chance;
    private final InstantSource time;
    private final DirectoryFactory directories;
    private final Encryption.Handles tls;
    private final NanoClock clock;
    private final MeshScheduler scheduler;
    private final EndpointEvents events;
    private final Probers probers;
    private final AccessControl access;
    private final LoadBalancers balancers;
    private final Map<NodeBinding.Key, NodeBinding.State> states = new HashMap<>();
    // By node and listener; read by explanations of other threads.
    private final ConcurrentMap<NodeBinding.Key, NodeBinding> bindings = new ConcurrentHashMap<>();

    private @Nullable EndpointDirectory directory;
    private @Nullable Snapshot current;
    private List<Problem> loggedProblems = List.of();

    /** Whether there were, from the first delivery on, access policies of which no form is good. */
    private boolean lacksPolicies;

    /** Makes the directory once the name of the mesh is known. */
    interface DirectoryFactory {
        EndpointDirectory create(String mesh);
    }

    ConfigApplier(
            MeshSettings settings,
            RandomGenerator chance,
            InstantSource time,
            NanoClock clock,
            MeshScheduler scheduler,
            EndpointEvents events,
            Probers probers,
            Encryption.Handles tls,
            AccessControl access,
            DirectoryFactory directories) {
        this.tls = tls;
        this.probers = probers;
        this.access = access;
        this.clock = clock;
        this.scheduler = scheduler;
        this.events = events;
        this.settings = settings;
        this.reader = DocumentReader.builder()
                .values(settings.values())
                .strict(settings.strict())
                .foundBySource(
                        discovery -> settings.endpointSources().stream().anyMatch(source -> source.supports(discovery)))
                .build();
        this.chance = chance;
        this.time = time;
        this.directories = directories;
        this.balancers = new LoadBalancers(clock, chance, settings.zone());
    }

    /**
     * Returns the snapshot to put in force after a delivery.
     *
     * @throws MeshConfigException when there is none in force yet and this delivery does not give one
     */
    Snapshot apply(List<RawDocument> documents, boolean draining) {
        Snapshot before = current;
        ReadResult read = reader.read(documents);
        ResourceId own = before == null ? ownId(read) : before.selfNode().id();
        EffectiveConfig config = lastGood.merge(read, own);
        log(config);
        lastGood.accept(config, read);
        boolean lackedPolicies = lacksPolicies;
        lacksPolicies = lacksPolicies(documents, read, config, own.mesh());
        current = compile(own, config, lacksPolicies == lackedPolicies ? before : null, before, draining);
        return current;
    }

    /**
     * Tells whether who may call is not fully known. A service that starts so lets nobody in whom no rule allows. One that runs
     * keeps what it has: its refused policies stay in their last good form, and a new one was not in force before.
     */
    private boolean lacksPolicies(List<RawDocument> documents, ReadResult read, EffectiveConfig config, String mesh) {
        if (current != null && !lacksPolicies) {
            return false;
        }
        List<String> missing = read.refused().stream()
                .filter(id -> id.kind() == Kind.ACCESS_POLICY && id.mesh().equals(mesh))
                .filter(id -> config.resources().get(id) == null)
                .map(ResourceId::name)
                .sorted()
                .toList();
        List<String> unreadable = documents.stream()
                .filter(document -> read.unreadable().contains(document.name()) && speaksOfAccessPolicies(document))
                .map(RawDocument::name)
                .sorted()
                .toList();
        boolean lacks = !missing.isEmpty() || !unreadable.isEmpty();
        if (lacks) {
            log.error(
                    "inbound closed problem=\"access policies are refused, so nobody is let in whom no other one allows; mend"
                            + " their documents\" accessPolicies={} unreadableFiles={}",
                    missing,
                    unreadable);
        }
        return lacks;
    }

    /** Of a file that cannot be parsed, the words are all that tells. NULs are left out, for those in UTF-16. */
    private static boolean speaksOfAccessPolicies(RawDocument document) {
        return new String(document.content(), StandardCharsets.ISO_8859_1)
                .replace("\0", "")
                .toLowerCase(Locale.ROOT)
                .contains("accesspolicy");
    }

    /**
     * @param alike the snapshot before, where all but the resources is as it was
     */
    private Snapshot compile(
            ResourceId own,
            EffectiveConfig config,
            @Nullable Snapshot alike,
            @Nullable Snapshot before,
            boolean draining) {
        ResourceSet resources = config.resources();
        String mesh = own.mesh();
        if (alike != null && alike.state().resources().equals(resources)) {
            MeshState earlier = alike.state();
            MeshState state = state(earlier.revision(), earlier.since(), config, draining);
            return new Snapshot(
                    state,
                    alike.routing(),
                    alike.self(),
                    alike.selfNode(),
                    alike.policies(),
                    alike.access(),
                    alike.inbound(),
                    alike.encryption(),
                    bindings);
        }
        MeshState state = state(before == null ? 1 : before.state().revision() + 1, time.instant(), config, draining);
        EndpointDirectory endpoints = directory;
        if (endpoints == null) {
            endpoints = directories.create(mesh);
            directory = endpoints;
        }
        endpoints.update(resources);
        forgetNodesThatAreGone(mesh, resources);
        EndpointDirectory bound = endpoints;
        TrafficPolicies policies =
                TrafficPolicies.of(mesh, resources, settings.loadBalancer() != null, settings.zone());
        RoutingTable routing = RoutingTable.compile(
                resources,
                mesh,
                (node, listener) -> {
                    NodeBinding.Key key = NodeBinding.Key.of(node, listener);
                    EndpointGroup group = bound.group(node, listener);
                    NodeBinding.State kept = state(key);
                    kept.configure(listener, group, policies);
                    // The same object where it says the same: routers that lead there are then not compiled anew.
                    return bindings.merge(
                            key,
                            new NodeBinding(node, listener, group, kept),
                            (earlier, anew) -> earlier.equals(anew) ? earlier : anew);
                },
                before == null ? null : before.routing());
        Caller self = Objects.requireNonNull(routing.caller(own.name()), "own node is in the set");
        Encryption encryption = Encryption.of(routing, self, resources, mesh, tls);
        // Look-ups begin before the snapshot is in force, so that a new node's first call seldom waits.
        for (Target target : routing.targetsOf(self)) {
            NodeBinding binding = (NodeBinding) target.binding();
            binding.endpoints().activate();
            binding.check(() -> encryption.prober(binding, probers.first()));
        }
        VirtualNode selfNode = Objects.requireNonNull(resources.virtualNode(mesh, own.name()));
        AccessPolicies accessPolicies = access.policies(mesh, resources);
        InboundRules inbound = InboundRules.of(
                selfNode,
                resources,
                policies,
                routing,
                access.inbound(selfNode, resources, routing, state.revision(), lacksPolicies));
        return new Snapshot(state, routing, self, selfNode, policies, accessPolicies, inbound, encryption, bindings);
    }

    private static MeshState state(long revision, Instant since, EffectiveConfig config, boolean draining) {
        return new MeshState(revision, since, config.resources(), config.problems(), config.kept(), null, draining);
    }

    private NodeBinding.State state(NodeBinding.Key of) {
        return states.computeIfAbsent(
                of,
                key -> new NodeBinding.State(
                        key.virtualNode(),
                        clock,
                        scheduler,
                        chance,
                        events,
                        probers,
                        settings.loadBalancer() == null ? balancers::roundRobin : settings.loadBalancer(),
                        balancers::of));
    }

    private void forgetNodesThatAreGone(String mesh, ResourceSet resources) {
        states.entrySet().removeIf(entry -> {
            boolean gone = resources.virtualNode(mesh, entry.getKey().virtualNode()) == null;
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        bindings.keySet().removeIf(key -> resources.virtualNode(mesh, key.virtualNode()) == null);
    }

    private ResourceId ownId(ReadResult read) {
        List<ResourceId> named = read.resources().ids().stream()
                .filter(id -> id.kind() == Kind.VIRTUAL_NODE && id.name().equals(settings.virtualNode()))
                .filter(id -> settings.mesh() == null || id.mesh().equals(settings.mesh()))
                .toList();
        if (named.size() == 1) {
            return named.get(0);
        }
        List<String> problems = read.problems().stream()
                .filter(Problem::isError)
                .map(Problem::toString)
                .toList();
        if (named.size() > 1) {
            throw new MeshConfigException(
                    "virtualNode '" + settings.virtualNode() + "' is in several meshes of "
                            + settings.registry().describe() + ": "
                            + named.stream().map(ResourceId::mesh).toList() + "; name the mesh",
                    problems);
        }
        List<String> known = read.resources().ids().stream()
                .filter(id -> id.kind() == Kind.VIRTUAL_NODE)
                .map(id -> id.mesh() + "/" + id.name())
                .sorted()
                .limit(50)
                .toList();
        String mesh = settings.mesh();
        throw new MeshConfigException(
                "virtualNode '" + settings.virtualNode() + "'" + (mesh == null ? "" : " of mesh '" + mesh + "'")
                        + " is not in " + settings.registry().describe()
                        + (known.isEmpty() ? ", which holds no virtual node" : "; it holds " + known)
                        + "; name one that is there, or add its document",
                problems);
    }

    /** Logs what is new: a problem is logged when it appears, not with every delivery. */
    private void log(EffectiveConfig config) {
        List<Problem> fresh = config.problems().stream()
                .filter(problem -> !loggedProblems.contains(problem))
                .toList();
        fresh.stream().limit(MAX_LOGGED_PROBLEMS).forEach(problem -> {
            if (problem.isError()) {
                log.warn("configuration refused problem=\"{}\"", problem);
            } else {
                log.info("configuration note=\"{}\"", problem);
            }
        });
        if (fresh.size() > MAX_LOGGED_PROBLEMS) {
            log.warn("configuration problems more={}", fresh.size() - MAX_LOGGED_PROBLEMS);
        }
        loggedProblems = config.problems();
    }

    /** Begins, or ends, the checks that the probers at hand allow. On the mesh thread. */
    void probersChanged() {
        Snapshot snapshot = current;
        if (snapshot != null) {
            for (Target target : snapshot.routing().targetsOf(snapshot.self())) {
                NodeBinding binding = (NodeBinding) target.binding();
                binding.check(() -> snapshot.encryption().prober(binding, probers.first()));
            }
        }
    }

    void close() {
        access.close();
        EndpointDirectory open = directory;
        if (open != null) {
            open.close();
        } else {
            // No configuration ever came, so that nobody took them over.
            EndpointDirectory.close(settings.endpointSources());
        }
    }
}
