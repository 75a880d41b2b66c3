package io.intramesh.samples.shop.runner;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Finds a free port for each service. */
final class Ports {
    // Below the ranges from which systems take ports for outgoing connections, so that nobody gets one of these by
    // chance between this check and the start of the service.
    private static final int FIRST = 18_000;
    private static final int COUNT = 12_000;
    private static final int TRIES = 200;

    private final boolean ownFirst;
    private final RandomGenerator random;

    /** @param ownFirst whether a service gets its own port where that is free */
    Ports(boolean ownFirst, RandomGenerator random) {
        this.ownFirst = ownFirst;
        this.random = random;
    }

    /** Returns a free port for each service, no port twice. */
    Map<Service, Integer> pick(List<Service> services) throws IOException {
        Map<Service, Integer> picked = new LinkedHashMap<>();
        for (Service service : services) {
            picked.put(service, pick(service.preferredPort(), picked));
        }
        return picked;
    }

    private int pick(int preferred, Map<Service, Integer> taken) throws IOException {
        if (ownFirst && isFree(preferred)) {
            return preferred;
        }
        for (int i = 0; i < TRIES; i++) {
            int port = FIRST + random.nextInt(COUNT);
            if (!taken.containsValue(port) && isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port among " + TRIES + " from " + FIRST + " to " + (FIRST + COUNT));
    }

    /** Binds the port on every address and on the loopback address: some systems let one of both pass beside the other. */
    private static boolean isFree(int port) {
        return canBind(new InetSocketAddress(port))
                && canBind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static boolean canBind(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address, 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
