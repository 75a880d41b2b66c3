package io.intramesh.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of a JSON Schema, draft-07. Every value may also be a placeholder that the values file fills, in quotes, since
 * that is what documents hold before they are read.
 *
 * @param keywords in the order in which they are written; values are texts, numbers, booleans, lists, maps and schemas
 */
record Schema(Map<String, Object> keywords) {
    /** A placeholder, somewhere in a text. */
    private static final String HAS_PLACEHOLDER = "\\$\\{|\\{\\{";

    /** A text that is one placeholder. */
    private static final String IS_PLACEHOLDER = "^(\\$\\{[A-Za-z_][A-Za-z0-9_.-]*(:-[^}$]*)?\\}|\\{\\{[^{}]*\\}\\})$";

    /** A member of an object. */
    record Member(String name, Schema schema, boolean isRequired) {}

    static Member required(String name, Schema schema) {
        return new Member(name, schema, true);
    }

    static Member optional(String name, Schema schema) {
        return new Member(name, schema, false);
    }

    /** Returns a schema that takes everything. */
    static Schema any() {
        return new Schema(Map.of());
    }

    /** Returns a schema that is written down elsewhere in the whole. */
    static Schema ref(String definition) {
        return any().with("$ref", "#/definitions/" + definition);
    }

    /** Returns a schema of text, {@code max} being -1 for no bound. */
    static Schema text(int min, int max) {
        Schema text = any().with("type", "string");
        text = min > 0 ? text.with("minLength", min) : text;
        return max >= 0 ? text.with("maxLength", max) : text;
    }

    /** Returns this text held to a pattern, which must match from the start; placeholders are free. */
    Schema matching(String pattern) {
        return with("pattern", "^(?:" + pattern + ")|" + HAS_PLACEHOLDER);
    }

    /** Returns a schema of whole numbers. */
    static Schema number(long min, long max) {
        Schema number = any().with("type", List.of("integer", "string"));
        number = min == Long.MIN_VALUE ? number : number.with("minimum", min);
        number = max == Long.MAX_VALUE ? number : number.with("maximum", max);
        return number.with("pattern", IS_PLACEHOLDER);
    }

    static Schema truth() {
        return any().with("type", List.of("boolean", "string")).with("pattern", IS_PLACEHOLDER);
    }

    /** Returns a schema of one of these names. */
    static Schema choice(List<String> names) {
        return any().with(
                        "anyOf",
                        List.of(
                                any().with("enum", names),
                                any().with("type", "string").with("pattern", IS_PLACEHOLDER)));
    }

    /** Returns a schema of lists, {@code max} being -1 for no bound. */
    static Schema list(Schema item, int min, int max) {
        Schema list = any().with("type", "array").with("items", item);
        list = min > 0 ? list.with("minItems", min) : list;
        return max >= 0 ? list.with("maxItems", max) : list;
    }

    /** Returns a schema of objects with these members and no others. */
    static Schema object(Member... members) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Member member : members) {
            properties.put(member.name(), member.schema());
            if (member.isRequired()) {
                required.add(member.name());
            }
        }
        Schema object =
                any().with("type", "object").with("additionalProperties", false).with("properties", properties);
        return required.isEmpty() ? object : object.with("required", required);
    }

    /** Returns a schema of objects with exactly one of these members. */
    static Schema union(Member... members) {
        return object(members).with("minProperties", 1).with("maxProperties", 1);
    }

    /** Returns this object with exactly one of these members. */
    Schema withOneOf(String... names) {
        return with("oneOf", List.of(names).stream().map(Schema::having).toList());
    }

    /** Returns this object with at least one of these members. */
    Schema withAnyOf(String... names) {
        return with("anyOf", List.of(names).stream().map(Schema::having).toList());
    }

    /** Returns this object without these members beside each other. */
    Schema withoutBoth(String one, String other) {
        return with("not", any().with("required", List.of(one, other)));
    }

    private static Schema having(String name) {
        return any().with("required", List.of(name));
    }

    /** Returns this schema with what editors show. */
    Schema says(String description) {
        return with("description", description);
    }

    /** Returns this schema with what holds where it is absent. */
    Schema byDefault(Object value) {
        return with("default", value);
    }

    Schema with(String keyword, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(keywords);
        more.put(keyword, value);
        return new Schema(more);
    }

    void write(JsonGenerator json) throws IOException {
        write(json, keywords);
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Schema schema) {
            schema.write(json);
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object item : list) {
                write(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value instanceof Number number) {
            json.writeNumber(number.longValue());
        } else {
            json.writeString(String.valueOf(value));
        }
    }
}
