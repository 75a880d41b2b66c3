package io.intramesh.internal.access.jwt;

import io.intramesh.internal.access.TokenVerifier;
import io.intramesh.internal.access.Tokens;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.JwtIssuer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The issuers whose tokens are trusted. Sets of keys are shared by all that name the same place, and kept over configurations;
 * an issuer that changes in any way is another one. Configured on the mesh thread.
 */
public final class JwtTokens implements Tokens {
    private final MeshScheduler scheduler;
    private final NanoClock clock;
    private final Map<JwtIssuer.Jwks, KeySet> keySets = new HashMap<>();
    private final Map<JwtIssuer, TrustedIssuer> issuers = new HashMap<>();

    public JwtTokens(MeshScheduler scheduler, NanoClock clock) {
        this.scheduler = scheduler;
        this.clock = clock;
    }

    @Override
    public TokenVerifier trusting(List<JwtIssuer> trusted) {
        return new JwtVerifier(trusted.stream().map(this::issuer).toList());
    }

    private TrustedIssuer issuer(JwtIssuer settings) {
        return issuers.computeIfAbsent(settings, issuer -> new TrustedIssuer(issuer, keySet(issuer.jwks())));
    }

    private KeySet keySet(JwtIssuer.Jwks place) {
        KeySet known = keySets.get(place);
        if (known == null) {
            known = new KeySet(KeyPlace.of(place), scheduler, clock);
            keySets.put(place, known);
            known.start();
        }
        return known;
    }

    @Override
    public void retain(Collection<JwtIssuer> trusted) {
        issuers.keySet().retainAll(Set.copyOf(trusted));
        Set<JwtIssuer.Jwks> places =
                issuers.keySet().stream().map(JwtIssuer::jwks).collect(Collectors.toSet());
        keySets.entrySet().removeIf(entry -> {
            boolean isGone = !places.contains(entry.getKey());
            if (isGone) {
                entry.getValue().close();
            }
            return isGone;
        });
    }

    @Override
    public void close() {
        keySets.values().forEach(KeySet::close);
        keySets.clear();
        issuers.clear();
    }
}
