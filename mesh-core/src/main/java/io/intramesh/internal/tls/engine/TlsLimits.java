package io.intramesh.internal.tls.engine;

import java.util.List;

/**
 * What is spoken and how large it gets. The suites are those of Envoy's default, which App Mesh used and did not let anybody
 * change: forward secret, authenticated encryption only.
 */
public final class TlsLimits {
    /** The newest first. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Suites of TLS 1.3, by their names in the JDK. BoringSSL has just these, and lets nobody choose. */
    public static final List<String> SUITES_13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    /** Suites of TLS 1.2, by their names in the JDK. */
    public static final List<String> SUITES_12 = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Plaintext of one record (RFC 8446 §5.1). */
    static final int FRAGMENT = 16 * 1024;

    /** Room for the plaintext of one record, and for what TLS 1.2 lets a record grow by (RFC 5246 §6.2.3). */
    static final int MAX_PLAINTEXT = 16 * 1024 + 2048;

    /** Room for one record with its header. */
    static final int MAX_RECORD = MAX_PLAINTEXT + 5;

    private TlsLimits() {}
}
