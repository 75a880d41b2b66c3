package io.intramesh.internal.document;

import io.intramesh.internal.document.MappingNode.Entry;
import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From the values of a Terraform resource to the form of App Mesh's API: other names, every block a list, and nothing told apart
 * from the zero of its type. What the provider would not have sent to AWS [1] is left out here too.
 *
 * <p>[1] terraform-provider-aws, internal/service/appmesh/flex.go, its functions {@code expand…}, the same from 4.x to 6.x.
 */
final class TerraformSpec {
    /** Blocks that may be repeated have a name in the singular; some are plural in the API. */
    private static final Map<String, String> SINGULARS = Map.of(
            "listeners", "listener",
            "backends", "backend",
            "weightedTargets", "weighted_target",
            "headers", "header",
            "queryParameters", "query_parameter");

    private static final Map<String, String> PLURALS = new LinkedHashMap<>();

    static {
        SINGULARS.forEach((plural, singular) -> PLURALS.put(singular, plural));
    }

    private static final Set<String> REPEATED =
            Set.of("listener", "backend", "weighted_target", "header", "query_parameter", "metadata", "json");

    /** Of these, the order in the configuration is lost. */
    private static final Set<String> SETS =
            Set.of("backend", "weighted_target", "header", "query_parameter", "metadata");

    private static final Set<String> SCALARS = Set.of(
            "ports",
            "exact",
            "certificate_authority_arns",
            "http_retry_events",
            "tcp_retry_events",
            "grpc_retry_events");

    /** Members whose 0 the provider does not send. */
    private static final Set<String> ZERO_IS_ABSENT = Set.of("port", "max_pending_requests", "priority");

    private static final Set<String> ARNS = Set.of("certificate_arn", "certificate_authority_arns");

    static final Spelling SPELLING = TerraformSpec::spell;

    private final TerraformDialect.Found found;
    private final TerraformPlan plan;
    private final Problems problems;

    private TerraformSpec(TerraformDialect.Found found, TerraformPlan plan, Problems problems) {
        this.found = found;
        this.plan = plan;
        this.problems = problems;
    }

    /** Returns the names and the spec of a resource in the form of the API. */
    static MappingNode of(TerraformDialect.Found found, TerraformPlan plan, Path path, Problems problems) {
        return new TerraformSpec(found, plan, problems)
                .block("", found.values(), plan.unknown(found), plan.expressions(found), path);
    }

    /** Returns {@code weighted_target} for {@code weightedTargets}, {@code http2_route} for {@code http2Route}. */
    private static String spell(String member) {
        String singular = SINGULARS.get(member);
        if (singular != null) {
            return singular;
        }
        StringBuilder spelled = new StringBuilder(member.length() + 4);
        for (int i = 0; i < member.length(); i++) {
            char c = member.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                spelled.append('_').append((char) (c - 'A' + 'a'));
            } else {
                spelled.append(c);
            }
        }
        return spelled.toString();
    }

    private static String canonical(String name) {
        String plural = PLURALS.get(name);
        if (plural != null) {
            return plural;
        }
        StringBuilder canonical = new StringBuilder(name.length());
        boolean capital = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_' && i > 0) {
                capital = true;
            } else {
                canonical.append(capital && c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
                capital = false;
            }
        }
        return canonical.toString();
    }

    /**
     * @param name of the block; empty for the resource as a whole
     * @param unknown what of it is known only after apply, in the same form
     * @param expressions what it was written as, in the same form
     */
    private MappingNode block(
            String name, MappingNode block, @Nullable Node unknown, @Nullable Node expressions, Path path) {
        List<Entry> entries = new ArrayList<>();
        for (Entry entry : block.entries()) {
            Node value = value(
                    name,
                    entry.key(),
                    entry.value(),
                    member(unknown, entry.key()),
                    member(expressions, entry.key()),
                    path.member(canonical(entry.key())));
            if (value != null && !isLeftOver(name, entry, path)) {
                entries.add(new Entry(canonical(entry.key()), entry.keyMark(), value));
            }
        }
        for (String key : plan.openMembers(name, block, unknown, expressions)) {
            Node value = open(key, member(expressions, key), block.mark(), path.member(canonical(key)));
            if (value != null) {
                entries.add(new Entry(canonical(key), block.mark(), value));
            }
        }
        if (name.equals("grpc_route") && found.kind() == Kind.ROUTE) {
            addEmptyMatch(block, entries);
        }
        return new MappingNode(block.mark(), block.tag(), List.copyOf(entries));
    }

    /** The provider sends the match of a gRPC route even where none is written: one that takes every request. */
    private static void addEmptyMatch(MappingNode block, List<Entry> entries) {
        if (entries.stream().noneMatch(entry -> entry.key().equals("match"))) {
            entries.add(new Entry("match", block.mark(), MappingNode.empty(block.mark())));
        }
    }

    /** The provider takes a prefix in the match of a gRPC route, and never sends it. */
    private boolean isLeftOver(String block, Entry entry, Path path) {
        Path holder = path.parent();
        boolean leftOver = found.kind() == Kind.ROUTE
                && entry.key().equals("prefix")
                && block.equals("match")
                && holder != null
                && "grpcRoute".equals(holder.member());
        if (leftOver) {
            problems.note(
                    entry.value().mark(),
                    path.member("prefix"),
                    "the provider takes it and App Mesh never got it; without effect, remove it");
        }
        return leftOver;
    }

    private @Nullable Node value(
            String block, String key, Node value, @Nullable Node unknown, @Nullable Node expressions, Path path) {
        if (value instanceof ScalarNode scalar) {
            return isAbsent(block, key, scalar, path) ? null : scalar;
        }
        if (value instanceof MappingNode mapping) {
            return key.equals("attributes") ? attributes(mapping) : block(key, mapping, unknown, expressions, path);
        }
        SequenceNode sequence = (SequenceNode) value;
        if (SCALARS.contains(key)) {
            // An empty set is none; but to name no names at all is different from naming no match.
            return sequence.items().isEmpty() && !key.equals("exact") ? null : sequence;
        }
        return blocks(key, sequence, unknown, expressions, path);
    }

    private boolean isAbsent(String block, String key, ScalarNode scalar, Path path) {
        if (scalar.type() == ScalarNode.Type.NULL
                || (scalar.isText() && scalar.text().isEmpty())) {
            return true;
        }
        boolean zero = scalar.type() == ScalarNode.Type.INTEGER
                && scalar.text().equals("0")
                && ZERO_IS_ABSENT.contains(key)
                && !block.equals("port_mapping");
        if (zero && key.equals("priority") && plan.isPlan()) {
            // In a state it is what every route without one has, and so nothing to tell.
            problems.note(
                    scalar.mark(),
                    path,
                    "the provider does not send 0, so that App Mesh tries this route last; write 1 to have it tried first");
        }
        return zero;
    }

    private @Nullable Node blocks(
            String key, SequenceNode sequence, @Nullable Node unknown, @Nullable Node expressions, Path path) {
        List<Node> items = sequence.items();
        if (items.isEmpty()) {
            return null;
        }
        boolean repeated = REPEATED.contains(key);
        if (!repeated && items.size() > 1) {
            problems.error(sequence.mark(), path, items.size() + " blocks (expected: one); remove the others");
        }
        List<Node> blocks = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            Path itemPath = repeated ? path.item(i) : path;
            Node written = SETS.contains(key) && items.size() > 1 ? null : item(expressions, i);
            blocks.add(itemOf(key, items.get(i), item(unknown, i), written, itemPath));
        }
        return repeated ? new SequenceNode(sequence.mark(), sequence.tag(), List.copyOf(blocks)) : blocks.get(0);
    }

    private Node itemOf(String key, Node item, @Nullable Node unknown, @Nullable Node expressions, Path path) {
        if (item instanceof MappingNode mapping) {
            return block(key, mapping, unknown, expressions, path);
        }
        // A block with nothing in it; anything else is wrong, and reported as such by whoever binds it.
        return item instanceof ScalarNode scalar && scalar.isNull() ? MappingNode.empty(item.mark()) : item;
    }

    /** Attributes of Cloud Map: a map here, a list of pairs in the API. */
    private static @Nullable Node attributes(MappingNode map) {
        List<Node> pairs = new ArrayList<>();
        for (Entry entry : map.entries()) {
            ScalarNode key = ScalarNode.quoted(entry.keyMark(), entry.key());
            pairs.add(new MappingNode(
                    entry.keyMark(),
                    null,
                    List.of(
                            new Entry("key", entry.keyMark(), key),
                            new Entry("value", entry.keyMark(), entry.value()))));
        }
        return pairs.isEmpty() ? null : new SequenceNode(map.mark(), null, List.copyOf(pairs));
    }

    /** Returns what stands for a value that is known only after apply; null, and mostly a problem, where nothing does. */
    private @Nullable Node open(String key, @Nullable Node expression, Mark mark, Path path) {
        TerraformPlan.Answer answer = plan.follow(expression, found.module());
        String reference = answer == null ? null : answer.reference();
        if (answer != null && answer.value() != null) {
            if (!answer.isMeshName()) {
                problems.note(
                        mark,
                        path,
                        "known only after apply; took " + Words.quote(answer.value()) + " from " + reference);
            }
            return ScalarNode.quoted(mark, answer.value());
        }
        if (ARNS.contains(key)) {
            // It means nothing outside of AWS, whatever it will be.
            ScalarNode arn = ScalarNode.quoted(mark, reference == null ? "known after apply" : "${" + reference + "}");
            return key.endsWith("s") ? new SequenceNode(mark, null, List.of(arn)) : arn;
        }
        if (!key.equals("mesh_name")) {
            problems.error(
                    mark,
                    path,
                    "known only after apply" + (reference == null ? "" : ", from " + reference)
                            + " (expected: a value); apply the plan and show the state, or write the value out");
        }
        return null;
    }

    static @Nullable Node member(@Nullable Node holder, String key) {
        return holder instanceof MappingNode mapping ? mapping.get(key) : null;
    }

    private static @Nullable Node item(@Nullable Node holder, int index) {
        return holder instanceof SequenceNode sequence
                        && index < sequence.items().size()
                ? sequence.items().get(index)
                : null;
    }
}
