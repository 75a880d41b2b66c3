package io.intramesh.internal.tls;

import io.intramesh.MeshConfigException;
import io.intramesh.internal.tls.engine.JcaBackend;
import io.intramesh.internal.tls.engine.ScratchPool;
import io.intramesh.internal.tls.engine.TlsBackend;
import io.intramesh.internal.tls.openssl.OpenSslProbe;
import io.intramesh.tls.TlsSettings;
import java.security.GeneralSecurityException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the library that does TLS. Where nothing is demanded, that is put off until something is encrypted: a native
 * library costs time and memory. What is demanded is looked for at once, so that the mesh does not start without it.
 */
final class TlsBackends {
    private static final Logger log = LoggerFactory.getLogger(TlsBackends.class);

    private final TlsSettings settings;
    private final ScratchPool scratches = new ScratchPool();

    // Guarded by this.
    private @Nullable TlsBackend chosen;

    TlsBackends(TlsSettings settings) {
        this.settings = settings;
        if (settings.fips() || settings.provider() != TlsSettings.Provider.AUTO) {
            chosen();
        }
    }

    /** Returns the library; always the same. */
    synchronized TlsBackend chosen() {
        TlsBackend ready = chosen;
        if (ready == null) {
            ready = choose();
            chosen = ready;
            log.info("tls provider={} fips={}", ready.describe(), ready.isFips());
        }
        return ready;
    }

    /** Returns what all connections borrow room from. */
    ScratchPool scratches() {
        return scratches;
    }

    /** Returns its name, or what was asked for where none has been chosen yet. */
    synchronized String describe() {
        TlsBackend ready = chosen;
        return ready == null ? settings.provider().name() : ready.describe();
    }

    synchronized boolean isFips() {
        TlsBackend ready = chosen;
        return ready != null && ready.isFips();
    }

    private TlsBackend choose() {
        if (settings.fips()) {
            return FipsProvider.backend();
        }
        if (settings.provider() == TlsSettings.Provider.JSSE) {
            return jdk();
        }
        OpenSslProbe.Found found = OpenSslProbe.look();
        TlsBackend openSsl = found.backend();
        if (openSsl != null) {
            return openSsl;
        }
        if (settings.provider() == TlsSettings.Provider.OPENSSL) {
            throw new MeshConfigException(
                    "the mesh cannot start",
                    List.of("tls provider OPENSSL: " + found.problem() + "; or choose AUTO or JSSE"));
        }
        log.info("tls by the JDK, which takes more processor time for handshakes cause=\"{}\"", found.problem());
        return jdk();
    }

    private static TlsBackend jdk() {
        try {
            return JcaBackend.ofJdk();
        } catch (GeneralSecurityException e) {
            throw new MeshConfigException("tls provider JSSE: this JVM has none", e);
        }
    }
}
