package io.intramesh.testing.expectation;

import io.intramesh.Reason;
import io.intramesh.document.Likeness;
import io.intramesh.explain.ExplainRequest;
import io.intramesh.model.HttpMethod;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.tls.PeerIdentity;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/*
 * The grammar, of which docs/testing-a-mesh.md is the readable form. Keywords in any case; words as Cursor takes them.
 *
 *   sentence = who "calling" call { details } [ "," ] claim { [ "," ] [ "and" ] claim } [ "." ]
 *   who      = "anyone" | "through" "gateway" NAME | SPIFFE-ID | NAME
 *   call     = "grpc" HOST [ SERVICE "/" METHOD ] | "tcp" HOST | [ "http" | "http2" ] [ METHOD ] URL [ PATH ]
 *   details  = [ "," ] "with" ( "header" | "headers" ) HEADER { ( "," | "and" ) HEADER } | [ "," ] "outside the mesh"
 *            | [ "," ] "with" ( "claim" | "claims" ) CLAIM { ( "," | "and" ) CLAIM } | [ "," ] "without a token"
 *            | [ "," ] "at" INSTANT
 *   claim    = "goes" share { ( "," | "and" ) share } [ ( "," | "and" ) "the rest elsewhere" ]
 *            | "is refused" [ ":" REASON ] | "leaves the mesh" | "passes through"
 *            | "is allowed" [ "by rule" NAME ] | "is denied" [ "by rule" NAME | "by default" ]
 *            | ( "takes" | "by" ) [ "gateway" ] "route" NAME | "as" ( HOST [ PATH ] | PATH )
 *            | "times out after" DURATION | "times out when idle for" DURATION | "never times out" [ "when idle" ]
 *            | "retries at most" NUMBER ( "time" | "times" )
 *   share    = [ NUMBER ( "%" | "percent" ) ] "to" NODE [ ":" PORT ]
 *
 * One token of look-ahead decides everything but the comma: behind one, a header or a token's claim is told by its colon.
 */

/** Reads a sentence into an expectation, by recursive descent. */
final class Sentence {
    static final String GOES = "orders calling GET http://payments.local/beta goes 10 % to payments-v2";
    private static final String REFUSED = "storefront calling POST http://payments.local/admin is refused: POLICY";
    private static final String ALLOWED = "orders calling GET http://payments.local/beta is allowed by rule callers";
    private static final String DENIED = "orders calling GET http://payments.local/admin is denied by rule no-admin";
    private static final String HEADERS =
            "orders calling GET http://payments.local/ with headers x-user: 7, x-shop: \"a b\" goes to payments-v1";
    private static final String TOKEN =
            "orders calling POST http://payments.local/pay with claims role: clerk, scope: pay is allowed";
    private static final String AT = "orders calling GET http://payments.local/ at 2026-12-01T09:00:00Z is allowed";
    private static final String GRPC = "orders calling grpc stock.local shop.Stock/Reserve goes to stock-v1";
    private static final String TCP = "orders calling tcp ledger.local:5432 goes to ledger";
    private static final String GATEWAY =
            "through gateway front calling GET https://shop.example.com/pay/ goes to payments-v1, as payments.local /";
    private static final String ROUTE = "orders calling GET http://payments.local/beta takes route beta";
    private static final String TIMEOUT = "orders calling GET http://payments.local/ times out after 2 s";
    private static final String RETRIES = "orders calling GET http://payments.local/ retries at most 2 times";

    private static final String CLAIMS =
            "goes …, is refused, is allowed, is denied, leaves the mesh, takes route …, as …, times out after …, retries at most …";
    private static final List<String> CLAIM_WORDS = List.of(
            "goes", "is", "leaves", "passes", "takes", "by", "as", "times", "never", "retries", "with", "without", "at",
            "outside");
    private static final List<String> REASONS =
            Stream.of(Reason.values()).map(Reason::name).toList();

    /** What a header's name is made of. RFC 9110, section 5.6.2. */
    private static final String TOKEN_CHARACTERS =
            "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** Of a claim's name, which may be a path into an object, or a URL (RFC 7519, section 4.2); a colon ends it. */
    private static final String CLAIM_CHARACTERS = TOKEN_CHARACTERS + "/@";

    private final Cursor in;

    private Sentence(String text) {
        this.in = new Cursor(text);
    }

    static Expectation parse(String text) throws NotUnderstoodException {
        return new Sentence(text).sentence();
    }

    /** Reads what stands behind "calling". */
    static ExplainRequest.Builder parseCall(String text) throws NotUnderstoodException {
        return parseCall(text, null);
    }

    /** @param host that a path without one means; null for none */
    static ExplainRequest.Builder parseCall(String text, @Nullable String host) throws NotUnderstoodException {
        Sentence reading = new Sentence(text);
        ExplainRequest.Builder call = reading.call(host);
        if (!reading.in.isAtEnd()) {
            throw reading.in.unexpected("nothing more", "GET http://payments.local/beta");
        }
        return call;
    }

    /** Reads {@code payments.local /}, {@code payments.local} or {@code /}. */
    static Claim parseForwarded(String text) throws NotUnderstoodException {
        Sentence reading = new Sentence(text);
        Claim claim = reading.forwarded();
        reading.end();
        return claim;
    }

    /** Reads {@code payments-v1} or {@code payments-v1:8080}. */
    static Share parseTarget(String text, BigDecimal percent) throws NotUnderstoodException {
        Sentence reading = new Sentence(text);
        Share share = reading.target(percent);
        reading.end();
        return share;
    }

    /** Reads {@code 2 s}. */
    static Duration parseDuration(String text) throws NotUnderstoodException {
        Sentence reading = new Sentence(text);
        Duration duration = reading.duration();
        reading.end();
        return duration;
    }

    private void end() throws NotUnderstoodException {
        if (!in.isAtEnd()) {
            throw in.unexpected("nothing more", GOES);
        }
    }

    private Expectation sentence() throws NotUnderstoodException {
        Who who = who();
        if (!in.tryWords("calling")) {
            throw in.unexpected("calling", List.of("calling"), GOES);
        }
        ExplainRequest.Builder request = call(null);
        request.virtualNode(who.caller()).virtualGateway(who.gateway()).spiffeId(who.spiffeId());
        boolean isOutside = details(request);
        return new Expectation(request.build(), isOutside, claims());
    }

    // Who calls what.

    private record Who(
            @Nullable String caller,
            @Nullable String gateway,
            @Nullable String spiffeId) {}

    private Who who() throws NotUnderstoodException {
        if (in.tryWords("anyone")) {
            return new Who(null, null, null);
        }
        if (in.tryWords("through")) {
            if (!in.tryWords("gateway")) {
                throw in.unexpected("gateway", List.of("gateway"), GATEWAY);
            }
            return new Who(null, in.word("the name of a virtual gateway", GATEWAY), null);
        }
        if (in.isNext("calling")) {
            throw in.unexpected("the name of a virtual node, anyone, or through gateway …", GOES);
        }
        int from = in.at();
        String name = in.word("the name of a virtual node, anyone, or through gateway …", GOES);
        return name.startsWith("spiffe://") ? new Who(null, null, spiffeId(name, from)) : new Who(name, null, null);
    }

    static String spiffeId(String text, int from) throws NotUnderstoodException {
        if (!PeerIdentity.isSpiffeId(text)) {
            throw new NotUnderstoodException(
                    from, "'" + text + "' (expected: a SPIFFE ID, such as spiffe://shop.example/shop/orders)");
        }
        return text;
    }

    private ExplainRequest.Builder call(@Nullable String host) throws NotUnderstoodException {
        if (in.tryWords("grpc")) {
            return grpc();
        }
        if (in.tryWords("tcp")) {
            int from = in.at();
            String word = in.word("a host, such as ledger.local:5432", TCP);
            if (word.indexOf('/') >= 0) {
                throw new NotUnderstoodException(
                        from, "'" + word + "' (expected: a host without a path); for example: " + TCP);
            }
            return authority(word, word, from, null).protocol(Protocol.TCP);
        }
        Protocol protocol = in.tryWords("http2") ? Protocol.HTTP2 : in.tryWords("http") ? Protocol.HTTP : null;
        String method = method();
        return url(host).protocol(protocol).method(method);
    }

    private ExplainRequest.Builder grpc() throws NotUnderstoodException {
        int from = in.at();
        String word = in.word("a host, such as stock.local", GRPC);
        int slash = word.indexOf('/');
        ExplainRequest.Builder request = authority(slash < 0 ? word : word.substring(0, slash), word, from, null)
                .protocol(Protocol.GRPC);
        String called = slash < 0 ? null : word.substring(slash + 1);
        if (slash < 0
                && !in.isAtEnd()
                && !in.peek().isEmpty()
                && CLAIM_WORDS.stream().noneMatch(in::isNext)) {
            from = in.at();
            called = in.word("service and method", GRPC);
        }
        if (called == null) {
            return request;
        }
        int middle = called.indexOf('/');
        boolean isCall = middle > 0 && middle == called.lastIndexOf('/') && middle < called.length() - 1;
        if (!isCall) {
            throw new NotUnderstoodException(
                    from,
                    "'" + called + "' (expected: service and method, such as shop.Stock/Reserve); for example: "
                            + GRPC);
        }
        return request.path("/" + called);
    }

    private @Nullable String method() throws NotUnderstoodException {
        String word = in.peek();
        boolean isWord = !word.isEmpty() && word.chars().allMatch(c -> isLetter(c) || c == '-' || c == '_');
        if (!isWord) {
            return null;
        }
        String capitals = word.toUpperCase(Locale.ROOT);
        if (word.equals(capitals)) {
            return in.word("a method", GOES);
        }
        // Methods tell case apart, so 'get' would match no route that asks for GET.
        if (Stream.of(HttpMethod.values()).anyMatch(known -> known.name().equals(capitals))) {
            throw in.unexpected(capitals + ", in capitals", GOES);
        }
        return null;
    }

    private ExplainRequest.Builder url(@Nullable String host) throws NotUnderstoodException {
        int from = in.at();
        if (CLAIM_WORDS.stream().anyMatch(in::isNext)) {
            throw in.unexpected("a URL, such as http://payments.local/beta", GOES);
        }
        String word = in.word("a URL, such as http://payments.local/beta", GOES);
        if (host != null && word.startsWith("/")) {
            return authority(host, host, from, null).path(path(word, from));
        }
        String scheme = scheme(word, from);
        String rest = scheme == null ? word : word.substring(scheme.length() + "://".length());
        int end = endOfAuthority(rest);
        String path = rest.substring(end);
        if (path.isEmpty() && !in.isAtEnd() && in.peek().startsWith("/")) {
            from = in.at();
            path = in.word("a path", GOES);
        }
        return authority(rest.substring(0, end), word, from, scheme)
                .path(path(path.isEmpty() || path.startsWith("?") ? "/" + path : path, from));
    }

    private static @Nullable String scheme(String word, int from) throws NotUnderstoodException {
        int end = word.indexOf("://");
        if (end < 0 || endOfAuthority(word) < end) {
            return null;
        }
        String scheme = word.substring(0, end).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new NotUnderstoodException(
                    from,
                    "scheme '" + word.substring(0, end) + "' (expected: http or https; 'grpc HOST' and 'tcp HOST' name"
                            + " these protocols); for example: " + GRPC);
        }
        return scheme;
    }

    private static int endOfAuthority(String text) {
        int end = 0;
        while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    private static String path(String written, int from) throws NotUnderstoodException {
        int fragment = written.indexOf('#');
        // A fragment never leaves the browser.
        String sent = fragment < 0 ? written : written.substring(0, fragment);
        if (sent.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw new NotUnderstoodException(
                    from, "a path with a blank or control character (expected: encoded, such as %20)");
        }
        return sent.isEmpty() ? "/" : sent;
    }

    /** @param scheme null leaves it open */
    private static ExplainRequest.Builder authority(String authority, String word, int from, @Nullable String scheme)
            throws NotUnderstoodException {
        int bracket = authority.lastIndexOf(']');
        int colon = authority.indexOf(':', bracket + 1);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        boolean isHost = !host.isEmpty()
                && host.chars()
                        .allMatch(c -> c > ' '
                                && c != 0x7f
                                && "/?#@\\,\"'".indexOf(c) < 0
                                && (isBracketed || "[]".indexOf(c) < 0));
        if (!isHost) {
            throw new NotUnderstoodException(
                    from,
                    "'" + word + "' (expected: a host, such as http://payments.local/beta); for example: " + GOES);
        }
        ExplainRequest.Builder request = ExplainRequest.builder(host);
        if (scheme != null) {
            request.scheme(scheme);
        }
        if (colon >= 0) {
            return request.port(port(authority.substring(colon + 1), from));
        }
        return scheme == null ? request : request.impliedPort(scheme.equals("https") ? 443 : 80);
    }

    private static int port(String text, int from) throws NotUnderstoodException {
        boolean isNumber = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = isNumber ? Integer.parseInt(text) : -1;
        if (port < 1 || port > PortMapping.MAX_PORT) {
            throw new NotUnderstoodException(from, "port '" + text + "' (expected: 1 to " + PortMapping.MAX_PORT + ")");
        }
        return port;
    }

    /** Reads headers and the like; returns whether the host is said to be outside the mesh. */
    private boolean details(ExplainRequest.Builder request) throws NotUnderstoodException {
        boolean isOutside = false;
        while (true) {
            int before = in.at();
            in.trySymbol(',');
            if (in.tryWords("outside the mesh")) {
                isOutside = true;
            } else if (in.tryWords("with header") || in.tryWords("with headers")) {
                headers(request);
            } else if (in.tryWords("with claim") || in.tryWords("with claims")) {
                tokenClaims(request);
            } else if (in.tryWords("without a token")) {
                request.noToken();
            } else if (in.tryWords("at")) {
                request.at(instant());
            } else if (in.tryWords("with")) {
                throw in.unexpected(
                        "header, headers, claim or claims", List.of("header", "headers", "claim", "claims"), HEADERS);
            } else if (in.tryWords("without")) {
                throw in.unexpected("a token", List.of("a", "token"), TOKEN);
            } else {
                in.backTo(before);
                return isOutside;
            }
        }
    }

    private void headers(ExplainRequest.Builder request) throws NotUnderstoodException {
        do {
            header(request);
        } while (isOneMore(TOKEN_CHARACTERS));
    }

    private void tokenClaims(ExplainRequest.Builder request) throws NotUnderstoodException {
        do {
            int from = in.at();
            String name = in.run(CLAIM_CHARACTERS);
            if (name.isEmpty() || !in.trySymbol(':')) {
                in.backTo(from);
                throw in.unexpected("a claim of the caller's token, such as role: clerk", TOKEN);
            }
            request.claim(name, in.word("the value of claim " + name, TOKEN));
        } while (isOneMore(CLAIM_CHARACTERS));
    }

    private Instant instant() throws NotUnderstoodException {
        int from = in.at();
        return instant(in.word("a time, such as 2026-12-01T09:00:00Z", AT), from);
    }

    static Instant instant(String text, int from) throws NotUnderstoodException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new NotUnderstoodException(
                    from, "'" + text + "' (expected: a time with its offset, such as 2026-12-01T09:00:00Z)");
        }
    }

    /** Takes a separator, if behind it a name of such characters and a colon follow. */
    private boolean isOneMore(String characters) throws NotUnderstoodException {
        int before = in.at();
        boolean isMore = separator();
        int name = in.at();
        if (isMore && !in.run(characters).isEmpty() && in.trySymbol(':')) {
            in.backTo(name);
            return true;
        }
        in.backTo(before);
        return false;
    }

    private void header(ExplainRequest.Builder request) throws NotUnderstoodException {
        int from = in.at();
        String name = in.run(TOKEN_CHARACTERS);
        if (name.isEmpty() || !in.trySymbol(':')) {
            in.backTo(from);
            throw in.unexpected("a header, such as x-user: 7", HEADERS);
        }
        try {
            header(request, name, in.word("the value of header " + name, HEADERS));
        } catch (IllegalArgumentException e) {
            throw new NotUnderstoodException(from, String.valueOf(e.getMessage()));
        }
    }

    /** @throws IllegalArgumentException where a request cannot carry such a header */
    static void header(ExplainRequest.Builder request, String name, String value) {
        if (name.isEmpty() || !name.chars().allMatch(c -> TOKEN_CHARACTERS.indexOf(c) >= 0)) {
            throw new IllegalArgumentException("header '" + name + "' (expected: a name of letters, digits and -)");
        }
        if (name.equalsIgnoreCase("host")) {
            throw new IllegalArgumentException("header '" + name + "': the host is named by the URL");
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new IllegalArgumentException("header '" + name + "': its value has a control character");
        }
        request.header(name, value);
    }

    private static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    // What becomes of it.

    private List<Claim> claims() throws NotUnderstoodException {
        List<Claim> claims = new ArrayList<>();
        Set<Object> said = new HashSet<>();
        in.trySymbol(',');
        do {
            int from = in.at();
            Claim claim = claim();
            checkAgainst(claims, said, claim, from);
            claims.add(claim);
            boolean isMore = separator();
            if (!isMore && !in.isAtEnd() && CLAIM_WORDS.stream().noneMatch(in::isNext)) {
                throw in.unexpected("the end, or a comma and what else is expected", CLAIM_WORDS, GATEWAY);
            }
            if (isMore && in.isAtEnd()) {
                throw in.unexpected(CLAIMS, GOES);
            }
        } while (!in.isAtEnd());
        return claims;
    }

    private static void checkAgainst(List<Claim> claims, Set<Object> said, Claim claim, int from)
            throws NotUnderstoodException {
        try {
            check(claims, said, claim);
        } catch (IllegalArgumentException e) {
            throw new NotUnderstoodException(from, String.valueOf(e.getMessage()));
        }
    }

    /** @throws IllegalArgumentException where a claim cannot hold together with the others, or says what was said */
    static void check(List<Claim> claims, Set<Object> said, Claim claim) {
        Object what = claim instanceof Claim.TimesOutAfter timeout ? "timeout " + timeout.isIdle() : claim.getClass();
        if (!said.add(what)) {
            throw new IllegalArgumentException("said twice; keep one");
        }
        List<Class<?>> outcomes =
                List.of(Claim.GoesTo.class, Claim.IsRefused.class, Claim.LeavesTheMesh.class, Claim.IsDenied.class);
        boolean contradicts = outcomes.contains(claim.getClass())
                && claims.stream().anyMatch(other -> outcomes.contains(other.getClass()));
        if (contradicts) {
            throw new IllegalArgumentException(
                    "a call either goes to a node, or is refused, or leaves the mesh; keep one of these");
        }
        boolean isBoth = Stream.concat(claims.stream(), Stream.of(claim)).anyMatch(Claim.IsAllowed.class::isInstance)
                && Stream.concat(claims.stream(), Stream.of(claim))
                        .anyMatch(one -> one instanceof Claim.IsDenied || one instanceof Claim.IsRefused);
        if (isBoth) {
            throw new IllegalArgumentException("a call is either allowed, or denied or refused; keep one of these");
        }
    }

    private boolean separator() {
        boolean isComma = in.trySymbol(',');
        return in.tryWords("and") || isComma;
    }

    private Claim claim() throws NotUnderstoodException {
        if (in.tryWords("goes")) {
            return goes();
        }
        if (in.tryWords("is allowed")) {
            return new Claim.IsAllowed(in.tryWords("by rule") ? in.word("the name of a rule", ALLOWED) : null);
        }
        if (in.tryWords("is denied")) {
            return denied();
        }
        if (in.tryWords("is")) {
            return refused();
        }
        if (in.tryWords("leaves the mesh") || in.tryWords("passes through")) {
            return new Claim.LeavesTheMesh();
        }
        if (in.tryWords("takes") || in.tryWords("by")) {
            boolean isGateway = in.tryWords("gateway");
            if (!in.tryWords("route")) {
                throw in.unexpected(isGateway ? "route" : "route or gateway route", List.of("route", "gateway"), ROUTE);
            }
            String name = in.word("the name of a route", ROUTE);
            return isGateway ? new Claim.TakesGatewayRoute(name) : new Claim.TakesRoute(name);
        }
        if (in.tryWords("as")) {
            return forwarded();
        }
        if (in.tryWords("times out after")) {
            return new Claim.TimesOutAfter(duration(), false);
        }
        if (in.tryWords("times out when idle for")) {
            return new Claim.TimesOutAfter(duration(), true);
        }
        if (in.tryWords("never times out")) {
            return new Claim.TimesOutAfter(Duration.ZERO, in.tryWords("when idle"));
        }
        if (in.isNext("times") || in.isNext("never")) {
            throw in.unexpected(
                    "times out after …, times out when idle for …, never times out, never times out when idle",
                    TIMEOUT);
        }
        if (in.tryWords("retries")) {
            return retries();
        }
        throw in.unexpected(CLAIMS, CLAIM_WORDS, GOES);
    }

    private Claim goes() throws NotUnderstoodException {
        int from = in.at();
        List<Share> shares = new ArrayList<>();
        shares.add(share());
        boolean isRestOpen = false;
        while (!isRestOpen) {
            int before = in.at();
            boolean isMore = separator();
            if (isMore && in.tryWords("the rest elsewhere")) {
                isRestOpen = true;
            } else if (isMore && isShareNext()) {
                shares.add(share());
            } else {
                in.backTo(before);
                break;
            }
        }
        try {
            return goesTo(shares, isRestOpen);
        } catch (IllegalArgumentException e) {
            throw new NotUnderstoodException(from, String.valueOf(e.getMessage()));
        }
    }

    /** @throws IllegalArgumentException where no spread of calls is like that */
    static Claim goesTo(List<Share> shares, boolean isRestOpen) {
        Set<String> targets = new HashSet<>();
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal tolerance = BigDecimal.ZERO;
        for (Share share : shares) {
            if (!targets.add(share.virtualNode() + ":" + share.port())) {
                throw new IllegalArgumentException("'" + share.virtualNode() + "' is named twice; add its shares up");
            }
            sum = sum.add(share.percent());
            tolerance = tolerance.add(share.tolerance());
        }
        boolean isTooMuch = sum.subtract(tolerance).compareTo(Share.ALL) > 0;
        boolean isTooLittle =
                shares.size() > 1 && !isRestOpen && sum.add(tolerance).compareTo(Share.ALL) < 0;
        if (isTooMuch || isTooLittle) {
            throw new IllegalArgumentException("the shares make " + sum.toPlainString() + " % (expected: 100 %)"
                    + (isTooLittle ? "; name all targets, or end with 'and the rest elsewhere'" : ""));
        }
        return new Claim.GoesTo(shares, isRestOpen);
    }

    private boolean isShareNext() {
        String word = in.peek();
        return (!word.isEmpty() && word.charAt(0) >= '0' && word.charAt(0) <= '9') || in.isNext("to");
    }

    private Share share() throws NotUnderstoodException {
        if (in.tryWords("to")) {
            return target(Share.ALL);
        }
        int from = in.at();
        String number = in.run("0123456789.");
        boolean isNumber = !number.isEmpty() && (in.trySymbol('%') || in.tryWords("percent"));
        if (!isNumber) {
            in.backTo(from);
            throw in.unexpected("to NODE, or a share such as 10 % to NODE", GOES);
        }
        BigDecimal percent = percent(number, from);
        if (!in.tryWords("to")) {
            throw in.unexpected("to", List.of("to"), GOES);
        }
        return target(percent);
    }

    private static BigDecimal percent(String number, int from) throws NotUnderstoodException {
        boolean isNumber = number.length() <= 20
                && number.chars().filter(c -> c == '.').count() <= 1
                && Character.isDigit(number.charAt(0))
                && Character.isDigit(number.charAt(number.length() - 1));
        BigDecimal percent = isNumber ? new BigDecimal(number) : BigDecimal.TEN.negate();
        if (percent.signum() < 0 || percent.compareTo(Share.ALL) > 0) {
            throw new NotUnderstoodException(
                    from, "'" + number + " %' (expected: 0 to 100, such as 33 or 33.3); for example: " + GOES);
        }
        return percent;
    }

    private Share target(BigDecimal percent) throws NotUnderstoodException {
        int from = in.at();
        String name = in.word("the name of a virtual node", GOES);
        int colon = name.lastIndexOf(':');
        return colon < 0
                ? new Share(percent, name, null)
                : new Share(percent, name.substring(0, colon), port(name.substring(colon + 1), from + colon + 1));
    }

    private Claim denied() throws NotUnderstoodException {
        if (in.tryWords("by default")) {
            return new Claim.IsDenied(new Claim.IsDenied.By.Default());
        }
        return new Claim.IsDenied(
                in.tryWords("by rule")
                        ? new Claim.IsDenied.By.Rule(in.word("the name of a rule", DENIED))
                        : new Claim.IsDenied.By.Anything());
    }

    private Claim refused() throws NotUnderstoodException {
        if (!in.tryWords("refused")) {
            throw in.unexpected("refused, allowed or denied", List.of("refused", "allowed", "denied"), REFUSED);
        }
        if (!in.trySymbol(':')) {
            return new Claim.IsRefused(null);
        }
        int from = in.at();
        return new Claim.IsRefused(reason(in.word(reasons(), REFUSED), from));
    }

    static Reason reason(String name, int from) throws NotUnderstoodException {
        if (REASONS.contains(name)) {
            return Reason.valueOf(name);
        }
        String nearest = Likeness.nearest(name, REASONS);
        throw new NotUnderstoodException(
                from,
                "'" + name + "' (expected: " + reasons() + ")"
                        + (nearest == null ? "" : "; did you mean '" + nearest + "'?") + "; for example: " + REFUSED);
    }

    private static String reasons() {
        return String.join(", ", REASONS);
    }

    private Claim forwarded() throws NotUnderstoodException {
        int from = in.at();
        String word = in.word("a host and a path, such as payments.local /", GATEWAY);
        int slash = word.indexOf('/');
        if (slash >= 0) {
            return new Claim.IsForwardedAs(
                    slash == 0 ? null : word.substring(0, slash), path(word.substring(slash), from));
        }
        boolean hasPath = !in.isAtEnd() && in.peek().startsWith("/");
        return new Claim.IsForwardedAs(word, hasPath ? path(in.word("a path", GATEWAY), from) : null);
    }

    private Duration duration() throws NotUnderstoodException {
        String expected = "a duration, such as 2 s, 500 ms or 5 min";
        int from = in.at();
        String digits = in.run("0123456789");
        if (digits.isEmpty() || digits.length() > 12) {
            in.backTo(from);
            throw in.unexpected(expected, TIMEOUT);
        }
        long count = Long.parseLong(digits);
        if (count == 0) {
            throw new NotUnderstoodException(
                    from, "0 (expected: at least 1; 'never times out' says that there is no limit)");
        }
        if (in.tryWords("ms")) {
            return Duration.ofMillis(count);
        }
        if (in.tryWords("s") || in.tryWords("second") || in.tryWords("seconds")) {
            return Duration.ofSeconds(count);
        }
        if (in.tryWords("m") || in.tryWords("min") || in.tryWords("minute") || in.tryWords("minutes")) {
            return Duration.ofMinutes(count);
        }
        throw in.unexpected(expected, TIMEOUT);
    }

    private Claim retries() throws NotUnderstoodException {
        if (!in.tryWords("at most")) {
            throw in.unexpected("at most", List.of("at most"), RETRIES);
        }
        int from = in.at();
        String digits = in.run("0123456789");
        if (digits.isEmpty() || digits.length() > 9) {
            in.backTo(from);
            throw in.unexpected("a number, such as 2 times", RETRIES);
        }
        if (!in.tryWords("times") && !in.tryWords("time")) {
            throw in.unexpected("times", List.of("times"), RETRIES);
        }
        return new Claim.RetriesAtMost(Integer.parseInt(digits));
    }
}
