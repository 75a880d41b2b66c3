package io.intramesh.internal.tls;

import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.tls.engine.TlsIdentity;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** A peer that is none of ours: the JDK's own sockets, which show any certificate to anybody and trust everyone. */
final class ForeignTls {
    private ForeignTls() {}

    static SSLContext showing(@Nullable IssuedCertificate shown) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = shown == null
                    ? new KeyManager[0]
                    : new KeyManager[] {new TlsIdentity(shown.chain(), shown.key()).keyManager()};
            context.init(keys, new TrustManager[] {new TrustAnyone()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
