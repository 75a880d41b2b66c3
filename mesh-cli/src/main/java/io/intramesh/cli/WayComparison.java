package io.intramesh.cli;

import io.intramesh.cli.Change.Concern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the routes of a router, or of a gateway, by what becomes of requests.
 *
 * <p>Routes that ask for the same belong together, whatever they are called; of what is left, those of the same name. A route
 * without a partner is new or gone, and what else takes its requests is told, unless it surely is the same or the route is
 * never reached: then nothing changes for traffic, which is a remark.
 */
final class WayComparison {
    private final String holder;
    private final List<String> services;
    private final List<Way> before;
    private final List<Way> after;
    private final Consumer<Change> changes;
    private final Consumer<String> remarks;

    /** Partners, in the order before. */
    private final Map<Way, Way> pairs = new LinkedHashMap<>();

    /**
     * @param holder whose traffic this is: services, or a gateway
     * @param services empty for a gateway
     * @param before in the order in which they are tried, as is {@code after}
     */
    WayComparison(
            String holder,
            List<String> services,
            List<Way> before,
            List<Way> after,
            Consumer<Change> changes,
            Consumer<String> remarks) {
        this.holder = holder;
        this.services = services;
        this.before = before;
        this.after = after;
        this.changes = changes;
        this.remarks = remarks;
    }

    void run() {
        pair((one, other) -> one.match().equals(other.match()) && one.name().equals(other.name()));
        pair((one, other) -> one.match().equals(other.match()));
        pair((one, other) -> one.name().equals(other.name()));
        before.stream().filter(way -> !pairs.containsKey(way)).forEach(this::removed);
        after.stream().filter(way -> !pairs.containsValue(way)).forEach(this::added);
        pairs.forEach(this::changed);
        reordered();
    }

    private void pair(BiPredicate<Way, Way> belongTogether) {
        for (Way one : before) {
            if (!pairs.containsKey(one)) {
                after.stream()
                        .filter(other -> !pairs.containsValue(other) && belongTogether.test(one, other))
                        .findFirst()
                        .ifPresent(other -> pairs.put(one, other));
            }
        }
    }

    private void removed(Way way) {
        Way coverer = covererOf(way, before);
        if (coverer != null) {
            remarks.accept(subject(way) + ": route '" + way.name() + "' is gone; no request reached it, for '"
                    + coverer.name() + "' is tried first");
            return;
        }
        List<Way> successors = takersOf(way.match(), after);
        if (isTakenAlike(way, successors)) {
            remarks.accept(subject(way) + ": route '" + way.name() + "' is gone; '"
                    + successors.get(0).name() + "' does the same with its requests");
            return;
        }
        String message = "route '" + way.name() + "' is gone (" + way.goesTo() + "); its requests "
                + (successors.isEmpty()
                        ? "are refused from now on: no other route takes them"
                        : successors.get(0).match().covers(way.match())
                                ? "now go by " + successors.get(0).described()
                                : "go on to the routes after it, else they are refused");
        changes.accept(Change.of(Concern.ROUTE_REMOVED, way.id(), subject(way), message)
                .about(services, way.match())
                .values(null, way.goesTo(), null));
    }

    private void added(Way way) {
        Way coverer = covererOf(way, after);
        if (coverer != null) {
            remarks.accept(subject(way) + ": route '" + way.name() + "' is new; no request reaches it, for '"
                    + coverer.name() + "' is tried first");
            return;
        }
        List<Way> predecessors = takersOf(way.match(), before);
        if (isTakenAlike(way, predecessors)) {
            remarks.accept(subject(way) + ": route '" + way.name() + "' is new; '"
                    + predecessors.get(0).name() + "' did the same with its requests");
            return;
        }
        String message = "new route '" + way.name() + "' to " + way.goesTo()
                + (predecessors.isEmpty()
                        ? "; such requests were refused so far"
                        : predecessors.get(0).match().covers(way.match())
                                ? "; so far they went by " + predecessors.get(0).described()
                                : "; so far other routes took some of them");
        changes.accept(Change.of(Concern.ROUTE_ADDED, way.id(), subject(way), message)
                .about(services, way.match())
                .values(null, null, way.goesTo()));
    }

    // The first of these that surely takes all that reaches the way; that it is tried first must hold too.
    private static @Nullable Way covererOf(Way way, List<Way> ways) {
        for (Way earlier : ways.subList(0, ways.indexOf(way))) {
            if (earlier.match().covers(way.match())) {
                return earlier;
            }
        }
        return null;
    }

    private static List<Way> takersOf(Match match, List<Way> ways) {
        return ways.stream().filter(way -> !way.match().isApartFrom(match)).toList();
    }

    // The others that may take these requests, up to one that surely takes all, lead where the way does.
    private static boolean isTakenAlike(Way way, List<Way> takers) {
        for (Way taker : takers) {
            if (!taker.leadsAs(way)) {
                return false;
            }
            if (taker.match().covers(way.match())) {
                return true;
            }
        }
        return false;
    }

    private void changed(Way one, Way other) {
        if (!one.match().equals(other.match())) {
            changes.accept(Change.of(
                            Concern.MATCH,
                            other.id(),
                            subject(one),
                            "route '" + other.name() + "' now takes " + other.match() + " instead of " + one.match())
                    .about(services, other.match())
                    .values("match", one.match().toString(), other.match().toString()));
        }
        if (!one.shares().equals(other.shares())) {
            changes.accept(one.isOfGateway() ? retargeted(one, other) : moved(one, other));
        }
        for (int i = 0; i < other.settings().size() && i < one.settings().size(); i++) {
            Setting was = one.settings().get(i);
            Setting is = other.settings().get(i);
            if (was.name().equals(is.name()) && !was.value().equals(is.value())) {
                changes.accept(Change.of(
                                concern(is.name()),
                                other.id(),
                                subject(other),
                                is.name() + " " + SettingComparison.arrow(was, is))
                        .about(services, other.match())
                        .values(is.name(), was.value(), is.value()));
            }
        }
    }

    private Change retargeted(Way one, Way other) {
        return Change.of(Concern.PROVIDER, other.id(), subject(other), one.goesTo() + " → " + other.goesTo())
                .about(services, other.match())
                .values("target", one.goesTo(), other.goesTo());
    }

    private Change moved(Way one, Way other) {
        TreeSet<String> targets = new TreeSet<>(one.shares().weights().keySet());
        targets.addAll(other.shares().weights().keySet());
        // What gains comes first: that is where to look.
        List<Change.Share> shares = targets.stream()
                .map(target -> new Change.Share(
                        target, one.shares().percent(target), other.shares().percent(target)))
                .filter(share -> share.before() != share.after())
                .sorted(Comparator.comparingDouble((Change.Share share) -> share.before() - share.after()))
                .toList();
        String message = shares.stream()
                .map(share -> share.target() + " " + Shares.text(share.before()) + " → " + Shares.text(share.after()))
                .collect(Collectors.joining(", "));
        return Change.of(Concern.WEIGHTS, other.id(), subject(other), message)
                .about(services, other.match())
                .values("weightedTargets", one.goesTo(), other.goesTo())
                .moved(shares);
    }

    private static Concern concern(String setting) {
        return setting.startsWith("timeout")
                ? Concern.TIMEOUT
                : setting.startsWith("rewrite") ? Concern.REWRITE : Concern.RETRY;
    }

    /** Two routes in turned order matter only to requests that both take, and only where they fare differently. */
    private void reordered() {
        List<Way> kept = new ArrayList<>(pairs.keySet());
        kept.sort(Comparator.comparingInt(before::indexOf));
        for (int i = 0; i < kept.size(); i++) {
            for (int j = i + 1; j < kept.size(); j++) {
                Way first = pairs.get(kept.get(i));
                Way second = pairs.get(kept.get(j));
                if (first != null
                        && second != null
                        && after.indexOf(first) > after.indexOf(second)
                        && !first.match().isApartFrom(second.match())
                        && !first.leadsAs(second)) {
                    turned(first, second);
                }
            }
        }
    }

    private void turned(Way former, Way now) {
        String which = now.match().covers(former.match())
                ? "all that '" + former.name() + "' took"
                : former.match().covers(now.match())
                        ? "these requests"
                        : "requests that match " + former.match() + " as well";
        changes.accept(Change.of(
                        Concern.ORDER,
                        now.id(),
                        subject(now),
                        "'" + now.name() + "' is now tried before '" + former.name() + "': " + which + " now go to "
                                + now.goesTo() + " instead of " + former.goesTo())
                .about(services, now.match())
                .values("order", former.name(), now.name()));
    }

    private String subject(Way way) {
        return holder + " " + way.match();
    }
}
