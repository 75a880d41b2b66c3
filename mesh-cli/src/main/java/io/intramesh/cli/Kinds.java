package io.intramesh.cli;

import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Understands the names of kinds as people type them. */
final class Kinds {
    /** What is typed often is short; some of it is how kubectl called App Mesh's kinds. */
    private static final Map<String, Kind> SHORT = Map.ofEntries(
            Map.entry("vn", Kind.VIRTUAL_NODE),
            Map.entry("node", Kind.VIRTUAL_NODE),
            Map.entry("vs", Kind.VIRTUAL_SERVICE),
            Map.entry("service", Kind.VIRTUAL_SERVICE),
            Map.entry("vr", Kind.VIRTUAL_ROUTER),
            Map.entry("router", Kind.VIRTUAL_ROUTER),
            Map.entry("vg", Kind.VIRTUAL_GATEWAY),
            Map.entry("gateway", Kind.VIRTUAL_GATEWAY),
            Map.entry("gr", Kind.GATEWAY_ROUTE),
            Map.entry("r", Kind.ROUTE),
            Map.entry("endpoint", Kind.ENDPOINTS));

    private Kinds() {}

    /** Returns the kind that a text means; case, dashes and a plural do not count. */
    static Kind parse(String text) throws BadInputException {
        String bare = bare(text);
        for (Kind kind : Kind.values()) {
            if (bare(kind.documentName()).equals(bare) || (bare(kind.documentName()) + "s").equals(bare)) {
                return kind;
            }
        }
        Kind known = SHORT.get(bare);
        if (known == null && bare.endsWith("s")) {
            known = SHORT.get(bare.substring(0, bare.length() - 1));
        }
        if (known == null && bare.equals("meshes")) {
            known = Kind.MESH;
        }
        if (known == null && bare.endsWith("policies")) {
            return parse(text.substring(0, text.length() - "ies".length()) + "y");
        }
        if (known != null) {
            return known;
        }
        List<String> names = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            names.add(kind.documentName());
        }
        throw new BadInputException("KIND: '" + text + "' is none; " + Names.known(text, names));
    }

    private static String bare(String text) {
        return text.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
