package io.intramesh.testing.expectation;

import static java.util.Objects.requireNonNull;

import io.intramesh.Reason;
import io.intramesh.explain.Explanation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One thing that is expected to become of a call. Immutable. */
public sealed interface Claim {

    /** Returns what is different from this in words, beginning with what was expected; null where the claim holds. */
    @Nullable
    String difference(Explanation explanation);

    /**
     * Where the calls go. Of one share alone, the rest of the calls may go anywhere; several shares are all there are, unless
     * the rest is left open.
     */
    record GoesTo(List<Share> shares, boolean isRestOpen) implements Claim {
        public GoesTo {
            shares = List.copyOf(shares);
            if (shares.isEmpty()) {
                throw new IllegalArgumentException("shares: none (expected: at least one)");
            }
        }

        private boolean isComplete() {
            return !isRestOpen && shares.size() > 1;
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            if (explanation.refusal() != null || explanation.targets().isEmpty()) {
                return "goes " + shares.stream().map(Share::toString).collect(Collectors.joining(" and "));
            }
            List<String> differences = new ArrayList<>();
            for (Share share : shares) {
                String difference = share.difference(explanation);
                if (difference != null) {
                    differences.add(difference);
                }
            }
            if (isComplete()) {
                for (Explanation.Target target : explanation.targets()) {
                    if (target.share() > 0 && shares.stream().noneMatch(share -> share.covers(target))) {
                        differences.add("nothing to " + target.virtualNode() + " (found: "
                                + Share.percent(target.share()) + ")");
                    }
                }
            }
            return differences.isEmpty() ? null : "goes " + String.join(", ", differences);
        }
    }

    /**
     * That the mesh refuses the call.
     *
     * @param reason null for any
     */
    record IsRefused(@Nullable Reason reason) implements Claim {
        @Override
        public @Nullable String difference(Explanation explanation) {
            Explanation.Refused refused = explanation.refusal();
            boolean holds = refused != null && (reason == null || refused.reason() == reason);
            return holds
                    ? null
                    : "is refused"
                            + (reason == null ? "" : ": " + reason)
                            + (refused == null ? " (found: it is not)" : " (found: " + refused.reason() + ")");
        }
    }

    /**
     * That access policies let the caller in, wherever the call may go. What the question cannot say (a token, the time) counts
     * in its favour.
     *
     * @param rule that allows it; null for any, or none
     */
    record IsAllowed(@Nullable String rule) implements Claim {
        @Override
        public @Nullable String difference(Explanation explanation) {
            Explanation.Refused refused = explanation.refusal();
            boolean holds = refused == null
                    && used(explanation)
                            .allMatch(access -> access.isAllowed() && (rule == null || rule.equals(access.rule())))
                    && (rule == null || used(explanation).findAny().isPresent());
            return holds
                    ? null
                    : "is allowed" + (rule == null ? "" : " by rule " + rule) + " (found: "
                            + (refused == null || !explanation.access().isEmpty()
                                    ? decisions(explanation)
                                    : "is refused: " + refused.reason())
                            + ")";
        }
    }

    /**
     * That access policies deny the call, wherever it may go.
     *
     * @param by what denies it
     */
    record IsDenied(By by) implements Claim {
        public IsDenied {
            requireNonNull(by, "by");
        }

        /** What denies. */
        public sealed interface By {
            /** Whatever it is. */
            record Anything() implements By {}

            /** The default of a policy: no rule allows the call. */
            record Default() implements By {}

            /** A rule of that name. */
            record Rule(String name) implements By {
                public Rule {
                    requireNonNull(name, "name");
                }
            }

            /** Tells whether it is what denies. */
            default boolean isDenying(Explanation.Access access) {
                boolean isAny = this instanceof Anything;
                boolean isMeant = this instanceof Rule rule ? rule.name().equals(access.rule()) : access.rule() == null;
                return !access.isAllowed() && (isAny || isMeant);
            }

            /** Returns it as it follows on "is denied". */
            default String words() {
                return this instanceof Rule rule
                        ? " by rule " + rule.name()
                        : this instanceof Default ? " by default" : "";
            }
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            List<Explanation.Access> access = explanation.access();
            boolean holds = explanation.refusal() != null
                    && !access.isEmpty()
                    && access.stream().filter(each -> !each.isAllowed()).allMatch(by::isDenying)
                    && access.stream().anyMatch(each -> !each.isAllowed());
            return holds ? null : "is denied" + by.words() + " (found: " + decisions(explanation) + ")";
        }
    }

    private static Stream<Explanation.Access> used(Explanation explanation) {
        return explanation.access().stream()
                .filter(access -> explanation.targets().stream()
                        .anyMatch(target -> target.virtualNode().equals(access.virtualNode()) && target.share() > 0));
    }

    private static String decisions(Explanation explanation) {
        if (explanation.access().isEmpty()) {
            Explanation.Refused refused = explanation.refusal();
            return refused == null ? "no access policy is asked" : "is refused: " + refused.reason();
        }
        return explanation.access().stream()
                .map(access -> access.virtualNode() + " " + access.words())
                .collect(Collectors.joining("; "));
    }

    /** That the destination is outside the mesh, and the call passes through as it is. */
    record LeavesTheMesh() implements Claim {
        @Override
        public @Nullable String difference(Explanation explanation) {
            boolean holds = explanation.refusal() == null
                    && explanation.virtualService() == null
                    && explanation.targets().isEmpty();
            return holds ? null : "leaves the mesh (found: it does not)";
        }
    }

    /** Which route takes the call. */
    record TakesRoute(String route) implements Claim {
        public TakesRoute {
            requireNonNull(route, "route");
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            return route.equals(explanation.route())
                    ? null
                    : "takes route " + route + " (found: " + orNone(explanation.route()) + ")";
        }
    }

    /** Which gateway route takes the request. */
    record TakesGatewayRoute(String gatewayRoute) implements Claim {
        public TakesGatewayRoute {
            requireNonNull(gatewayRoute, "gatewayRoute");
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            return gatewayRoute.equals(explanation.gatewayRoute())
                    ? null
                    : "takes gateway route " + gatewayRoute + " (found: " + orNone(explanation.gatewayRoute()) + ")";
        }
    }

    /**
     * Under which host and path the request goes on, after what the gateway rewrites.
     *
     * @param host null for any; case does not count
     * @param path with its query, if it has one; null for any
     */
    record IsForwardedAs(@Nullable String host, @Nullable String path) implements Claim {
        public IsForwardedAs {
            if (host == null && path == null) {
                throw new IllegalArgumentException("host and path: none (expected: at least one)");
            }
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            boolean holds = (host == null || host.equalsIgnoreCase(explanation.forwardedHost()))
                    && (path == null || path.equals(explanation.forwardedPath()));
            return holds
                    ? null
                    : "goes on as " + words(host, path) + " (found: "
                            + words(explanation.forwardedHost(), explanation.forwardedPath()) + ")";
        }

        private static String words(@Nullable String host, @Nullable String path) {
            return host == null ? String.valueOf(path) : path == null ? host : host + " " + path;
        }
    }

    /**
     * How long the mesh lets a request take, or be idle.
     *
     * @param limit zero for none
     * @param isIdle whether the limit is on idle time, and not on the whole request
     */
    record TimesOutAfter(Duration limit, boolean isIdle) implements Claim {
        private static final Pattern VALUE = Pattern.compile("(?<count>[0-9]{1,15}) (?<unit>ms|s)");

        @Override
        public @Nullable String difference(Explanation explanation) {
            String name = isIdle ? "timeout.idle" : "timeout.perRequest";
            List<Explanation.Setting> settings = explanation.settings().stream()
                    .filter(setting ->
                            setting.name().equals(name) || setting.name().startsWith(name + " towards "))
                    .toList();
            boolean holds = !settings.isEmpty()
                    && settings.stream().allMatch(setting -> limit.equals(duration(setting.value())));
            return holds ? null : words() + " (found: " + found(settings) + ")";
        }

        private String words() {
            String what = isIdle ? "times out when idle for " : "times out after ";
            return limit.isZero()
                    ? "never times out" + (isIdle ? " when idle" : "")
                    : what + (limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms");
        }

        private static @Nullable Duration duration(String value) {
            if (value.equals("none")) {
                return Duration.ZERO;
            }
            Matcher matcher = VALUE.matcher(value);
            if (!matcher.matches()) {
                return null; // A value that says more than a duration equals none.
            }
            long count = Long.parseLong(matcher.group("count"));
            return matcher.group("unit").equals("s") ? Duration.ofSeconds(count) : Duration.ofMillis(count);
        }
    }

    /** How often a call is sent again at most. */
    record RetriesAtMost(int times) implements Claim {
        private static final Pattern VALUE = Pattern.compile("(?<times>[0-9]{1,18}) retr(?:y|ies)(?:[ ,;].*)?");

        public RetriesAtMost {
            if (times < 0) {
                throw new IllegalArgumentException("times: " + times + " (expected: 0 or more)");
            }
        }

        @Override
        public @Nullable String difference(Explanation explanation) {
            List<Explanation.Setting> settings = explanation.settings().stream()
                    .filter(setting -> setting.name().equals("retryPolicy"))
                    .toList();
            boolean holds = !settings.isEmpty() && settings.stream().allMatch(setting -> allows(setting.value()));
            return holds ? null : "retries at most " + times + " times (found: " + found(settings) + ")";
        }

        private boolean allows(String value) {
            if (value.equals("none") || value.startsWith("none;")) {
                return true;
            }
            Matcher matcher = VALUE.matcher(value);
            return matcher.matches() && Long.parseLong(matcher.group("times")) <= times;
        }
    }

    private static String orNone(@Nullable String name) {
        return name == null ? "none" : name;
    }

    private static String found(List<Explanation.Setting> settings) {
        return settings.isEmpty()
                ? "no such setting"
                : settings.stream()
                        .map(setting -> setting.value() + ", " + setting.source())
                        .collect(Collectors.joining("; "));
    }
}
