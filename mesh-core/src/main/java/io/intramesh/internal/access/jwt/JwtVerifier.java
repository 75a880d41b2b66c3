package io.intramesh.internal.access.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.SignedJWT;
import io.intramesh.internal.access.TokenClaims;
import io.intramesh.internal.access.TokenVerifier;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks tokens by the issuers that one policy trusts. A caller sends the same token for minutes, and a signature costs some ten
 * microseconds, so the last good ones are remembered, for as long as they and the keys they were checked by are good.
 */
final class JwtVerifier implements TokenVerifier {
    /** Slots for tokens; a power of two. A token has about a kilobyte. */
    private static final int REMEMBERED = 512;

    private static final Logger log = LoggerFactory.getLogger(JwtVerifier.class);

    private final List<TrustedIssuer> issuers;
    private final AtomicReferenceArray<TrustedIssuer.@Nullable Checked> remembered =
            new AtomicReferenceArray<>(REMEMBERED);

    JwtVerifier(List<TrustedIssuer> issuers) {
        this.issuers = issuers;
    }

    @Override
    public @Nullable TokenClaims verify(String token, Instant now) {
        int hash = token.hashCode();
        int slot = (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
        TrustedIssuer.Checked known = remembered.get(slot);
        if (known != null && known.text().equals(token) && known.isStillGood(now)) {
            return known.claims();
        }
        TrustedIssuer.Checked checked = check(token, now);
        if (checked == null) {
            return null;
        }
        remembered.set(slot, checked);
        return checked.claims();
    }

    private TrustedIssuer.@Nullable Checked check(String token, Instant now) {
        try {
            SignedJWT parsed = SignedJWT.parse(token);
            String said = parsed.getJWTClaimsSet().getIssuer();
            for (TrustedIssuer issuer : issuers) {
                if (issuer.name().equals(said)) {
                    TrustedIssuer.Checked checked = issuer.check(token, parsed, now);
                    if (checked != null) {
                        return checked;
                    }
                }
            }
        } catch (ParseException | JOSEException | RuntimeException unreadable) {
            // Anybody can send anything. Its message may hold parts of the token, so only its kind is told.
            log.debug("token unreadable problem={}", unreadable.getClass().getName());
        }
        return null;
    }
}
