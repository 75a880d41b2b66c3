package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.internal.route.Target;
import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;

/**
 * Fails closed where a call would have to be encrypted: towards a listener that takes TLS only, under a client policy that
 * enforces TLS, and where the application itself asked for https. This version speaks plaintext to virtual nodes.
 */
final class EncryptionStage implements CallStage {
    @Override
    public void begin(MeshCall call) throws MeshCallException {
        if ("https".equals(call.request().scheme())) {
            throw refused(
                    call,
                    "is called by https, but the mesh would send it on in plaintext; call it by http, and let the mesh "
                            + "encrypt");
        }
        Target target = call.decision().target();
        Listener listener = target.listener();
        ListenerTls tls = listener == null ? null : listener.tls();
        if (tls != null && tls.mode() == ListenerTls.Mode.STRICT) {
            throw refused(
                    call,
                    "takes TLS only (listener tls mode STRICT), which this version does not speak; set the mode to "
                            + "PERMISSIVE, or wait for the version that does");
        }
        ClientPolicy policy =
                call.snapshot().self().clientPolicyFor(call.decision().virtualService());
        if (policy != null && listener != null && policy.enforcesTlsOn(listener.port())) {
            throw refused(
                    call,
                    "must be called by TLS (client policy of this virtual node), which this version does not speak; set "
                            + "'enforce: false', or wait for the version that does");
        }
    }

    private static MeshCallException refused(MeshCall call, String why) {
        return new MeshCallException(Reason.PEER_UNTRUSTED, call.where() + " " + why);
    }
}
