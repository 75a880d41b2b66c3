package io.intramesh.spiffe;

import com.google.protobuf.ByteString;
import io.intramesh.tls.TrustSource;
import io.spiffe.bundle.x509bundle.X509Bundle;
import io.spiffe.exception.X509BundleException;
import io.spiffe.exception.X509SvidException;
import io.spiffe.spiffeid.TrustDomain;
import io.spiffe.svid.x509svid.X509Svid;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.io.ByteArrayInputStream;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One answer of the Workload API: all that this process is, and all that it may trust [1].
 *
 * <p>[1] SPIFFE, "The SPIFFE Workload API", §4.4, §4.5, §5.2.1.
 *
 * @param svids the default identity first
 * @param ownDomains trust domains of the SVIDs
 * @param bundles those of the own trust domains and of federated ones
 */
record WorkloadAnswer(List<Svid> svids, Set<String> ownDomains, TrustSource.Bundles bundles) {
    private static final Logger log = LoggerFactory.getLogger(WorkloadAnswer.class);

    WorkloadAnswer {
        svids = List.copyOf(svids);
        ownDomains = Set.copyOf(ownDomains);
    }

    /**
     * An identity.
     *
     * @param hint what the agent's operator means it for; empty for nothing
     */
    record Svid(String id, String hint, List<X509Certificate> chain, PrivateKey key) {
        Svid {
            chain = List.copyOf(chain);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return hint.isEmpty() ? id : id + " (hint " + hint + ")";
        }
    }

    /** Says what is wrong with an answer; all of it is to be left aside. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    static WorkloadAnswer read(X509SVIDResponse response) throws UnusableException {
        if (response.getSvidsCount() == 0) {
            throw new UnusableException("no SVID in it", null);
        }
        List<Svid> svids = new ArrayList<>();
        Set<String> hints = new HashSet<>();
        Map<String, List<X509Certificate>> bundles = new TreeMap<>();
        for (X509SVID message : response.getSvidsList()) {
            Svid svid = svid(message);
            String domain = TrustDomain.parse(svid.id()).getName();
            bundles.put(domain, bundle(domain, message.getBundle()));
            // Of several with one hint the first counts [1, §5.2.1].
            if (message.getHint().isEmpty() || hints.add(message.getHint())) {
                svids.add(svid);
            }
        }
        Set<String> ownDomains = Set.copyOf(bundles.keySet());
        response.getFederatedBundlesMap().forEach((id, bytes) -> addFederated(bundles, ownDomains, id, bytes));
        return new WorkloadAnswer(
                svids, ownDomains, new TrustSource.Bundles(bundles, revocationLists(response.getCrlList())));
    }

    private static Svid svid(X509SVID message) throws UnusableException {
        String id = message.getSpiffeId();
        try {
            X509Svid svid = X509Svid.parseRaw(
                    message.getX509Svid().toByteArray(),
                    message.getX509SvidKey().toByteArray(),
                    message.getHint());
            if (!svid.getSpiffeId().toString().equals(id)) {
                throw new UnusableException("the SVID of '" + id + "' is issued to " + svid.getSpiffeId(), null);
            }
            return new Svid(id, message.getHint(), svid.getChain(), svid.getPrivateKey());
        } catch (X509SvidException | RuntimeException e) {
            throw new UnusableException("the SVID of '" + id + "' cannot be read: " + deepest(e), e);
        }
    }

    private static List<X509Certificate> bundle(String domain, ByteString bytes) throws UnusableException {
        try {
            return List.copyOf(X509Bundle.parse(TrustDomain.parse(domain), bytes.toByteArray())
                    .getX509Authorities());
        } catch (X509BundleException | RuntimeException e) {
            throw new UnusableException("the bundle of '" + domain + "' cannot be read: " + deepest(e), e);
        }
    }

    /** A bundle of others is left out where it is no good, and never speaks for an own domain. */
    private static void addFederated(
            Map<String, List<X509Certificate>> bundles, Set<String> ownDomains, String id, ByteString bytes) {
        try {
            String domain = TrustDomain.parse(id).getName();
            if (ownDomains.contains(domain)) {
                log.warn("federated bundle left out trustDomain={} problem=\"it is an own trust domain\"", domain);
                return;
            }
            bundles.put(domain, bundle(domain, bytes));
        } catch (UnusableException | RuntimeException e) {
            log.warn("federated bundle left out trustDomain={} problem=\"{}\"", id, e.getMessage());
        }
    }

    /** Unreadable ones make the answer unusable: what they revoke would be trusted. */
    private static List<X509CRL> revocationLists(List<ByteString> encoded) throws UnusableException {
        List<X509CRL> lists = new ArrayList<>();
        for (ByteString bytes : encoded) {
            try {
                lists.add((X509CRL) CertificateFactory.getInstance("X.509")
                        .generateCRL(new ByteArrayInputStream(bytes.toByteArray())));
            } catch (CRLException | CertificateException e) {
                throw new UnusableException("a revocation list cannot be read: " + deepest(e), e);
            }
        }
        return lists;
    }

    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.toString() : message;
    }
}
