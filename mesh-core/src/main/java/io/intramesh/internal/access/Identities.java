package io.intramesh.internal.access;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.PeerIdentity;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/*
 * From a certificate to a virtual node:
 *   - a SPIFFE ID of a trust domain that may name our nodes, of the agreed form, is the node that it names. Other trust
 *     domains are left out, since who runs one may call a workload whatever he likes;
 *   - without any SPIFFE ID, the DNS names are the node whose discovery asks for one of them. Where two nodes do, or the
 *     names belong to two, it is no node: a rule that names one must not take the other.
 *
 * Parsing a certificate's names costs microseconds and the same connection brings the same certificate with each request, so
 * the last ones are remembered in a small table without locks: a slot is read, compared, and overwritten by whoever comes later.
 */

/** Whom a client certificate that was checked stands for. Compiled with each configuration. Safe for use by several threads. */
public final class Identities {
    /** Slots for certificates; a power of two. Some hundred bytes each, and a process seldom has more callers at a time. */
    private static final int REMEMBERED = 1024;

    private final String mesh;
    private final Supplier<Set<String>> trustDomains;
    private final SpiffePath template;

    /** By host name in lower case; the empty text for a name that several nodes have. */
    private final Map<String, String> nodesByHost;

    private final AtomicReferenceArray<@Nullable Known> remembered = new AtomicReferenceArray<>(REMEMBERED);

    private Identities(
            String mesh, Supplier<Set<String>> trustDomains, SpiffePath template, Map<String, String> nodesByHost) {
        this.mesh = mesh;
        this.trustDomains = trustDomains;
        this.template = template;
        this.nodesByHost = nodesByHost;
    }

    /**
     * Makes ready who is who.
     *
     * @param trustDomains whose SPIFFE IDs may name nodes of this mesh; asked when a certificate is first seen, on any thread
     */
    public static Identities of(
            String mesh, Collection<VirtualNode> nodes, Supplier<Set<String>> trustDomains, SpiffePath template) {
        Map<String, String> byHost = new HashMap<>();
        for (VirtualNode node : nodes) {
            if (node.serviceDiscovery() instanceof ServiceDiscovery.Dns dns) {
                byHost.merge(key(dns.hostname()), node.name(), (one, other) -> one.equals(other) ? one : "");
            }
        }
        return new Identities(mesh, trustDomains, template, Map.copyOf(byHost));
    }

    /** Returns who owns a chain that was proven, its own certificate first; nobody for an empty chain. */
    public Principal of(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return Principal.ANONYMOUS;
        }
        X509Certificate certificate = requireNonNull(chain.get(0));
        int hash = certificate.hashCode();
        int slot = (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
        Known known = remembered.get(slot);
        if (known != null && known.certificate.equals(certificate)) {
            return known.principal;
        }
        PeerIdentity identity = PeerIdentity.of(certificate);
        Principal principal = Principal.of(identity, virtualNode(identity));
        remembered.set(slot, new Known(certificate, principal));
        return principal;
    }

    private @Nullable String virtualNode(PeerIdentity identity) {
        String id = identity.spiffeId();
        if (id != null) {
            String domain = identity.trustDomain();
            return domain != null && trustDomains.get().contains(domain) ? template.virtualNode(id, mesh) : null;
        }
        String found = null;
        for (String name : identity.dnsNames()) {
            String node = nodesByHost.get(key(name));
            if (node != null) {
                if (node.isEmpty() || (found != null && !found.equals(node))) {
                    return null;
                }
                found = node;
            }
        }
        return found;
    }

    private static String key(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private record Known(X509Certificate certificate, Principal principal) {}
}
