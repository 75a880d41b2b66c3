package io.intramesh.internal.document.write;

/**
 * Keeps text from being taken for a placeholder. Readers fill <code>${NAME}</code> and <code>{{ .Values.name }}</code>, and
 * take <code>$${</code> for a literal <code>${</code> and <code>{{ "{{" }}</code> for a literal <code>{{</code>.
 */
final class Literals {
    private Literals() {}

    /** Returns what a reader takes for exactly this text. */
    static String escape(String text) {
        if (!text.contains("${") && !text.contains("{{")) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("${", at)) {
                escaped.append("$${");
                at += 2;
            } else if (text.startsWith("{{", at)) {
                escaped.append("{{ \"{{\" }}");
                at += 2;
            } else {
                escaped.append(text.charAt(at));
                at++;
            }
        }
        return escaped.toString();
    }
}
