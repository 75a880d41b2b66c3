package io.intramesh.spring;

import io.intramesh.MeshConfigException;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.Password;
import io.intramesh.tls.TlsSettings;
import io.intramesh.tls.TrustSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code intramesh.tls.*}. */
final class MeshTls {
    private static final String PREFIX = "intramesh.tls";
    private static final String ONE_OF_THEM = " (expected: one of them)";

    private final List<String> problems = new ArrayList<>();

    private MeshTls() {}

    /**
     * @throws MeshConfigException naming all properties that are wrong
     */
    static TlsSettings settings(MeshProperties.Tls properties) {
        return new MeshTls().read(properties);
    }

    private TlsSettings read(MeshProperties.Tls properties) {
        TlsSettings.Builder settings = TlsSettings.builder()
                .provider(properties.provider())
                .fips(properties.fips())
                .reloadInterval(properties.reloadInterval())
                .trustDomain(properties.trustDomain());
        properties.certificates().forEach((name, certificate) -> {
            CertificateSource source = source(PREFIX + ".certificates[" + name + "]", certificate);
            if (source != null) {
                settings.certificate(name, source);
            }
        });
        properties.trusts().forEach((name, trust) -> {
            TrustSource source = source(PREFIX + ".trusts[" + name + "]", trust);
            if (source != null) {
                settings.trust(name, source);
            }
        });
        properties.revocationLists().forEach(settings::revocationList);
        TlsSettings built = null;
        try {
            built = settings.build();
        } catch (IllegalArgumentException e) {
            problems.add(PREFIX + ": " + e.getMessage());
        }
        if (built == null || !problems.isEmpty()) {
            throw new MeshConfigException("TLS of the mesh is not set up right", problems);
        }
        return built;
    }

    private @Nullable CertificateSource source(String place, MeshProperties.Tls.Certificate certificate) {
        Path chain = certificate.certificateChain();
        Path store = certificate.keyStore();
        Password password = password(certificate.password(), certificate.passwordFile());
        if (chain != null && store == null) {
            Path key = certificate.privateKey();
            return new CertificateSource.Pem(chain, key == null ? chain : key, password);
        }
        if (store != null && chain == null) {
            if (password == null) {
                problems.add(place + ": no password (expected: password, or password-file, of the key store)");
                return null;
            }
            return new CertificateSource.KeyStoreFile(store, password, certificate.alias());
        }
        problems.add(
                place + ": certificate-chain and key-store " + (chain == null ? "absent" : "both set") + ONE_OF_THEM);
        return null;
    }

    private @Nullable TrustSource source(String place, MeshProperties.Tls.Trust trust) {
        Path bundle = trust.bundle();
        Path store = trust.keyStore();
        if (bundle != null && store == null) {
            return new TrustSource.Pem(bundle);
        }
        if (store != null && bundle == null) {
            return new TrustSource.KeyStoreFile(store, password(trust.password(), trust.passwordFile()));
        }
        problems.add(place + ": bundle and key-store " + (bundle == null ? "absent" : "both set") + ONE_OF_THEM);
        return null;
    }

    private static @Nullable Password password(@Nullable String password, @Nullable Path file) {
        if (password != null) {
            return password::toCharArray;
        }
        return file == null ? null : Password.ofFile(file);
    }
}
