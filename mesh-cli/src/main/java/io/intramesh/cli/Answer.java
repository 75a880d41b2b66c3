package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.intramesh.explain.Explanation;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes explanations as JSON. People script against these keys and their order: add at the end, and change nothing. */
final class Answer {
    private static final JsonFactory JSON = new JsonFactory();

    private Answer() {}

    /** Returns the answer to one line of requests. */
    static String line(Question.Answered answered) {
        return json(json -> decision(json, answered));
    }

    /** Returns the answer to a single question: a line's keys, then why. */
    static String full(Question.Answered answered) {
        Explanation explanation = answered.explanation();
        return json(json -> {
            decision(json, answered);
            Explanation.Refused refusal = explanation.refusal();
            text(json, "message", refusal == null ? null : refusal.message());
            tried(json, "gatewayRoutesTried", explanation.gatewayRoutes());
            tried(json, "routesTried", explanation.routes());
            json.writeArrayFieldStart("settings");
            for (Explanation.Setting setting : explanation.settings()) {
                json.writeStartObject();
                text(json, "name", setting.name());
                text(json, "value", setting.value());
                text(json, "source", setting.source());
                json.writeEndObject();
            }
            json.writeEndArray();
            access(json, explanation.access());
        });
    }

    private static void access(JsonGenerator json, List<Explanation.Access> access) throws IOException {
        json.writeArrayFieldStart("access");
        for (Explanation.Access each : access) {
            json.writeStartObject();
            text(json, "virtualNode", each.virtualNode());
            json.writeBooleanField("isAllowed", each.isAllowed());
            text(json, "policy", each.policy());
            text(json, "rule", each.rule());
            text(json, "shadow", each.shadow());
            tried(json, "rulesTried", each.rules());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Returns what stands in the place of an answer when a line cannot be answered. */
    static String error(int line, String message) {
        return json(json -> text(json, "error", "line " + line + ": " + message));
    }

    private static void decision(JsonGenerator json, Question.Answered answered) throws IOException {
        Explanation explanation = answered.explanation();
        text(json, "virtualService", explanation.virtualService());
        text(json, "virtualRouter", explanation.virtualRouter());
        text(json, "route", explanation.route());
        json.writeArrayFieldStart("targets");
        for (Explanation.Target target : explanation.targets()) {
            json.writeStartObject();
            text(json, "virtualNode", target.virtualNode());
            json.writeNumberField("weight", target.weight());
            if (target.port() == null) {
                json.writeNullField("port");
            } else {
                json.writeNumberField("port", target.port());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        text(json, "gatewayRoute", explanation.gatewayRoute());
        text(json, "forwardedHost", answered.forwardedHost());
        text(json, "forwardedPath", answered.forwardedPath());
        Explanation.Refused refusal = explanation.refusal();
        text(json, "refusal", refusal == null ? null : refusal.reason().name());
    }

    private static void tried(JsonGenerator json, String name, List<Explanation.Tried> routes) throws IOException {
        json.writeArrayFieldStart(name);
        for (Explanation.Tried route : routes) {
            json.writeStartObject();
            text(json, "name", route.name());
            text(json, "conditions", route.conditions());
            text(json, "mismatch", route.mismatch());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    private static String json(Members members) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException failure) {
            throw new UncheckedIOException("a StringWriter never fails", failure);
        }
        return text.toString();
    }

    /** Writes the members of an object. */
    private interface Members {
        void write(JsonGenerator json) throws IOException;
    }
}
