package io.intramesh.okhttp;

import io.intramesh.MeshCallException;
import io.intramesh.call.Refusal;

/** How a client shows that the mesh refused a call, or could not complete it. */
public enum RefusalStyle {
    /** The call fails with a {@link MeshCallException}, which no code can mistake for an answer. The default. */
    EXCEPTION,
    /**
     * The call answers with a response that the mesh made up, as App Mesh's Envoy did: the status of the reason (404, 503,
     * 504 …), the header {@link Refusal#HEADER} with the reason, and a body of type {@link Refusal#MEDIA_TYPE}. Failures
     * that are none of the mesh's, such as a cancelled call or an expired call timeout, remain exceptions.
     */
    RESPONSE
}
