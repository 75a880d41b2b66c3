package io.intramesh.cli;

import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.model.VirtualNode;
import io.intramesh.tls.PeerIdentity;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate is for.
 *
 * @param names host names and IP addresses, beside the SPIFFE ID
 */
record Workload(String mesh, String node, List<String> names) {
    /** What may stand in a segment of a SPIFFE ID's path; "The SPIFFE Identity and Verifiable Identity Document", §2.2. */
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");

    private static final Pattern IPV4 = Pattern.compile(
            "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}");

    /** Kind of name in a certificate, RFC 5280 §4.2.1.6. */
    private static final int IP_ADDRESS = 7;

    Workload {
        names = List.copyOf(names);
    }

    /** Returns the node of that name, with these names, or says why no certificate can carry it. */
    static Workload of(String mesh, String node, Collection<String> names) throws BadInputException {
        requireSegment("mesh", mesh);
        requireSegment("virtual node", node);
        Set<String> distinct = new LinkedHashSet<>();
        names.forEach(name -> distinct.add(withoutFinalDot(name)));
        Workload workload = new Workload(mesh, node, List.copyOf(distinct));
        try {
            // Before the first certificate of several is written.
            var unused = CertificateSpec.builder()
                    .dnsNames(workload.dnsNames())
                    .addresses(workload.addresses())
                    .build();
            return workload;
        } catch (IllegalArgumentException failure) {
            throw new BadInputException(workload + ": " + failure.getMessage(), failure);
        }
    }

    /**
     * Returns a node as its document describes it. Its certificate carries the name by which callers find it: App Mesh's
     * clients check that one where their policy names no others.
     */
    static Workload of(VirtualNode node) throws BadInputException {
        return of(node.id().mesh(), node.name(), node.discoveryNames());
    }

    /** Returns whom a certificate of ours is for, or null where it is not for a node of this trust domain. */
    static @Nullable Workload of(X509Certificate certificate, String trustDomain) {
        PeerIdentity identity = PeerIdentity.of(certificate);
        String id = identity.spiffeId();
        String prefix = "spiffe://" + trustDomain + "/";
        if (id == null || !id.startsWith(prefix)) {
            return null;
        }
        int slash = id.indexOf('/', prefix.length());
        if (slash < 0 || id.indexOf('/', slash + 1) >= 0) {
            return null;
        }
        List<String> names = new ArrayList<>(identity.dnsNames());
        names.addAll(addresses(certificate));
        return new Workload(id.substring(prefix.length(), slash), id.substring(slash + 1), names);
    }

    private static List<String> addresses(X509Certificate certificate) {
        List<String> addresses = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                names.stream()
                        .filter(name -> name.get(0).equals(IP_ADDRESS))
                        .forEach(name -> addresses.add(String.valueOf(name.get(1))));
            }
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
        return addresses;
    }

    URI spiffeId(String trustDomain) {
        return URI.create("spiffe://" + trustDomain + "/" + mesh + "/" + node);
    }

    List<String> dnsNames() {
        return names.stream().filter(name -> !isAddress(name)).toList();
    }

    List<InetAddress> addresses() {
        return names.stream().filter(Workload::isAddress).map(Workload::address).toList();
    }

    private static void requireSegment(String what, String name) throws BadInputException {
        if (!SEGMENT.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new BadInputException(
                    what + " '" + name + "': no SPIFFE ID can carry it (expected: letters, digits, . - _)");
        }
    }

    private static String withoutFinalDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isAddress(String name) {
        return name.indexOf(':') >= 0 || IPV4.matcher(name).matches();
    }

    /** Nobody is asked: in brackets there can only be an address, and the pattern takes nothing else. */
    private static InetAddress address(String name) {
        try {
            return InetAddress.getAllByName(name.indexOf(':') >= 0 ? "[" + name + "]" : name)[0];
        } catch (UnknownHostException failure) {
            throw new IllegalArgumentException("'" + name + "' (expected: an IP address or a host name)", failure);
        }
    }

    @Override
    public String toString() {
        return mesh + "/" + node;
    }
}
