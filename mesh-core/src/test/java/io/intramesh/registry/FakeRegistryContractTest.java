package io.intramesh.registry;

import io.intramesh.document.RawDocument;
import io.intramesh.testing.FakeRegistry;
import java.util.ArrayList;
import java.util.List;

/** A fake that others rely on has to keep the contract, too. */
final class FakeRegistryContractTest extends MeshRegistryContract {
    private final List<FakeRegistry> registries = new ArrayList<>();
    private List<RawDocument> documents = List.of();

    @Override
    MeshRegistry registry() {
        FakeRegistry registry = FakeRegistry.create();
        registry.deliver(documents);
        registries.add(registry);
        return registry;
    }

    @Override
    void put(List<RawDocument> newDocuments) {
        documents = newDocuments;
        registries.forEach(registry -> registry.deliver(newDocuments));
    }
}
