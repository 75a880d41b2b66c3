package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;

/** An incident under several settings of one thing. */
@NullMarked
final class Variation {
    private final Incident incident;
    private final Map<String, Caller.Factory> settings = new LinkedHashMap<>();
    private final Map<String, Figures> figures = new LinkedHashMap<>();

    private Variation(Incident incident) {
        this.incident = incident;
    }

    static Variation of(Incident incident) {
        return new Variation(incident);
    }

    /** Adds a setting. */
    Variation with(String name, Caller.Factory factory) {
        settings.put(name, factory);
        return this;
    }

    Variation run(long seed) {
        figures.putAll(Trials.run(
                List.copyOf(settings.keySet()), name -> Trial.run(incident, requireNonNull(settings.get(name)), seed)));
        return this;
    }

    Incident incident() {
        return incident;
    }

    Figures figures(String setting) {
        return requireNonNull(figures.get(setting), setting);
    }

    String table() {
        Table table = new Table(incident.name()
                + (incident.callers() == Incidents.HEALTHY.callers() ? "" : ", " + incident.callers() + " callers"));
        figures.forEach((name, ofSetting) -> table.line(name, incident, ofSetting));
        return table.toString();
    }

    /** One thing that was varied, and what follows. */
    record Chapter(String title, String conclusion, List<Variation> variations) {
        String text() {
            StringBuilder text = new StringBuilder("### " + title + "\n\n" + conclusion + "\n");
            variations.forEach(variation -> text.append(variation.table()).append('\n'));
            return text.toString();
        }
    }
}
