package io.intramesh.spiffe;

import static java.util.Objects.requireNonNull;

import io.intramesh.spiffe.WorkloadAnswer.Svid;
import io.intramesh.tls.CertificateSource;
import io.intramesh.tls.PeerIdentity;
import io.intramesh.tls.SecretException;
import io.intramesh.tls.SecretSource;
import io.intramesh.tls.TrustSource;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates and trust from the SPIFFE Workload API, as an agent such as SPIRE's serves it.
 *
 * <pre>{@code
 * SpiffeSource spiffe = SpiffeSource.open();
 * Mesh mesh = Mesh.builder()
 *         .tls(TlsSettings.builder().secretSource(spiffe).build())
 *         .registry(registry)
 *         .start();
 * }</pre>
 *
 * <p>Names of secrets, as resources write them:
 *
 * <ul>
 *   <li>certificate {@code spiffe://shop.example/orders}: the SVID of that SPIFFE ID; {@code default}: the first one; anything
 *       else: the one with that hint;
 *   <li>trust {@code spiffe://shop.example}: the bundle of that trust domain, own or federated; {@code ROOTCA}: that of the own
 *       domain; {@code ALL}: all of them. Whatever the name, a bundle vouches for SPIFFE IDs of its own trust domain only.
 * </ul>
 *
 * <p>What the agent pushes is in force at once. While the agent is away the last answer stays in force, until it ends by its own
 * dates; what the agent takes back, or says that this process is nobody, ends at once.
 *
 * <p>Safe for use by several threads. Close it after the mesh.
 */
public final class SpiffeSource implements SecretSource, AutoCloseable {
    /**
     * How long {@link Builder#open} waits for a first answer when nothing else is said: twice the five seconds at which SPIRE's
     * agent asks its server for new registrations.
     */
    public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(SpiffeSource.class);

    /** The SPIRE agent's names for what SDS clients do not name: its {@code sds} section. */
    private static final String DEFAULT_SVID = "default";

    private static final String OWN_BUNDLE = "ROOTCA";
    private static final String ALL_BUNDLES = "ALL";

    private final WorkloadSocket socket;
    private final InstantSource clock;
    private final WorkloadClient client;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch answered = new CountDownLatch(1);

    // Written by the client's thread, read by all.
    private volatile State state;

    /**
     * What is known.
     *
     * @param answer the last good one; null where there was none, or where it was taken back
     * @param denied whether the agent says that this process is nobody
     * @param problem empty where the agent answers
     */
    private record State(@Nullable WorkloadAnswer answer, boolean denied, String problem) {}

    private SpiffeSource(WorkloadSocket socket, InstantSource clock, RandomGenerator random) {
        this.socket = socket;
        this.clock = clock;
        this.state = new State(null, false, "the agent at " + socket + " has not answered yet");
        this.client = new WorkloadClient(socket, new Told(), random);
    }

    /**
     * Opens the socket that {@code SPIFFE_ENDPOINT_SOCKET} names, else {@code APPMESH_SDS_SOCKET_PATH}.
     *
     * @throws IllegalArgumentException when neither does, or what it names is no socket
     */
    public static SpiffeSource open() {
        return builder().open();
    }

    /** Returns a builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    // ---- Secrets by name

    @Override
    public @Nullable CertificateSource certificate(String secretName) {
        if (secretName.isEmpty() || (isSpiffeUri(secretName) && !PeerIdentity.isSpiffeId(secretName))) {
            return null;
        }
        return new CertificateSource.Supplied(
                "SPIFFE certificate '" + secretName + "'", new NamedSvid(this, secretName));
    }

    @Override
    public @Nullable TrustSource trust(String secretName) {
        boolean known = secretName.equals(OWN_BUNDLE) || secretName.equals(ALL_BUNDLES);
        if (!known && domain(secretName) == null) {
            return null;
        }
        return new TrustSource.ByDomain("SPIFFE trust '" + secretName + "'", new NamedTrust(this, secretName));
    }

    private static boolean isSpiffeUri(String name) {
        return name.startsWith("spiffe://");
    }

    private static @Nullable String domain(String secretName) {
        String domain = isSpiffeUri(secretName) ? secretName.substring("spiffe://".length()) : "";
        return PeerIdentity.isTrustDomain(domain) ? domain : null;
    }

    /** Equal where the name is, so that resources that name one secret share it. */
    private record NamedSvid(SpiffeSource source, String name) implements CertificateSource.Supplier {
        @Override
        public CertificateSource.Material current() throws SecretException {
            return source.svid(name);
        }
    }

    private record NamedTrust(SpiffeSource source, String name) implements TrustSource.DomainSupplier {
        @Override
        public TrustSource.Bundles current() throws SecretException {
            return source.bundles(name);
        }
    }

    private CertificateSource.Material svid(String name) throws SecretException {
        State known = state;
        List<Svid> svids = answer(known).svids();
        Svid svid = svids.stream()
                .filter(one -> one.id().equals(name) || one.hint().equals(name))
                .findFirst()
                .orElse(name.equals(DEFAULT_SVID) ? svids.get(0) : null);
        if (svid == null) {
            throw SecretException.withdrawn("the agent at " + socket + " gives this process no such SVID (given: "
                    + svids + "); register it, or name one of these");
        }
        Instant end = svid.chain().get(0).getNotAfter().toInstant();
        if (!known.problem().isEmpty() && !clock.instant().isBefore(end)) {
            throw SecretException.unavailable("the last one has expired at " + end + ", and " + known.problem());
        }
        return new CertificateSource.Material(svid.chain(), svid.key());
    }

    private TrustSource.Bundles bundles(String name) throws SecretException {
        WorkloadAnswer answer = answer(state);
        TrustSource.Bundles all = answer.bundles();
        String domain = domain(name);
        Map<String, List<X509Certificate>> named = all.authorities().entrySet().stream()
                .filter(bundle -> name.equals(ALL_BUNDLES)
                        || (name.equals(OWN_BUNDLE)
                                ? answer.ownDomains().contains(bundle.getKey())
                                : bundle.getKey().equals(domain)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        if (named.isEmpty()) {
            throw SecretException.withdrawn("the agent at " + socket + " gives this process no such bundle (given: "
                    + all.authorities().keySet() + "); federate with that trust domain, or name one of these");
        }
        return new TrustSource.Bundles(named, all.revocationLists());
    }

    private static WorkloadAnswer answer(State known) throws SecretException {
        WorkloadAnswer answer = known.answer();
        if (answer == null) {
            throw known.denied()
                    ? SecretException.withdrawn(known.problem())
                    : SecretException.unavailable(known.problem());
        }
        return answer;
    }

    // ---- What the agent says

    private final class Told implements WorkloadClient.Watcher {
        @Override
        public void answered(WorkloadAnswer answer) {
            State before = state;
            state = new State(answer, false, "");
            if (before.answer() == null || !before.problem().isEmpty()) {
                log.info(
                        "spiffe workload api answers socket={} svids={} trustDomains={}",
                        socket,
                        answer.svids(),
                        answer.bundles().authorities().keySet());
            }
            tell();
            answered.countDown();
        }

        @Override
        public void denied(String problem) {
            become(new State(null, true, problem));
        }

        @Override
        public void lost(String problem) {
            State before = state;
            // Still nobody, whatever else is wrong: what was taken back does not come back unsaid.
            become(new State(before.answer(), before.denied(), problem));
        }

        private void become(State now) {
            State before = state;
            state = now;
            if (before.problem().isEmpty() || before.denied() != now.denied() || before.answer() == null) {
                warn(before, now);
            }
            if (before.denied() != now.denied()) {
                tell();
            }
        }

        /** Once for each change: the same is tried again every few seconds. */
        private void warn(State before, State now) {
            if (!now.problem().equals(before.problem())) {
                log.warn(
                        "spiffe workload api fails socket={} problem=\"{}\" inForce={}",
                        socket,
                        now.problem(),
                        now.answer() == null ? "nothing" : now.answer().svids());
            }
        }

        private void tell() {
            for (Runnable listener : listeners) {
                try {
                    listener.run();
                } catch (RuntimeException e) {
                    log.warn("listener failed; the others are told", e);
                }
            }
        }
    }

    @Override
    public Registration onChange(Runnable listener) {
        requireNonNull(listener, "listener");
        // An object of its own: one listener may be added twice.
        Runnable added = () -> listener.run();
        listeners.add(added);
        return () -> listeners.remove(added);
    }

    /** Returns why the agent gives nothing just now; empty while its stream is open and its last answer is in force. */
    public String problem() {
        return state.problem();
    }

    private void awaitAnswer(Duration timeout) {
        try {
            if (!answered.await(timeout.toMillis(), TimeUnit.MILLISECONDS) && !timeout.isZero()) {
                log.warn(
                        "spiffe workload api gave nothing in time socket={} waited={} problem=\"{}\"",
                        socket,
                        timeout,
                        state.problem());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the stream and its threads, within seconds. What a mesh has in force stays until it ends. Idempotent. */
    @Override
    public void close() {
        listeners.clear();
        client.close();
    }

    @Override
    public String toString() {
        return "SPIFFE Workload API at " + socket;
    }

    /** Builds a {@link SpiffeSource}. Not thread-safe. */
    public static final class Builder {
        private @Nullable String socket;
        private Duration startTimeout = DEFAULT_START_TIMEOUT;
        private InstantSource clock = InstantSource.system();
        private RandomGenerator random = RandomGenerator.of("L64X128MixRandom");

        private Builder() {}

        /**
         * Sets where the Workload API is: {@code unix:///path} or {@code tcp://IP:port}, or a bare path; default null, which is
         * what {@code SPIFFE_ENDPOINT_SOCKET} names, else {@code APPMESH_SDS_SOCKET_PATH}.
         */
        public Builder socket(@Nullable String value) {
            socket = value;
            return this;
        }

        /** Sets how long {@link #open} waits for a first answer; default 10 s, 0 not at all. */
        public Builder startTimeout(Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException("startTimeout: " + value + " (expected: 0 or more)");
            }
            startTimeout = value;
            return this;
        }

        /** Sets the clock by which certificates end. */
        Builder clock(InstantSource value) {
            clock = requireNonNull(value, "clock");
            return this;
        }

        /** Sets where the pauses between attempts get their chance from. */
        Builder random(RandomGenerator value) {
            random = requireNonNull(value, "random");
            return this;
        }

        /**
         * Opens the stream and waits for a first answer. Without one in time the source is returned all the same: calls and
         * handshakes that need a secret are refused until there is one.
         *
         * @throws IllegalArgumentException when no socket is named, or what is named is none
         */
        public SpiffeSource open() {
            String named = socket == null ? WorkloadSocket.named(System.getenv()) : socket;
            if (named == null) {
                throw new IllegalArgumentException(
                        "socket: none (expected: unix:///path/of.sock or tcp://IP:port); set " + WorkloadSocket.VARIABLE
                                + ", or say it here");
            }
            SpiffeSource source = new SpiffeSource(WorkloadSocket.parse(named), clock, random);
            source.client.start();
            source.awaitAnswer(startTimeout);
            return source;
        }
    }
}
