package io.intramesh.internal.tls;

import static java.util.Objects.requireNonNull;

import io.intramesh.internal.tls.engine.ServerNames;
import io.intramesh.internal.tls.engine.TlsEpoch;
import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.internal.tls.engine.TlsRole;
import io.intramesh.tls.ClientTls;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What one kind of connection is made under; follows its certificate and its trust. Changed on the mesh thread. */
final class ClientSecurity implements ClientHandle {
    private final @Nullable Secret<TlsIdentity> certificate;
    private final @Nullable Secret<Authorities> trust;
    private final PeerNames names;
    private final List<String> unknown;
    private final TlsBackends backends;
    private final InstantSource clock;

    // The mesh thread's: what the object in force was made of.
    private @Nullable TlsIdentity usedIdentity;
    private @Nullable Authorities usedAuthorities;

    private volatile @Nullable ClientTls current;
    private volatile String problem = "";

    /**
     * Makes a handle.
     *
     * @param certificate null shows none
     * @param trust null lets anyone answer
     * @param unknown problems for which there never is anything in force
     */
    ClientSecurity(
            @Nullable Secret<TlsIdentity> certificate,
            @Nullable Secret<Authorities> trust,
            PeerNames names,
            List<String> unknown,
            TlsBackends backends,
            InstantSource clock) {
        this.certificate = certificate;
        this.trust = trust;
        this.names = names;
        this.unknown = List.copyOf(unknown);
        this.backends = backends;
        this.clock = clock;
    }

    /** Takes up what has changed. */
    void refresh(Instant now) {
        List<String> problems = new ArrayList<>(unknown);
        TlsIdentity identity = certificate == null ? null : certificate.valid(now);
        Authorities authorities = trust == null ? null : trust.valid(now);
        if (certificate != null && identity == null) {
            problems.add(certificate.whyNot());
        }
        if (trust != null && authorities == null) {
            problems.add(trust.whyNot());
        }
        if (!problems.isEmpty()) {
            none(String.join("; ", problems));
            return;
        }
        boolean same = Objects.equals(identity, usedIdentity) && Objects.equals(authorities, usedAuthorities);
        if (current != null && same) {
            return;
        }
        try {
            current = made(identity, authorities);
            usedIdentity = identity;
            usedAuthorities = authorities;
            problem = "";
        } catch (SSLException e) {
            // What was in force stays, for as long as it is in date.
            ClientTls older = current;
            String why =
                    requireNonNull(certificate == null ? trust : certificate).describe() + ": " + e.getMessage();
            if (older == null || !now.isBefore(older.notAfter())) {
                none(why);
            }
        }
    }

    private void none(String why) {
        problem = why;
        current = null;
        usedIdentity = null;
        usedAuthorities = null;
    }

    private ClientTls made(@Nullable TlsIdentity identity, @Nullable Authorities authorities) throws SSLException {
        X509ExtendedTrustManager manager;
        HostnameVerifier verifier;
        Instant notAfter = identity == null ? Instant.MAX : identity.notAfter();
        if (authorities == null) {
            manager = new TrustAnyone();
            verifier = (host, session) -> true;
        } else {
            PeerTrust peers = new PeerTrust(PeerTrust.Peer.SERVER, authorities, names, clock);
            manager = peers;
            verifier = new PeerCheck(peers);
            notAfter = notAfter.isBefore(authorities.notAfter()) ? notAfter : authorities.notAfter();
        }
        TlsEpoch epoch = new TlsEpoch(backends.chosen(), TlsRole.CLIENT, identity, manager);
        return new FixedClientTls(epoch, backends.scratches(), manager, verifier, notAfter, serverName());
    }

    /** Servers with many names choose their certificate by the name that the callee was discovered by. */
    private @Nullable String serverName() {
        return names.expected().stream()
                .map(ServerNames::ofHost)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Returns the material that it follows. */
    List<Secret<?>> secrets() {
        List<Secret<?>> followed = new ArrayList<>();
        if (certificate != null) {
            followed.add(certificate);
        }
        if (trust != null) {
            followed.add(trust);
        }
        return followed;
    }

    @Override
    public @Nullable ClientTls current() {
        return current;
    }

    @Override
    public String problem() {
        return problem;
    }
}
