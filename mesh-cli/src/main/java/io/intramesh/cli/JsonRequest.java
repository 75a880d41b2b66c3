package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.intramesh.document.Likeness;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.Protocol;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request from a line of JSON. An absent key, or {@code null}, leaves the thing open. A key that nearly is one of ours
 * is refused, since a condition that is silently dropped gives a wrong answer; any other unknown key is the writer's own
 * business, and a note says that it counts for nothing.
 */
final class JsonRequest {
    private static final List<String> KEYS = List.of(
            "protocol",
            "method",
            "scheme",
            "host",
            "port",
            "path",
            "headers",
            "mesh",
            "virtualGateway",
            "virtualNode",
            "spiffeId",
            "claims",
            "at",
            "grpc");
    private static final List<String> GRPC_KEYS = List.of("service", "method");

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Consumer<String> foreignKeys;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, List<String>> headers = new LinkedHashMap<>();
    private final Map<String, List<String>> claims = new LinkedHashMap<>();
    private boolean isTokenKnown;
    private final Map<String, String> grpc = new LinkedHashMap<>();
    private int port = -1;

    private JsonRequest(Consumer<String> foreignKeys) {
        this.foreignKeys = foreignKeys;
    }

    /**
     * Reads one line.
     *
     * @param mesh where the line names none; null means the only mesh
     * @param foreignKeys learns of keys that are not ours
     */
    static Question parse(String line, @Nullable String mesh, Consumer<String> foreignKeys) throws BadInputException {
        JsonRequest reading = new JsonRequest(foreignKeys);
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new BadInputException("no object (expected: {\"host\":\"payments.local\",\"path\":\"/beta\"})");
            }
            reading.request(json);
            if (json.nextToken() != null) {
                throw new BadInputException("more than one value; write one object on each line");
            }
        } catch (JsonProcessingException failure) {
            throw new BadInputException("no JSON: " + failure.getOriginalMessage(), failure);
        } catch (IOException failure) {
            throw new BadInputException("no JSON: " + failure.getMessage(), failure);
        }
        return reading.build(mesh);
    }

    private void request(JsonParser json) throws IOException, BadInputException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (!KEYS.contains(key)) {
                foreign(json, key, KEYS);
            } else if (value != JsonToken.VALUE_NULL) {
                switch (key) {
                    case "port" -> port = port(json);
                    case "headers" -> lines("headers", headers, json);
                    case "claims" -> {
                        isTokenKnown = true;
                        lines("claims", claims, json);
                    }
                    case "grpc" -> grpc(json);
                    default -> texts.put(key, text(key, json));
                }
            }
        }
    }

    private void foreign(JsonParser json, String key, List<String> known) throws IOException, BadInputException {
        String meant = Likeness.nearest(key, known);
        if (meant != null) {
            throw new BadInputException("unknown key '" + key + "'; did you mean '" + meant + "'?");
        }
        json.skipChildren();
        foreignKeys.accept(key);
    }

    private static String text(String key, JsonParser json) throws IOException, BadInputException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw new BadInputException(key + ": " + described(json) + " (expected: a string)");
        }
        String text = json.getText();
        if (text.isEmpty()) {
            throw new BadInputException(key + ": empty (expected: a value; leave the key out where any will do)");
        }
        return text;
    }

    private static int port(JsonParser json) throws IOException, BadInputException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw new BadInputException("port: " + described(json) + " (expected: a whole number)");
        }
        String digits = json.getText();
        return Authority.checkedPort(digits.length() > 5 ? -1 : json.getIntValue(), digits);
    }

    private static void lines(String key, Map<String, List<String>> found, JsonParser json)
            throws IOException, BadInputException {
        expectObject(key, json);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            List<String> lines = found.computeIfAbsent(name, none -> new ArrayList<>());
            if (json.nextToken() == JsonToken.START_ARRAY) {
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    lines.add(line(key + "." + name, json));
                }
            } else {
                lines.add(line(key + "." + name, json));
            }
        }
    }

    private static String line(String place, JsonParser json) throws IOException, BadInputException {
        if (!json.currentToken().isScalarValue() || json.currentToken() == JsonToken.VALUE_NULL) {
            throw new BadInputException(place + ": " + described(json) + " (expected: a string)");
        }
        return json.getText();
    }

    private void grpc(JsonParser json) throws IOException, BadInputException {
        expectObject("grpc", json);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (!GRPC_KEYS.contains(key)) {
                foreign(json, key, GRPC_KEYS);
            } else if (value != JsonToken.VALUE_NULL) {
                grpc.put(key, text("grpc." + key, json));
            }
        }
    }

    private static void expectObject(String key, JsonParser json) throws IOException, BadInputException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new BadInputException(key + ": " + described(json) + " (expected: an object)");
        }
    }

    private static String described(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "'" + json.getText() + "'";
            default -> json.getText();
        };
    }

    private Question build(@Nullable String mesh) throws BadInputException {
        ExplainRequest.Builder request = host();
        String at = texts.get("at");
        request.mesh(texts.getOrDefault("mesh", mesh))
                .virtualGateway(texts.get("virtualGateway"))
                .virtualNode(texts.get("virtualNode"))
                .spiffeId(texts.get("spiffeId"))
                .protocol(protocol())
                .method(texts.get("method"))
                .scheme(scheme())
                .at(at == null ? null : time("at", at));
        if (isTokenKnown) {
            request.noToken();
        }
        claims.forEach((claim, values) -> values.forEach(value -> request.claim(claim, value)));
        String path = path();
        if (path != null) {
            request.path(path);
        }
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            for (String value : header.getValue()) {
                TypedRequest.header(request, header.getKey(), value);
            }
        }
        return new Question(request.build(), grpc.get("service"), grpc.get("method"));
    }

    // An empty host is an open one.
    private ExplainRequest.Builder host() throws BadInputException {
        String text = texts.get("host");
        if (text == null && !texts.containsKey("virtualGateway")) {
            throw new BadInputException(
                    "host: none (expected: the name of a virtual service; only at a virtualGateway may it be left out)");
        }
        Authority authority = text == null ? new Authority("", -1) : Authority.parse(text);
        if (port >= 0 && authority.port() >= 0 && port != authority.port()) {
            throw new BadInputException("host: '" + text + "' and port: " + port + " differ; name the port once");
        }
        int dialled = port >= 0 ? port : authority.port();
        ExplainRequest.Builder request = ExplainRequest.builder(authority.host());
        return dialled >= 0 ? request.port(dialled) : request;
    }

    private @Nullable Protocol protocol() throws BadInputException {
        String text = texts.get("protocol");
        if (text == null) {
            // A gRPC service is named, so this is a gRPC call.
            return grpc.isEmpty() ? null : Protocol.GRPC;
        }
        Protocol protocol = protocol(text);
        if (!grpc.isEmpty() && protocol != Protocol.GRPC) {
            throw new BadInputException("protocol: " + text + " and grpc do not go together (expected: grpc)");
        }
        return protocol;
    }

    /** Returns the protocol of that name. */
    static Protocol protocol(String text) throws BadInputException {
        return Stream.of(Protocol.values())
                .filter(known -> known.text().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new BadInputException("protocol: '" + text + "' (expected: http, http2, grpc or tcp)"));
    }

    /** Returns the time that a text names. */
    static Instant time(String place, String text) throws BadInputException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new BadInputException(
                    place + ": '" + text + "' (expected: a time with its offset, such as 2026-12-01T09:00:00Z)", e);
        }
    }

    private @Nullable String scheme() throws BadInputException {
        String scheme = texts.get("scheme");
        if (scheme != null && !scheme.equals("http") && !scheme.equals("https")) {
            throw new BadInputException("scheme: '" + scheme + "' (expected: http or https)");
        }
        return scheme;
    }

    private @Nullable String path() throws BadInputException {
        String path = texts.get("path");
        if (path != null) {
            TypedRequest.checkedPath(path);
        }
        String called = grpcPath();
        if (path != null && !grpc.isEmpty() && !path.equals(called)) {
            throw new BadInputException("path: '" + path + "' and grpc name different calls; give one of them");
        }
        return called == null ? path : called;
    }

    private @Nullable String grpcPath() throws BadInputException {
        String service = grpc.get("service");
        String method = grpc.get("method");
        if (service != null && service.indexOf('/') >= 0) {
            throw new BadInputException("grpc.service: '" + service + "' (expected: package.Service, without '/')");
        }
        return service == null || method == null ? null : TypedRequest.checkedPath("/" + service + "/" + method);
    }
}
