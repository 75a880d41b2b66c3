package io.intramesh.tls;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the resources do not say about TLS: which library does it, and where secrets are that the resources only name. Files
 * that resources name by path need nothing here. Immutable.
 *
 * <pre>{@code
 * TlsSettings.builder()
 *         .certificate("arn:aws:acm:eu-west-1:1234:certificate/6e3f", CertificateSource.pem(chain, key))
 *         .trust("arn:aws:acm-pca:eu-west-1:1234:certificate-authority/9a", TrustSource.pem(root))
 *         .trustDomain("shop.example")
 *         .build()
 * }</pre>
 *
 * @param provider which library does TLS
 * @param fips whether only a validated provider may be used; the mesh does not start without one
 * @param reloadInterval how often files and suppliers are looked at; a change is in force after two looks that agree
 * @param certificates by the SDS secret name or ACM ARN that resources use
 * @param trusts by the SDS secret name or ARN of the authority that resources use
 * @param revocationLists files of PEM or DER revocation lists, which hold for every trust
 * @param trustDomain that an own certificate with a SPIFFE ID must belong to, and every peer with one; null for any
 * @param secretSource asked for SDS secrets that neither {@code certificates} nor {@code trusts} hold; null for none. The mesh
 *     does not close it
 */
public record TlsSettings(
        Provider provider,
        boolean fips,
        Duration reloadInterval,
        Map<String, CertificateSource> certificates,
        Map<String, TrustSource> trusts,
        List<Path> revocationLists,
        @Nullable String trustDomain,
        @Nullable SecretSource secretSource) {
    /**
     * How often secrets are looked at, when nothing else is said. A look reads a few small files; short-lived certificates are
     * renewed at half of their life, so seconds do not matter.
     */
    public static final Duration DEFAULT_RELOAD_INTERVAL = Duration.ofSeconds(1);

    private static final Duration SHORTEST_RELOAD_INTERVAL = Duration.ofMillis(10);

    /** Which library does TLS. */
    public enum Provider {
        /** BoringSSL where its native library fits this machine, else JSSE; the log says which and why. */
        AUTO,
        /** BoringSSL, through netty-tcnative; the mesh does not start where it is missing. */
        OPENSSL,
        /** The JDK's own. */
        JSSE
    }

    public TlsSettings {
        requireNonNull(provider, "provider");
        requireNonNull(reloadInterval, "reloadInterval");
        if (reloadInterval.compareTo(SHORTEST_RELOAD_INTERVAL) < 0) {
            throw new IllegalArgumentException("reloadInterval: " + reloadInterval + " (expected: at least 10 ms)");
        }
        if (fips && provider == Provider.OPENSSL) {
            throw new IllegalArgumentException(
                    "provider: OPENSSL (expected: JSSE or AUTO with fips); the published BoringSSL is not validated");
        }
        if (trustDomain != null && !PeerIdentity.isTrustDomain(trustDomain)) {
            throw new IllegalArgumentException("trustDomain: '" + trustDomain
                    + "' (expected: a name such as shop.example, of a-z 0-9 . - _, without spiffe://)");
        }
        certificates = Map.copyOf(certificates);
        trusts = Map.copyOf(trusts);
        revocationLists = List.copyOf(revocationLists);
    }

    /** Returns the defaults: AUTO, nothing named. */
    public static TlsSettings defaults() {
        return builder().build();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with these settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.provider = provider;
        builder.fips = fips;
        builder.reloadInterval = reloadInterval;
        builder.certificates.putAll(certificates);
        builder.trusts.putAll(trusts);
        builder.revocationLists.addAll(revocationLists);
        builder.trustDomain = trustDomain;
        builder.secretSource = secretSource;
        return builder;
    }

    /** Builds {@link TlsSettings}. Not thread-safe. */
    public static final class Builder {
        private Provider provider = Provider.AUTO;
        private boolean fips;
        private Duration reloadInterval = DEFAULT_RELOAD_INTERVAL;
        private final Map<String, CertificateSource> certificates = new LinkedHashMap<>();
        private final Map<String, TrustSource> trusts = new LinkedHashMap<>();
        private final List<Path> revocationLists = new ArrayList<>();
        private @Nullable String trustDomain;
        private @Nullable SecretSource secretSource;

        private Builder() {}

        /** Sets which library does TLS; default AUTO. */
        public Builder provider(Provider value) {
            provider = requireNonNull(value, "provider");
            return this;
        }

        /** Sets whether only a validated provider may be used; default false. */
        public Builder fips(boolean value) {
            fips = value;
            return this;
        }

        /** Sets how often files and suppliers are looked at; default 1 s, at least 10 ms. */
        public Builder reloadInterval(Duration value) {
            reloadInterval = requireNonNull(value, "reloadInterval");
            return this;
        }

        /** Says where the certificate is that resources name by an SDS secret name or an ACM ARN. */
        public Builder certificate(String name, CertificateSource source) {
            certificates.put(requireNonNull(name, "name"), requireNonNull(source, "source"));
            return this;
        }

        /** Says where the authorities are that resources name by an SDS secret name or an ARN. */
        public Builder trust(String name, TrustSource source) {
            trusts.put(requireNonNull(name, "name"), requireNonNull(source, "source"));
            return this;
        }

        /** Adds a file of revocation lists, PEM or DER. */
        public Builder revocationList(Path file) {
            revocationLists.add(requireNonNull(file, "file"));
            return this;
        }

        /** Sets the trust domain that own and peers' SPIFFE IDs must belong to; default null, any. */
        public Builder trustDomain(@Nullable String value) {
            trustDomain = value;
            return this;
        }

        /** Sets who is asked for SDS secrets that are not named here, such as a SpiffeSource of mesh-spiffe; default null. */
        public Builder secretSource(@Nullable SecretSource value) {
            secretSource = value;
            return this;
        }

        /**
         * Returns the settings.
         *
         * @throws IllegalArgumentException when a value is out of its range, or two exclude each other
         */
        public TlsSettings build() {
            return new TlsSettings(
                    provider, fips, reloadInterval, certificates, trusts, revocationLists, trustDomain, secretSource);
        }
    }
}
