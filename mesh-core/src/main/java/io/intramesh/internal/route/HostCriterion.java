package io.intramesh.internal.route;

import io.intramesh.call.MeshRequest;
import io.intramesh.model.HostnameMatch;
import org.jspecify.annotations.Nullable;

/** The host that a caller of a gateway asked for equals a name, or ends with one. Case, port and final dot do not count. */
final class HostCriterion implements Criterion {
    private final String name;
    private final boolean exact;

    HostCriterion(HostnameMatch match) {
        if (match instanceof HostnameMatch.Exact whole) {
            name = whole.hostname();
            exact = true;
        } else {
            name = ((HostnameMatch.Suffix) match).suffix();
            exact = false;
        }
    }

    boolean isExact() {
        return exact;
    }

    int length() {
        return name.length();
    }

    @Override
    public boolean test(MeshRequest request, @Nullable String path) {
        String host = request.host();
        int start = Hosts.nameEnd(host) - name.length();
        return (exact ? start == 0 : start >= 0) && host.regionMatches(true, start, name, 0, name.length());
    }

    @Override
    public String describe() {
        return exact ? "host is " + name : "host ends with " + name;
    }

    @Override
    public String mismatch(MeshRequest request, @Nullable String path) {
        return exact
                ? "host is " + request.host() + ", not " + name
                : "host " + request.host() + " does not end with " + name;
    }
}
