package io.intramesh.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerIdentityTest {
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("shop", InstantSource.system());

    private static X509Certificate named(List<String> uris, String... dnsNames) {
        return AUTHORITY
                .issue(CertificateSpec.builder()
                        .uris(uris.stream().map(URI::create).toArray(URI[]::new))
                        .dnsNames(dnsNames)
                        .build())
                .certificate();
    }

    @Test
    void aSpiffeIdIsTheName() {
        PeerIdentity peer = PeerIdentity.of(List.of(named(List.of("spiffe://shop.local/a/orders"), "orders.local")));

        assertThat(peer.spiffeId()).isEqualTo("spiffe://shop.local/a/orders");
        assertThat(peer.trustDomain()).isEqualTo("shop.local");
        assertThat(peer.name()).isEqualTo("spiffe://shop.local/a/orders");
        assertThat(peer.isNamed("orders.local")).isTrue();
        assertThat(peer.isNamed("ORDERS.local")).isFalse();
    }

    @Test
    void withoutASpiffeIdDnsNamesCount() {
        PeerIdentity peer = PeerIdentity.of(named(List.of("https://shop.local/x"), "orders.local", "o.local"));

        assertThat(peer.spiffeId()).isNull();
        assertThat(peer.trustDomain()).isNull();
        assertThat(peer.name()).isEqualTo("orders.local");
        assertThat(peer.isNamed("https://shop.local/x")).isTrue();
    }

    @Test
    void nobodyHasNoName() {
        assertThat(PeerIdentity.of(List.of()).isNobody()).isTrue();
        assertThat(PeerIdentity.of(AUTHORITY.root()).name()).isNull();
    }

    @Test
    void aSpiffeIdBesideAnotherUriNamesNobody() {
        List<String> both = List.of("spiffe://shop.local/orders", "spiffe://shop.local/payments");

        assertThat(PeerIdentity.of(named(both, "orders.local"))).isEqualTo(PeerIdentity.NOBODY);
        assertThat(PeerIdentity.of(named(List.of("https://x.local/", "spiffe://shop.local/a"))))
                .isEqualTo(PeerIdentity.NOBODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://shop.local",
                "spiffe://shop.local/",
                "spiffe://shop.local/a/",
                "spiffe://shop.local//a",
                "spiffe://shop.local/a/../b",
                "spiffe://shop.local/./b",
                "spiffe://shop.local/a?b",
                "spiffe://shop.local/a#b",
                "spiffe://shop.local/a%20b",
                "spiffe://shop.local:443/a",
                "spiffe://user@shop.local/a",
                "spiffe://Shop.local/a",
                "SPIFFE://shop.local/a",
                "spiffe:///a",
                "spiffe:shop.local/a"
            })
    void aMalformedSpiffeIdNamesNobody(String uri) {
        assertThat(PeerIdentity.isSpiffeId(uri)).isFalse();
        assertThat(PeerIdentity.of(named(List.of(uri), "orders.local"))).isEqualTo(PeerIdentity.NOBODY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://shop.local/a", "spiffe://a_b-c.1/ns/default/sa/Orders_1.x-y"})
    void aWellFormedSpiffeIdIsOne(String uri) {
        assertThat(PeerIdentity.isSpiffeId(uri)).isTrue();
        assertThat(PeerIdentity.of(named(List.of(uri))).spiffeId()).isEqualTo(uri);
    }

    @Test
    void aSpiffeIdOfMoreThan2048CharactersIsNone() {
        String longest = "spiffe://shop.local/" + "a".repeat(2048 - 20);

        assertThat(PeerIdentity.isSpiffeId(longest)).isTrue();
        assertThat(PeerIdentity.isSpiffeId(longest + "a")).isFalse();
        assertThat(PeerIdentity.isTrustDomain("a".repeat(255))).isTrue();
        assertThat(PeerIdentity.isTrustDomain("a".repeat(256))).isFalse();
    }
}
