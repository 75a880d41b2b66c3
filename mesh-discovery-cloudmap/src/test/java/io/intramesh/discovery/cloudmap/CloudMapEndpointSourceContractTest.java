package io.intramesh.discovery.cloudmap;

import io.intramesh.discovery.cloudmap.FakeCloudMap.Mood;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointSource;
import io.intramesh.testing.contract.EndpointSourceContract;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

final class CloudMapEndpointSourceContractTest extends EndpointSourceContract {
    private static final String NAMESPACE = CloudMapCatalogTest.NAMESPACE;

    private final FakeCloudMap cloudMap = FakeCloudMap.start();

    CloudMapEndpointSourceContractTest() throws IOException {}

    @AfterEach
    void close() {
        cloudMap.close();
    }

    @Override
    protected EndpointSource source() {
        return CloudMapEndpointSource.builder()
                .region(FakeCloudMap.REGION)
                .credentials(CloudMapCatalogTest.CREDENTIALS)
                .endpoint(cloudMap.url())
                .interval(Duration.ofSeconds(1))
                .believedEmptyAfter(Duration.ofSeconds(1))
                .build();
    }

    @Override
    protected ServiceDiscovery discovery(String service) {
        return new CloudMap(NAMESPACE, service, Map.of(), null);
    }

    @Override
    protected void put(String service, List<String> addresses) {
        cloudMap.deregisterAll(NAMESPACE, service);
        addresses.forEach(
                address -> cloudMap.register(NAMESPACE, service, address, Map.of("AWS_INSTANCE_IPV4", address)));
    }

    @Override
    protected void fail(boolean fails) {
        cloudMap.is(fails ? Mood.FAILS : Mood.WELL);
    }

    @Override
    protected boolean isOfSource(Thread thread) {
        return super.isOfSource(thread) || thread.getName().startsWith("sdk-");
    }
}
