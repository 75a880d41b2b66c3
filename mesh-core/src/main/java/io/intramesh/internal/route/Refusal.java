package io.intramesh.internal.route;

import io.intramesh.Reason;
import java.util.function.Supplier;

/** Why a request does not go out. The text is made when somebody asks for it. */
record Refusal(Reason reason, int status, Supplier<String> message) {
    static Refusal of(Reason reason, Supplier<String> message) {
        return new Refusal(reason, reason.status(), message);
    }

    /** Nothing stands behind the service: App Mesh answered 503 here, not 404. */
    static Refusal nothingBehind(String why) {
        return new Refusal(Reason.NO_ROUTE, 503, () -> why);
    }
}
