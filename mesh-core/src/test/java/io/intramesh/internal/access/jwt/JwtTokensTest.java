package io.intramesh.internal.access.jwt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.intramesh.internal.access.TokenClaims;
import io.intramesh.internal.access.TokenVerifier;
import io.intramesh.model.JwtIssuer;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class JwtTokensTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final RSAKey RSA = rsa("one", 2048);
    private static final RSAKey OTHER_RSA = rsa("two", 2048);
    private static final ECKey EC = ec("three");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private final FakeNanoClock clock = FakeNanoClock.create();
    private final FakeScheduler scheduler = FakeScheduler.on(clock);
    private final JwtTokens tokens = new JwtTokens(scheduler, clock);
    private final Logger log = (Logger) LoggerFactory.getLogger(KeySet.class);
    private @Nullable HttpServer server;

    @BeforeEach
    void keepWarningsFromTheConsole() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void stop() {
        tokens.close();
        log.setLevel(null);
        if (server != null) {
            server.stop(0);
        }
    }

    // ---- Tokens

    @Test
    void aTokenOfATrustedIssuerProvesItsClaims() throws Exception {
        TokenVerifier verifier = trusting(file(RSA, EC));

        TokenClaims claims = requireNonNull(verifier.verify(signed(RSA, token()), NOW));

        assertThat(claims.has("sub", "alice")).isTrue();
        assertThat(claims.has("sub", "bob")).isFalse();
        assertThat(claims.has("scope", "read")).isTrue();
        assertThat(claims.has("scope", "read write")).as("one word").isFalse();
        assertThat(claims.has("roles", "admin")).isTrue();
        assertThat(claims.has("roles", "adm")).isFalse();
        assertThat(claims.has("realm.roles", "ops")).isTrue();
        assertThat(claims.has("realm.missing.deeper", "ops")).isFalse();
        assertThat(claims.has("level", "3")).isTrue();
        assertThat(claims.has("verified", "true")).isTrue();
        assertThat(claims.has("absent", "null")).isFalse();
        assertThat(verifier.verify(signed(EC, token()), NOW)).isNotNull();
        assertThat(verifier.verify(signed(RSA, token(), "at+jwt"), NOW)).isNotNull();
    }

    @Test
    void aTokenThatIsNotForUsProvesNothing() throws Exception {
        TokenVerifier verifier = trusting(file(RSA, EC));

        assertThat(verifier.verify(signed(RSA, token(claims -> claims.issuer("https://evil.example"))), NOW))
                .isNull();
        assertThat(verifier.verify(signed(RSA, token(claims -> claims.audience("orders"))), NOW))
                .isNull();
        assertThat(verifier.verify(signed(RSA, token(claims -> claims.audience((String) null))), NOW))
                .isNull();
        assertThat(verifier.verify(signed(RSA, token(claims -> claims.expirationTime(null))), NOW))
                .isNull();
        assertThat(verifier.verify(signed(OTHER_RSA, token()), NOW))
                .as("another key")
                .isNull();
        assertThat(verifier.verify(signed(rsa("one", 2048), token()), NOW))
                .as("another key of that name")
                .isNull();
        assertThat(verifier.verify(signed(RSA, token(), "secevent+jwt"), NOW))
                .as("another kind")
                .isNull();
    }

    @Test
    void aTokenHoldsFromItsBeginToItsEndWithinTheClocksDifference() throws Exception {
        TokenVerifier verifier = trusting(file(RSA));
        String token = signed(
                RSA,
                token(claims -> claims.notBeforeTime(Date.from(NOW)).expirationTime(Date.from(NOW.plusSeconds(600)))));

        assertThat(verifier.verify(token, NOW.minusSeconds(61))).isNull();
        assertThat(verifier.verify(token, NOW.minusSeconds(60))).isNotNull();
        assertThat(verifier.verify(token, NOW.plusSeconds(659))).isNotNull();
        assertThat(verifier.verify(token, NOW.plusSeconds(660)))
                .as("also when it was good before")
                .isNull();
    }

    @Test
    void theIssuersAlgorithmsCountAndNotTheTokens() throws Exception {
        TokenVerifier verifier = trusting(issuer(file(RSA, EC), List.of(JwtIssuer.Algorithm.ES256)));

        assertThat(verifier.verify(signed(EC, token()), NOW)).isNotNull();
        assertThat(verifier.verify(signed(RSA, token()), NOW)).isNull();
        assertThat(verifier.verify(new PlainJWT(token()).serialize(), NOW))
                .as("alg none")
                .isNull();
    }

    @Test
    void aPublicKeyIsNoSharedSecret() throws Exception {
        TokenVerifier verifier = trusting(file(
                RSA,
                new OctetSequenceKey.Builder(RSA.toRSAPublicKey().getEncoded())
                        .keyID("one")
                        .build()));
        SignedJWT forged = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), token());
        forged.sign(new MACSigner(RSA.toRSAPublicKey().getEncoded()));

        assertThat(verifier.verify(forged.serialize(), NOW)).isNull();
    }

    @Test
    void aKeyWithinTheTokenIsNotTaken() throws Exception {
        TokenVerifier verifier = trusting(file(RSA));
        SignedJWT forged = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .jwk(OTHER_RSA.toPublicJWK())
                        .build(),
                token());
        forged.sign(new RSASSASigner(OTHER_RSA));

        assertThat(verifier.verify(forged.serialize(), NOW)).isNull();
    }

    @Test
    void aCriticalExtensionThatNobodyKnowsIsRefused() throws Exception {
        TokenVerifier verifier = trusting(file(RSA));
        SignedJWT odd = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID("one")
                        .criticalParams(Set.of("odd"))
                        .customParam("odd", 1)
                        .build(),
                token());
        odd.sign(new RSASSASigner(RSA));

        assertThat(verifier.verify(odd.serialize(), NOW)).isNull();
    }

    @Test
    void whatIsNoTokenProvesNothing() throws Exception {
        TokenVerifier verifier = trusting(file(RSA));
        String good = signed(RSA, token());

        for (String text : List.of(
                "", ".", "..", "a.b.c", "null", "{}", good + "x", good + ".x", "x" + good, good.replace('.', ' '))) {
            assertThat(verifier.verify(text, NOW)).as(text).isNull();
        }
        for (int i = 0; i < good.length(); i += 7) {
            char other = good.charAt(i) == 'A' ? 'B' : 'A';
            String bent = good.substring(0, i) + other + good.substring(i + 1);
            if (i != good.length() - 1) {
                assertThat(verifier.verify(bent, NOW)).as("character %s", i).isNull();
            }
        }
        assertThat(verifier.verify(good, NOW)).isNotNull();
    }

    // ---- Keys

    @Test
    void shortKeysAndPrivateOnesAreNotKept() throws Exception {
        Path place = folder.resolve("keys.json");
        Files.writeString(place, new JWKSet(List.<JWK>of(rsa("short", 1024), RSA)).toString(false));
        KeySet keys = new KeySet(new KeyPlace.InFile(place), scheduler, clock);
        keys.start();

        JWKSet kept = requireNonNull(keys.current()).set();

        assertThat(kept.getKeys()).extracting(JWK::getKeyID).containsExactly("one");
        assertThat(kept.containsNonPublicKeys()).isFalse();
        keys.close();
    }

    @Test
    void aFileIsFollowedAndABadOneLeavesTheLastGoodInForceForADay() throws Exception {
        JwtIssuer.Jwks.File place = file(RSA);
        TokenVerifier verifier = trusting(place);
        String old = signed(RSA, token());
        String fresh = signed(OTHER_RSA, token());
        assertThat(verifier.verify(old, NOW)).isNotNull();

        write(place, OTHER_RSA);
        scheduler.advance(Duration.ofSeconds(5));
        assertThat(verifier.verify(fresh, NOW)).isNotNull();
        assertThat(verifier.verify(old, NOW))
                .as("a withdrawn key, also for what it proved before")
                .isNull();

        Files.writeString(Path.of(place.path()), "{ no");
        scheduler.advance(Duration.ofHours(23));
        assertThat(verifier.verify(fresh, NOW)).isNotNull();
        scheduler.advance(Duration.ofHours(2));
        assertThat(verifier.verify(fresh, NOW)).isNull();

        write(place, OTHER_RSA);
        scheduler.advance(KeySet.RETRY_INTERVAL);
        assertThat(verifier.verify(fresh, NOW)).isNotNull();
    }

    @Test
    void aFileThatIsNotThereYetIsReadWhenItComes() throws Exception {
        JwtIssuer.Jwks.File place =
                new JwtIssuer.Jwks.File(folder.resolve("late.json").toString());
        TokenVerifier verifier = trusting(place);
        assertThat(verifier.verify(signed(RSA, token()), NOW)).isNull();

        write(place, RSA);
        scheduler.advance(KeySet.RETRY_INTERVAL);

        assertThat(verifier.verify(signed(RSA, token()), NOW)).isNotNull();
    }

    @Test
    void anUnknownKeyIsAskedForSoonButNotOften() throws Exception {
        AtomicReference<String> answer = new AtomicReference<>(new JWKSet(RSA).toString());
        AtomicInteger asked = new AtomicInteger();
        TokenVerifier verifier = trusting(serve(answer, asked));
        await().untilAsserted(() -> {
            scheduler.runDue();
            assertThat(verifier.verify(signed(RSA, token()), NOW)).isNotNull();
        });
        answer.set(new JWKSet(List.of(RSA, OTHER_RSA)).toString());

        await().untilAsserted(() -> {
            assertThat(verifier.verify(signed(rsa("unknown", 2048), token()), NOW))
                    .isNull();
            scheduler.runDue();
            assertThat(verifier.verify(signed(OTHER_RSA, token()), NOW)).isNotNull();
        });
        assertThat(asked).hasValue(2);

        for (int i = 0; i < 100; i++) {
            assertThat(verifier.verify(signed(EC, token()), NOW)).isNull();
            scheduler.runDue();
        }
        assertThat(asked).as("within half a minute").hasValue(2);

        scheduler.advance(KeySet.HINT_INTERVAL);
        assertThat(verifier.verify(signed(EC, token()), NOW)).isNull();
        scheduler.runDue();
        await().untilAsserted(() -> assertThat(asked).hasValue(3));
    }

    @Test
    void whatAServerAnswersIsBoundedAndMustBeKeys() throws Exception {
        AtomicReference<String> answer = new AtomicReference<>("x".repeat(KeyPlace.MAX_BYTES + 1));
        KeyPlace place = KeyPlace.of(serve(answer, new AtomicInteger()));

        assertThat(place.read())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withMessageContaining("more than " + KeyPlace.MAX_BYTES + " bytes");

        answer.set("{}");
        assertThat(place.read()).succeedsWithin(Duration.ofSeconds(30));
        assertThat(KeyPlace.of(new JwtIssuer.Jwks.Url(place + "/nothing")).read())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withMessageContaining("status 404");
    }

    @Test
    void keysAreKeptWhileAPolicyNamesThemAndForgottenThen() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        JwtIssuer issuer =
                issuer(serve(new AtomicReference<>(new JWKSet(RSA).toString()), asked), JwtIssuer.DEFAULT_ALGORITHMS);
        TokenVerifier first = tokens.trusting(List.of(issuer));
        await().untilAsserted(() -> {
            scheduler.runDue();
            assertThat(first.verify(signed(RSA, token()), NOW)).isNotNull();
        });

        int askedBefore = asked.get();

        tokens.retain(List.of(issuer));
        TokenVerifier second = tokens.trusting(List.of(issuer));

        assertThat(second.verify(signed(RSA, token()), NOW)).as("at once").isNotNull();
        assertThat(asked).hasValue(askedBefore);

        tokens.retain(List.of());
        assertThat(tokens.trusting(List.of(issuer)).verify(signed(RSA, token()), NOW))
                .isNull();
    }

    // ---- Set-up

    private TokenVerifier trusting(JwtIssuer.Jwks place) {
        return trusting(issuer(place, JwtIssuer.DEFAULT_ALGORITHMS));
    }

    private TokenVerifier trusting(JwtIssuer issuer) {
        return tokens.trusting(List.of(issuer));
    }

    private static JwtIssuer issuer(JwtIssuer.Jwks place, List<JwtIssuer.Algorithm> algorithms) {
        return new JwtIssuer(
                "https://id.example", List.of("payments", "shop"), place, algorithms, JwtIssuer.DEFAULT_CLOCK_SKEW);
    }

    private JwtIssuer.Jwks.File file(JWK... keys) throws IOException {
        JwtIssuer.Jwks.File place =
                new JwtIssuer.Jwks.File(folder.resolve("keys.json").toString());
        write(place, keys);
        return place;
    }

    private static void write(JwtIssuer.Jwks.File place, JWK... keys) throws IOException {
        Files.writeString(Path.of(place.path()), new JWKSet(List.of(keys)).toString(false));
    }

    private JwtIssuer.Jwks.Url serve(AtomicReference<String> answer, AtomicInteger asked) throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        started.createContext("/", exchange -> {
            asked.incrementAndGet();
            boolean isThere = exchange.getRequestURI().getPath().equals("/keys");
            byte[] body = isThere ? requireNonNull(answer.get()).getBytes(StandardCharsets.UTF_8) : new byte[0];
            exchange.sendResponseHeaders(isThere ? 200 : 404, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        started.start();
        server = started;
        return new JwtIssuer.Jwks.Url("http://127.0.0.1:" + started.getAddress().getPort() + "/keys");
    }

    private static JWTClaimsSet token() {
        return token(claims -> claims);
    }

    private static JWTClaimsSet token(UnaryOperator<JWTClaimsSet.Builder> details) {
        return details.apply(new JWTClaimsSet.Builder()
                        .issuer("https://id.example")
                        .audience(List.of("other", "payments"))
                        .subject("alice")
                        .expirationTime(Date.from(NOW.plusSeconds(600)))
                        .claim("scope", "read write")
                        .claim("roles", List.of("admin", "user"))
                        .claim("realm", Map.of("roles", List.of("ops")))
                        .claim("level", 3)
                        .claim("verified", true))
                .build();
    }

    private static String signed(JWK key, JWTClaimsSet claims) throws JOSEException {
        return signed(key, claims, "JWT");
    }

    private static String signed(JWK key, JWTClaimsSet claims, String type) throws JOSEException {
        boolean isRsa = key instanceof RSAKey;
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(isRsa ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256)
                        .keyID(key.getKeyID())
                        .type(new JOSEObjectType(type))
                        .build(),
                claims);
        JWSSigner signer = isRsa ? new RSASSASigner(key.toRSAKey()) : new ECDSASigner(key.toECKey());
        token.sign(signer);
        return token.serialize();
    }

    private static RSAKey rsa(String id, int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
