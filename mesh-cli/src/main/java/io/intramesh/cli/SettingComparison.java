package io.intramesh.cli;

import io.intramesh.cli.Change.Concern;
import io.intramesh.model.ResourceId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares settings by their names, and finds the words for what has changed. */
final class SettingComparison {
    private final Consumer<Change> changes;

    SettingComparison(Consumer<Change> changes) {
        this.changes = changes;
    }

    /** Returns {@code 15 s (default) → 5 s}. */
    static String arrow(Setting was, Setting is) {
        return was.value() + (was.isDefault() ? " (default)" : "") + " → " + is.value()
                + (is.isDefault() ? " (default)" : "");
    }

    void compare(ResourceId id, String name, List<Setting> was, List<Setting> is) {
        Map<String, Setting> former = byName(was);
        Map<String, Setting> now = byName(is);
        Set<String> names = new TreeSet<>(former.keySet());
        names.addAll(now.keySet());
        Set<String> listenersTold = new HashSet<>();
        for (String setting : names) {
            Setting one = former.get(setting);
            Setting other = now.get(setting);
            String port = port(setting);
            String subject = port == null ? name : name + ":" + port;
            boolean isWhole = port != null
                    && (former.containsKey("listeners[" + port + "].protocol")
                            != now.containsKey("listeners[" + port + "].protocol"));
            if (isWhole) {
                if (listenersTold.add(subject)) {
                    listener(id, subject, former, now, port);
                }
            } else if (!isTold(one, other)) {
                setting(id, subject, one, other);
            }
        }
    }

    // Equal values, and the parts of TLS where it begins or ends: the mode says so.
    private static boolean isTold(@Nullable Setting was, @Nullable Setting is) {
        if (was == null || is == null) {
            Setting known = was == null ? is : was;
            return known == null || shortName(known.name()).startsWith("tls.");
        }
        return was.value().equals(is.value());
    }

    private void listener(
            ResourceId id, String subject, Map<String, Setting> was, Map<String, Setting> is, @Nullable String port) {
        boolean isNew = is.containsKey("listeners[" + port + "].protocol");
        String words = (isNew ? is : was)
                .values().stream()
                        .filter(setting -> String.valueOf(port).equals(port(setting.name())) && !setting.isDefault())
                        .map(setting -> shortName(setting.name()) + " " + setting.value())
                        .collect(Collectors.joining(", "));
        changes.accept(
                Change.of(Concern.LISTENER, id, subject, isNew ? "listens from now on: " + words : "listens no more")
                        .values("listeners", isNew ? null : words, isNew ? words : null));
    }

    private void setting(ResourceId id, String subject, @Nullable Setting was, @Nullable Setting is) {
        Setting named = is == null ? was : is;
        if (named == null) {
            return;
        }
        String name = shortName(named.name());
        String message;
        if (name.equals("tls.mode") && is != null) {
            message = "from now on takes "
                    + switch (is.value()) {
                        case "TLS only" -> "only TLS";
                        case "plaintext only" -> "only plaintext";
                        default -> "both TLS and plaintext";
                    }
                    + (was == null ? "" : " (so far " + was.value() + ")");
        } else if (was != null && is != null) {
            message = name + " " + arrow(was, is);
        } else {
            message = name + " " + (was == null ? "none" : was.value()) + " → " + (is == null ? "none" : is.value());
        }
        changes.accept(Change.of(concern(name), id, subject, message)
                .values(named.name(), was == null ? null : was.value(), is == null ? null : is.value()));
    }

    /** Tells each setting that differs, where there is nothing more to say of it. */
    void each(Concern concern, ResourceId id, String subject, List<Setting> was, List<Setting> is) {
        Map<String, Setting> former = byName(was);
        Map<String, Setting> now = byName(is);
        Set<String> names = new TreeSet<>(former.keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            Setting one = former.getOrDefault(name, new Setting(name, "none", false));
            Setting other = now.getOrDefault(name, new Setting(name, "none", false));
            if (!one.value().equals(other.value())) {
                changes.accept(Change.of(concern, id, subject, name + " " + arrow(one, other))
                        .values(name, one.value(), other.value()));
            }
        }
    }

    private static Map<String, Setting> byName(List<Setting> settings) {
        Map<String, Setting> byName = new TreeMap<>();
        settings.forEach(setting -> byName.put(setting.name(), setting));
        return byName;
    }

    private static @Nullable String port(String setting) {
        return setting.startsWith("listeners[") ? setting.substring("listeners[".length(), setting.indexOf(']')) : null;
    }

    private static String shortName(String setting) {
        return port(setting) == null ? setting : setting.substring(setting.indexOf(']') + 2);
    }

    private static Concern concern(String setting) {
        if (setting.equals("egressFilter")) {
            return Concern.EGRESS;
        }
        String head = setting.indexOf('.') < 0 ? setting : setting.substring(0, setting.indexOf('.'));
        return switch (head) {
            case "tls", "backendDefaults" -> Concern.TLS;
            case "serviceDiscovery" -> Concern.DISCOVERY;
            case "timeout" -> Concern.TIMEOUT;
            case "connectionPool" -> Concern.POOL;
            case "healthCheck" -> Concern.HEALTH;
            case "outlierDetection" -> Concern.OUTLIER;
            case "logging" -> Concern.LOG;
            default -> Concern.LISTENER;
        };
    }
}
