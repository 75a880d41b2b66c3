package io.intramesh.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.ClientPolicy;
import io.intramesh.model.Listener;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import io.intramesh.model.VirtualNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How calls from one node to a listener of another are encrypted, by what both declare. Immutable.
 */
/*
 * App Mesh's rules for clients (TLS-10 to TLS-19 of our notes on its model), but for two rows. Where its Envoy took whoever
 * answered at a STRICT listener at its word, we check by what the client policy says even if it is not in force, and refuse the
 * call where nobody says whom to trust. And what asks for a client certificate but takes plaintext as well is called in
 * plaintext by a caller that is not told to encrypt and has none to show, since a handshake could only fail.
 * docs/decisions/0017 tells why.
 *
 *   client policy          | listener: none, DISABLED | PERMISSIVE      | STRICT
 *   -----------------------+--------------------------+-----------------+------------------
 *   in force               | refused                  | TLS, checked    | TLS, checked
 *   written, not in force  | plaintext                | TLS, unchecked  | TLS, checked
 *   none                   | plaintext                | TLS, unchecked  | refused
 */
sealed interface OutboundTls {
    /** Returns what holds, in words for explanations. */
    String text();

    /** Returns why it may not be called by https in the words of messages, with how to mend it; null where it may. */
    @Nullable
    String httpsProblem();

    /** Goes out as it is: nobody asks for more. */
    record Plaintext(String because) implements OutboundTls {
        @Override
        public String text() {
            return "plaintext: " + because;
        }

        @Override
        public String httpsProblem() {
            return "is called by https, but would go out in plaintext (" + because
                    + "); call it by http, or let the mesh encrypt: declare tls on the listener and enforce it in the"
                    + " caller's client policy";
        }
    }

    /** Must be encrypted, and cannot be. */
    record Refused(String because) implements OutboundTls {
        @Override
        public String text() {
            return "refused: it " + because;
        }

        @Override
        public String httpsProblem() {
            return because;
        }
    }

    /**
     * Goes out by TLS.
     *
     * @param certificate shown where the peer asks for one; null shows none
     * @param validation of the peer's certificate; null takes whoever answers
     * @param discoveryNames of which the certificate must carry one where the validation lists none
     */
    record Encrypted(
            @Nullable TlsCertificate certificate, @Nullable TlsValidation validation, List<String> discoveryNames)
            implements OutboundTls {
        public Encrypted {
            discoveryNames = List.copyOf(discoveryNames);
        }

        @Override
        public String text() {
            TlsValidation check = validation;
            if (check == null) {
                return "TLS, but whoever answers is taken at its word: no client policy is in force; own certificate: "
                        + own();
            }
            boolean isListed = !check.subjectAlternativeNames().isEmpty();
            return "TLS; own certificate: " + own() + "; trust: " + OutboundTls.text(check.trust())
                    + "; name expected: "
                    + String.join(" or ", isListed ? check.subjectAlternativeNames() : discoveryNames)
                    + (isListed ? "" : " (as discovery knows it)");
        }

        private String own() {
            return certificate == null ? "none" : OutboundTls.text(certificate);
        }

        /** An https URL promises that somebody has looked who answers. */
        @Override
        public @Nullable String httpsProblem() {
            return validation != null
                    ? null
                    : "is called by https, but nobody says whom to trust there: no client policy is in force; enforce one"
                            + " with a validation, or call it by http";
        }
    }

    /**
     * Returns what holds for calls to a listener.
     *
     * @param policy that the caller has for them, in force or not; null for none
     * @param source where the policy stands, or would have to, in the words of messages
     * @param listener null where the node, or that listener of it, does not exist
     * @param port that is called; null where it is not known
     * @param callee null where it does not exist
     */
    static OutboundTls of(
            @Nullable ClientPolicy policy,
            String source,
            @Nullable Listener listener,
            @Nullable Integer port,
            @Nullable VirtualNode callee) {
        ClientPolicy.Tls written = policy == null ? null : policy.tls();
        boolean isInForce = written != null && isInForce(written, port);
        ListenerTls tls = listener == null ? null : listener.tls();
        if (listener == null || tls == null || tls.mode() == ListenerTls.Mode.DISABLED) {
            return isInForce ? new Refused(noTlsThere(listener, source)) : new Plaintext(nobodyAsks(listener, written));
        }
        if (tls.mode() == ListenerTls.Mode.STRICT && written == null) {
            return new Refused("takes TLS only (listener " + listener.port() + ", tls mode STRICT), and " + source
                    + " does not say whom to trust there; add tls.validation to it");
        }
        // TLS-04.
        List<String> names = callee == null ? List.of() : callee.discoveryNames();
        if (written != null && (isInForce || tls.mode() == ListenerTls.Mode.STRICT)) {
            TlsValidation validation = written.validation();
            if (validation.subjectAlternativeNames().isEmpty() && names.isEmpty()) {
                return new Refused(
                        "has no discovery name that its certificate could carry; list the names to expect in " + source
                                + " tls.validation.subjectAlternativeNames");
            }
            return new Encrypted(written.certificate(), validation, names);
        }
        TlsCertificate own = written == null ? null : written.certificate();
        if (tls.validation() != null && own == null) {
            return new Plaintext("the listener is PERMISSIVE and asks TLS clients for a certificate, of which " + source
                    + " enforces none");
        }
        return new Encrypted(own, null, names);
    }

    /** A port that nobody knows counts as one that the policy holds for. */
    private static boolean isInForce(ClientPolicy.Tls policy, @Nullable Integer port) {
        return policy.enforce()
                && (policy.ports().isEmpty() || port == null || policy.ports().contains(port));
    }

    private static String noTlsThere(@Nullable Listener listener, String source) {
        return "must be called by TLS (" + source + "), but "
                + (listener == null
                        ? "has no listener there; declare one with tls"
                        : "its listener " + listener.port()
                                + (listener.tls() == null ? " declares no tls" : " has tls mode DISABLED")
                                + "; declare tls with mode PERMISSIVE or STRICT on it")
                + ", or set 'enforce: false' in the client policy";
    }

    private static String nobodyAsks(@Nullable Listener listener, ClientPolicy.@Nullable Tls written) {
        return (listener == null
                        ? "there is no listener"
                        : listener.tls() == null
                                ? "the listener declares no tls"
                                : "the listener's tls mode is DISABLED")
                + (written == null ? " and the caller has no client policy" : " and the client policy is not in force");
    }

    private static String text(TlsCertificate certificate) {
        if (certificate instanceof TlsCertificate.File file) {
            return "file " + file.certificateChain();
        }
        if (certificate instanceof TlsCertificate.Sds sds) {
            return "sds " + sds.secretName();
        }
        return "acm " + ((TlsCertificate.Acm) requireNonNull(certificate)).certificateArn();
    }

    private static String text(TlsTrust trust) {
        if (trust instanceof TlsTrust.File file) {
            return "file " + file.certificateChain();
        }
        if (trust instanceof TlsTrust.Sds sds) {
            return "sds " + sds.secretName();
        }
        return "acm " + String.join(", ", ((TlsTrust.Acm) trust).certificateAuthorityArns());
    }
}
