package io.intramesh.internal.pipeline;

import io.intramesh.call.MeshRequest;
import java.util.function.BiConsumer;

/** What tells a copy from a call: its name, and the place that it leaves when it is over. */
final class MirrorStage implements CallStage.OfHeaders, CallStage.OfEnds {
    /** As Envoy does with the host of a copy, so that who gets both can tell them apart. */
    static final String SUFFIX = "-shadow";

    private static final String HOST = "Host";

    @Override
    public void headers(MeshCall call, MeshAttempt attempt, BiConsumer<String, String> set) {
        MeshRequest request = call.request();
        boolean hasPort = request.port() != -1 && !request.isPortImplied();
        set.accept(HOST, request.host() + SUFFIX + (hasPort ? ":" + request.port() : ""));
    }

    @Override
    public void attemptEnded(MeshCall call, MeshAttempt attempt) {
        call.leavePlace();
    }
}
