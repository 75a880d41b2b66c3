package io.intramesh.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads a file of values: a YAML (or JSON) map from names to values. Values are text exactly as written, so that
 * {@code 0123} stays {@code 0123}; nothing, {@code null} and {@code ~} are the empty text. A nested key becomes one name with
 * dots; a list becomes its items with commas between them, as CloudFormation's list parameters want it.
 *
 * <p>Files of parameters that the AWS CLI takes will do as they are: a list of {@code {ParameterKey, ParameterValue}}, a list
 * of {@code "Key=Value"}, and a map {@code Parameters} with nothing but {@code Tags} and {@code StackPolicy} beside it.
 */
final class ValuesFile {
    /** A file of parameters has a few dozen lines. More than this is a mistake, or an attack by aliases. */
    static final int MAX_VALUES = 10_000;

    static final int MAX_BYTES = 1 << 20;
    static final int MAX_DEPTH = 20;

    private static final Set<String> STACK_MEMBERS = Set.of("Parameters", "Tags", "StackPolicy");

    private final Path file;
    private final Map<String, String> values = new LinkedHashMap<>();
    private int visited;

    private ValuesFile(Path file) {
        this.file = file;
    }

    static Map<String, String> read(Path file) throws BadInputException {
        ValuesFile reading = new ValuesFile(file);
        Optional<Node> root = reading.compose(reading.text());
        if (root.isPresent()) {
            if (root.get() instanceof MappingNode map) {
                reading.flatten("", parametersIn(map).orElse(map), 1);
            } else if (root.get() instanceof SequenceNode list
                    && !list.getValue().isEmpty()) {
                reading.parameters(list);
            } else if (!isNull(root.get())) {
                throw reading.bad(root.get(), "no map (expected: lines such as 'NAME: value')");
            }
        }
        return reading.values;
    }

    private String text() throws BadInputException {
        byte[] bytes;
        // Not Files.size(): the file may be a pipe, as in --values <(make-values).
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException failure) {
            throw new BadInputException("--values " + Unreadable.describe(file, failure), failure);
        }
        if (bytes.length > MAX_BYTES) {
            throw new BadInputException("--values " + file + ": too large (expected: up to " + MAX_BYTES + " bytes)");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException failure) {
            throw new BadInputException("--values " + file + ": not UTF-8; save it in that encoding", failure);
        }
    }

    private Optional<Node> compose(String text) throws BadInputException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setCodePointLimit(MAX_BYTES)
                // In one piece: the library fails where a piece ends between the halves of a surrogate pair.
                .setBufferSize(text.length() + 2)
                .setSchema(new CoreSchema())
                // Refused below, with its place.
                .setAllowNonScalarKeys(true)
                .build();
        try {
            return new Compose(settings).composeString(text);
        } catch (MarkedYamlEngineException failure) {
            String place = failure.getProblemMark().map(this::at).orElse(file.toString());
            throw new BadInputException("--values " + place + ": no YAML: " + failure.getProblem(), failure);
        } catch (YamlEngineException failure) {
            throw new BadInputException("--values " + file + ": no YAML: " + failure.getMessage(), failure);
        }
    }

    /** Returns what stands under {@code Parameters} in a file that holds the configuration of a stack. */
    private static Optional<MappingNode> parametersIn(MappingNode root) {
        Optional<MappingNode> parameters = Optional.empty();
        for (NodeTuple entry : root.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (!STACK_MEMBERS.contains(key)) {
                return Optional.empty();
            }
            if (key.equals("Parameters") && entry.getValueNode() instanceof MappingNode map) {
                parameters = Optional.of(map);
            }
        }
        return parameters;
    }

    private void parameters(SequenceNode list) throws BadInputException {
        for (Node item : list.getValue()) {
            if (++visited > MAX_VALUES) {
                throw bad(item, "too many values (expected: up to " + MAX_VALUES + ")");
            }
            if (item instanceof MappingNode map) {
                parameter(map);
            } else {
                String text = item instanceof ScalarNode scalar ? scalar.getValue() : "";
                int equals = text.indexOf('=');
                if (equals < 1) {
                    throw bad(item, "no parameter (expected: ParameterKey and ParameterValue, or \"Key=Value\")");
                }
                put(item, text.substring(0, equals), text.substring(equals + 1));
            }
        }
    }

    private void parameter(MappingNode map) throws BadInputException {
        Optional<String> key = Optional.empty();
        Optional<String> value = Optional.empty();
        for (NodeTuple entry : map.getValue()) {
            String name = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            boolean isPlain = !(entry.getValueNode() instanceof MappingNode);
            if (name.equals("ParameterKey") && isPlain) {
                key = Optional.of(value(entry.getValueNode()));
            } else if (name.equals("ParameterValue") && isPlain) {
                value = Optional.of(value(entry.getValueNode()));
            }
        }
        if (key.isEmpty() || value.isEmpty()) {
            throw bad(map, "no parameter (expected: ParameterKey and ParameterValue)");
        }
        put(map, key.get(), value.get());
    }

    private void put(Node place, String name, String value) throws BadInputException {
        if (values.putIfAbsent(name, value) != null) {
            throw bad(place, "'" + name + "' is given twice; keep one");
        }
    }

    private void flatten(String prefix, MappingNode map, int depth) throws BadInputException {
        if (depth > MAX_DEPTH) {
            throw bad(map, "nested too deeply (expected: up to " + MAX_DEPTH + " levels)");
        }
        for (NodeTuple entry : map.getValue()) {
            if (++visited > MAX_VALUES) {
                throw bad(map, "too many values (expected: up to " + MAX_VALUES + ")");
            }
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw bad(entry.getKeyNode(), "no name (expected: plain text)");
            }
            String name = prefix + key.getValue();
            Node value = entry.getValueNode();
            if (value instanceof MappingNode nested) {
                flatten(name + ".", nested, depth + 1);
            } else {
                put(key, name, value(value));
            }
        }
    }

    private String value(Node node) throws BadInputException {
        if (node instanceof ScalarNode scalar) {
            return isNull(node) ? "" : scalar.getValue();
        }
        List<Node> items = ((SequenceNode) node).getValue();
        visited += items.size();
        for (Node item : items) {
            if (!(item instanceof ScalarNode)) {
                throw bad(item, "a list of lists or maps (expected: a list of texts)");
            }
        }
        return items.stream().map(item -> ((ScalarNode) item).getValue()).collect(Collectors.joining(","));
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private BadInputException bad(Node node, String what) {
        return new BadInputException(
                "--values " + node.getStartMark().map(this::at).orElse(file.toString()) + ": " + what);
    }

    private String at(Mark mark) {
        return file + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }
}
