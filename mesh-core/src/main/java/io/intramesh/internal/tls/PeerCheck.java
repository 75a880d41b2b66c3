package io.intramesh.internal.tls;

import io.intramesh.tls.PeerCertificateException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the server of a session, a resumed one too; the host does not matter, since the mesh knows whom it called. */
final class PeerCheck implements HostnameVerifier {
    private static final Logger log = LoggerFactory.getLogger(PeerCheck.class);

    private final PeerTrust trust;

    PeerCheck(PeerTrust trust) {
        this.trust = trust;
    }

    @Override
    public boolean verify(String host, SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            trust.check(chain);
            return true;
        } catch (SSLPeerUnverifiedException | PeerCertificateException e) {
            log.debug(
                    "peer refused peer={}:{} problem=\"{}\"",
                    session.getPeerHost(),
                    session.getPeerPort(),
                    e.getMessage());
            return false;
        }
    }
}
