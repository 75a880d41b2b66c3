package io.intramesh.internal.tls;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.CertificateSpec;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.testing.FakeScheduler;
import io.intramesh.tls.TlsEvent;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An authority, a folder of PEM files, and a store whose looks the test sets off. */
final class TlsFixture {
    static final String SERVER_ID = "spiffe://shop.local/shop/payments";
    static final String CLIENT_ID = "spiffe://shop.local/shop/orders";

    final SettableTime time = SettableTime.ofMachine();
    final FakeScheduler scheduler = FakeScheduler.create();
    final CertificateAuthority authority = CertificateAuthority.create("shop", time);
    final List<TlsEvent> events = new ArrayList<>();
    final Path folder;

    TlsFixture(Path folder) {
        this.folder = folder;
        write("trust.pem", authority.trustPem());
    }

    TlsStore store(TlsSettings settings) {
        return new TlsStore(settings, scheduler, time, events::add);
    }

    /** Lets the store look at its material that often. */
    void look(TlsSettings settings, int times) {
        for (int i = 0; i < times; i++) {
            scheduler.advance(settings.reloadInterval());
        }
    }

    static CertificateSpec.Builder node(String spiffeId, String... dnsNames) {
        return CertificateSpec.builder().uris(URI.create(spiffeId)).dnsNames(dnsNames);
    }

    IssuedCertificate issue(String name, String spiffeId, String... dnsNames) {
        return issue(name, authority.issue(node(spiffeId, dnsNames).build()));
    }

    IssuedCertificate issue(String name, IssuedCertificate issued) {
        write(name + ".pem", issued.chainPem());
        write(name + ".key", issued.keyPem());
        return issued;
    }

    /** Writes as a careful writer does: aside, then moved. */
    void write(String name, String content) {
        try {
            Path aside = Files.createTempFile(folder, "new", ".tmp");
            Files.writeString(aside, content);
            Files.move(aside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TlsCertificate certificate(String name) {
        return new TlsCertificate.File(
                folder.resolve(name + ".pem").toString(),
                folder.resolve(name + ".key").toString());
    }

    TlsTrust trust() {
        return new TlsTrust.File(folder.resolve("trust.pem").toString());
    }

    TlsValidation validation(String... names) {
        return new TlsValidation(trust(), List.of(names));
    }

    ListenerTls strict(String certificate, @Nullable TlsValidation validation) {
        return new ListenerTls(ListenerTls.Mode.STRICT, certificate(certificate), validation);
    }

    static TlsSettings settings(TlsSettings.Provider provider) {
        return TlsSettings.builder()
                .provider(provider)
                .reloadInterval(Duration.ofMillis(10))
                .build();
    }
}
