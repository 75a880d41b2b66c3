package io.intramesh.internal.endpoint;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * Names that need no DNS: those of the hosts file, as in hosts(5), and {@code localhost}. Unlike dnsjava's reader this one
 * keeps every address of a name.
 *
 * @param byName addresses in the order of the file, by name in lower case
 */
record Hosts(Map<String, List<InetAddress>> byName) {
    static final Hosts NONE = new Hosts(Map.of());

    static Hosts parse(List<String> lines) {
        Map<String, List<InetAddress>> byName = new HashMap<>();
        for (String line : lines) {
            int comment = line.indexOf('#');
            StringTokenizer words = new StringTokenizer(comment < 0 ? line : line.substring(0, comment));
            InetAddress address = words.hasMoreTokens() ? IpLiteral.parse(words.nextToken()) : null;
            while (address != null && words.hasMoreTokens()) {
                List<InetAddress> addresses =
                        byName.computeIfAbsent(key(words.nextToken()), name -> new ArrayList<>(1));
                if (!addresses.contains(address)) {
                    addresses.add(address);
                }
            }
        }
        return new Hosts(byName);
    }

    /** Returns the addresses of a name; empty where it stands in DNS, if anywhere. */
    List<InetAddress> addresses(String host) {
        String name = key(host);
        List<InetAddress> written = byName.get(name);
        if (written != null) {
            return List.copyOf(written);
        }
        // RFC 6761, section 6.3: these names never leave the machine.
        return name.equals("localhost") || name.endsWith(".localhost") ? LOOPBACK : List.of();
    }

    private static String key(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static final List<InetAddress> LOOPBACK = List.of(literal("::1"), literal("127.0.0.1"));

    private static InetAddress literal(String text) {
        InetAddress address = IpLiteral.parse(text);
        if (address == null) {
            throw new IllegalArgumentException(text);
        }
        return address;
    }
}
