package io.intramesh.internal.tls;

import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.SecretSource;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TlsState;
import io.intramesh.tls.TrustSource;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The material that resources name, each found once however many name it. Changed on the mesh thread; described by any. */
final class Secrets {
    private final TlsSettings settings;
    private final InstantSource clock;
    private final Consumer<TlsEvent> events;
    private final Map<CertificateSource, Secret<TlsIdentity>> certificates = new ConcurrentHashMap<>();
    private final Map<List<TrustSource>, Secret<Authorities>> trusts = new ConcurrentHashMap<>();

    // The mesh thread's: the names that callers look for, by the certificate that should carry one.
    private final Map<CertificateSource, Set<String>> expected = new ConcurrentHashMap<>();

    Secrets(TlsSettings settings, InstantSource clock, Consumer<TlsEvent> events) {
        this.settings = settings;
        this.clock = clock;
        this.events = events;
    }

    /** Returns where a certificate is that a resource names, or a problem. */
    Located<CertificateSource> locate(TlsCertificate named) {
        if (named instanceof TlsCertificate.File file) {
            return Located.at(CertificateSource.pem(Path.of(file.certificateChain()), Path.of(file.privateKey())));
        }
        String name = named instanceof TlsCertificate.Acm acm
                ? acm.certificateArn()
                : ((TlsCertificate.Sds) named).secretName();
        CertificateSource source = settings.certificates().get(name);
        SecretSource others = settings.secretSource();
        if (source == null && others != null && named instanceof TlsCertificate.Sds) {
            source = others.certificate(name);
        }
        return source == null
                ? Located.unknown("certificate '" + name + "': not known to this process; say where it is: "
                        + "intramesh.tls.certificates, or TlsSettings.builder().certificate(\"" + name + "\", …)"
                        + fromSpiffe(name))
                : Located.at(source);
    }

    /** Returns where the authorities are that a resource names, or a problem. */
    Located<List<TrustSource>> locate(TlsTrust named) {
        if (named instanceof TlsTrust.File file) {
            return Located.at(List.of(TrustSource.pem(Path.of(file.certificateChain()))));
        }
        List<String> names = named instanceof TlsTrust.Acm acm
                ? acm.certificateAuthorityArns()
                : List.of(((TlsTrust.Sds) named).secretName());
        List<TrustSource> sources = new ArrayList<>();
        for (String name : names) {
            TrustSource source = settings.trusts().get(name);
            SecretSource others = settings.secretSource();
            if (source == null && others != null && named instanceof TlsTrust.Sds) {
                source = others.trust(name);
            }
            if (source == null) {
                return Located.unknown("trust '" + name + "': not known to this process; say where it is: "
                        + "intramesh.tls.trusts, or TlsSettings.builder().trust(\"" + name + "\", …)"
                        + fromSpiffe(name));
            }
            sources.add(source);
        }
        return Located.at(sources);
    }

    private String fromSpiffe(String name) {
        return name.startsWith("spiffe://") && settings.secretSource() == null
                ? "; or have it from the SPIFFE Workload API, with the module mesh-spiffe and SPIFFE_ENDPOINT_SOCKET"
                : "";
    }

    /**
     * A place, or why there is none.
     *
     * @param problem empty where there is a place
     */
    record Located<S>(@Nullable S source, String problem) {
        static <S> Located<S> at(S source) {
            return new Located<>(source, "");
        }

        static <S> Located<S> unknown(String problem) {
            return new Located<>(null, problem);
        }
    }

    Secret<TlsIdentity> certificate(CertificateSource source) {
        Secret<TlsIdentity> known = certificates.get(source);
        if (known != null) {
            return known;
        }
        CertificateReader reader = new CertificateReader(source, (made, before) -> namesProblem(source, made, before));
        Secret<TlsIdentity> secret = new Secret<>(reader, TlsIdentity::notAfter, events);
        certificates.put(source, secret);
        secret.look(clock.instant());
        return secret;
    }

    Secret<Authorities> trust(List<TrustSource> sources) {
        Secret<Authorities> known = trusts.get(sources);
        if (known != null) {
            return known;
        }
        Secret<Authorities> secret =
                new Secret<>(new TrustReader(sources, settings.revocationLists()), Authorities::notAfter, events);
        trusts.put(sources, secret);
        secret.look(clock.instant());
        return secret;
    }

    /** Sets which names a certificate should carry, for callers look for them. */
    void expect(CertificateSource source, Collection<String> names) {
        expected.put(source, Set.copyOf(names));
    }

    /**
     * A renewed certificate must not lose the name that callers look for while the old one has it. One that never had it is
     * taken: callers may go by the names that their policies list.
     */
    private @Nullable String namesProblem(
            CertificateSource source, X509Certificate made, @Nullable X509Certificate before) {
        PeerIdentity identity = PeerIdentity.of(made);
        String domain = settings.trustDomain();
        String itsDomain = identity.trustDomain();
        if (domain != null && itsDomain != null && !domain.equals(itsDomain)) {
            return "SPIFFE ID " + identity.spiffeId() + " (expected: one of trust domain " + domain
                    + "); issue it there, or mend the trust domain in the settings";
        }
        Set<String> names = expected.getOrDefault(source, Set.of());
        if (before == null || names.isEmpty()) {
            return null;
        }
        PeerIdentity earlier = PeerIdentity.of(before);
        boolean hadOne = names.stream().anyMatch(name -> PeerNames.carries(earlier, name));
        boolean hasOne = names.stream().anyMatch(name -> PeerNames.carries(identity, name));
        return hadOne && !hasOne
                ? "carries none of the names " + names + " any more, by which callers know this node; issue it with one"
                : null;
    }

    void look(Instant now) {
        certificates.values().forEach(secret -> secret.look(now));
        trusts.values().forEach(secret -> secret.look(now));
    }

    boolean isEmpty() {
        return certificates.isEmpty() && trusts.isEmpty();
    }

    /** Forgets what is not among these. */
    void retain(Collection<?> inUse) {
        certificates.values().removeIf(secret -> !inUse.contains(secret));
        trusts.values().removeIf(secret -> !inUse.contains(secret));
        expected.keySet().retainAll(certificates.keySet());
    }

    List<TlsState> describe(String provider, boolean fips) {
        Instant now = clock.instant();
        List<TlsState> states = new ArrayList<>();
        certificates.values().forEach(secret -> states.add(certificate(secret, now, provider, fips)));
        trusts.values().forEach(secret -> states.add(trust(secret, now, provider, fips)));
        states.sort(Comparator.comparing(TlsState::use).thenComparing(TlsState::source));
        return states;
    }

    private static TlsState certificate(Secret<TlsIdentity> secret, Instant now, String provider, boolean fips) {
        TlsIdentity identity = secret.current();
        if (identity == null) {
            return nothing(secret, TlsState.Use.CERTIFICATE, provider, fips);
        }
        PeerIdentity names = PeerIdentity.of(identity.certificate());
        return state(
                secret,
                TlsState.Use.CERTIFICATE,
                X509.name(identity.certificate()),
                Stream.concat(names.uris().stream(), names.dnsNames().stream()).toList(),
                identity.notAfter(),
                now,
                provider,
                fips);
    }

    private static TlsState trust(Secret<Authorities> secret, Instant now, String provider, boolean fips) {
        Authorities authorities = secret.current();
        if (authorities == null) {
            return nothing(secret, TlsState.Use.TRUST, provider, fips);
        }
        List<String> subjects =
                authorities.certificates().stream().map(X509::name).toList();
        return state(
                secret, TlsState.Use.TRUST, subjects.get(0), subjects, authorities.notAfter(), now, provider, fips);
    }

    private static TlsState nothing(Secret<?> secret, TlsState.Use use, String provider, boolean fips) {
        return new TlsState(secret.describe(), use, "", List.of(), null, 0, provider, fips, secret.problem());
    }

    private static TlsState state(
            Secret<?> secret,
            TlsState.Use use,
            String subject,
            List<String> names,
            Instant notAfter,
            Instant now,
            String provider,
            boolean fips) {
        String problem = secret.problem();
        return new TlsState(
                secret.describe(),
                use,
                subject,
                names,
                notAfter,
                Duration.between(now, notAfter).toSeconds(),
                provider,
                fips,
                problem.isEmpty() ? null : problem);
    }
}
