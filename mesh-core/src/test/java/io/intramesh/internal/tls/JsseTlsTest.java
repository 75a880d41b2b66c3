package io.intramesh.internal.tls;

import io.intramesh.tls.TlsSettings;

/** The contract, kept by the JDK's TLS. */
final class JsseTlsTest extends TlsContract {
    @Override
    TlsSettings.Provider provider() {
        return TlsSettings.Provider.JSSE;
    }
}
