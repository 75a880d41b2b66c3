package io.intramesh.internal.endpoint;

import io.intramesh.internal.endpoint.DnsAnswer.Addresses;
import io.intramesh.internal.endpoint.DnsAnswer.Failure;
import io.intramesh.internal.endpoint.DnsAnswer.Nothing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;

/*
 * Resolves host names as the C library would, but with the time to live, which neither it nor the JDK tells. dnsjava reads
 * and writes the messages. Its resolver cannot be used without its threads (see DnsThread), and its LookupSession does three
 * things otherwise than a mesh needs:
 *
 *  - Both address families of one candidate name are asked together, and a candidate counts when either has addresses;
 *    the session would take the A records from one search domain and the AAAA records from another.
 *  - The time to live covers every alias on the way; the session drops the aliases, and a CNAME is what moves when somebody
 *    moves a service.
 *  - A server that cannot be reached ends the look-up, one that answers SERVFAIL does not: as in glibc, a broken search
 *    domain does not hide what the next one knows.
 *
 * Everything here runs on the DnsThread.
 */
final class DnsClient {
    private static final Logger log = LoggerFactory.getLogger(DnsClient.class);

    /** As many aliases as dnsjava follows. Real chains have one or two. */
    private static final int MAX_ALIASES = 16;

    /** A mesh of thousands of nodes that begins at once must not open thousands of sockets, nor drown the server. */
    private static final int MAX_LOOKUPS_AT_A_TIME = 64;

    /** What passes every network unfragmented; the recommendation of the DNS Flag Day 2020. */
    private static final int UDP_PAYLOAD = 1232;

    /** The hosts file has no time to live; reading its attributes costs nothing. */
    private static final Duration HOSTS_TIME_TO_LIVE = Duration.ofSeconds(5);

    /** What the JDK itself keeps an answer for, when no security manager is there. */
    private static final Duration JDK_TIME_TO_LIVE = Duration.ofSeconds(30);

    private final DnsThread thread;
    private final DnsSetup setup;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    /** The server that answered last is asked first, so that a dead one costs its timeout once and not every time. */
    private int firstServer;

    DnsClient(DnsThread thread, DnsSetup setup) {
        this.thread = thread;
        this.setup = setup;
    }

    /**
     * Resolves a host name in some families. From any thread.
     *
     * @param taker gets one answer per family, on the DNS thread; nothing after the thread was closed
     */
    void resolve(String host, Set<Family> families, Consumer<Map<Family, DnsAnswer>> taker) {
        Set<Family> wanted = EnumSet.copyOf(families);
        thread.execute(() -> {
            waiting.add(() -> begin(host, wanted, taker));
            beginWaiting();
        });
    }

    private void beginWaiting() {
        while (underWay < MAX_LOOKUPS_AT_A_TIME && !waiting.isEmpty()) {
            underWay++;
            waiting.remove().run();
        }
    }

    private void begin(String host, Set<Family> families, Consumer<Map<Family, DnsAnswer>> taker) {
        CompletionStage<Map<Family, DnsAnswer>> answers;
        try {
            answers = lookUp(host, families);
        } catch (RuntimeException e) {
            answers = CompletableFuture.failedFuture(e);
        }
        answers.whenComplete((found, failure) -> {
            underWay--;
            if (failure != null) {
                log.error("look-up failed host={}", host, failure);
            }
            taker.accept(
                    found != null ? found : same(families, new Failure("failed: " + failure + "; see the log", false)));
            // Not from within: a look-up that ends at once would go one call deeper for each that waits.
            thread.execute(this::beginWaiting);
        });
    }

    private CompletableFuture<Map<Family, DnsAnswer>> lookUp(String host, Set<Family> families) {
        List<InetAddress> local = setup.hosts().addresses(host);
        if (!local.isEmpty()) {
            return CompletableFuture.completedFuture(split(local, families, HOSTS_TIME_TO_LIVE));
        }
        ResolvConf conf = setup.resolvConf();
        if (conf.servers().isEmpty()) {
            return CompletableFuture.completedFuture(askJdk(host, families));
        }
        try {
            return tryCandidates(conf, conf.candidates(host), 0, families, null);
        } catch (TextParseException e) {
            Failure failure = new Failure("is not a host name (" + e.getMessage() + "); correct it", true);
            return CompletableFuture.completedFuture(same(families, failure));
        }
    }

    /** Asks the JDK, which waits. That it is this thread which waits is why nobody else does. */
    private static Map<Family, DnsAnswer> askJdk(String host, Set<Family> families) {
        try {
            return split(List.of(InetAddress.getAllByName(host)), families, JDK_TIME_TO_LIVE);
        } catch (UnknownHostException e) {
            // The JDK does not say whether the name does not exist or nobody could be asked.
            return same(
                    families,
                    new Failure(
                            "is unknown to the operating system; correct it, or see whether this machine resolves names",
                            true));
        }
    }

    private static Map<Family, DnsAnswer> split(
            List<InetAddress> addresses, Set<Family> families, Duration timeToLive) {
        Map<Family, DnsAnswer> answers = new EnumMap<>(Family.class);
        for (Family family : families) {
            List<InetAddress> own = addresses.stream().filter(family::includes).toList();
            answers.put(family, own.isEmpty() ? new Nothing(true) : new Addresses(own, timeToLive));
        }
        return answers;
    }

    private static Map<Family, DnsAnswer> same(Set<Family> families, DnsAnswer answer) {
        Map<Family, DnsAnswer> answers = new EnumMap<>(Family.class);
        families.forEach(family -> answers.put(family, answer));
        return answers;
    }

    /** @param worst what the candidates before came to, where one of them failed */
    private CompletableFuture<Map<Family, DnsAnswer>> tryCandidates(
            ResolvConf conf,
            List<Name> candidates,
            int index,
            Set<Family> families,
            @Nullable Map<Family, DnsAnswer> worst) {
        return askAll(conf, candidates.get(index), families).thenCompose(answers -> {
            boolean found = answers.values().stream().anyMatch(Addresses.class::isInstance);
            boolean failed = answers.values().stream().anyMatch(Failure.class::isInstance);
            boolean unreachable =
                    answers.values().stream().anyMatch(answer -> answer instanceof Failure f && !f.wasAnswered());
            if (found || unreachable) {
                return CompletableFuture.completedFuture(answers);
            }
            Map<Family, DnsAnswer> worstSoFar = worst == null && failed ? answers : worst;
            return index + 1 < candidates.size()
                    ? tryCandidates(conf, candidates, index + 1, families, worstSoFar)
                    : CompletableFuture.completedFuture(worstSoFar == null ? answers : worstSoFar);
        });
    }

    private CompletableFuture<Map<Family, DnsAnswer>> askAll(ResolvConf conf, Name name, Set<Family> families) {
        Map<Family, DnsAnswer> answers = new EnumMap<>(Family.class);
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (Family family : families) {
            CompletableFuture<DnsAnswer> one =
                    ask(conf, name, new Search(name, family, Long.MAX_VALUE, 0)).toCompletableFuture();
            all = all.thenCombine(one, (nothing, answer) -> {
                answers.put(family, answer);
                return null;
            });
        }
        return all.thenApply(nothing -> answers);
    }

    private CompletionStage<DnsAnswer> ask(ResolvConf conf, Name name, Search search) {
        return ask(conf, name, search, firstServer, 0);
    }

    /**
     * @param first where the round began: kept, because an answer to another question meanwhile moves {@link #firstServer},
     *     and this one would ask the same server twice and another never
     * @param asked how many servers were asked before, in all rounds
     */
    private CompletionStage<DnsAnswer> ask(ResolvConf conf, Name name, Search search, int first, int asked) {
        int serverIndex = (first + asked) % conf.servers().size();
        InetSocketAddress server = conf.servers().get(serverIndex);
        return send(conf, server, search)
                .handle((message, failure) -> {
                    if (message != null && isConclusive(message)) {
                        firstServer = serverIndex;
                        return take(conf, message, search);
                    }
                    log.debug("dns server gave no answer server={} name={} reason={}", server, name, failure);
                    int askedNow = asked + 1;
                    int limit = conf.servers().size() * (message == null ? conf.attempts() : 1);
                    return askedNow < limit
                            ? ask(conf, name, search, first, askedNow)
                            : CompletableFuture.<DnsAnswer>completedFuture(failure(conf, server, message));
                })
                .thenCompose(answer -> answer);
    }

    private CompletionStage<Message> send(ResolvConf conf, InetSocketAddress server, Search search) {
        Message query = query(search);
        query.addRecord(new OPTRecord(UDP_PAYLOAD, 0, 0), Section.ADDITIONAL);
        return send(conf, server, query)
                .thenCompose(answer -> isConfusedByEdns(answer)
                        ? send(conf, server, query(search))
                        : CompletableFuture.completedFuture(answer));
    }

    private CompletionStage<Message> send(ResolvConf conf, InetSocketAddress server, Message query) {
        return thread.askByUdp(server, query, UDP_PAYLOAD, conf.timeout())
                .thenCompose(answer -> answer.getHeader().getFlag(Flags.TC)
                        ? thread.askByTcp(server, query, conf.timeout())
                        : CompletableFuture.completedFuture(answer));
    }

    private static Message query(Search search) {
        return Message.newQuery(Record.newRecord(search.name, search.family.recordType(), DClass.IN));
    }

    /** Tells whether a server from before EDNS answers, as RFC 6891, section 7 describes it. */
    private static boolean isConfusedByEdns(Message answer) {
        return answer.getRcode() == Rcode.FORMERR || answer.getRcode() == Rcode.NOTIMP;
    }

    private static boolean isConclusive(Message message) {
        return message.getRcode() == Rcode.NOERROR || message.getRcode() == Rcode.NXDOMAIN;
    }

    private static Failure failure(ResolvConf conf, InetSocketAddress server, @Nullable Message message) {
        if (message != null) {
            return new Failure(
                    "DNS server " + server.getAddress().getHostAddress() + " answers "
                            + Rcode.string(message.getRcode()) + "; see what is wrong with it",
                    true);
        }
        List<String> servers = conf.servers().stream()
                .map(one -> one.getAddress().getHostAddress())
                .toList();
        return new Failure(
                "no answer from DNS " + String.join(", ", servers)
                        + "; see whether the network is up and the servers in /etc/resolv.conf are right",
                false);
    }

    /** Draws the conclusion from an answer, and asks on where it ends in an alias. */
    private CompletionStage<DnsAnswer> take(ResolvConf conf, Message message, Search search) {
        List<Record> records = message.getSection(Section.ANSWER);
        Search now = search;
        for (CNAMERecord alias = now.aliasIn(records); alias != null; alias = now.aliasIn(records)) {
            now = now.follow(alias);
            if (now.aliases > MAX_ALIASES) {
                return CompletableFuture.completedFuture(new Failure(
                        "leads through more than " + MAX_ALIASES + " CNAME records; mend the loop in DNS", true));
            }
        }
        DnsAnswer addresses = now.addressesIn(records);
        if (addresses != null) {
            return CompletableFuture.completedFuture(addresses);
        }
        // RFC 2308, section 2: with a SOA the end of the chain is known to be empty; without one it is for us to ask.
        boolean isEnd = now.aliases == search.aliases
                || message.getSection(Section.AUTHORITY).stream().anyMatch(SOARecord.class::isInstance);
        return message.getRcode() == Rcode.NXDOMAIN || isEnd
                ? CompletableFuture.completedFuture(new Nothing(message.getRcode() != Rcode.NXDOMAIN))
                : ask(conf, now.name, now);
    }

    /**
     * Where a look-up stands on its way through aliases.
     *
     * @param leastTtl of the aliases followed so far, in seconds
     */
    private record Search(Name name, Family family, long leastTtl, int aliases) {
        @Nullable
        CNAMERecord aliasIn(List<Record> records) {
            for (Record one : records) {
                if (one instanceof CNAMERecord alias && alias.getName().equals(name)) {
                    return alias;
                }
            }
            return null;
        }

        Search follow(CNAMERecord alias) {
            return new Search(alias.getTarget(), family, Math.min(leastTtl, alias.getTTL()), aliases + 1);
        }

        @Nullable
        DnsAnswer addressesIn(List<Record> records) {
            List<InetAddress> addresses = new ArrayList<>();
            long ttl = leastTtl;
            for (Record one : records) {
                InetAddress address =
                        one.getName().equals(name) && one.getType() == family.recordType() ? address(one) : null;
                if (address != null && family.includes(address) && !addresses.contains(address)) {
                    addresses.add(address);
                    ttl = Math.min(ttl, one.getTTL());
                }
            }
            return addresses.isEmpty() ? null : new Addresses(addresses, Duration.ofSeconds(ttl));
        }

        private static @Nullable InetAddress address(Record one) {
            try {
                if (one instanceof ARecord v4) {
                    return plain(v4.getAddress());
                }
                return one instanceof AAAARecord v6 ? plain(v6.getAddress()) : null;
            } catch (UnknownHostException e) {
                throw new IllegalStateException("a record without an address: " + one, e);
            }
        }

        /** Drops the host name that dnsjava attaches, so that addresses print alike wherever they come from. */
        private static InetAddress plain(InetAddress address) throws UnknownHostException {
            return InetAddress.getByAddress(address.getAddress());
        }
    }
}
