package io.intramesh.internal.document;

import io.intramesh.model.Backend;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Listener;
import io.intramesh.model.MeshResource;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.model.VirtualNode;
import io.intramesh.model.VirtualService;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Binds meshes, virtual nodes and virtual services. */
final class NodeBinder {
    private NodeBinder() {}

    static Function<ResourceId, Resource> mesh(Fields spec) {
        EgressFilter egressFilter = EgressFilter.DROP_ALL;
        Fields filter = spec.object("egressFilter");
        if (filter != null) {
            EgressFilter type = filter.requiredChoice("type", EgressFilter.values(), EgressFilter::name);
            filter.end();
            egressFilter = type == null ? egressFilter : type;
        }
        IpPreference ipPreference = null;
        Fields discovery = spec.object("serviceDiscovery");
        if (discovery != null) {
            ipPreference = ipPreference(discovery);
            discovery.end();
        }
        EgressFilter filterFound = egressFilter;
        IpPreference preferenceFound = ipPreference;
        return id -> new MeshResource(id, filterFound, preferenceFound);
    }

    private static @Nullable IpPreference ipPreference(Fields fields) {
        return fields.choice("ipPreference", IpPreference.values(), IpPreference::text);
    }

    static Function<ResourceId, Resource> virtualNode(Fields spec) {
        List<Listener> listeners = ListenerBinder.listeners(spec, false);
        ServiceDiscovery discovery = discovery(spec);
        Set<String> backendNames = new HashSet<>();
        List<Backend> backends =
                spec.list("backends", 0, Integer.MAX_VALUE, spec.objects(item -> backend(item, backendNames)));
        ClientPolicy backendDefaults = backendDefaults(spec);
        var accessLog = LoggingBinder.accessLog(spec);
        spec.keepPlace("listeners");
        return id -> VirtualNode.builder(id.mesh(), id.name())
                .listeners(listeners)
                .serviceDiscovery(discovery)
                .backends(backends)
                .backendDefaults(backendDefaults)
                .accessLog(accessLog)
                .build();
    }

    private static @Nullable ServiceDiscovery discovery(Fields spec) {
        Fields union = spec.object("serviceDiscovery");
        if (union == null) {
            return null;
        }
        String member = union.oneOf("dns", "awsCloudMap");
        ServiceDiscovery discovery = null;
        if (member != null) {
            Fields fields = union.object(member);
            if (fields != null) {
                discovery = member.equals("dns") ? dns(fields) : cloudMap(union, fields);
                fields.end();
            }
        }
        union.end();
        return discovery;
    }

    static ServiceDiscovery.@Nullable Dns dns(Fields fields) {
        String hostname = fields.requiredText("hostname", 1, Integer.MAX_VALUE);
        ResponseType responseType = fields.choice("responseType", ResponseType.values(), ResponseType::name);
        IpPreference ipPreference = ipPreference(fields);
        return hostname == null
                ? null
                : new ServiceDiscovery.Dns(
                        hostname, responseType == null ? ResponseType.LOADBALANCER : responseType, ipPreference);
    }

    private static @Nullable ServiceDiscovery cloudMap(Fields union, Fields fields) {
        union.keepPlace("awsCloudMap");
        String namespace = fields.requiredText("namespaceName", 1, 1024);
        String service = fields.requiredText("serviceName", 1, 1024);
        Map<String, String> attributes = new LinkedHashMap<>();
        List<Map.Entry<String, String>> pairs =
                fields.list("attributes", 0, Integer.MAX_VALUE, fields.objects(NodeBinder::attribute));
        for (Map.Entry<String, String> pair : pairs) {
            if (attributes.putIfAbsent(pair.getKey(), pair.getValue()) != null) {
                fields.error("attributes", "the key " + Words.quote(pair.getKey()) + " stands here twice; remove one");
            }
        }
        IpPreference ipPreference = ipPreference(fields);
        return namespace == null || service == null
                ? null
                : fields.build(() -> new ServiceDiscovery.CloudMap(namespace, service, attributes, ipPreference));
    }

    private static Map.@Nullable Entry<String, String> attribute(Fields fields) {
        String key = fields.requiredText("key", 1, 255);
        String value = fields.requiredText("value", 1, 1024);
        // Patterns of the API's model: ^[a-zA-Z0-9!-~]+$ and ^([a-zA-Z0-9!-~][ a-zA-Z0-9!-~]*)…$
        if (key != null && !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
            fields.error("key", Words.quote(key) + " (expected: printable ASCII without spaces)");
        }
        if (value != null && (value.startsWith(" ") || !value.chars().allMatch(c -> c >= ' ' && c <= '~'))) {
            fields.error("value", Words.quote(value) + " (expected: printable ASCII, no space in front)");
        }
        fields.end();
        return key == null || value == null ? null : Map.entry(key, value);
    }

    private static @Nullable Backend backend(Fields union, Set<String> names) {
        String member = union.oneOf("virtualService");
        Fields fields = member == null ? null : union.keepPlace(member).object(member);
        union.end();
        if (fields == null) {
            return null;
        }
        String name = fields.requiredServiceName("virtualServiceName", Integer.MAX_VALUE);
        ClientPolicy policy = TlsBinder.clientPolicy(fields);
        fields.end();
        if (name != null && !names.add(name)) {
            fields.error("virtualServiceName", "the backend " + Words.quote(name) + " stands here twice; remove one");
        }
        return name == null ? null : new Backend(name, policy);
    }

    static @Nullable ClientPolicy backendDefaults(Fields spec) {
        Fields defaults = spec.object("backendDefaults");
        if (defaults == null) {
            return null;
        }
        ClientPolicy policy = TlsBinder.clientPolicy(defaults);
        defaults.end();
        return policy;
    }

    static Function<ResourceId, Resource> virtualService(Fields spec) {
        VirtualService.Provider provider = provider(spec);
        return id -> new VirtualService(id, provider);
    }

    private static VirtualService.@Nullable Provider provider(Fields spec) {
        Fields union = spec.object("provider");
        if (union == null) {
            return null;
        }
        String member = union.oneOf("virtualNode", "virtualRouter");
        Fields fields = member == null ? null : union.object(member);
        union.end();
        if (fields == null || member == null) {
            return null;
        }
        boolean node = member.equals("virtualNode");
        String field = node ? "virtualNodeName" : "virtualRouterName";
        String name = fields.keepPlace(field).requiredName(field);
        fields.end();
        if (name == null) {
            return null;
        }
        return node ? new VirtualService.Provider.Node(name) : new VirtualService.Provider.Router(name);
    }
}
