package io.intramesh.registry;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.testing.FakeEndpointSource;
import io.intramesh.testing.contract.EndpointSourceContract;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

final class FakeEndpointSourceContractTest extends EndpointSourceContract {
    private final FakeEndpointSource source = FakeEndpointSource.create();
    private final Map<String, Found[]> registered = new TreeMap<>();
    private boolean failing;

    @Override
    protected EndpointSource source() {
        return source;
    }

    @Override
    protected ServiceDiscovery discovery(String service) {
        return new CloudMap("prod", service, Map.of(), null);
    }

    @Override
    protected void put(String service, List<String> addresses) throws IOException {
        Found[] found = new Found[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            String address = addresses.get(i);
            found[i] = new Found(address, List.of(InetAddress.getAllByName(address)), null, null);
        }
        registered.put(service, found);
        if (!failing) {
            source.put(service, found);
        }
    }

    @Override
    protected void fail(boolean fails) {
        failing = fails;
        registered.forEach((service, found) -> {
            if (fails) {
                source.fail(service, "virtualNode '" + service + "': the registry is down");
            } else {
                source.put(service, found);
            }
        });
    }
}
