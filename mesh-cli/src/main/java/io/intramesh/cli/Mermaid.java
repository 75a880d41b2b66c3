package io.intramesh.cli;

import io.intramesh.cli.Graph.Edge;
import io.intramesh.cli.Graph.Shape;
import io.intramesh.cli.Graph.Vertex;

/** Writes a graph as a flowchart of Mermaid, which many wikis and forges draw. */
final class Mermaid {
    private Mermaid() {}

    static String render(Graph graph) {
        StringBuilder text = new StringBuilder("flowchart LR\n");
        boolean isOne = graph.meshes().size() < 2;
        int place = 0;
        for (String mesh : graph.meshes()) {
            if (!isOne) {
                text.append("  subgraph mesh_")
                        .append(place++)
                        .append('[')
                        .append(quoted(mesh))
                        .append("]\n");
            }
            graph.vertices().stream()
                    .filter(vertex -> vertex.mesh().equals(mesh))
                    .forEach(vertex -> text.append(isOne ? "  " : "    ")
                            .append(vertex(vertex))
                            .append('\n'));
            text.append(isOne ? "" : "  end\n");
        }
        graph.edges().forEach(edge -> text.append("  ").append(edge(edge)).append('\n'));
        return text.append("  classDef gateway fill:#fde7c8,stroke:#5b6770,color:#1c2329\n")
                .append("  classDef service fill:#d6e8fa,stroke:#5b6770,color:#1c2329\n")
                .append("  classDef router fill:#e6dcf5,stroke:#5b6770,color:#1c2329\n")
                .append("  classDef route fill:#ffffff,stroke:#5b6770,color:#1c2329\n")
                .append("  classDef node fill:#d9f0dd,stroke:#5b6770,color:#1c2329\n")
                .append("  classDef missing stroke-dasharray:4 3\n")
                .toString();
    }

    private static String vertex(Vertex vertex) {
        String label = quoted(String.join("\n", vertex.lines()));
        String shown = switch (vertex.shape()) {
            case GATEWAY -> "[/" + label + "\\]";
            case SERVICE -> "[" + label + "]";
            case ROUTER -> "{{" + label + "}}";
            case ROUTE -> "[[" + label + "]]";
            case NODE -> "([" + label + "])";
        };
        return vertex.id() + shown + ":::" + style(vertex.shape())
                + (vertex.isMissing() ? "\n  class " + vertex.id() + " missing" : "");
    }

    private static String style(Shape shape) {
        return switch (shape) {
            case GATEWAY -> "gateway";
            case SERVICE -> "service";
            case ROUTER -> "router";
            case ROUTE -> "route";
            case NODE -> "node";
        };
    }

    private static String edge(Edge edge) {
        String arrow = edge.isDeclared() || edge.isIdle() ? "-.->" : "-->";
        String label = edge.label().isEmpty() ? "" : "|" + quoted(edge.label()) + "|";
        return edge.from() + " " + arrow + label + " " + edge.to();
    }

    /**
     * Returns a quoted string that shows this text. Everything that Mermaid, its Markdown or HTML might read as something
     * else becomes a numeric entity in Mermaid's own way of writing ({@code #35;}), whatever the place.
     */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            boolean isListMark = c == '.' && text.startsWith(" ", i + 1);
            if (c == '\n') {
                quoted.append("<br/>");
            } else if (isPlain(c) && !isListMark) {
                quoted.appendCodePoint(c);
            } else {
                quoted.append('#').append(c).append(';');
            }
        }
        return quoted.append('"').toString();
    }

    private static boolean isPlain(int c) {
        return Character.isLetterOrDigit(c) || " -./:,%=→".indexOf(c) >= 0;
    }
}
