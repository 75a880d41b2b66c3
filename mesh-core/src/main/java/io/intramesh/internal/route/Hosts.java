package io.intramesh.internal.route;

import java.util.Locale;

/** Host names as they come in requests: any case, perhaps with a final dot or a port. */
final class Hosts {
    private Hosts() {}

    /** Returns the name that virtual services are found by: lower case, without port and final dot. */
    static String name(String host) {
        return host.substring(0, nameEnd(host)).toLowerCase(Locale.ROOT);
    }

    /** Returns the key of a virtual service's name as it was declared: lower case, without final dot. */
    static String key(String declared) {
        String key = declared.toLowerCase(Locale.ROOT);
        return key.length() > 1 && key.endsWith(".") ? key.substring(0, key.length() - 1) : key;
    }

    /** Returns where the name ends, before the final dot and the port. */
    static int nameEnd(String host) {
        int end = portColon(host);
        end = end < 0 ? host.length() : end;
        return end > 1 && host.charAt(end - 1) == '.' ? end - 1 : end;
    }

    /** Returns the port that is written behind the host, or -1. */
    static int port(String host) {
        int colon = portColon(host);
        // At most five digits are seen as a port, so this neither overflows nor throws.
        return colon < 0 ? -1 : Integer.parseInt(host, colon + 1, host.length(), 10);
    }

    private static int portColon(String host) {
        int colon = host.lastIndexOf(':');
        int digits = host.length() - colon - 1;
        if (colon <= 0 || digits < 1 || digits > 5) {
            return -1;
        }
        for (int i = colon + 1; i < host.length(); i++) {
            if (host.charAt(i) < '0' || host.charAt(i) > '9') {
                return -1;
            }
        }
        // An IPv6 address has more colons; only in brackets can a port follow it.
        return host.indexOf(':') == colon || host.charAt(colon - 1) == ']' ? colon : -1;
    }
}
