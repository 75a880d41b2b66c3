package io.intramesh.internal.tls;

import io.intramesh.internal.tls.engine.RotatingSslContext;
import io.intramesh.internal.tls.engine.TlsEpoch;
import io.intramesh.internal.tls.engine.TlsIdentity;
import io.intramesh.internal.tls.engine.TlsRole;
import io.intramesh.model.ListenerTls;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.PeerCertificateException;
import io.intramesh.tls.PeerCertificateException.Reason;
import io.intramesh.tls.TrustSource;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What one listener accepts connections under; follows its configuration, its certificate and its trust. */
final class ServerSecurity implements ServerHandle {
    /**
     * Within this time connections move to a renewed certificate. A callee that a thousand callers keep connections to would
     * otherwise spend a second of CPU on handshakes (a full one takes about a millisecond, benchmarks/README.md) with the first
     * request of each.
     */
    static final Duration MOVE = Duration.ofMinutes(1);

    /** The golden ratio's fractional part: its multiples, without their whole parts, are spread evenly however many there are. */
    private static final double GOLDEN = 0.618_033_988_749_894_9;

    private final int port;
    private final Secrets secrets;
    private final TlsBackends backends;
    private final @Nullable String trustDomain;
    private final InstantSource clock;
    private final Runnable watch;
    private final SSLContext context;
    private final AtomicInteger leases = new AtomicInteger();

    // The mesh thread's.
    private Followed followed = Followed.NOTHING;

    // Written by the mesh thread, read by all.
    private volatile Live live;

    /** What is declared, and the material that it follows. */
    private record Followed(
            @Nullable ListenerTls tls,
            @Nullable Secret<TlsIdentity> certificate,
            @Nullable Secret<Authorities> trust,
            List<String> unknown) {
        static final Followed NOTHING = new Followed(null, null, null, List.of());

        boolean isEncrypted() {
            return tls != null && tls.mode() != ListenerTls.Mode.DISABLED;
        }

        boolean demandsClientCertificate() {
            return isEncrypted() && tls != null && tls.validation() != null;
        }
    }

    /**
     * What is in force.
     *
     * @param epoch null where no handshake can succeed
     * @param peers checks clients; null where none are checked, or none can be
     * @param demands whether clients are checked
     * @param leaving the certificate before this one, while connections still move away from it
     */
    private record Live(
            ListenerTls.Mode mode,
            boolean demands,
            @Nullable TlsEpoch epoch,
            @Nullable PeerTrust peers,
            @Nullable TlsIdentity identity,
            @Nullable Authorities authorities,
            @Nullable Leaving leaving,
            String problem) {

        /** Returns what changes exactly when open connections have to end. */
        Object ground() {
            return epoch == null ? this : epoch;
        }
    }

    /** A certificate that was renewed, whose connections end one after the other. */
    private record Leaving(TlsEpoch epoch, Instant since, Duration within) {
        boolean isOver(double turn, Instant now) {
            return !now.isBefore(since.plusNanos((long) (turn * within.toNanos())));
        }
    }

    ServerSecurity(
            int port,
            Secrets secrets,
            TlsBackends backends,
            @Nullable String trustDomain,
            InstantSource clock,
            Runnable watch) {
        this.port = port;
        this.secrets = secrets;
        this.backends = backends;
        this.trustDomain = trustDomain;
        this.clock = clock;
        this.watch = watch;
        this.context = RotatingSslContext.of(TlsRole.SERVER, this::inForce, backends.scratches());
        this.live = none(Followed.NOTHING, disabled());
    }

    private String disabled() {
        return "the listener on port " + port + " declares no TLS; give it tls with mode STRICT or PERMISSIVE";
    }

    @Override
    public void configure(@Nullable ListenerTls tls, List<String> expectedNames) {
        followed = follow(tls, expectedNames);
        refresh(clock.instant());
        watch.run();
    }

    private Followed follow(@Nullable ListenerTls tls, List<String> expectedNames) {
        if (tls == null || tls.mode() == ListenerTls.Mode.DISABLED) {
            return new Followed(tls, null, null, List.of());
        }
        List<String> unknown = new ArrayList<>();
        Secrets.Located<CertificateSource> own = secrets.locate(tls.certificate());
        CertificateSource ownSource = own.source();
        Secret<TlsIdentity> certificate = null;
        if (ownSource == null) {
            unknown.add(own.problem());
        } else {
            certificate = secrets.certificate(ownSource);
            secrets.expect(ownSource, expectedNames);
        }
        Secret<Authorities> trust = null;
        if (tls.validation() != null) {
            Secrets.Located<List<TrustSource>> located =
                    secrets.locate(tls.validation().trust());
            List<TrustSource> sources = located.source();
            if (sources == null) {
                unknown.add(located.problem());
            } else {
                trust = secrets.trust(sources);
            }
        }
        return new Followed(tls, certificate, trust, unknown);
    }

    /** Takes up what has changed. */
    void refresh(Instant now) {
        Followed declared = followed;
        Live before = live;
        ListenerTls tls = declared.tls();
        if (tls == null || !declared.isEncrypted()) {
            live = none(declared, disabled());
            return;
        }
        List<String> problems = new ArrayList<>(declared.unknown());
        Secret<TlsIdentity> certificate = declared.certificate();
        Secret<Authorities> trust = declared.trust();
        TlsIdentity identity = certificate == null ? null : certificate.valid(now);
        Authorities authorities = trust == null ? null : trust.valid(now);
        if (certificate != null && identity == null) {
            problems.add(certificate.whyNot());
        }
        if (trust != null && authorities == null) {
            problems.add(trust.whyNot());
        }
        if (identity == null || !problems.isEmpty()) {
            live = none(declared, String.join("; ", problems));
            return;
        }
        List<String> names =
                tls.validation() == null ? List.of() : tls.validation().subjectAlternativeNames();
        PeerNames rule = PeerNames.ofClient(names, trustDomain);
        boolean sameTrust = before.authorities() == authorities
                && before.demands() == declared.demandsClientCertificate()
                && (before.peers() == null || before.peers().demands(rule));
        if (before.epoch() != null && before.identity() == identity && sameTrust && before.mode() == tls.mode()) {
            return;
        }
        // Clients that were checked under the same trust need not be checked again.
        PeerTrust peers = sameTrust ? before.peers() : null;
        if (peers == null && authorities != null) {
            peers = new PeerTrust(PeerTrust.Peer.CLIENT, authorities, rule, clock);
        }
        try {
            TlsEpoch epoch = before.epoch() != null && before.identity() == identity && sameTrust
                    ? before.epoch()
                    : new TlsEpoch(backends.chosen(), TlsRole.SERVER, identity, peers);
            Leaving leaving = sameTrust ? leaving(before, epoch, now) : null;
            live = new Live(
                    tls.mode(), declared.demandsClientCertificate(), epoch, peers, identity, authorities, leaving, "");
        } catch (SSLException e) {
            // What was in force for the same declaration stays, for as long as it is in date.
            TlsIdentity older = before.identity();
            boolean stays = older != null && sameTrust && before.mode() == tls.mode() && now.isBefore(older.notAfter());
            if (!stays) {
                live = none(declared, "port " + port + ": " + e.getMessage());
            }
        }
    }

    private static @Nullable Leaving leaving(Live before, TlsEpoch next, Instant now) {
        TlsEpoch epoch = before.epoch();
        TlsIdentity identity = before.identity();
        if (epoch == null || identity == null || epoch == next) {
            return before.leaving();
        }
        Duration half = Duration.between(now, identity.notAfter()).dividedBy(2);
        return half.isNegative() ? null : new Leaving(epoch, now, half.compareTo(MOVE) < 0 ? half : MOVE);
    }

    private static Live none(Followed declared, String problem) {
        ListenerTls tls = declared.tls();
        return new Live(
                tls == null ? ListenerTls.Mode.DISABLED : tls.mode(),
                declared.demandsClientCertificate(),
                null,
                null,
                null,
                null,
                null,
                problem);
    }

    private TlsEpoch inForce() throws SSLException {
        Live now = live;
        TlsEpoch epoch = now.epoch();
        if (epoch == null) {
            throw new SSLHandshakeException(now.problem());
        }
        return epoch;
    }

    /** Returns the material that it follows. On the mesh thread. */
    List<Secret<?>> secrets() {
        List<Secret<?>> used = new ArrayList<>();
        if (followed.certificate() != null) {
            used.add(followed.certificate());
        }
        if (followed.trust() != null) {
            used.add(followed.trust());
        }
        return used;
    }

    @Override
    public SSLContext context() {
        return context;
    }

    @Override
    public ListenerTls.Mode mode() {
        return live.mode();
    }

    @Override
    public boolean requiresClientCertificate() {
        return live.demands();
    }

    @Override
    public Lease lease() {
        Object ground = live.ground();
        double turn = GOLDEN * (leases.getAndIncrement() & Integer.MAX_VALUE);
        double share = turn - Math.floor(turn);
        return () -> {
            Live now = live;
            if (now.ground() == ground) {
                return false;
            }
            Leaving leaving = now.leaving();
            return leaving == null || leaving.epoch() != ground || leaving.isOver(share, clock.instant());
        };
    }

    @Override
    public void checkPeer(List<X509Certificate> chain) throws CertificateException {
        Live now = live;
        if (!now.demands()) {
            return;
        }
        PeerTrust peers = now.peers();
        if (peers == null) {
            throw new PeerCertificateException(Reason.UNTRUSTED, now.problem());
        }
        peers.check(chain);
    }

    @Override
    public String problem() {
        return live.problem();
    }

    @Override
    public String toString() {
        return "server TLS on port " + port + " " + live.mode();
    }
}
