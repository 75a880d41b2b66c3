package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.tls.ClientHandle;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsValidation;
import io.intramesh.tls.ClientTls;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Stands in for the TLS store: hands out securities that stand for themselves, and are there or not as the test says. */
@NullMarked
final class FakeTls implements Encryption.Handles {
    static final Instant END = Instant.parse("2026-11-22T12:00:00Z");

    final Map<Asked, Handle> handles = new LinkedHashMap<>();

    @Override
    public ClientHandle client(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames) {
        return handles.computeIfAbsent(new Asked(certificate, validation, expectedNames), asked -> new Handle());
    }

    /** Returns the only one that was asked for. */
    Handle only() {
        if (handles.size() != 1) {
            throw new AssertionError("expected one, got " + handles.keySet());
        }
        return handles.values().iterator().next();
    }

    record Asked(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> expectedNames) {}

    static final class Handle implements ClientHandle {
        volatile @Nullable ClientTls current = new Security();

        @Override
        public @Nullable ClientTls current() {
            return current;
        }

        @Override
        public String problem() {
            return current == null ? "file /ca.pem: not there; put it there" : "";
        }

        ClientTls rotate() {
            ClientTls next = new Security();
            current = next;
            return next;
        }

        ClientTls inForce() {
            return requireNonNull(current);
        }
    }

    private static final class Security implements ClientTls {
        @Override
        public SSLSocketFactory socketFactory() {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public X509TrustManager trustManager() {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public HostnameVerifier hostnameVerifier() {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public Instant notAfter() {
            return END;
        }
    }
}
