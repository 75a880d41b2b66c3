package io.intramesh.internal.endpoint;

import io.intramesh.internal.time.MeshThread;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.registry.EndpointSource;
import io.intramesh.testing.FakeDnsServer;
import io.intramesh.testing.contract.EndpointSourceContract;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;

final class DnsEndpointSourceContractTest extends EndpointSourceContract {
    /** Half a minute of emptiness, after which DNS is believed, passes in a second and a half. */
    private static final NanoClock HURRIED = () -> NanoClock.system().nanoTime() * 20;

    private final FakeDnsServer dns = FakeDnsServer.start();
    private final MeshThread meshThread = new MeshThread("the mesh's own");
    private final Set<String> hosts = new HashSet<>();

    @AfterEach
    void close() {
        meshThread.close();
        dns.close();
    }

    @Override
    protected EndpointSource source() {
        ResolvConf resolvConf = new ResolvConf(List.of(dns.address()), List.of(), 1, Duration.ofMillis(300), 2);
        return new DnsEndpointSource(
                "shop", meshThread, HURRIED, new SplittableRandom(1), DnsSetup.of(resolvConf, Hosts.NONE));
    }

    @Override
    protected ServiceDiscovery discovery(String service) {
        return new Dns(service + ".test", ResponseType.ENDPOINTS, null);
    }

    @Override
    protected void put(String service, List<String> addresses) {
        String host = service + ".test";
        hosts.add(host);
        if (addresses.isEmpty()) {
            dns.forget(host);
        } else {
            dns.answer(host, Duration.ofSeconds(1), addresses.toArray(String[]::new));
        }
    }

    @Override
    protected void fail(boolean fails) {
        hosts.forEach(host -> dns.refuse(host, fails ? FakeDnsServer.Refusal.SERVFAIL : null));
    }
}
