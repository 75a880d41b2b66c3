package io.intramesh.discovery.cloudmap;

import io.intramesh.model.IpPreference;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.servicediscovery.model.HealthStatus;
import software.amazon.awssdk.services.servicediscovery.model.HttpInstanceSummary;

/** Makes endpoints of the instances of an answer. */
final class Instances {
    private static final String IPV4 = "AWS_INSTANCE_IPV4";
    private static final String IPV6 = "AWS_INSTANCE_IPV6";
    private static final String PORT = "AWS_INSTANCE_PORT";
    private static final String ZONE = "AVAILABILITY_ZONE";
    private static final String ID = "INSTANCE_ID";

    /** Attributes by which an instance names a host where others have an address. */
    private static final List<String> HOSTS = List.of("AWS_INSTANCE_CNAME", "AWS_ALIAS_DNS_NAME");

    /** Names for messages; the rest is counted. */
    private static final int MAX_NAMED = 3;

    private final Query query;
    private final List<Found> found = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    Instances(Query query, List<HttpInstanceSummary> instances) {
        this.query = query;
        for (HttpInstanceSummary instance : instances) {
            try {
                found.add(endpoint(instance));
            } catch (UnusableException e) {
                leftOut.add("'" + instance.instanceId() + "' " + e.getMessage());
            }
        }
        // Cloud Map turns the order from answer to answer; balancers want it to stay.
        found.sort(Comparator.comparing(Found::name).thenComparing(one -> one.port() == null ? 0 : one.port()));
        leftOut.sort(Comparator.naturalOrder());
    }

    /** Returns the endpoints, in a stable order. */
    List<Found> found() {
        return List.copyOf(found);
    }

    /** Returns which instances nobody can call and why, or null. */
    @Nullable
    String problem() {
        if (leftOut.isEmpty()) {
            return null;
        }
        String named = String.join("; ", leftOut.subList(0, Math.min(MAX_NAMED, leftOut.size())));
        int more = leftOut.size() - MAX_NAMED;
        return more > 0 ? named + "; and " + more + " more" : named;
    }

    private Found endpoint(HttpInstanceSummary instance) throws UnusableException {
        Map<String, String> attributes = instance.attributes();
        List<InetAddress> addresses = addresses(attributes);
        Map<String, String> carried = new HashMap<>(attributes);
        carried.putIfAbsent(ID, instance.instanceId());
        return new Found(
                addresses.get(0).getHostAddress(),
                addresses,
                port(attributes),
                attributes.get(ZONE),
                instance.healthStatus() != HealthStatus.UNHEALTHY,
                carried);
    }

    /** Returns the addresses in the order that App Mesh's table of IP preferences has for Cloud Map: IPv4 first when unset. */
    private List<InetAddress> addresses(Map<String, String> attributes) throws UnusableException {
        InetAddress four = address(attributes, IPV4);
        InetAddress six = address(attributes, IPV6);
        IpPreference preference = query.ipPreference();
        boolean takesFour = preference != IpPreference.IPV6_ONLY;
        boolean takesSix = preference != IpPreference.IPV4_ONLY;
        boolean sixFirst = preference == IpPreference.IPV6_PREFERRED || preference == IpPreference.IPV6_ONLY;
        List<InetAddress> addresses = new ArrayList<>(2);
        if (four != null && takesFour) {
            addresses.add(four);
        }
        if (six != null && takesSix) {
            addresses.add(sixFirst ? 0 : addresses.size(), six);
        }
        if (!addresses.isEmpty()) {
            return addresses;
        }
        if (four != null || six != null) {
            throw new UnusableException("has no " + (takesFour ? IPV4 : IPV6) + ", which ipPreference "
                    + (preference == null ? "" : preference.text()) + " asks for");
        }
        for (String host : HOSTS) {
            if (attributes.containsKey(host)) {
                throw new UnusableException("has " + host + " '" + attributes.get(host)
                        + "' in place of an address; give the node serviceDiscovery.dns with that host");
            }
        }
        throw new UnusableException("has neither " + IPV4 + " nor " + IPV6 + "; register it with one");
    }

    private static @Nullable InetAddress address(Map<String, String> attributes, String name) throws UnusableException {
        String text = attributes.get(name);
        if (text == null || text.isBlank()) {
            return null;
        }
        InetAddress address = literal(text.strip());
        if (address == null) {
            throw new UnusableException("has " + name + " '" + text + "', which is no IP address");
        }
        return address;
    }

    /** Reads an address without asking a name service, which {@link InetAddress#getByName} does for other text. */
    private static @Nullable InetAddress literal(String text) {
        boolean looksNumeric =
                !text.isEmpty() && text.chars().allMatch(c -> c == '.' || c == ':' || Character.digit(c, 16) >= 0);
        try {
            if (looksNumeric && text.indexOf(':') >= 0) {
                return InetAddress.getByName("[" + text + "]"); // In brackets it is an address or an error.
            }
            return looksNumeric ? ipv4(text) : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static @Nullable InetAddress ipv4(String text) throws UnknownHostException {
        byte[] bytes = new byte[4];
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            int dot = i == bytes.length - 1 ? text.length() : text.indexOf('.', start);
            if (dot <= start || dot - start > 3) {
                return null;
            }
            int value = 0;
            for (int at = start; at < dot; at++) {
                int digit = Character.digit(text.charAt(at), 10);
                if (digit < 0) {
                    return null;
                }
                value = value * 10 + digit;
            }
            if (value > 255) {
                return null;
            }
            bytes[i] = (byte) value;
            start = dot + 1;
        }
        return InetAddress.getByAddress(bytes);
    }

    /**
     * Returns the port, or null for that of the listener that is called. The App Mesh controller writes the node's first
     * listener's port, which must not stand for the other listeners.
     */
    private @Nullable Integer port(Map<String, String> attributes) throws UnusableException {
        String text = attributes.get(PORT);
        if (text == null || text.isBlank()) {
            return null;
        }
        int port;
        try {
            port = Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (port < 1 || port > 65_535) {
            throw new UnusableException("has " + PORT + " '" + text + "' (expected: 1 to 65535)");
        }
        return query.listenerPorts().contains(port) ? null : port;
    }

    /** Nobody can call this instance. */
    private static final class UnusableException extends Exception {
        UnusableException(String message) {
            super(message);
        }
    }
}
