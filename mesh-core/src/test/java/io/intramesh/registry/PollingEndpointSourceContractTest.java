package io.intramesh.registry;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import io.intramesh.testing.contract.EndpointSourceContract;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** With its real thread. */
final class PollingEndpointSourceContractTest extends EndpointSourceContract {
    private final Map<String, List<String>> registered = new ConcurrentHashMap<>();
    private volatile boolean failing;

    @Override
    protected EndpointSource source() {
        return PollingEndpointSource.builder("polled", new MapCatalog())
                .interval(Duration.ofSeconds(1))
                .believedEmptyAfter(Duration.ofSeconds(1))
                .build();
    }

    @Override
    protected ServiceDiscovery discovery(String service) {
        return new CloudMap("prod", service, Map.of(), null);
    }

    @Override
    protected void put(String service, List<String> addresses) {
        registered.put(service, addresses);
    }

    @Override
    protected void fail(boolean fails) {
        failing = fails;
    }

    private final class MapCatalog implements EndpointCatalog {
        @Override
        public boolean supports(ServiceDiscovery discovery) {
            return true;
        }

        @Override
        public Lookup lookup(Query query) {
            return () -> {
                if (failing) {
                    throw new IOException("the registry is down");
                }
                List<Found> found = new ArrayList<>();
                for (String address : registered.getOrDefault(query.virtualNode(), List.of())) {
                    found.add(new Found(address, List.of(InetAddress.getAllByName(address)), null, null));
                }
                return found;
            };
        }

        @Override
        public void close() {}
    }
}
