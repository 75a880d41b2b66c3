package io.intramesh.internal.document;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.intramesh.internal.document.Document.Fault;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 * Values are computed when something asks for them, and only as far as it asks: a template holds much that has nothing to do
 * with the mesh, and a branch that is not taken may use parameters that nobody gave. So evaluation goes from the outside in
 * (`head`): it removes the calls at the top of a value and leaves its members for whoever walks into them.
 *
 * A template is other people's text. It can refer to itself (each name, condition and export knows that it is being computed)
 * and it can grow without end (texts, steps and depth have bounds, the latter two shared by all templates of the set).
 */

/** Computes the values of one template: intrinsic functions, conditions, pseudo parameters. */
final class TemplateValues {
    /** Longest text that functions may build. App Mesh has no text that is longer than 1,024 characters. */
    private static final int MAX_TEXT = 8192;

    private static final Set<String> PSEUDO_PARAMETERS = Set.of(
            "AWS::AccountId",
            "AWS::NotificationARNs",
            "AWS::NoValue",
            "AWS::Partition",
            "AWS::Region",
            "AWS::StackId",
            "AWS::StackName",
            "AWS::URLSuffix");

    private static final String GIVE = "give it in the values";
    private static final String NULL_UUID = "00000000-0000-0000-0000-000000000000";

    private final Template template;
    private final TemplateParameters parameters;
    private final TemplateReferences references;
    private final Surroundings surroundings;
    private final Effort effort;
    private final Map<String, Boolean> conditions = new HashMap<>();
    private final Set<String> open = new LinkedHashSet<>();
    private final IdentityHashMap<ScalarNode, TemplateText> computed = new IdentityHashMap<>();

    TemplateValues(Template template, TemplateParameters parameters, Surroundings surroundings, Effort effort) {
        this.template = template;
        this.parameters = parameters;
        this.surroundings = surroundings;
        this.effort = effort;
        this.references = new TemplateReferences(template, this);
    }

    /** What a template takes from outside of itself. */
    interface Surroundings {
        /** Returns the value of a pseudo parameter that the user gives, or null. */
        @Nullable
        String given(String pseudoParameter);

        /** Returns what another template exports under that name. */
        TemplateText imported(TemplateText export, Mark use) throws Unresolved;

        /** Returns the output of a stack that this template contains; null where its template is not here. */
        @Nullable
        TemplateText outputOf(TemplateResource stack, String output, Mark use) throws Unresolved;

        /** Fills placeholders of deployment tools. */
        ScalarNode fill(ScalarNode written, List<Fault> faults);
    }

    /** Counts what all templates of a set cost together, and ends what costs too much. */
    static final class Effort {
        /** Far above ten thousand resources of ordinary length. */
        private static final long MAX_STEPS = 100_000_000;

        private static final int MAX_DEPTH = 300;

        private long steps;
        private int depth;

        void enter(Mark mark) throws Unresolved {
            if (depth >= MAX_DEPTH) {
                throw new Unresolved(
                        mark, "values refer to each other over more than " + MAX_DEPTH + " steps; shorten the chain");
            }
            depth++;
            spend(1, mark);
        }

        void leave() {
            depth--;
        }

        void spend(long more, Mark mark) throws Unresolved {
            steps += more;
            if (steps > MAX_STEPS) {
                throw new Unresolved(mark, "the templates take too long to evaluate; write values out");
            }
        }
    }

    TemplateReferences references() {
        return references;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    /**
     * Removes the calls at the top of a value.
     *
     * @return a value whose members may still be calls; null for {@code AWS::NoValue}
     */
    @Nullable
    Node head(Node node) throws Unresolved {
        effort.enter(node.mark());
        try {
            TemplateCall call = TemplateCall.of(node);
            if (call == null) {
                return node instanceof ScalarNode scalar ? literal(scalar) : node;
            }
            return called(call);
        } finally {
            effort.leave();
        }
    }

    private @Nullable Node called(TemplateCall call) throws Unresolved {
        return switch (call.name()) {
            case "Ref" -> ref(call);
            case "Fn::If" -> {
                List<Node> arguments = call.arguments(3, 3);
                yield head(arguments.get(condition(arguments.get(0)) ? 1 : 2));
            }
            case "Fn::Select" -> select(call);
            case "Fn::Split" -> split(call);
            case "Fn::FindInMap" -> findInMap(call);
            default -> made(call, textOf(call));
        };
    }

    private TemplateText textOf(TemplateCall call) throws Unresolved {
        return switch (call.name()) {
            case "Fn::GetAtt" -> attribute(call);
            case "Fn::Sub" -> sub(call);
            case "Fn::Join" -> {
                List<Node> arguments = call.arguments(2, 2);
                yield TemplateText.join(
                        certain(arguments.get(0), "the delimiter"), texts(arguments.get(1), call.mark()));
            }
            case "Fn::ImportValue" -> surroundings.imported(text(call.argument()), call.mark());
            case "Fn::Base64" -> {
                String plain = certain(call.argument(), "the text of Fn::Base64");
                yield TemplateText.of(Base64.getEncoder().encodeToString(plain.getBytes(UTF_8)));
            }
            case "Fn::Length" ->
                TemplateText.of(
                        String.valueOf(items(call.argument(), call.mark()).size()));
            case "Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or" ->
                throw new Unresolved(
                        call.mark(), call.name() + " is no value (expected: only in Conditions); use Fn::If");
            default -> throw new Unresolved(call.mark(), call.name() + " is not computed here; write the value out");
        };
    }

    // Texts.

    /** Returns the text that a scalar has, with what is uncertain in it. */
    TemplateText textOf(ScalarNode resolved) {
        TemplateText text = computed.get(resolved);
        return text == null ? TemplateText.of(resolved.text()) : text;
    }

    /** Returns a value that must be text, or a number or boolean as text. */
    TemplateText text(Node node) throws Unresolved {
        Node head = head(node);
        if (head instanceof ScalarNode scalar) {
            return textOf(scalar);
        }
        throw new Unresolved(
                node.mark(), (head == null ? "AWS::NoValue" : head.describe()) + " (expected: a single value)");
    }

    /** Returns a text on which something depends, so that nothing may be open in it. */
    private String certain(Node node, String what) throws Unresolved {
        TemplateText text = text(node);
        for (Gap gap : text.gaps()) {
            throw new Unresolved(node.mark(), what + ": " + gap.refusal());
        }
        return text.text();
    }

    private ScalarNode made(TemplateCall call, TemplateText text) throws Unresolved {
        return made(call.mark(), text);
    }

    private ScalarNode made(Mark mark, TemplateText text) throws Unresolved {
        if (text.text().length() > MAX_TEXT) {
            throw new Unresolved(
                    mark, text.text().length() + " characters (expected: at most " + MAX_TEXT + "); shorten it");
        }
        effort.spend(text.text().length(), mark);
        ScalarNode scalar = new ScalarNode(mark, null, text.text(), ScalarNode.typeOf(text.text()), false, true);
        computed.put(scalar, text);
        return scalar;
    }

    /** CloudFormation takes numbers and booleans for text and text for them, wherever the value itself fits. */
    private ScalarNode literal(ScalarNode scalar) throws Unresolved {
        if (computed.containsKey(scalar)) {
            return scalar;
        }
        if (scalar.isNull()) {
            throw new Unresolved(scalar.mark(), "null (CloudFormation takes none); give a value, or remove the member");
        }
        ScalarNode filled = filled(scalar);
        String text = scalar.quoted() ? filled.text() : asOldYaml(filled.text());
        return new ScalarNode(scalar.mark(), null, text, ScalarNode.typeOf(text), scalar.quoted(), true);
    }

    ScalarNode filled(ScalarNode scalar) throws Unresolved {
        if (scalar.text().contains("{{resolve:")) {
            throw new Unresolved(
                    scalar.mark(),
                    Words.quote(scalar.text()) + " is looked up in AWS only; put a parameter in its place");
        }
        List<Fault> faults = new ArrayList<>();
        ScalarNode filled = surroundings.fill(scalar, faults);
        if (!faults.isEmpty()) {
            throw new Unresolved(scalar.mark(), faults.get(0).message());
        }
        return filled;
    }

    /** CloudFormation reads YAML 1.1, whose further booleans it hands on as {@code true} and {@code false}. */
    private static String asOldYaml(String text) {
        return switch (text) {
            case "yes", "Yes", "YES", "on", "On", "ON" -> "true";
            case "no", "No", "NO", "off", "Off", "OFF" -> "false";
            default -> text;
        };
    }

    // Lists.

    /** Returns the items of a list, not evaluated. */
    private List<Node> items(Node node, Mark use) throws Unresolved {
        Node head = head(node);
        if (head instanceof SequenceNode sequence) {
            effort.spend(sequence.items().size(), use);
            return sequence.items();
        }
        throw new Unresolved(use, (head == null ? "AWS::NoValue" : head.describe()) + " (expected: a list)");
    }

    private List<TemplateText> texts(Node node, Mark use) throws Unresolved {
        List<TemplateText> texts = new ArrayList<>();
        int length = 0;
        for (Node item : items(node, use)) {
            Node head = head(item);
            if (head instanceof SequenceNode) {
                texts.addAll(texts(head, use));
            } else if (head instanceof ScalarNode scalar) {
                texts.add(textOf(scalar));
            } else if (head != null) {
                throw new Unresolved(item.mark(), head.describe() + " (expected: a single value)");
            }
            length += texts.isEmpty() ? 0 : texts.get(texts.size() - 1).text().length();
            if (length > MAX_TEXT) {
                throw new Unresolved(use, "more than " + MAX_TEXT + " characters; shorten it");
            }
        }
        return texts;
    }

    private SequenceNode list(List<TemplateText> texts, Mark mark) throws Unresolved {
        List<Node> items = new ArrayList<>(texts.size());
        for (TemplateText text : texts) {
            items.add(made(mark, text));
        }
        return new SequenceNode(mark, null, List.copyOf(items));
    }

    private @Nullable Node select(TemplateCall call) throws Unresolved {
        List<Node> arguments = call.arguments(2, 2);
        String index = certain(arguments.get(0), "the index");
        List<Node> items = items(arguments.get(1), call.mark());
        Long at = ScalarNode.plain(call.mark(), null, index).type() == ScalarNode.Type.INTEGER
                ? ScalarNode.plain(call.mark(), null, index).integer()
                : null;
        if (at == null || at < 0 || at >= items.size()) {
            throw new Unresolved(
                    call.mark(),
                    "Fn::Select of item " + Words.quote(index) + " (expected: 0 to " + (items.size() - 1)
                            + ", for the list has " + items.size() + ")");
        }
        return head(items.get(at.intValue()));
    }

    private Node split(TemplateCall call) throws Unresolved {
        List<Node> arguments = call.arguments(2, 2);
        String delimiter = certain(arguments.get(0), "the delimiter");
        if (delimiter.isEmpty()) {
            throw new Unresolved(call.mark(), "Fn::Split at an empty delimiter; name one");
        }
        return list(text(arguments.get(1)).split(delimiter), call.mark());
    }

    private @Nullable Node findInMap(TemplateCall call) throws Unresolved {
        List<Node> arguments = call.arguments(3, 4);
        Node otherwise = null;
        if (arguments.size() == 4) {
            otherwise = arguments.get(3) instanceof MappingNode options ? options.get("DefaultValue") : null;
            if (otherwise == null) {
                throw new Unresolved(
                        call.mark(), "the fourth argument of Fn::FindInMap (expected: {DefaultValue: …}); mend it");
            }
        }
        String map = certain(arguments.get(0), "the name of the mapping");
        String first = certain(arguments.get(1), "the key in mapping " + Words.quote(map));
        String second = certain(arguments.get(2), "the second key in mapping " + Words.quote(map));
        MappingNode.Entry entry = template.entry("Mappings", map);
        Node found = entry == null ? null : entry.value();
        found = found instanceof MappingNode outer ? outer.get(first) : null;
        found = found instanceof MappingNode inner ? inner.get(second) : null;
        if (found == null) {
            found = otherwise;
        }
        if (found == null) {
            throw new Unresolved(
                    call.mark(),
                    "Mappings have nothing at " + Words.shorten(map) + "." + Words.shorten(first) + "."
                            + Words.shorten(second) + "; add it, or a DefaultValue");
        }
        Node head = head(found);
        // What comes of it is judged where it is used.
        return head instanceof ScalarNode scalar ? made(call.mark(), textOf(scalar)) : head;
    }

    // References.

    private @Nullable Node ref(TemplateCall call) throws Unresolved {
        String name = certain(call.argument(), "the name");
        if (name.equals("AWS::NoValue")) {
            return null;
        }
        if (name.equals("AWS::NotificationARNs")) {
            String given = surroundings.given(name);
            return list(given == null ? List.of() : TemplateText.of(given).split(","), call.mark());
        }
        if (parameters.has(name)) {
            TemplateText value = parameters.value(name, call.mark());
            return parameters.isList(name) ? list(value.split(","), call.mark()) : made(call, value);
        }
        return made(call, named(name, call.mark()));
    }

    private TemplateText attribute(TemplateCall call) throws Unresolved {
        if (call.argument() instanceof SequenceNode) {
            List<Node> arguments = call.arguments(2, 2);
            return references.attribute(
                    certain(arguments.get(0), "the logical id"),
                    certain(arguments.get(1), "the attribute"),
                    call.mark());
        }
        String both = certain(call.argument(), "what Fn::GetAtt names");
        int dot = both.indexOf('.');
        if (dot <= 0 || dot == both.length() - 1) {
            throw new Unresolved(call.mark(), Words.quote(both) + " (expected: LogicalId.Attribute)");
        }
        return references.attribute(both.substring(0, dot), both.substring(dot + 1), call.mark());
    }

    /** Returns what a name stands for: a parameter, a pseudo parameter, or a resource. */
    private TemplateText named(String name, Mark use) throws Unresolved {
        if (parameters.has(name)) {
            return parameters.value(name, use);
        }
        if (PSEUDO_PARAMETERS.contains(name)) {
            return pseudoParameter(name);
        }
        if (template.resources().containsKey(name)) {
            return references.ref(name, use);
        }
        throw nothingCalled(name, use);
    }

    Unresolved nothingCalled(String name, Mark use) {
        List<String> names = new ArrayList<>(template.resources().keySet());
        template.entries("Parameters").forEach(entry -> names.add(entry.key()));
        names.addAll(PSEUDO_PARAMETERS);
        String nearest = Words.nearest(name, names);
        return new Unresolved(
                use,
                "no parameter or resource is called " + Words.quote(name)
                        + (nearest == null ? "; declare it" : "; did you mean '" + nearest + "'?"));
    }

    private TemplateText pseudoParameter(String name) throws Unresolved {
        String given = surroundings.given(name);
        if (given != null) {
            return TemplateText.of(given);
        }
        return switch (name) {
            case "AWS::Region" -> gap(name, "us-east-1", GIVE + " (\"AWS::Region\": …) or as AWS_REGION");
            case "AWS::AccountId" -> gap(name, "000000000000", GIVE + " (\"AWS::AccountId\": …) or as AWS_ACCOUNT_ID");
            case "AWS::StackName" -> gap(name, template.stem(), GIVE + " (\"AWS::StackName\": …)");
            case "AWS::Partition" -> TemplateText.of(partition());
            case "AWS::URLSuffix" ->
                TemplateText.of(partition().equals("aws-cn") ? "amazonaws.com.cn" : "amazonaws.com");
            case "AWS::StackId" ->
                TemplateText.concat(
                        arn("cloudformation"),
                        TemplateText.of("stack/"),
                        pseudoParameter("AWS::StackName"),
                        TemplateText.of("/" + NULL_UUID));
            default -> TemplateText.EMPTY; // NoValue and NotificationARNs, inside of a text.
        };
    }

    private static TemplateText gap(String name, String standIn, String mend) {
        return TemplateText.ofGap(standIn, new Gap(name, false, name + " is not known", mend));
    }

    private String partition() throws Unresolved {
        String given = surroundings.given("AWS::Partition");
        String region = pseudoParameter("AWS::Region").text();
        return given != null
                ? given
                : region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
    }

    /** Returns the beginning of an ARN of this account and region. */
    TemplateText arn(String service) throws Unresolved {
        return arn(service, pseudoParameter("AWS::AccountId"));
    }

    TemplateText arn(String service, TemplateText account) throws Unresolved {
        return TemplateText.concat(
                TemplateText.of("arn:"),
                pseudoParameter("AWS::Partition"),
                TemplateText.of(":" + service + ":"),
                pseudoParameter("AWS::Region"),
                TemplateText.of(":"),
                account,
                TemplateText.of(":"));
    }

    // Fn::Sub.

    private TemplateText sub(TemplateCall call) throws Unresolved {
        Node text = call.argument();
        MappingNode variables = null;
        if (text instanceof SequenceNode) {
            List<Node> arguments = call.arguments(1, 2);
            text = arguments.get(0);
            if (arguments.size() == 2) {
                if (!(arguments.get(1) instanceof MappingNode map) || TemplateCall.of(map) != null) {
                    throw new Unresolved(
                            arguments.get(1).mark(), "the second argument of Fn::Sub (expected: a mapping); mend it");
                }
                variables = map;
            }
        }
        if (!(text instanceof ScalarNode scalar) || scalar.tag() != null) {
            throw new Unresolved(text.mark(), "Fn::Sub of " + text.describe() + " (expected: text)");
        }
        return substituted(scalar, variables);
    }

    private TemplateText substituted(ScalarNode scalar, @Nullable MappingNode variables) throws Unresolved {
        String text = scalar.text();
        List<TemplateText> pieces = new ArrayList<>();
        int done = 0;
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", done)) {
            int end = text.indexOf('}', at);
            if (end < 0) {
                break;
            }
            pieces.add(plainPart(scalar, text.substring(done, at)));
            String name = text.substring(at + 2, end);
            pieces.add(
                    name.startsWith("!")
                            ? TemplateText.of("${" + name.substring(1) + "}")
                            : variable(scalar, name.strip(), variables));
            done = end + 1;
            if (pieces.size() > MAX_TEXT) {
                throw new Unresolved(scalar.mark(), "more than " + MAX_TEXT + " variables in one text; shorten it");
            }
        }
        pieces.add(plainPart(scalar, text.substring(done)));
        return TemplateText.join("", pieces);
    }

    private TemplateText plainPart(ScalarNode scalar, String text) throws Unresolved {
        if (!text.contains("{{")) {
            return TemplateText.of(text);
        }
        return TemplateText.of(filled(ScalarNode.quoted(scalar.mark(), text)).text());
    }

    private TemplateText variable(ScalarNode scalar, String name, @Nullable MappingNode variables) throws Unresolved {
        Node own = variables == null ? null : variables.get(name);
        if (own != null) {
            return text(own);
        }
        if (parameters.has(name)
                || PSEUDO_PARAMETERS.contains(name)
                || template.resources().containsKey(name)) {
            return named(name, scalar.mark());
        }
        int dot = name.indexOf('.');
        if (dot > 0 && template.resources().containsKey(name.substring(0, dot))) {
            return references.attribute(name.substring(0, dot), name.substring(dot + 1), scalar.mark());
        }
        // Not the template's own: a deployment tool filled it before CloudFormation saw it.
        List<Fault> faults = new ArrayList<>();
        ScalarNode filled = surroundings.fill(ScalarNode.quoted(scalar.mark(), "${" + name + "}"), faults);
        if (faults.isEmpty() && !filled.text().equals("${" + name + "}")) {
            return TemplateText.of(filled.text());
        }
        throw nothingCalled(dot > 0 ? name.substring(0, dot) : name, scalar.mark());
    }

    // Conditions.

    /** Tells whether a resource with this {@code Condition} exists. */
    boolean condition(Node name) throws Unresolved {
        if (!(name instanceof ScalarNode scalar) || scalar.tag() != null) {
            throw new Unresolved(name.mark(), name.describe() + " (expected: the name of a condition)");
        }
        String key = scalar.text();
        Boolean known = conditions.get(key);
        if (known != null) {
            return known;
        }
        MappingNode.Entry entry = template.entry("Conditions", key);
        if (entry == null) {
            List<String> names = template.entries("Conditions").stream()
                    .map(MappingNode.Entry::key)
                    .toList();
            String nearest = Words.nearest(key, names);
            throw new Unresolved(
                    scalar.mark(),
                    "no condition is called " + Words.quote(key)
                            + (nearest == null ? "; declare it in Conditions" : "; did you mean '" + nearest + "'?"));
        }
        String what = "condition " + Words.quote(key);
        enter(what, scalar.mark());
        try {
            boolean holds = holds(entry.value());
            conditions.put(key, holds);
            return holds;
        } catch (Unresolved e) {
            throw e.within(scalar.mark(), what);
        } finally {
            leave(what);
        }
    }

    private boolean holds(Node node) throws Unresolved {
        effort.enter(node.mark());
        try {
            TemplateCall call = TemplateCall.of(node);
            if (call == null
                    && node instanceof MappingNode mapping
                    && mapping.entries().size() == 1
                    && mapping.entries().get(0).key().equals("Condition")) {
                return condition(mapping.entries().get(0).value());
            }
            if (call == null) {
                throw new Unresolved(
                        node.mark(),
                        node.describe() + " (expected: Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition)");
            }
            return switch (call.name()) {
                case "Condition" -> condition(call.argument());
                case "Fn::Equals" -> {
                    List<Node> sides = call.arguments(2, 2);
                    yield certain(sides.get(0), "Fn::Equals").equals(certain(sides.get(1), "Fn::Equals"));
                }
                case "Fn::Not" -> !holds(call.arguments(1, 1).get(0));
                case "Fn::And" -> !anyIs(false, call);
                case "Fn::Or" -> anyIs(true, call);
                default ->
                    throw new Unresolved(
                            call.mark(),
                            call.name() + " (expected: Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition)");
            };
        } finally {
            effort.leave();
        }
    }

    /** Tells whether one of the conditions has that outcome; others may be open where one has it. */
    private boolean anyIs(boolean outcome, TemplateCall call) throws Unresolved {
        Unresolved openOne = null;
        for (Node each : call.arguments(2, 10)) {
            try {
                if (holds(each) == outcome) {
                    return true;
                }
            } catch (Unresolved e) {
                openOne = openOne == null ? e : openOne;
            }
        }
        if (openOne != null) {
            throw openOne;
        }
        return false;
    }

    // Cycles.

    /** Begins to compute something that has a name; refuses what is being computed already. */
    void enter(String what, Mark use) throws Unresolved {
        if (open.contains(what)) {
            List<String> cycle = new ArrayList<>(open);
            cycle = cycle.subList(cycle.indexOf(what), cycle.size());
            throw new Unresolved(
                    use,
                    what + " depends on itself (" + Words.shorten(String.join(" → ", cycle) + " → " + what)
                            + "); break the circle");
        }
        effort.enter(use);
        open.add(what);
    }

    void leave(String what) {
        open.remove(what);
        effort.leave();
    }
}
