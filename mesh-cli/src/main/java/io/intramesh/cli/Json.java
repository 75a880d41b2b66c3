package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Writes JSON to text. */
final class Json {
    private static final JsonFactory JSON = new JsonFactory();

    private Json() {}

    /** Writes something. */
    interface Writing {
        void to(JsonGenerator json) throws IOException;
    }

    /** Returns one object with these members. */
    static String object(Writing members) {
        return text(json -> {
            json.writeStartObject();
            members.to(json);
            json.writeEndObject();
        });
    }

    /** Returns what is written, on one line. */
    static String text(Writing writing) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            writing.to(json);
        } catch (IOException failure) {
            throw new UncheckedIOException("a StringWriter never fails", failure);
        }
        return text.toString();
    }

    /** Writes a member that is text or null. */
    static void text(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    /** Writes a member that is a list of texts. */
    static void texts(JsonGenerator json, String name, Collection<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
