package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.intramesh.model.ResourceId;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Something that traffic will notice, or that somebody must know to foresee it.
 *
 * @param id what has changed; where it is there no more, what it was
 * @param subject whose traffic, as the field calls it: {@code payments.local /beta}
 * @param message what becomes of it
 * @param virtualServices names of the services whose traffic this is; empty where it is not about some
 * @param match of the route, in words, or null
 * @param setting that has changed, or null
 * @param before null where there was nothing, or more than a value
 * @param after null where there is nothing, or more than a value
 * @param shares of the traffic, where these have moved
 */
record Change(
        Concern concern,
        ResourceId id,
        String subject,
        String message,
        List<String> virtualServices,
        @Nullable String match,
        @Nullable String setting,
        @Nullable String before,
        @Nullable String after,
        List<Share> shares) {

    /** What matters most for traffic comes first; then by name, so that equal input gives equal output. */
    static final Comparator<Change> ORDER = Comparator.comparing(Change::concern)
            .thenComparing(change -> change.id().mesh())
            .thenComparing(Change::subject)
            .thenComparing(change -> String.valueOf(change.setting()))
            .thenComparing(Change::message);

    /** What a change is about, in the order in which changes are told. */
    enum Concern {
        /** A resource cannot be read in one of the two, so what becomes of it is open. */
        REFUSED,
        EGRESS,
        SERVICE_REMOVED,
        SERVICE_ADDED,
        PROVIDER,
        WEIGHTS,
        ROUTE_REMOVED,
        ROUTE_ADDED,
        MATCH,
        ORDER,
        REWRITE,
        BACKEND_REMOVED,
        BACKEND_ADDED,
        LISTENER,
        TLS,
        ACCESS,
        DISCOVERY,
        NODE_REMOVED,
        NODE_ADDED,
        GATEWAY_REMOVED,
        GATEWAY_ADDED,
        TIMEOUT,
        RETRY,
        POOL,
        OUTLIER,
        HEALTH,
        POLICY,
        LOG,
        NAME;

        /** Returns the name that the JSON uses: {@code route-added}. */
        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A target's part of the traffic in percent, rounded to hundredths. */
    record Share(String target, double before, double after) {}

    /** Starts a change of a resource. */
    static Change of(Concern concern, ResourceId id, String subject, String message) {
        return new Change(concern, id, subject, message, List.of(), null, null, null, null, List.of());
    }

    Change about(List<String> services, @Nullable Match routeMatch) {
        return new Change(
                concern,
                id,
                subject,
                message,
                List.copyOf(new TreeSet<>(services)),
                routeMatch == null ? null : routeMatch.toString(),
                setting,
                before,
                after,
                shares);
    }

    Change values(@Nullable String changed, @Nullable String was, @Nullable String is) {
        return new Change(concern, id, subject, message, virtualServices, match, changed, was, is, shares);
    }

    Change moved(List<Share> moved) {
        return new Change(concern, id, subject, message, virtualServices, match, setting, before, after, moved);
    }

    /** Writes the change. People script against these keys: add at the end, and change nothing. */
    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("concern", concern.text());
        json.writeStringField("mesh", id.mesh());
        json.writeStringField("kind", id.kind().documentName());
        Json.text(json, "parent", id.parent());
        json.writeStringField("name", id.name());
        Json.texts(json, "virtualServices", virtualServices);
        Json.text(json, "match", match);
        Json.text(json, "setting", setting);
        Json.text(json, "before", before);
        Json.text(json, "after", after);
        json.writeArrayFieldStart("shares");
        for (Share share : shares) {
            json.writeStartObject();
            json.writeStringField("target", share.target());
            json.writeNumberField("before", Math.round(share.before() * 100) / 100.0);
            json.writeNumberField("after", Math.round(share.after() * 100) / 100.0);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("message", toString());
        json.writeEndObject();
    }

    @Override
    public String toString() {
        return subject + ": " + message;
    }
}
