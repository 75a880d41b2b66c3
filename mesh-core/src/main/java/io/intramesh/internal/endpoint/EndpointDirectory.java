package io.intramesh.internal.endpoint;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.endpoint.NodeEndpoints.Target;
import io.intramesh.internal.time.Chance;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Listener;
import io.intramesh.model.MeshResource;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.model.VirtualNode;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of every virtual node of a mesh, as far as this process calls it. Discovery of a node begins with the first
 * call to it, so that a mesh of thousands costs what is used.
 *
 * <p>Which source looks: Endpoints documents of the node in place of its service discovery; else the first of the
 * application's sources that supports the discovery; else DNS.
 */
public final class EndpointDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EndpointDirectory.class);

    private final String mesh;
    private final MeshScheduler scheduler;
    private final List<EndpointSource> sources;
    private final ProblemLog problems;

    // Mesh thread only.
    private final Map<String, NodeEndpoints> nodes = new LinkedHashMap<>();
    private ResourceSet resources = ResourceSet.EMPTY;
    private Map<String, List<EndpointSet.Address>> written = Map.of();
    private boolean closed;

    /**
     * Creates a directory that knows no node yet.
     *
     * @param sources asked first to last, and DNS after them; the directory closes them
     */
    public EndpointDirectory(String mesh, MeshScheduler scheduler, NanoClock clock, List<EndpointSource> sources) {
        this(
                mesh,
                scheduler,
                withDns(sources, new DnsEndpointSource(mesh, scheduler, clock, Chance.shared(), DnsSetup.system())));
    }

    /** Creates a directory that asks these sources alone. */
    EndpointDirectory(String mesh, MeshScheduler scheduler, List<EndpointSource> sources) {
        this.mesh = requireNonNull(mesh, "mesh");
        this.scheduler = requireNonNull(scheduler, "scheduler");
        this.sources = List.copyOf(sources);
        this.problems = new ProblemLog(scheduler);
    }

    private static List<EndpointSource> withDns(List<EndpointSource> sources, EndpointSource dns) {
        List<EndpointSource> all = new ArrayList<>(sources);
        all.add(dns);
        return all;
    }

    /**
     * Takes new resources. On the mesh thread, before the snapshot is compiled from them. Groups keep their identity; a node
     * whose discovery changed is looked up anew and shows what it had until the answer comes; the look-ups of nodes that are
     * gone end.
     */
    public void update(ResourceSet newResources) {
        resources = requireNonNull(newResources, "newResources");
        written = writtenAddresses(newResources);
        nodes.values().removeIf(node -> {
            if (virtualNode(node.name()) != null) {
                return false;
            }
            node.close();
            return true;
        });
        for (NodeEndpoints node : nodes.values()) {
            VirtualNode resource = virtualNode(node.name());
            if (resource != null) {
                node.keepGroups(ports(resource));
                node.lookFor(targets(node.name()), origin(node.name()));
            }
        }
    }

    /**
     * Returns the group of a virtual node's listener: the same object for as long as the node has that listener. Nothing is
     * looked up before the group is activated. On the mesh thread.
     *
     * @param listener null where the node is unknown or has no listener: the group has at most the endpoints that bring their
     *     own port
     */
    public EndpointGroup group(String virtualNode, @Nullable Listener listener) {
        requireNonNull(virtualNode, "virtualNode");
        NodeEndpoints node = nodes.get(virtualNode);
        if (node == null) {
            node = new NodeEndpoints(virtualNode, scheduler, problems);
            nodes.put(virtualNode, node);
            if (closed) {
                node.close();
            } else {
                node.lookFor(targets(virtualNode), origin(virtualNode));
            }
        }
        return node.group(listener == null ? EndpointGroup.NO_PORT : listener.port());
    }

    /** Ends every look-up, closes the sources, and completes what waits. On the mesh thread, or after its end. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        nodes.values().forEach(NodeEndpoints::close);
        close(sources);
    }

    /** Closes sources, each whatever becomes of the others. */
    public static void close(List<EndpointSource> sources) {
        for (EndpointSource source : sources) {
            try {
                source.close();
            } catch (RuntimeException e) {
                log.warn("endpoint source not closed source={}", source, e);
            }
        }
    }

    private List<Target> targets(String name) {
        VirtualNode node = virtualNode(name);
        if (node == null) {
            return nothing(
                    "virtualNode '" + name + "' is not in mesh '" + mesh + "'; add it, or correct the reference to it");
        }
        ServiceDiscovery discovery = node.serviceDiscovery();
        IpPreference preference = ipPreference(discovery);
        List<EndpointSet.Address> addresses = written.get(name);
        if (addresses != null) {
            return addresses.isEmpty()
                    ? nothing("virtualNode '" + name + "': its Endpoints document names no endpoint; add one")
                    : addresses.stream()
                            .map(address -> target(name, address, preference))
                            .toList();
        }
        if (discovery == null) {
            return nothing("virtualNode '" + name
                    + "': no serviceDiscovery (expected: dns, or an Endpoints document); add one");
        }
        return List.of(lookup(query(name, discovery, preference), null, null, null));
    }

    private String origin(String name) {
        VirtualNode node = virtualNode(name);
        ServiceDiscovery discovery = node == null ? null : node.serviceDiscovery();
        if (node != null && written.containsKey(name)) {
            return "its Endpoints document";
        }
        EndpointSource source = discovery == null ? null : source(discovery);
        return source == null || discovery == null ? "nobody" : source + ", by " + describe(discovery);
    }

    private Target target(String node, EndpointSet.Address address, @Nullable IpPreference preference) {
        InetAddress literal = IpLiteral.parse(address.address());
        if (literal != null) {
            return new Target.Fixed(
                    List.of(new Found(
                            address.address(),
                            List.of(literal),
                            address.port(),
                            address.zone(),
                            true,
                            Map.of(),
                            address.weight())),
                    null);
        }
        Dns dns = new Dns(address.address(), ResponseType.LOADBALANCER, null);
        return lookup(query(node, dns, preference), address.port(), address.zone(), address.weight());
    }

    private Query query(String name, ServiceDiscovery discovery, @Nullable IpPreference preference) {
        VirtualNode node = virtualNode(name);
        List<Integer> ports = node == null
                ? List.of()
                : node.listeners().stream().map(Listener::port).toList();
        return new Query(mesh, name, discovery, preference, ports);
    }

    private Target lookup(Query query, @Nullable Integer port, @Nullable String zone, @Nullable Integer weight) {
        EndpointSource source = source(query.discovery());
        if (source != null) {
            return new Target.Lookup(source, query, port, zone, weight);
        }
        return new Target.Fixed(
                List.of(),
                "virtualNode '" + query.virtualNode() + "': no source of endpoints for "
                        + describe(query.discovery())
                        + (query.discovery() instanceof ServiceDiscovery.CloudMap
                                ? "; put the module mesh-discovery-cloudmap beside the service,"
                                : "; plug one in by Mesh.builder().endpointSource,")
                        + " write its addresses into an Endpoints document, or let serviceDiscovery name a DNS host");
    }

    private @Nullable EndpointSource source(ServiceDiscovery discovery) {
        for (EndpointSource source : sources) {
            if (source.supports(discovery)) {
                return source;
            }
        }
        return null;
    }

    private static String describe(ServiceDiscovery discovery) {
        if (discovery instanceof Dns dns) {
            return "serviceDiscovery.dns " + dns.hostname() + " (" + dns.responseType() + ")";
        }
        ServiceDiscovery.CloudMap cloudMap = (ServiceDiscovery.CloudMap) discovery;
        String attributes = cloudMap.attributes().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(attribute -> attribute.getKey() + "=" + attribute.getValue())
                .collect(Collectors.joining(", "));
        return "serviceDiscovery.awsCloudMap " + cloudMap.namespaceName() + "/" + cloudMap.serviceName()
                + (attributes.isEmpty() ? "" : " (" + attributes + ")");
    }

    private static List<Target> nothing(String problem) {
        return List.of(new Target.Fixed(List.of(), problem));
    }

    private @Nullable IpPreference ipPreference(@Nullable ServiceDiscovery discovery) {
        if (discovery != null && discovery.ipPreference() != null) {
            return discovery.ipPreference();
        }
        MeshResource resource = resources.mesh(mesh);
        return resource == null ? null : resource.ipPreference();
    }

    private @Nullable VirtualNode virtualNode(String name) {
        return resources.virtualNode(mesh, name);
    }

    private static List<Integer> ports(VirtualNode node) {
        List<Integer> ports = new ArrayList<>();
        ports.add(EndpointGroup.NO_PORT);
        node.listeners().forEach(listener -> ports.add(listener.port()));
        return ports;
    }

    private Map<String, List<EndpointSet.Address>> writtenAddresses(ResourceSet from) {
        Map<String, List<EndpointSet.Address>> byNode = new HashMap<>();
        for (EndpointSet set : from.all(EndpointSet.class)) {
            if (set.id().mesh().equals(mesh)) {
                byNode.computeIfAbsent(set.virtualNode(), name -> new ArrayList<>())
                        .addAll(set.endpoints());
            }
        }
        return byNode;
    }
}
