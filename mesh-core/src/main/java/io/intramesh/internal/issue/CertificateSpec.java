package io.intramesh.internal.issue;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate is to say. It is written as asked, also where that is nonsense: tests need certificates that must be
 * refused.
 *
 * <pre>{@code
 * CertificateSpec.builder()
 *         .commonName("orders")
 *         .uris(URI.create("spiffe://shop.local/shop/orders"))
 *         .dnsNames("orders.local")
 *         .validUntil(now.plus(Duration.ofHours(24)))
 *         .build();
 * }</pre>
 *
 * @param commonName null leaves the subject empty
 * @param notBefore null: {@link CertificateAuthority#SKEW} before now
 * @param notAfter null: {@link CertificateAuthority#DEFAULT_TTL} from now
 * @param usages what the extended key usage lists; empty leaves the extension out
 * @param authority whether the certificate may sign others
 */
public record CertificateSpec(
        @Nullable String commonName,
        List<String> dnsNames,
        List<URI> uris,
        List<InetAddress> addresses,
        @Nullable Instant notBefore,
        @Nullable Instant notAfter,
        KeyKind keyKind,
        Set<Usage> usages,
        boolean authority) {
    /** What a certificate may be shown for. */
    public enum Usage {
        SERVER,
        CLIENT
    }

    public CertificateSpec {
        dnsNames = List.copyOf(dnsNames);
        uris = List.copyOf(uris);
        addresses = List.copyOf(addresses);
        requireNonNull(keyKind, "keyKind");
        usages = Set.copyOf(usages);
        for (String name : dnsNames) {
            requireAscii("dnsNames", name);
        }
        for (URI uri : uris) {
            requireAscii("uris", uri.toString());
        }
    }

    /** Returns a builder for the certificate of a node, that is both client and server. */
    public static Builder builder() {
        return new Builder();
    }

    /** Both are IA5String (RFC 5280 §4.2.1.6). */
    private static void requireAscii(String field, String text) {
        if (text.isEmpty() || !text.chars().allMatch(letter -> letter > ' ' && letter < 0x7f)) {
            throw new IllegalArgumentException(field + ": '" + text
                    + "' (expected: visible ASCII); write a name in another script as xn--…, a URI with %…");
        }
    }

    /** Builds a {@link CertificateSpec}. Not thread-safe. */
    public static final class Builder {
        private @Nullable String commonName;
        private List<String> dnsNames = List.of();
        private List<URI> uris = List.of();
        private List<InetAddress> addresses = List.of();
        private @Nullable Instant notBefore;
        private @Nullable Instant notAfter;
        private KeyKind keyKind = KeyKind.EC_P256;
        private Set<Usage> usages = EnumSet.allOf(Usage.class);
        private boolean authority;

        private Builder() {}

        public Builder commonName(@Nullable String value) {
            commonName = value;
            return this;
        }

        public Builder dnsNames(String... values) {
            return dnsNames(Arrays.asList(values));
        }

        public Builder dnsNames(List<String> values) {
            dnsNames = values;
            return this;
        }

        public Builder uris(URI... values) {
            uris = Arrays.asList(values);
            return this;
        }

        public Builder addresses(InetAddress... values) {
            return addresses(Arrays.asList(values));
        }

        public Builder addresses(List<InetAddress> values) {
            addresses = values;
            return this;
        }

        public Builder validFrom(@Nullable Instant value) {
            notBefore = value;
            return this;
        }

        public Builder validUntil(@Nullable Instant value) {
            notAfter = value;
            return this;
        }

        public Builder keyKind(KeyKind value) {
            keyKind = value;
            return this;
        }

        public Builder usages(Usage... values) {
            usages = Set.of(values);
            return this;
        }

        public Builder authority(boolean value) {
            authority = value;
            return this;
        }

        public CertificateSpec build() {
            return new CertificateSpec(
                    commonName, dnsNames, uris, addresses, notBefore, notAfter, keyKind, usages, authority);
        }
    }
}
