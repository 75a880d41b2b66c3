package io.intramesh.tls;

import org.jspecify.annotations.Nullable;

/**
 * Finds secrets by the names under which resources ask for them ({@code tls.…sds.secretName}): what the SDS socket was to
 * Envoy. Asked only for names that {@link TlsSettings#certificates} and {@link TlsSettings#trusts} do not hold.
 *
 * <p>Safe for use by several threads; no method waits.
 */
public interface SecretSource {

    /** Returns where the certificate of that name comes from, equal sources for equal names; null where the name is foreign. */
    @Nullable
    CertificateSource certificate(String secretName);

    /** Returns where the authorities of that name come from, equal sources for equal names; null where the name is foreign. */
    @Nullable
    TrustSource trust(String secretName);

    /**
     * Adds what is to be run, on any thread, when secrets have changed, so that they are taken at once and not at the next look.
     *
     * @return ends this
     */
    Registration onChange(Runnable listener);

    /** A listener that was added. */
    @FunctionalInterface
    interface Registration extends AutoCloseable {
        /** Removes the listener. Idempotent. */
        @Override
        void close();
    }
}
