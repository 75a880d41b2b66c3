package io.intramesh.internal.document;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call of an intrinsic function: {@code !Sub x}, {@code Fn::Sub: x}.
 *
 * @param name in long form
 */
record TemplateCall(String name, Node argument, Mark mark) {
    private static final String PROCESSED =
            "take the processed template instead (aws cloudformation get-template --template-stage Processed)";

    /** What is said of a loop, wherever it stands. */
    static final String FOR_EACH = "Fn::ForEach is not unrolled here; " + PROCESSED;

    private static final Set<String> FUNCTIONS = Set.of(
            "Ref",
            "Condition",
            "Fn::And",
            "Fn::Base64",
            "Fn::Cidr",
            "Fn::Equals",
            "Fn::FindInMap",
            "Fn::GetAtt",
            "Fn::GetAZs",
            "Fn::GetStackOutput",
            "Fn::If",
            "Fn::ImportValue",
            "Fn::Join",
            "Fn::Length",
            "Fn::Not",
            "Fn::Or",
            "Fn::Select",
            "Fn::Split",
            "Fn::Sub",
            "Fn::ToJsonString");

    /** Returns the call that a value is, or null where it is a value of its own. */
    static @Nullable TemplateCall of(Node node) throws Unresolved {
        String tag = node.tag();
        if (tag != null) {
            String shortName = tag.startsWith("!") ? tag.substring(1) : tag;
            String name = shortName.equals("Ref") || shortName.equals("Condition") ? shortName : "Fn::" + shortName;
            return new TemplateCall(known(name, tag, node.mark()), withoutTag(node), node.mark());
        }
        if (!(node instanceof MappingNode mapping)) {
            return null;
        }
        for (MappingNode.Entry entry : mapping.entries()) {
            boolean isCall = entry.key().startsWith("Fn::")
                    || (mapping.entries().size() == 1 && entry.key().equals("Ref"));
            if (isCall) {
                String name = known(entry.key(), entry.key(), entry.keyMark());
                if (mapping.entries().size() > 1) {
                    throw new Unresolved(
                            entry.keyMark(),
                            Words.quote(entry.key()) + " stands beside other members (expected: alone); remove them");
                }
                return new TemplateCall(name, entry.value(), node.mark());
            }
        }
        return null;
    }

    private static String known(String name, String written, Mark mark) throws Unresolved {
        if (name.startsWith("Fn::ForEach")) {
            throw new Unresolved(mark, FOR_EACH);
        }
        if (name.equals("Fn::Transform")) {
            throw new Unresolved(mark, "Fn::Transform runs in AWS; " + PROCESSED);
        }
        if (!FUNCTIONS.contains(name)) {
            String nearest = Words.nearest(name, FUNCTIONS);
            throw new Unresolved(
                    mark,
                    "no function is called " + Words.quote(written)
                            + (nearest == null ? "; remove it" : "; did you mean '" + nearest + "'?"));
        }
        return name;
    }

    private static Node withoutTag(Node node) {
        if (node instanceof ScalarNode scalar) {
            return new ScalarNode(scalar.mark(), null, scalar.text(), scalar.type(), scalar.quoted(), scalar.filled());
        }
        if (node instanceof SequenceNode sequence) {
            return new SequenceNode(sequence.mark(), null, sequence.items());
        }
        MappingNode mapping = (MappingNode) node;
        return new MappingNode(mapping.mark(), null, mapping.entries());
    }

    /** Returns the arguments, of which there must be that many. */
    List<Node> arguments(int min, int max) throws Unresolved {
        if (!(argument instanceof SequenceNode sequence) || sequence.tag() != null) {
            throw new Unresolved(mark, name + " of " + argument.describe() + " (expected: a list of arguments)");
        }
        int size = sequence.items().size();
        if (size < min || size > max) {
            throw new Unresolved(
                    mark,
                    name + " with " + size + " arguments (expected: " + (min == max ? "" + min : min + " to " + max)
                            + ")");
        }
        return sequence.items();
    }
}
