package io.intramesh.internal.endpoint;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** What DNS says about a name and one address family. */
sealed interface DnsAnswer {

    /**
     * There are addresses, at least one.
     *
     * @param addresses in the order of the answer
     * @param timeToLive the least of all records that led here
     */
    record Addresses(List<InetAddress> addresses, Duration timeToLive) implements DnsAnswer {
        public Addresses {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * There is certainly no address.
     *
     * @param nameExists whether the name has records of other types
     */
    record Nothing(boolean nameExists) implements DnsAnswer {}

    /**
     * Nobody could say.
     *
     * @param message what failed and how to mend it, without the name that was looked up
     * @param wasAnswered whether a server answered, if only to say that it cannot
     */
    record Failure(String message, boolean wasAnswered) implements DnsAnswer {}
}
