package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what takes the place of the parts of a virtual node or virtual gateway that exist only in AWS: Cloud Map, and
 * certificates and authorities of ACM. Stands beside the resource, whose own document stays as it is. Replaces nothing else: a
 * resource that names DNS or a file keeps it.
 *
 * <pre>{@code
 * apiVersion: intramesh.io/v1
 * kind: Override
 * metadata: { mesh: shop, name: payments-without-aws }
 * spec:
 *   targetRef: { kind: VirtualNode, name: payments-v1 }
 *   serviceDiscovery: { dns: { hostname: "{serviceName}.{namespaceName}", responseType: ENDPOINTS } }
 *   certificate: { file: { certificateChain: /etc/certs/chain.pem, privateKey: /etc/certs/key.pem } }
 *   trust: { file: { certificateChain: /etc/certs/ca.pem } }
 * }</pre>
 *
 * @param target whose parts are replaced
 * @param serviceDiscovery in place of Cloud Map; its host name is a template, see {@link #discoveryFor}; null leaves it
 * @param certificate in place of a listener's certificate of ACM; null leaves it
 * @param listeners certificates of single listeners, by port; they come before {@code certificate}
 * @param trust in place of authorities of ACM in client policies; null leaves them
 * @param backends trust towards single backends, by virtual service; it comes before {@code trust}
 */
public record ResourceOverride(
        ResourceId id,
        Target target,
        ServiceDiscovery.@Nullable Dns serviceDiscovery,
        @Nullable TlsCertificate certificate,
        List<ListenerCertificate> listeners,
        @Nullable TlsTrust trust,
        List<BackendTrust> backends)
        implements Resource {
    /** What a host name's template may name, each in braces. */
    private static final List<String> VARIABLES = List.of("{serviceName}", "{namespaceName}", "{name}");

    public ResourceOverride {
        requireNonNull(id, "id");
        requireNonNull(target, "target");
        listeners = List.copyOf(listeners);
        backends = List.copyOf(backends);
        Checks.require(
                serviceDiscovery != null
                        || certificate != null
                        || !listeners.isEmpty()
                        || trust != null
                        || !backends.isEmpty(),
                "nothing to put in place (expected: serviceDiscovery, certificate, listeners, trust or backends)");
        Checks.require(
                target.kind() == Kind.VIRTUAL_NODE || (serviceDiscovery == null && backends.isEmpty()),
                "serviceDiscovery, backends: of a virtual gateway (expected: only of a VirtualNode)");
        requireNotOfAws("certificate", certificate);
        requireNotOfAws("trust", trust);
        Set<Object> seen = new HashSet<>();
        listeners.forEach(listener -> Checks.require(
                seen.add(listener.port()), "listeners: port " + listener.port() + " twice (expected: once)"));
        backends.forEach(backend -> Checks.require(
                seen.add(backend.virtualService()),
                "backends: '" + backend.virtualService() + "' twice (expected: once)"));
        String wrong = serviceDiscovery == null ? null : whyNotTemplate(serviceDiscovery.hostname());
        Checks.require(wrong == null, "serviceDiscovery.dns.hostname: " + wrong);
    }

    private static void requireNotOfAws(String field, @Nullable Object value) {
        Checks.require(
                !(value instanceof TlsCertificate.Acm) && !(value instanceof TlsTrust.Acm),
                field + ": acm (expected: file or sds)");
    }

    /** Returns why a text is no template of a host name, with what was expected; null where it is one. */
    public static @Nullable String whyNotTemplate(String hostname) {
        String rest = hostname;
        for (String variable : VARIABLES) {
            rest = rest.replace(variable, "");
        }
        return rest.indexOf('{') < 0 && rest.indexOf('}') < 0
                ? null
                : "'" + hostname + "' (expected: in braces only " + String.join(", ", VARIABLES) + ")";
    }

    /**
     * Returns what takes the place of a node's Cloud Map service: {@code {serviceName}} and {@code {namespaceName}} in the host
     * name are Cloud Map's, {@code {name}} is the node's; an address family that is not given here stays Cloud Map's. Null
     * where this override leaves Cloud Map.
     */
    public ServiceDiscovery.@Nullable Dns discoveryFor(String virtualNode, ServiceDiscovery.CloudMap replaced) {
        if (serviceDiscovery == null) {
            return null;
        }
        IpPreference own = serviceDiscovery.ipPreference();
        return new ServiceDiscovery.Dns(
                serviceDiscovery
                        .hostname()
                        .replace("{serviceName}", replaced.serviceName())
                        .replace("{namespaceName}", replaced.namespaceName())
                        .replace("{name}", virtualNode),
                serviceDiscovery.responseType(),
                own == null ? replaced.ipPreference() : own);
    }

    /** Returns what takes the place of a certificate of ACM on that port; null where it stays. */
    public @Nullable TlsCertificate certificateFor(int port) {
        for (ListenerCertificate listener : listeners) {
            if (listener.port() == port) {
                return listener.certificate();
            }
        }
        return certificate;
    }

    /**
     * Returns what takes the place of authorities of ACM towards a backend; null where they stay.
     *
     * @param virtualService null means the default of all backends
     */
    public @Nullable TlsTrust trustFor(@Nullable String virtualService) {
        for (BackendTrust backend : backends) {
            if (backend.virtualService().equals(virtualService)) {
                return backend.trust();
            }
        }
        return trust;
    }

    /**
     * Names what an override is for.
     *
     * @param kind virtual node or virtual gateway
     * @param name {@code *} means every one of that kind in the mesh that has no override of its own
     */
    public record Target(Kind kind, String name) {
        /** Stands for every name. */
        public static final String EVERY_NAME = "*";

        public Target {
            requireNonNull(name, "name");
            Checks.require(
                    kind == Kind.VIRTUAL_NODE || kind == Kind.VIRTUAL_GATEWAY,
                    "kind: " + kind.documentName() + " (expected: VirtualNode or VirtualGateway)");
        }

        /** Tells whether this stands for every resource of its kind. */
        public boolean isEvery() {
            return name.equals(EVERY_NAME);
        }

        /** Returns the id of that resource in a mesh. */
        public ResourceId in(String mesh) {
            return ResourceId.of(kind, mesh, name);
        }
    }

    /** The certificate of one listener. */
    public record ListenerCertificate(int port, TlsCertificate certificate) {
        public ListenerCertificate {
            Checks.port("port", port);
            requireNonNull(certificate, "certificate");
            requireNotOfAws("certificate", certificate);
        }
    }

    /** Whom to trust as one backend. */
    public record BackendTrust(String virtualService, TlsTrust trust) {
        public BackendTrust {
            requireNonNull(virtualService, "virtualService");
            requireNonNull(trust, "trust");
            requireNotOfAws("trust", trust);
        }
    }
}
