package io.intramesh.testing.simulation;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.RawDocument;
import io.intramesh.explain.ExplainRequest;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls by the mesh itself, with a configuration as it would stand in files. Every virtual node that the documents find by
 * service discovery has the incident's endpoints.
 *
 * <pre>{@code
 * Caller.Factory orders = MeshCaller.of("shop", "orders", "payments.local", RawDocument.of("mesh.yaml", "…"));
 * }</pre>
 */
public final class MeshCaller implements Caller {
    /** Above all other keys. */
    private static final long MESH = 1_000;

    private final MeshProcess process;
    private final Setup setup;
    private int changes;

    private MeshCaller(Network network, Setup setup) {
        this.setup = setup;
        this.process = new MeshProcess(
                network, MESH + network.caller(), setup.mesh, setup.virtualNode, setup.zone, setup.versions.get(0));
    }

    /**
     * Returns the set-up of a caller.
     *
     * @param virtualNode who calls
     * @param host that is called, with GET
     */
    public static Setup of(String mesh, String virtualNode, String host, RawDocument... documents) {
        return new Setup(mesh, virtualNode, host, null, List.of(List.of(documents)));
    }

    @Override
    public void call(long number, Consumer<Boolean> done) {
        ExplainRequest request = ExplainRequest.builder(setup.host)
                .method("GET")
                .scheme("http")
                .path("/")
                .build();
        process.call(request, number, result -> done.accept(result.isSuccess()));
    }

    @Override
    public void reconfigure() {
        changes++;
        process.deliver(setup.versions.get(changes % setup.versions.size()));
    }

    @Override
    public void close() {
        process.close();
    }

    /**
     * What a caller is started with.
     *
     * @param zone that it runs in, or null
     * @param versions of the configuration, at least one: the first to begin with, the next at each change, and so round
     */
    public record Setup(
            String mesh,
            String virtualNode,
            String host,
            @Nullable String zone,
            List<List<RawDocument>> versions) implements Factory {
        public Setup {
            requireNonNull(mesh, "mesh");
            requireNonNull(virtualNode, "virtualNode");
            requireNonNull(host, "host");
            versions = versions.stream().map(List::copyOf).toList();
        }

        /** Returns this set-up in a zone. */
        public Setup inZone(String newZone) {
            return new Setup(mesh, virtualNode, host, newZone, versions);
        }

        /** Returns this set-up with one more version of its configuration. */
        public Setup changingTo(RawDocument... documents) {
            return new Setup(
                    mesh,
                    virtualNode,
                    host,
                    zone,
                    Stream.concat(versions.stream(), Stream.of(List.of(documents)))
                            .toList());
        }

        @Override
        public Caller open(Network network) {
            return new MeshCaller(network, this);
        }
    }
}
