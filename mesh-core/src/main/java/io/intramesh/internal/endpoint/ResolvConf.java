package io.intramesh.internal.endpoint;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.TextParseException;

/**
 * Which DNS servers to ask and how, as in resolv.conf(5). Lines that make no sense are passed over, as the C library does.
 *
 * @param servers in the order in which they are asked; empty means that there is no DNS to ask
 * @param search domains that are tried after names with fewer dots than {@code ndots}
 * @param timeout how long one server has for one answer
 * @param attempts how often all servers are asked before the look-up fails
 */
record ResolvConf(List<InetSocketAddress> servers, List<Name> search, int ndots, Duration timeout, int attempts) {
    static final int PORT = 53;

    /**
     * The manual says 5 s. But then one lost datagram takes longer than a mesh waits for its backends at start; resolvers in
     * a data centre answer in milliseconds, and three attempts of 2 s give a slow one the same time in all.
     */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    static final int DEFAULT_ATTEMPTS = 3;

    static final ResolvConf NONE = parse(List.of());

    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCH = 32;
    private static final int MAX_NDOTS = 15;
    private static final int MAX_TIMEOUT_SECONDS = 30;
    private static final int MAX_ATTEMPTS = 5;

    private static final Logger log = LoggerFactory.getLogger(ResolvConf.class);

    ResolvConf {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
    }

    /** Returns what asks these servers for absolute names, with the defaults otherwise. */
    static ResolvConf of(List<InetSocketAddress> servers) {
        return new ResolvConf(servers, List.of(), 1, DEFAULT_TIMEOUT, DEFAULT_ATTEMPTS);
    }

    static ResolvConf parse(List<String> lines) {
        Set<InetSocketAddress> servers = new LinkedHashSet<>();
        List<Name> search = new ArrayList<>();
        int ndots = 1;
        Duration timeout = DEFAULT_TIMEOUT;
        int attempts = DEFAULT_ATTEMPTS;
        for (String line : lines) {
            StringTokenizer words = new StringTokenizer(line);
            String keyword = words.hasMoreTokens() ? words.nextToken() : "";
            switch (keyword) {
                case "nameserver" -> {
                    InetAddress server = words.hasMoreTokens() ? server(words.nextToken()) : null;
                    if (server != null && servers.size() < MAX_SERVERS) {
                        servers.add(new InetSocketAddress(server, PORT));
                    }
                }
                case "domain", "search" -> {
                    // The last of several lines counts.
                    search.clear();
                    while (words.hasMoreTokens() && search.size() < MAX_SEARCH) {
                        addDomain(search, words.nextToken());
                    }
                }
                case "options" -> {
                    while (words.hasMoreTokens()) {
                        String option = words.nextToken();
                        ndots = number(option, "ndots:", 0, MAX_NDOTS, ndots);
                        attempts = number(option, "attempts:", 1, MAX_ATTEMPTS, attempts);
                        int seconds = number(option, "timeout:", 1, MAX_TIMEOUT_SECONDS, 0);
                        timeout = seconds == 0 ? timeout : Duration.ofSeconds(seconds);
                    }
                }
                default -> log.trace("resolv.conf line passed over line={}", line);
            }
        }
        return new ResolvConf(List.copyOf(servers), search, ndots, timeout, attempts);
    }

    /** Returns the absolute names that a host name may stand for, in the order in which they are tried. */
    List<Name> candidates(String host) throws TextParseException {
        Name name = Name.fromString(host);
        if (name.isAbsolute()) {
            return List.of(name);
        }
        Name absolute = Name.fromString(host, Name.root);
        List<Name> candidates = new ArrayList<>();
        boolean absoluteFirst = name.labels() > ndots;
        if (absoluteFirst) {
            candidates.add(absolute);
        }
        for (Name domain : search) {
            try {
                candidates.add(Name.concatenate(name, domain));
            } catch (NameTooLongException e) {
                log.debug("search domain passed over host={} domain={} reason=too-long", host, domain);
            }
        }
        if (!absoluteFirst) {
            candidates.add(absolute);
        }
        return candidates;
    }

    private static @Nullable InetAddress server(String text) {
        InetAddress address = IpLiteral.parse(text);
        if (address != null || text.indexOf('%') < 0 || text.indexOf(':') < 0) {
            return address;
        }
        try {
            // An IPv6 address with a zone, such as fe80::1%eth0. A colon never begins a look-up.
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            log.debug("nameserver passed over address={} reason={}", text, e.getMessage());
            return null;
        }
    }

    private static void addDomain(List<Name> search, String domain) {
        try {
            search.add(Name.fromString(domain, Name.root));
        } catch (TextParseException e) {
            log.debug("search domain passed over domain={} reason={}", domain, e.getMessage());
        }
    }

    private static int number(String option, String prefix, int min, int max, int otherwise) {
        if (!option.startsWith(prefix)) {
            return otherwise;
        }
        try {
            return Math.max(min, Math.min(max, Integer.parseInt(option.substring(prefix.length()))));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
