package io.intramesh.explain;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Renders an {@link Explanation} as lines for people. */
final class ExplanationText {
    private ExplanationText() {}

    static String render(Explanation explanation) {
        StringBuilder text = new StringBuilder();
        if (!explanation.gatewayRoutes().isEmpty()) {
            text.append("gateway routes\n");
            tried(text, explanation.gatewayRoutes());
            line(text, "forwarded as", explanation.forwardedHost() + orEmpty(explanation.forwardedPath()));
        }
        if (explanation.virtualService() != null) {
            line(text, "virtual service", explanation.virtualService());
        } else if (explanation.refusal() == null) {
            line(text, "destination", explanation.forwardedHost() + " (outside the mesh: passed through as it is)");
        }
        if (explanation.virtualRouter() != null) {
            line(text, "virtual router", explanation.virtualRouter());
        }
        if (!explanation.routes().isEmpty()) {
            text.append("routes\n");
            tried(text, explanation.routes());
        }
        if (!explanation.targets().isEmpty()) {
            text.append("targets\n");
            explanation.targets().forEach(target -> target(text, target));
        }
        if (!explanation.settings().isEmpty()) {
            text.append("settings\n");
            explanation
                    .settings()
                    .forEach(setting -> text.append("  ")
                            .append(setting.name())
                            .append(" = ")
                            .append(setting.value())
                            .append("   (")
                            .append(setting.source())
                            .append(")\n"));
        }
        if (!explanation.access().isEmpty()) {
            text.append("access\n");
            explanation.access().forEach(access -> access(text, access));
        }
        Explanation.Refused refusal = explanation.refusal();
        if (refusal != null) {
            line(text, "refused", refusal.reason() + ": " + refusal.message());
        }
        return text.toString();
    }

    private static void access(StringBuilder text, Explanation.Access access) {
        text.append("  ").append(access.virtualNode()).append("   ").append(access.words());
        if (access.shadow() != null) {
            text.append("; in SHADOW: would be ").append(access.shadow());
        }
        text.append('\n');
        for (Explanation.Tried rule : access.rules()) {
            text.append(rule.mismatch() == null ? "    * " : "    - ")
                    .append(rule.name())
                    .append("   ")
                    .append(rule.conditions());
            if (rule.mismatch() != null) {
                text.append("   ").append(rule.mismatch());
            }
            text.append('\n');
        }
    }

    private static void tried(StringBuilder text, List<Explanation.Tried> routes) {
        for (Explanation.Tried route : routes) {
            text.append(route.mismatch() == null ? "  * " : "  - ")
                    .append(route.name())
                    .append("   ")
                    .append(route.conditions());
            if (route.mismatch() != null) {
                text.append("   no match: ").append(route.mismatch());
            }
            text.append('\n');
        }
    }

    private static void target(StringBuilder text, Explanation.Target target) {
        text.append("  ").append(target.virtualNode());
        if (target.port() != null) {
            text.append(':').append(target.port());
        }
        text.append(String.format(Locale.ROOT, "   %.4g %% (weight %d)%n", 100 * target.share(), target.weight()));
        for (Explanation.EndpointState endpoint : target.endpoints()) {
            text.append("    ").append(endpoint.address());
            if (endpoint.zone() != null) {
                text.append(" in ").append(endpoint.zone());
            }
            text.append("   ")
                    .append(endpoint.state())
                    .append(", ")
                    .append(endpoint.inFlight())
                    .append(" under way\n");
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value).append('\n');
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
