package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.model.AccessLog;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.GatewayRoute;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Kind;
import io.intramesh.model.MeshResource;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceOverride;
import io.intramesh.model.Route;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.TrafficPolicy;
import io.intramesh.model.VirtualGateway;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualRouter;
import io.intramesh.model.VirtualService;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From a resource to its spec: the opposite of {@code SpecBinder}. A value that the model fills in where a document says nothing
 * is not written; what is written reads back as the same record.
 */
final class SpecTree {
    private final Spelling spelling;
    private final ListenerTree listeners;
    private final RouteTree routes;

    SpecTree(Spelling spelling) {
        this.spelling = spelling;
        this.listeners = new ListenerTree(spelling);
        this.routes = new RouteTree(spelling);
    }

    Mapping of(Resource resource) {
        if (resource instanceof MeshResource mesh) {
            return mesh(mesh);
        }
        if (resource instanceof VirtualNode node) {
            return virtualNode(node);
        }
        if (resource instanceof VirtualService service) {
            return virtualService(service);
        }
        if (resource instanceof VirtualRouter router) {
            return Tree.mapping()
                    .put("listeners", Tree.sequenceOrNull(router.listeners(), ListenerTree::portMapping))
                    .build();
        }
        if (resource instanceof Route route) {
            return routes.route(route);
        }
        if (resource instanceof VirtualGateway gateway) {
            return virtualGateway(gateway);
        }
        if (resource instanceof GatewayRoute route) {
            return routes.gatewayRoute(route);
        }
        if (resource instanceof AccessPolicy policy) {
            return PolicyTree.accessPolicy(policy);
        }
        if (resource instanceof TrafficPolicy policy) {
            return PolicyTree.trafficPolicy(policy);
        }
        if (resource instanceof ResourceOverride override) {
            return override(override);
        }
        return PolicyTree.endpoints((EndpointSet) resource);
    }

    private Mapping mesh(MeshResource mesh) {
        Tree preference = ipPreference(mesh.ipPreference());
        // Written also where it is the default: it says what becomes of every destination that nobody declares.
        return Tree.mapping()
                .put(
                        "egressFilter",
                        Tree.mapping("type", Tree.text(mesh.egressFilter().name())))
                .put(
                        spelling.member("serviceDiscovery"),
                        preference == null
                                ? null
                                : Tree.mapping()
                                        .put("ipPreference", preference, comment("mesh", mesh.ipPreference()))
                                        .build())
                .build();
    }

    private static @Nullable Tree ipPreference(@Nullable IpPreference preference) {
        return preference == null ? null : Tree.text(preference.text());
    }

    private String comment(String holder, @Nullable IpPreference preference) {
        return preference == null ? "" : spelling.comment(holder + ".ipPreference", preference.text());
    }

    private Mapping virtualNode(VirtualNode node) {
        return Tree.mapping()
                .put("listeners", Tree.sequenceOrNull(node.listeners(), listeners::listener))
                .put("serviceDiscovery", discovery(node.serviceDiscovery()))
                .put("backends", Tree.sequenceOrNull(node.backends(), this::backend))
                .put("backendDefaults", backendDefaults(node.backendDefaults()))
                .put("logging", logging(node.accessLog()))
                .build();
    }

    private @Nullable Tree discovery(@Nullable ServiceDiscovery discovery) {
        if (discovery instanceof ServiceDiscovery.Dns dns) {
            boolean single = dns.responseType() == ServiceDiscovery.Dns.ResponseType.LOADBALANCER;
            return Tree.mapping(
                    "dns",
                    Tree.mapping()
                            .put("hostname", dns.hostname())
                            .put("responseType", single ? null : Tree.text("ENDPOINTS"))
                            .put("ipPreference", ipPreference(dns.ipPreference()), comment("dns", dns.ipPreference()))
                            .build());
        }
        if (discovery instanceof ServiceDiscovery.CloudMap cloudMap) {
            // Sorted: the model's map has no order of its own, and two runs must give the same text.
            Map<String, String> attributes = new TreeMap<>(cloudMap.attributes());
            return Tree.mapping(
                    "awsCloudMap",
                    Tree.mapping()
                            .put("namespaceName", cloudMap.namespaceName())
                            .put("serviceName", cloudMap.serviceName())
                            .put(
                                    "attributes",
                                    Tree.sequenceOrNull(
                                            attributes.entrySet(),
                                            entry -> Tree.mapping()
                                                    .put("key", entry.getKey())
                                                    .put("value", entry.getValue())
                                                    .build()))
                            .put(
                                    "ipPreference",
                                    ipPreference(cloudMap.ipPreference()),
                                    comment("awsCloudMap", cloudMap.ipPreference()))
                            .build());
        }
        return null;
    }

    private Tree backend(Backend backend) {
        return Tree.mapping(
                "virtualService",
                Tree.mapping()
                        .put(spelling.reference(
                                "virtualServiceName", Kind.VIRTUAL_SERVICE, backend.virtualServiceName()))
                        .put("clientPolicy", clientPolicy(backend.clientPolicy()))
                        .build());
    }

    private @Nullable Tree backendDefaults(@Nullable ClientPolicy policy) {
        return policy == null ? null : Tree.mapping("clientPolicy", Objects.requireNonNull(clientPolicy(policy)));
    }

    private @Nullable Tree clientPolicy(@Nullable ClientPolicy policy) {
        return policy == null ? null : listeners.clientPolicy(policy);
    }

    private static @Nullable Tree logging(@Nullable AccessLog log) {
        if (log == null) {
            return null;
        }
        return Tree.mapping(
                "accessLog",
                Tree.mapping(
                        "file",
                        Tree.mapping()
                                .put("path", log.path())
                                .put("format", format(log.format()))
                                .build()));
    }

    private static @Nullable Tree format(AccessLog.@Nullable Format format) {
        if (format instanceof AccessLog.Format.Text text) {
            return Tree.mapping("text", Tree.text(text.pattern()));
        }
        if (format instanceof AccessLog.Format.Json json) {
            return Tree.mapping(
                    "json",
                    Tree.sequence(
                            json.entries(),
                            entry -> Tree.mapping()
                                    .put("key", entry.key())
                                    .put("value", entry.value())
                                    .build()));
        }
        return null;
    }

    private Mapping virtualService(VirtualService service) {
        VirtualService.Provider provider = service.provider();
        if (provider == null) {
            return Tree.mapping().build();
        }
        boolean node = provider instanceof VirtualService.Provider.Node;
        Kind kind = node ? Kind.VIRTUAL_NODE : Kind.VIRTUAL_ROUTER;
        return Tree.mapping(
                "provider",
                Tree.mapping(
                        kind.term(),
                        Tree.mapping()
                                .put(spelling.reference(kind.term() + "Name", kind, provider.name()))
                                .build()));
    }

    private Mapping virtualGateway(VirtualGateway gateway) {
        return Tree.mapping()
                .put("listeners", Tree.sequence(gateway.listeners(), listeners::listener))
                .put("backendDefaults", backendDefaults(gateway.backendDefaults()))
                .put("logging", logging(gateway.accessLog()))
                .build();
    }

    private Mapping override(ResourceOverride override) {
        return Tree.mapping()
                .put(
                        "targetRef",
                        Tree.mapping()
                                .put("kind", override.target().kind().documentName())
                                .put("name", override.target().name())
                                .build())
                .put("serviceDiscovery", discovery(override.serviceDiscovery()))
                .put("certificate", listeners.certificate(override.certificate()))
                .put(
                        "listeners",
                        Tree.sequenceOrNull(
                                override.listeners(),
                                listener -> Tree.mapping()
                                        .put("port", listener.port())
                                        .put("certificate", listeners.certificate(listener.certificate()))
                                        .build()))
                .put("trust", override.trust() == null ? null : listeners.trust(override.trust()))
                .put(
                        "backends",
                        Tree.sequenceOrNull(
                                override.backends(),
                                backend -> Tree.mapping()
                                        .put("virtualService", backend.virtualService())
                                        .put("trust", listeners.trust(backend.trust()))
                                        .build()))
                .build();
    }
}
