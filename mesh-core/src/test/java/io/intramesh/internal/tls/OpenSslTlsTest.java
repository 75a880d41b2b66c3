package io.intramesh.internal.tls;

import io.intramesh.tls.TlsSettings;

/** The contract, kept by BoringSSL. */
final class OpenSslTlsTest extends TlsContract {
    @Override
    TlsSettings.Provider provider() {
        return TlsSettings.Provider.OPENSSL;
    }
}
