package io.intramesh.cli;

import io.intramesh.cli.Change.Concern;
import io.intramesh.model.AccessPolicy;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.TargetRef;
import io.intramesh.model.TrafficPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares the policies of two forms of a mesh. */
final class PolicyComparison {
    private final ResourceSet before;
    private final ResourceSet after;
    private final String first;
    private final String second;
    private final Consumer<Change> changes;
    private final SettingComparison settings;

    /**
     * @param first name of the mesh before, as {@code second} is after
     */
    PolicyComparison(ResourceSet before, ResourceSet after, String first, String second, Consumer<Change> changes) {
        this.before = before;
        this.after = after;
        this.first = first;
        this.second = second;
        this.changes = changes;
        this.settings = new SettingComparison(changes);
    }

    void run() {
        policies(Concern.ACCESS, AccessPolicy.class, AccessPolicy::targetRef, Settings::of, "access policy");
        policies(Concern.POLICY, TrafficPolicy.class, TrafficPolicy::targetRef, Settings::of, "traffic policy");
    }

    private <R extends Resource> void policies(
            Concern concern,
            Class<R> type,
            Function<R, TargetRef> target,
            Function<R, List<Setting>> parts,
            String what) {
        Map<String, R> was = Comparison.named(before, first, type);
        Map<String, R> is = Comparison.named(after, second, type);
        Set<String> names = new TreeSet<>(was.keySet());
        names.addAll(is.keySet());
        for (String name : names) {
            R one = was.get(name);
            R other = is.get(name);
            String former = one == null ? null : inWords(parts.apply(one));
            String now = other == null ? null : inWords(parts.apply(other));
            String formerTarget = one == null ? null : target(target.apply(one));
            String targetNow = other == null ? null : target(target.apply(other));
            if (one != null && other != null && formerTarget != null && formerTarget.equals(targetNow)) {
                settings.each(
                        concern,
                        other.id(),
                        what + " '" + name + "' of " + targetNow,
                        parts.apply(one),
                        parts.apply(other));
                continue;
            }
            if (one != null) {
                changes.accept(Change.of(
                                concern,
                                one.id(),
                                String.valueOf(formerTarget),
                                what + " '" + name + "' no longer holds (" + former + ")")
                        .values(null, former, null));
            }
            if (other != null) {
                changes.accept(Change.of(
                                concern,
                                other.id(),
                                String.valueOf(targetNow),
                                what + " '" + name + "' holds from now on (" + now + ")")
                        .values(null, null, now));
            }
        }
    }

    private static String target(TargetRef target) {
        return target.in("").toString();
    }

    private static String inWords(List<Setting> settings) {
        return settings.stream()
                .filter(setting -> !setting.isDefault())
                .map(setting -> setting.name() + " " + setting.value())
                .collect(Collectors.joining(", "));
    }
}
