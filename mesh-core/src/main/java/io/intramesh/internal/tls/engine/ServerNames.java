package io.intramesh.internal.tls.engine;

import java.net.IDN;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/** Which names can be told to a server before it shows its certificate: RFC 6066 §3 allows DNS names, not addresses. */
public final class ServerNames {
    private ServerNames() {}

    /** Returns the name to send for a host, or null where it is an address or no DNS name. */
    public static @Nullable String ofHost(@Nullable String host) {
        if (host == null || host.isEmpty() || isAddress(host)) {
            return null;
        }
        try {
            String ascii = IDN.toASCII(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
            return ascii.isEmpty() ? null : new SNIHostName(ascii).getAsciiName();
        } catch (IllegalArgumentException notAName) {
            return null;
        }
    }

    /** Addresses of IPv6 have a colon, which no name has; those of IPv4 end in a number, which no name does. */
    private static boolean isAddress(String host) {
        char last = host.charAt(host.length() - 1);
        return host.indexOf(':') >= 0
                || (last >= '0' && last <= '9' && host.chars().allMatch(ServerNames::isIpv4));
    }

    private static boolean isIpv4(int c) {
        return c == '.' || (c >= '0' && c <= '9');
    }
}
