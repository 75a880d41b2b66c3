package io.intramesh.internal.access.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.intramesh.model.JwtIssuer;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An issuer and its keys: checks the tokens that say they are its own. Safe for use by several threads. */
final class TrustedIssuer {
    /** What an access token calls itself (RFC 9068, section 2.1). */
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

    private final JwtIssuer settings;
    private final KeySet keys;
    private final Set<JWSAlgorithm> algorithms;

    private volatile @Nullable Signatures last;

    TrustedIssuer(JwtIssuer settings, KeySet keys) {
        this.settings = settings;
        this.keys = keys;
        this.algorithms = settings.algorithms().stream()
                .map(algorithm -> JWSAlgorithm.parse(algorithm.name()))
                .collect(Collectors.toSet());
    }

    String name() {
        return settings.issuer();
    }

    /** Tells whether what was checked by these keys still is. */
    boolean isCheckedBy(KeySet.Keys earlier) {
        KeySet.Keys now = keys.current();
        return now != null && now.equals(earlier);
    }

    /** Returns what a token proves, or null for nothing. The signature is checked first; no claim counts before. */
    @Nullable
    Checked check(String text, SignedJWT token, Instant now) throws JOSEException {
        KeySet.Keys current = keys.current();
        if (current == null) {
            keys.unknownKey();
            return null;
        }
        JWTClaimsSet claims;
        try {
            claims = signatures(current).processor.process(token, null);
        } catch (BadJOSEException refused) {
            String named = token.getHeader().getKeyID();
            if (named != null && current.set().getKeyByKeyId(named) == null) {
                keys.unknownKey();
            }
            return null;
        }
        Date end = claims.getExpirationTime();
        boolean isOurs = settings.issuer().equals(claims.getIssuer())
                && !Collections.disjoint(claims.getAudience(), settings.audiences());
        // A token without an end would be valid for ever once it leaked.
        if (!isOurs || end == null) {
            return null;
        }
        Date begin = claims.getNotBeforeTime();
        Instant from = begin == null ? Instant.MIN : begin.toInstant().minus(settings.clockSkew());
        Checked checked = new Checked(
                text,
                this,
                current,
                from,
                end.toInstant().plus(settings.clockSkew()),
                new JwtClaims(claims.getClaims()));
        return checked.isValid(now) ? checked : null;
    }

    private Signatures signatures(KeySet.Keys current) {
        Signatures known = last;
        if (known == null || !known.keys.equals(current)) {
            DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
            processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
            processor.setJWSKeySelector(
                    new JWSVerificationKeySelector<>(algorithms, new ImmutableJWKSet<>(current.set())));
            // Claims are checked by the mesh's own clock.
            processor.setJWTClaimsSetVerifier(null);
            known = new Signatures(current, processor);
            last = known;
        }
        return known;
    }

    private record Signatures(KeySet.Keys keys, DefaultJWTProcessor<SecurityContext> processor) {}

    /** A token that was found good, and until when. Immutable. */
    record Checked(String text, TrustedIssuer issuer, KeySet.Keys keys, Instant from, Instant until, JwtClaims claims) {
        boolean isValid(Instant now) {
            return !now.isBefore(from) && now.isBefore(until);
        }

        /** Tells whether it would be found good once more. */
        boolean isStillGood(Instant now) {
            return isValid(now) && issuer.isCheckedBy(keys);
        }
    }
}
