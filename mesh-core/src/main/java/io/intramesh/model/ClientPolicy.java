package io.intramesh.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a node or gateway connects to its backends. A backend's own policy replaces the default as a whole.
 *
 * @param tls null leaves the choice to the callee
 */
public record ClientPolicy(@Nullable Tls tls) {

    /**
     * TLS towards a backend.
     *
     * @param enforce false writes the policy down without holding to it; App Mesh's default is true
     * @param ports ports that the policy holds for; empty means all
     * @param certificate shown when the server asks for one; null means none to show
     */
    public record Tls(
            boolean enforce, List<Integer> ports, @Nullable TlsCertificate certificate, TlsValidation validation) {
        public Tls {
            ports = List.copyOf(ports);
            ports.forEach(port -> Checks.port("ports", port));
            requireNonNull(validation, "validation");
            Checks.require(
                    !(certificate instanceof TlsCertificate.Acm),
                    "certificate: acm (expected: file or sds in a client policy)");
        }
    }

    /** Tells whether TLS is mandatory towards that port. */
    public boolean enforcesTlsOn(int port) {
        return tls != null
                && tls.enforce()
                && (tls.ports().isEmpty() || tls.ports().contains(port));
    }
}
