package io.intramesh.internal.pipeline;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;

/**
 * Has calls encrypted that must be, by the rules of {@link OutboundTls}, and refuses those that cannot be. What a call goes by is
 * decided once, so all its attempts, retries and hedges are encrypted alike; which certificate and trust are in force is read
 * for each attempt.
 */
final class EncryptionStage implements CallStage.OfAttempts {
    private static final OutboundTls PLAINTEXT = new OutboundTls.Plaintext("neither side asks for TLS");

    @Override
    public void begin(MeshCall call) throws MeshCallException {
        Encryption.Way way = call.snapshot().encryption().way(call.decision());
        if (way != null) {
            way.check(call);
            call.goesOutBy(way);
        } else if ("https".equals(call.request().scheme())) {
            throw new MeshCallException(Reason.PEER_UNTRUSTED, call.where() + " " + PLAINTEXT.httpsProblem());
        }
    }

    @Override
    public void prepare(MeshCall call, MeshAttempt attempt) throws MeshCallException {
        Encryption.Way way = call.way();
        if (way != null) {
            attempt.encryptBy(way.forAttempt(call));
        }
    }
}
