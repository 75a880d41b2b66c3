package io.intramesh.internal.endpoint;

import io.intramesh.model.IpPreference;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Type;

/** An address family. */
enum Family {
    IPV6(Type.AAAA),
    IPV4(Type.A);

    private static final List<Family> IPV6_FIRST = List.of(IPV6, IPV4);
    private static final List<Family> IPV4_FIRST = List.of(IPV4, IPV6);

    private final int recordType;

    Family(int recordType) {
        this.recordType = recordType;
    }

    int recordType() {
        return recordType;
    }

    boolean includes(InetAddress address) {
        return (address instanceof Inet4Address) == (this == IPV4);
    }

    /** Returns the families to look up, the preferred one first. Unset means IPv6 and then IPv4, as in App Mesh's Envoy. */
    static List<Family> wanted(@Nullable IpPreference preference) {
        if (preference == null) {
            return IPV6_FIRST;
        }
        return switch (preference) {
            case IPV6_PREFERRED -> IPV6_FIRST;
            case IPV4_PREFERRED -> IPV4_FIRST;
            case IPV6_ONLY -> List.of(IPV6);
            case IPV4_ONLY -> List.of(IPV4);
        };
    }
}
