package io.intramesh.testing.expectation;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.DocumentValue.Items;
import io.intramesh.document.DocumentValue.Member;
import io.intramesh.document.DocumentValue.Members;
import io.intramesh.document.DocumentValue.Text;
import io.intramesh.document.Origin;
import io.intramesh.explain.ExplainRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an expectation that is written as a mapping, for those who generate them. Its values are parts of sentences. */
final class Mapping {
    private static final String CALLER = "caller";
    private static final String GATEWAY = "gateway";
    private static final String CALL = "call";
    private static final String HEADERS = "headers";
    private static final String CLAIMS = "claims";
    private static final String AT = "at";
    private static final String OUTSIDE = "isOutsideTheMesh";
    private static final String GOES_TO = "goesTo";
    private static final String REST = "restGoesElsewhere";
    private static final String REFUSED = "isRefused";
    private static final String ALLOWED = "isAllowed";
    private static final String DENIED = "isDenied";
    private static final String LEAVES = "leavesTheMesh";
    private static final String ROUTE = "takesRoute";
    private static final String GATEWAY_ROUTE = "takesGatewayRoute";
    private static final String AS = "as";
    private static final String TIMEOUT = "timesOutAfter";
    private static final String IDLE = "timesOutWhenIdleFor";
    private static final String RETRIES = "retriesAtMost";
    private static final String NAME = "name";

    private static final List<String> KEYS = List.of(
            NAME,
            CALLER,
            GATEWAY,
            CALL,
            HEADERS,
            CLAIMS,
            AT,
            OUTSIDE,
            GOES_TO,
            REST,
            REFUSED,
            ALLOWED,
            DENIED,
            LEAVES,
            ROUTE,
            GATEWAY_ROUTE,
            AS,
            TIMEOUT,
            IDLE,
            RETRIES);

    private final Members members;

    private Mapping(Members members) {
        this.members = members;
    }

    static Expectation read(Members members, @Nullable String mesh) throws MisreadException {
        return new Mapping(members).read(mesh);
    }

    /** Returns what to call it: its name, else who calls what. */
    static String title(Members members) {
        if (members.value(NAME) instanceof Text name && !name.text().isBlank()) {
            return name.text();
        }
        String who = members.value(CALLER) instanceof Text caller
                ? caller.text()
                : members.value(GATEWAY) instanceof Text gateway ? "through gateway " + gateway.text() : "anyone";
        return who + " calling " + (members.value(CALL) instanceof Text call ? call.text() : "?");
    }

    private Expectation read(@Nullable String mesh) throws MisreadException {
        for (Member member : members.members()) {
            if (!KEYS.contains(member.key().text())) {
                throw new MisreadException(
                        member.key().origin(),
                        "unknown member '" + member.key().text() + "'"
                                + Hints.of(member.key().text(), KEYS, "members")
                                + "; or write a sentence, in quotes: '" + Sentence.GOES + "'");
            }
        }
        Text call = text(CALL);
        if (call == null) {
            throw new MisreadException(
                    members.origin(), "call: missing (expected: text such as GET http://payments.local/beta); add it");
        }
        ExplainRequest.Builder request;
        try {
            request = Sentence.parseCall(call.text());
        } catch (NotUnderstoodException e) {
            throw MisreadException.at(call, e);
        }
        Text caller = text(CALLER);
        Text gateway = text(GATEWAY);
        if (caller != null && gateway != null) {
            throw new MisreadException(
                    gateway.origin(), "gateway: together with caller (expected: one of them); remove the other");
        }
        request.mesh(mesh)
                .virtualNode(caller == null || isSpiffeId(caller) ? null : caller.text())
                .spiffeId(caller != null && isSpiffeId(caller) ? spiffeId(caller) : null)
                .virtualGateway(gateway == null ? null : gateway.text());
        headers(request);
        tokenClaims(request);
        Text at = text(AT);
        if (at != null) {
            try {
                request.at(Sentence.instant(at.text(), 0));
            } catch (NotUnderstoodException e) {
                throw MisreadException.at(at, e);
            }
        }
        return new Expectation(request.build(), isTrue(OUTSIDE), claims());
    }

    private static boolean isSpiffeId(Text caller) {
        return caller.text().startsWith("spiffe://");
    }

    private static String spiffeId(Text caller) throws MisreadException {
        try {
            return Sentence.spiffeId(caller.text(), 0);
        } catch (NotUnderstoodException e) {
            throw MisreadException.at(caller, e);
        }
    }

    private void headers(ExplainRequest.Builder request) throws MisreadException {
        DocumentValue headers = members.value(HEADERS);
        if (headers == null) {
            return;
        }
        if (!(headers instanceof Members lines)) {
            throw new MisreadException(headers.origin(), "headers: expected a mapping, such as { x-user: \"7\" }");
        }
        for (Member line : lines.members()) {
            List<DocumentValue> values = line.value() instanceof Items items ? items.values() : List.of(line.value());
            for (DocumentValue value : values) {
                if (!(value instanceof Text text)) {
                    throw new MisreadException(
                            value.origin(), "headers." + line.key().text() + ": expected text, or a list of texts");
                }
                try {
                    Sentence.header(request, line.key().text(), text.text());
                } catch (IllegalArgumentException e) {
                    throw new MisreadException(text.origin(), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    /** None of them, in an empty mapping, means that the caller has no token. */
    private void tokenClaims(ExplainRequest.Builder request) throws MisreadException {
        DocumentValue claims = members.value(CLAIMS);
        if (claims == null) {
            return;
        }
        if (!(claims instanceof Members named)) {
            throw new MisreadException(
                    claims.origin(),
                    "claims: expected a mapping, such as { role: clerk }, or {} for a caller without a token");
        }
        request.noToken();
        for (Member claim : named.members()) {
            List<DocumentValue> values = claim.value() instanceof Items items ? items.values() : List.of(claim.value());
            for (DocumentValue value : values) {
                if (!(value instanceof Text text) || text.isNull()) {
                    throw new MisreadException(
                            value.origin(), "claims." + claim.key().text() + ": expected text, or a list of texts");
                }
                request.claim(claim.key().text(), text.text());
            }
        }
    }

    private List<Claim> claims() throws MisreadException {
        List<Claim> claims = new ArrayList<>();
        Set<Object> said = new HashSet<>();
        for (Member member : members.members()) {
            Claim claim = claim(member);
            if (claim == null) {
                continue;
            }
            try {
                Sentence.check(claims, said, claim);
            } catch (IllegalArgumentException e) {
                throw new MisreadException(member.key().origin(), member.key().text() + ": " + e.getMessage());
            }
            claims.add(claim);
        }
        if (claims.isEmpty()) {
            throw new MisreadException(
                    members.origin(),
                    "nothing is expected (expected: goesTo, isRefused, isAllowed, isDenied, leavesTheMesh, takesRoute,"
                            + " takesGatewayRoute, as, timesOutAfter, timesOutWhenIdleFor or retriesAtMost); add one");
        }
        if (members.value(REST) != null && members.value(GOES_TO) == null) {
            throw new MisreadException(members.origin(), "restGoesElsewhere: without goesTo; remove it");
        }
        return claims;
    }

    private @Nullable Claim claim(Member member) throws MisreadException {
        String key = member.key().text();
        switch (key) {
            case NAME, CALLER, GATEWAY, CALL, HEADERS, CLAIMS, AT, OUTSIDE, REST -> {
                return null;
            }
            case GOES_TO -> {
                return goesTo(member.value());
            }
            case LEAVES -> {
                return isTrue(LEAVES) ? new Claim.LeavesTheMesh() : null;
            }
            default -> {
                Text value = text(key);
                if (value == null) {
                    throw new MisreadException(member.key().origin(), key + ": nothing (expected: a value)");
                }
                try {
                    return claim(key, value.text());
                } catch (NotUnderstoodException e) {
                    throw MisreadException.at(value, e);
                }
            }
        }
    }

    private static Claim claim(String key, String value) throws NotUnderstoodException {
        return switch (key) {
            case REFUSED -> new Claim.IsRefused(value.equals("true") ? null : Sentence.reason(value, 0));
            case ALLOWED -> new Claim.IsAllowed(value.equals("true") ? null : value);
            case DENIED ->
                new Claim.IsDenied(
                        value.equals("true")
                                ? new Claim.IsDenied.By.Anything()
                                : value.equals("default")
                                        ? new Claim.IsDenied.By.Default()
                                        : new Claim.IsDenied.By.Rule(value));
            case ROUTE -> new Claim.TakesRoute(value);
            case GATEWAY_ROUTE -> new Claim.TakesGatewayRoute(value);
            case AS -> Sentence.parseForwarded(value);
            case TIMEOUT, IDLE ->
                new Claim.TimesOutAfter(
                        value.toLowerCase(Locale.ROOT).equals("never") ? Duration.ZERO : Sentence.parseDuration(value),
                        key.equals(IDLE));
            default -> new Claim.RetriesAtMost(count(value));
        };
    }

    private static int count(String value) throws NotUnderstoodException {
        boolean isCount =
                !value.isEmpty() && value.length() <= 9 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isCount) {
            throw new NotUnderstoodException(0, "'" + value + "' (expected: a number, such as 2)");
        }
        return Integer.parseInt(value);
    }

    private Claim goesTo(DocumentValue value) throws MisreadException {
        boolean isRestOpen = isTrue(REST);
        List<Share> shares = new ArrayList<>();
        if (value instanceof Text all && !all.isNull()) {
            shares.add(share(all, all.text(), Share.ALL));
        } else if (value instanceof Members parts && !parts.members().isEmpty()) {
            for (Member part : parts.members()) {
                shares.add(share(part.key(), part.key().text(), percent(part)));
            }
        } else {
            throw new MisreadException(
                    value.origin(),
                    "goesTo: expected a virtual node, or shares such as { payments-v1: 90, payments-v2: 10 }");
        }
        try {
            return Sentence.goesTo(shares, isRestOpen);
        } catch (IllegalArgumentException e) {
            throw new MisreadException(value.origin(), "goesTo: " + e.getMessage());
        }
    }

    private static Share share(Text place, String target, BigDecimal percent) throws MisreadException {
        try {
            return Sentence.parseTarget(target, percent);
        } catch (NotUnderstoodException e) {
            throw MisreadException.at(place, e);
        }
    }

    private static BigDecimal percent(Member part) throws MisreadException {
        Origin origin = part.value().origin();
        String expected = " (expected: a share in percent, 0 to 100, such as 33 or 33.3)";
        if (!(part.value() instanceof Text text)) {
            throw new MisreadException(origin, "goesTo." + part.key().text() + expected);
        }
        String number = text.text();
        if (!number.matches("[0-9]{1,3}(?:\\.[0-9]{1,15})?") || new BigDecimal(number).compareTo(Share.ALL) > 0) {
            throw new MisreadException(origin, "goesTo." + part.key().text() + ": '" + number + "'" + expected);
        }
        return new BigDecimal(number);
    }

    private boolean isTrue(String key) throws MisreadException {
        Text value = text(key);
        if (value == null || value.text().equals("false")) {
            return false;
        }
        if (!value.text().equals("true")) {
            throw new MisreadException(value.origin(), key + ": '" + value.text() + "' (expected: true or false)");
        }
        return true;
    }

    /** Returns the text under that key; null where it is absent, or written as null. */
    private @Nullable Text text(String key) throws MisreadException {
        DocumentValue value = members.value(key);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Text text)) {
            throw new MisreadException(value.origin(), key + ": expected text");
        }
        return text.isNull() ? null : text;
    }
}
