package io.intramesh.internal.endpoint;

import io.intramesh.internal.endpoint.DnsAnswer.Addresses;
import io.intramesh.internal.endpoint.DnsAnswer.Failure;
import io.intramesh.internal.endpoint.DnsAnswer.Nothing;
import io.intramesh.internal.time.MeshScheduler;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.registry.EndpointSource;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/*
 * Keeps the answers of DNS fresh, off the request path.
 *
 * When to ask again: after the time to live, within 5 s and 5 min. Envoy under App Mesh asked every 5 s whatever the time to
 * live [1], so nobody is served worse by the floor, and a time to live of 0 does not make a storm; the cap bounds how long a
 * wrong answer with a long time to live is believed. Up to a tenth is added by chance, so that a fleet that started together
 * does not ask together for ever.
 *
 * When nobody can answer: what was known stays (stale beats none), per address family; asked again after 1 s, then twice as
 * long each time up to 30 s, plus or minus a fifth by chance.
 *
 * When DNS says that there is no address any more:
 *  - ENDPOINTS: believed when nothing else is said for 30 s, for a server that just restarted may know nothing, and a name
 *    that is being replaced is away for a moment. Until then what was known stays in use: endpoints that are gone refuse
 *    connections, which costs a call less than to have nowhere to go. 30 s is how long a JVM goes on with an answer that it
 *    has cached (networkaddress.cache.ttl), so nobody is used to less. Envoy's STRICT_DNS believes the first such answer.
 *  - LOADBALANCER: what was known stays, as in Envoy's LOGICAL_DNS [2]: the name of a load balancer does not vanish while
 *    somebody needs it, but its record may by mistake.
 *
 * [1] App Mesh model, SD-03.  [2] Envoy documentation, "Service discovery": logical DNS; a successful but empty answer leaves
 * the logical host where it was.
 */
final class DnsEndpointSource implements EndpointSource {
    static final Duration SHORTEST_REFRESH = Duration.ofSeconds(5);
    static final Duration LONGEST_REFRESH = Duration.ofMinutes(5);
    static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

    /** Hints come as often as calls fail; the server is asked at most this often. */
    static final Duration SHORTEST_HINTED_REFRESH = Duration.ofSeconds(1);

    private static final double REFRESH_SPREAD = 0.1;
    private static final double RETRY_SPREAD = 0.2;
    static final Duration BELIEVED_EMPTY_AFTER = Duration.ofSeconds(30);

    private final MeshScheduler scheduler;
    private final NanoClock clock;
    private final RandomGenerator chance;
    private final DnsThread thread;
    private final DnsClient client;

    /** @param clock measures how long ago a look-up was; the network has the clock of the machine */
    DnsEndpointSource(String mesh, MeshScheduler scheduler, NanoClock clock, RandomGenerator chance, DnsSetup setup) {
        this.scheduler = scheduler;
        this.clock = clock;
        this.chance = chance;
        this.thread = new DnsThread("intramesh-dns-" + mesh, NanoClock.system());
        this.client = new DnsClient(thread, setup);
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return discovery instanceof Dns;
    }

    @Override
    public Watch watch(Query query, Observer observer) {
        if (!(query.discovery() instanceof Dns dns)) {
            throw new IllegalArgumentException("discovery: " + query.discovery() + " (expected: dns)");
        }
        InetAddress literal = IpLiteral.parse(dns.hostname());
        if (literal != null) {
            return answerAtOnce(query, dns, literal, observer);
        }
        DnsWatch watch = new DnsWatch(query, dns, observer);
        scheduler.execute(watch::lookUp);
        return watch;
    }

    @Override
    public void close() {
        thread.close();
    }

    @Override
    public String toString() {
        return "dns";
    }

    private static Watch answerAtOnce(Query query, Dns dns, InetAddress literal, Observer observer) {
        boolean isWanted = Family.wanted(query.ipPreference()).stream().anyMatch(family -> family.includes(literal));
        if (isWanted) {
            observer.found(List.of(new Found(dns.hostname(), List.of(literal), null, null)));
        } else {
            observer.found(List.of());
            observer.failed(subject(query, dns) + "is not of the family that ipPreference "
                    + Objects.requireNonNull(query.ipPreference()).text() + " asks for; change one of the two");
        }
        return () -> {};
    }

    private static String subject(Query query, Dns dns) {
        return "virtualNode '" + query.virtualNode() + "': host '" + dns.hostname() + "' ";
    }

    /** One host name. On the mesh thread. */
    private final class DnsWatch implements Watch {
        private final Query query;
        private final Dns dns;
        private final Observer observer;
        private final List<Family> families;

        private final Map<Family, List<InetAddress>> known = new EnumMap<>(Family.class);
        private @Nullable List<Found> told;
        private @Nullable String toldFailure;
        private int failures;
        private boolean isEmpty;
        private long emptySince;

        private MeshScheduler.@Nullable Task next;
        private boolean isLookingUp;
        private long lastLookUp;
        private boolean closed;

        DnsWatch(Query query, Dns dns, Observer observer) {
            this.query = query;
            this.dns = dns;
            this.observer = observer;
            this.families = Family.wanted(query.ipPreference());
        }

        @Override
        public void refresh() {
            scheduler.execute(() -> {
                if (isLookingUp || closed) {
                    return;
                }
                long since = clock.nanoTime() - lastLookUp;
                lookUpAfter(Duration.ofNanos(Math.max(0, SHORTEST_HINTED_REFRESH.toNanos() - since)));
            });
        }

        @Override
        public void close() {
            scheduler.execute(() -> {
                closed = true;
                cancelNext();
            });
        }

        private void lookUp() {
            if (closed || isLookingUp) {
                return;
            }
            cancelNext();
            isLookingUp = true;
            client.resolve(dns.hostname(), EnumSet.copyOf(families), answers -> scheduler.execute(() -> take(answers)));
        }

        private void lookUpAfter(Duration delay) {
            cancelNext();
            next = scheduler.schedule(this::lookUp, delay);
        }

        private void cancelNext() {
            if (next != null) {
                next.cancel();
                next = null;
            }
        }

        private void take(Map<Family, DnsAnswer> answers) {
            isLookingUp = false;
            lastLookUp = clock.nanoTime();
            if (closed) {
                return;
            }
            boolean isAnyFound = answers.values().stream().anyMatch(Addresses.class::isInstance);
            Failure failure = firstFailure(answers);
            if (isAnyFound) {
                takeAddresses(answers);
            } else if (failure != null) {
                isEmpty = false;
                fail(failure.message());
            } else {
                takeNothing(answers);
            }
        }

        private void takeAddresses(Map<Family, DnsAnswer> answers) {
            Duration timeToLive = LONGEST_REFRESH;
            for (Map.Entry<Family, DnsAnswer> entry : answers.entrySet()) {
                DnsAnswer answer = entry.getValue();
                if (answer instanceof Addresses found) {
                    known.put(entry.getKey(), found.addresses());
                    timeToLive = least(timeToLive, found.timeToLive());
                } else if (answer instanceof Nothing) {
                    known.remove(entry.getKey());
                } else {
                    // The other family answered, this one did not: what it had is still the best guess, but not for
                    // long.
                    timeToLive = SHORTEST_REFRESH;
                }
            }
            failures = 0;
            isEmpty = false;
            tellFound(endpoints());
            Duration refresh = timeToLive.compareTo(SHORTEST_REFRESH) < 0 ? SHORTEST_REFRESH : timeToLive;
            lookUpAfter(scaled(refresh, 1 + chance.nextDouble() * REFRESH_SPREAD));
        }

        private void takeNothing(Map<Family, DnsAnswer> answers) {
            if (dns.responseType() == ResponseType.ENDPOINTS && !known.isEmpty()) {
                if (!isEmpty) {
                    isEmpty = true;
                    emptySince = clock.nanoTime();
                    lookUpAfter(FIRST_RETRY);
                    return;
                }
                if (clock.nanoTime() - emptySince >= BELIEVED_EMPTY_AFTER.toNanos()) {
                    known.clear();
                    tellFound(List.of());
                }
            }
            fail(nothingMessage(answers));
        }

        private void tellFound(List<Found> found) {
            // After a failure the same list is news: it says that discovery works again.
            if (!found.equals(told) || toldFailure != null) {
                told = found;
                toldFailure = null;
                observer.found(found);
            }
        }

        private void fail(String message) {
            failures++;
            String complete =
                    subject(query, dns) + message + (known.isEmpty() ? "" : "; the addresses found before stay in use");
            if (!complete.equals(toldFailure)) {
                toldFailure = complete;
                observer.failed(complete);
            }
            Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 5));
            double factor = 1 + (chance.nextDouble() * 2 - 1) * RETRY_SPREAD;
            // DNS works where it says that there is nothing, and what comes next is waited for.
            Duration longest = isEmpty && !known.isEmpty() ? SHORTEST_REFRESH : LONGEST_RETRY;
            lookUpAfter(scaled(least(delay, longest), factor));
        }

        private String nothingMessage(Map<Family, DnsAnswer> answers) {
            boolean nameExists =
                    answers.values().stream().anyMatch(answer -> answer instanceof Nothing n && n.nameExists());
            if (!nameExists) {
                return "does not exist in DNS; correct the name, or create its record";
            }
            String records = families.size() == 2
                    ? "neither AAAA nor A records"
                    : families.get(0) == Family.IPV4 ? "no A record" : "no AAAA record";
            return "has " + records + " in DNS; create one" + (families.size() == 2 ? "" : ", or change ipPreference");
        }

        private List<Found> endpoints() {
            if (dns.responseType() == ResponseType.LOADBALANCER) {
                List<InetAddress> addresses = new ArrayList<>();
                families.forEach(family -> addresses.addAll(known.getOrDefault(family, List.of())));
                return List.of(new Found(dns.hostname(), addresses, null, null));
            }
            for (Family family : families) {
                List<InetAddress> addresses = known.getOrDefault(family, List.of());
                if (!addresses.isEmpty()) {
                    // DNS turns the order from answer to answer; balancers want it to stay.
                    return addresses.stream()
                            .sorted(Comparator.comparing(InetAddress::getAddress, Arrays::compareUnsigned))
                            .map(address -> new Found(address.getHostAddress(), List.of(address), null, null))
                            .toList();
                }
            }
            return List.of();
        }
    }

    private static @Nullable Failure firstFailure(Map<Family, DnsAnswer> answers) {
        for (DnsAnswer answer : answers.values()) {
            if (answer instanceof Failure failure) {
                return failure;
            }
        }
        return null;
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static Duration scaled(Duration duration, double factor) {
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }
}
