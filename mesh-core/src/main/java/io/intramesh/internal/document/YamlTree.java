package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import io.intramesh.internal.document.MappingNode.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * From YAML text to positioned trees. Built on the parser's events: the composer of the library would give up at the first
 * duplicate key and knows nothing of our bounds.
 */
final class YamlTree {
    private static final String TEXT_TAG = "tag:yaml.org,2002:str";
    private static final String STANDARD_TAGS = "tag:yaml.org,2002:";

    private final Iterator<Event> events;
    private final Bounds.Counter counter;

    // Of the current document.
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private final Set<Anchor> open = new HashSet<>();
    private List<Fault> faults = new ArrayList<>();

    private YamlTree(Iterator<Event> events, Bounds.Counter counter) {
        this.events = events;
        this.counter = counter;
    }

    private record Anchored(Node node, int size) {}

    static List<Document> parse(String file, String text) throws Unreadable {
        return parse(file, text, new Bounds.Counter());
    }

    static List<Document> parse(String file, String text, Bounds.Counter counter) throws Unreadable {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setCodePointLimit(Integer.MAX_VALUE) // The size of the file is bounded already.
                // In one piece: the library fails where a piece ends between the halves of a surrogate pair.
                .setBufferSize(text.length() + 2)
                .build();
        try {
            return new YamlTree(new ParserImpl(settings, new StreamReader(settings, text)), counter).documents(file);
        } catch (MarkedYamlEngineException e) {
            throw new Unreadable(
                    e.getProblemMark().or(e::getContextMark).map(YamlTree::mark).orElse(Mark.WHOLE_FILE), explain(e));
        } catch (YamlEngineException e) {
            throw new Unreadable(Mark.WHOLE_FILE, "no YAML: " + Words.reason(e.getMessage()));
        }
    }

    private List<Document> documents(String file) throws Unreadable {
        List<Document> documents = new ArrayList<>();
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof NodeEvent node) {
                Node root = compose(node, Path.ROOT, 1);
                documents.add(new Document(file, documents.size(), root, faults));
                anchors.clear();
                faults = new ArrayList<>();
            }
        }
        return documents;
    }

    private Node compose(NodeEvent event, Path path, int depth) throws Unreadable {
        Mark mark = markOf(event);
        if (event instanceof AliasEvent alias) {
            return repeated(alias.getAlias(), mark);
        }
        int before = counter.nodes();
        counter.enter(mark, depth);
        Optional<Anchor> anchor = event.getAnchor();
        anchor.ifPresent(open::add);
        Node node;
        if (event instanceof ScalarEvent scalar) {
            node = scalar(scalar, mark);
        } else if (event instanceof MappingStartEvent start) {
            node = mapping(start, mark, path, depth);
        } else {
            node = sequence((SequenceStartEvent) event, mark, path, depth);
        }
        if (anchor.isPresent()) {
            open.remove(anchor.get());
            anchors.put(anchor.get(), new Anchored(node, counter.nodes() - before));
        }
        return node;
    }

    private Node repeated(Anchor alias, Mark mark) throws Unreadable {
        if (open.contains(alias)) {
            throw new Unreadable(mark, "the alias *" + Words.shorten(alias.getValue()) + " contains itself");
        }
        Anchored target = anchors.get(alias);
        if (target == null) {
            throw new Unreadable(
                    mark,
                    "the alias *" + Words.shorten(alias.getValue())
                            + " has no anchor above it; put text with '*' in quotes");
        }
        counter.repeat(mark, target.size());
        return target.node();
    }

    private static ScalarNode scalar(ScalarEvent event, Mark mark) {
        String tag = ownTag(event.getTag().orElse(null));
        boolean text =
                !event.isPlain() || event.getTag().filter(TEXT_TAG::equals).isPresent();
        return text
                ? new ScalarNode(mark, tag, event.getValue(), ScalarNode.Type.TEXT, true, false)
                : ScalarNode.plain(mark, tag, event.getValue());
    }

    private SequenceNode sequence(SequenceStartEvent start, Mark mark, Path path, int depth) throws Unreadable {
        List<Node> items = new ArrayList<>();
        for (NodeEvent event = nextNode(); event != null; event = nextNode()) {
            items.add(compose(event, path.item(items.size()), depth + 1));
        }
        return new SequenceNode(mark, collectionTag(start), List.copyOf(items));
    }

    private Node mapping(MappingStartEvent start, Mark mark, Path path, int depth) throws Unreadable {
        List<Entry> entries = new ArrayList<>();
        Map<String, Mark> seen = new HashMap<>();
        List<MappingNode> merged = new ArrayList<>();
        String template = null;
        for (NodeEvent event = nextNode(); event != null; event = nextNode()) {
            Node key = compose(event, path, depth + 1);
            String expression = templateIn(key);
            Path valuePath = key instanceof ScalarNode scalar ? path.member(scalar.text()) : path;
            NodeEvent valueEvent = nextNode();
            if (valueEvent == null) {
                throw new Unreadable(key.mark(), "a key without a value");
            }
            Node value = compose(valueEvent, valuePath, depth + 1);
            if (key instanceof ScalarNode scalar) {
                Mark first = seen.putIfAbsent(scalar.text(), key.mark());
                if (first == null && isMerge(scalar)) {
                    merge(value, valuePath, merged);
                } else if (first == null) {
                    entries.add(new Entry(scalar.text(), key.mark(), value));
                } else {
                    faults.add(duplicate(scalar, valuePath, first));
                }
            } else if (expression != null
                    && start.isFlow()
                    && value instanceof ScalarNode nothing
                    && nothing.isNull()) {
                template = expression;
            } else {
                faults.add(new Fault(key.mark(), path, key.describe() + " as a key (expected: text)"));
            }
        }
        if (template != null && entries.isEmpty()) {
            return ScalarNode.plain(mark, null, template);
        }
        for (MappingNode from : merged) {
            for (Entry entry : from.entries()) {
                if (seen.putIfAbsent(entry.key(), entry.keyMark()) == null) {
                    entries.add(entry);
                }
            }
        }
        return new MappingNode(mark, collectionTag(start), List.copyOf(entries));
    }

    /**
     * The merge key of YAML 1.1 (yaml.org/type/merge.html). YAML 1.2 dropped it; kubectl and Helm take it, and so manifests have
     * it: the members of what it names stand here, unless they stand here already. Of several, the first one's count.
     */
    private static boolean isMerge(ScalarNode key) {
        return !key.quoted() && key.text().equals("<<");
    }

    private void merge(Node value, Path path, List<MappingNode> merged) {
        if (value instanceof MappingNode from) {
            merged.add(from);
            return;
        }
        List<Node> items = value instanceof SequenceNode list ? list.items() : List.of(value);
        for (Node item : items) {
            if (item instanceof MappingNode from) {
                merged.add(from);
            } else {
                faults.add(new Fault(
                        item.mark(),
                        path,
                        item.describe()
                                + " (expected: the alias of a mapping, or a list of these); write the members out"));
            }
        }
    }

    static Fault duplicate(ScalarNode key, Path path, Mark first) {
        return new Fault(
                key.mark(),
                path,
                Words.quote(key.text()) + " is written twice, first at line " + first.line() + "; remove one");
    }

    /**
     * Helm's {@code {{ .Values.port }}} without quotes is, to YAML, a mapping whose key is the mapping {@code {.Values.port:
     * null}}. Returns the expression for such a key, so that it becomes the scalar that its author meant.
     */
    private static @Nullable String templateIn(Node key) {
        if (key instanceof MappingNode inner
                && inner.entries().size() == 1
                && inner.entries().get(0).key().startsWith(".")
                && inner.entries().get(0).value() instanceof ScalarNode value
                && value.isNull()) {
            return "{{ " + inner.entries().get(0).key() + " }}";
        }
        return null;
    }

    /** Returns the event of the next node, or null at the end of the collection. */
    private @Nullable NodeEvent nextNode() {
        return events.next() instanceof NodeEvent node ? node : null;
    }

    private static @Nullable String collectionTag(CollectionStartEvent start) {
        return ownTag(start.getTag().orElse(null));
    }

    /** Tags of the YAML standard say nothing that we do not see; others, such as CloudFormation's, carry meaning. */
    private static @Nullable String ownTag(@Nullable String tag) {
        return tag == null || tag.startsWith(STANDARD_TAGS) || tag.equals("!") ? null : tag;
    }

    private static Mark markOf(Event event) {
        return event.getStartMark().map(YamlTree::mark).orElse(Mark.WHOLE_FILE);
    }

    private static Mark mark(org.snakeyaml.engine.v2.exceptions.Mark mark) {
        return new Mark(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static String explain(MarkedYamlEngineException e) {
        String problem = String.valueOf(e.getProblem());
        if (problem.contains("TAB")) {
            return "no YAML: a tab where only spaces may stand; indent by spaces";
        }
        String context = e.getContext();
        String where = context == null || context.isBlank() ? "" : " " + context.strip();
        return "no YAML: " + Words.reason(problem) + Words.shorten(where)
                + "; text with '{', '[', ':', '#', '%' or '*' needs quotes";
    }
}
