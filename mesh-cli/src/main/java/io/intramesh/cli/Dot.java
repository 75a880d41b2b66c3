package io.intramesh.cli;

import io.intramesh.cli.Graph.Edge;
import io.intramesh.cli.Graph.Shape;
import io.intramesh.cli.Graph.Vertex;
import java.util.Locale;

/** Writes a graph for Graphviz. */
final class Dot {
    private Dot() {}

    static String render(Graph graph) {
        StringBuilder text = new StringBuilder("digraph mesh {\n")
                .append("  rankdir=LR;\n")
                .append("  node [fontname=\"Helvetica\", fontsize=11, style=filled, color=\"#5b6770\"];\n")
                .append("  edge [fontname=\"Helvetica\", fontsize=9, color=\"#5b6770\"];\n");
        boolean isOne = graph.meshes().size() < 2;
        int place = 0;
        for (String mesh : graph.meshes()) {
            if (!isOne) {
                text.append("  subgraph cluster_").append(place++).append(" {\n");
                text.append("    label=").append(quoted(mesh)).append(";\n");
            }
            graph.vertices().stream()
                    .filter(vertex -> vertex.mesh().equals(mesh))
                    .forEach(vertex -> text.append(isOne ? "  " : "    ").append(vertex(vertex)));
            text.append(isOne ? "" : "  }\n");
        }
        graph.edges().forEach(edge -> text.append("  ").append(edge(edge)));
        return text.append("}\n").toString();
    }

    private static String vertex(Vertex vertex) {
        return vertex.id() + " [label=" + quoted(String.join("\n", vertex.lines())) + ", " + look(vertex.shape())
                + (vertex.isMissing() ? ", style=\"filled,dashed\"" : "") + "];\n";
    }

    private static String look(Shape shape) {
        return switch (shape) {
            case GATEWAY -> "shape=house, fillcolor=\"#fde7c8\"";
            case SERVICE -> "shape=box, fillcolor=\"#d6e8fa\"";
            case ROUTER -> "shape=hexagon, fillcolor=\"#e6dcf5\"";
            case ROUTE -> "shape=note, fillcolor=\"#ffffff\"";
            case NODE -> "shape=ellipse, fillcolor=\"#d9f0dd\"";
        };
    }

    private static String edge(Edge edge) {
        String look = edge.isDeclared() ? "style=dashed" : edge.isIdle() ? "color=\"#b8c0c7\"" : "";
        String label = edge.label().isEmpty() ? "" : "label=" + quoted(edge.label());
        String both = label + (label.isEmpty() || look.isEmpty() ? "" : ", ") + look;
        return edge.from() + " -> " + edge.to() + (both.isEmpty() ? "" : " [" + both + "]") + ";\n";
    }

    /**
     * Returns a quoted string that shows this text. Within quotes, Graphviz knows backslash escapes in labels, and the
     * entities of HTML: both are taken from the text, so that it shows as it is.
     */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '&' -> quoted.append("&amp;");
                case '\n' -> quoted.append("\\n");
                default -> {
                    if (Character.isISOControl(c)) {
                        quoted.append(String.format(Locale.ROOT, "\\\\u%04x", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}
