package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A computed text, which knows where in it a {@link Gap} stands; so that what is cut out of it knows its own. Immutable. */
record TemplateText(String text, List<Span> spans) {
    /** From one offset to before another. */
    record Span(int from, int to, Gap gap) {}

    static final TemplateText EMPTY = of("");

    TemplateText {
        spans = List.copyOf(spans);
    }

    static TemplateText of(String text) {
        return new TemplateText(text, List.of());
    }

    static TemplateText ofGap(String standIn, Gap gap) {
        return new TemplateText(standIn, List.of(new Span(0, standIn.length(), gap)));
    }

    boolean isCertain() {
        return spans.isEmpty();
    }

    Set<Gap> gaps() {
        Set<Gap> gaps = new LinkedHashSet<>();
        spans.forEach(span -> gaps.add(span.gap()));
        return gaps;
    }

    TemplateText substring(int from, int to) {
        List<Span> kept = new ArrayList<>();
        for (Span span : spans) {
            int start = Math.max(from, span.from());
            int end = Math.min(to, span.to());
            if (start < end) {
                kept.add(new Span(start - from, end - from, span.gap()));
            }
        }
        return new TemplateText(text.substring(from, to), kept);
    }

    /** Returns the pieces between the delimiters, empty ones too. */
    List<TemplateText> split(String delimiter) {
        List<TemplateText> pieces = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
            pieces.add(substring(from, at));
            from = at + delimiter.length();
        }
        pieces.add(substring(from, text.length()));
        return pieces;
    }

    static TemplateText join(String delimiter, List<TemplateText> pieces) {
        StringBuilder text = new StringBuilder();
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            if (i > 0) {
                text.append(delimiter);
            }
            int offset = text.length();
            text.append(pieces.get(i).text());
            for (Span span : pieces.get(i).spans()) {
                spans.add(new Span(span.from() + offset, span.to() + offset, span.gap()));
            }
        }
        return new TemplateText(text.toString(), spans);
    }

    static TemplateText concat(TemplateText... pieces) {
        return join("", List.of(pieces));
    }
}
