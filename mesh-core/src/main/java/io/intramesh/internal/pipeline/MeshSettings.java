package io.intramesh.internal.pipeline;

import io.intramesh.AccessSettings;
import io.intramesh.call.LoadBalancer;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.MeshRegistry;
import io.intramesh.tls.TlsSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a mesh is started with; see the builder of {@code Mesh} for the meaning of each. */
public record MeshSettings(
        MeshRegistry registry,
        @Nullable String mesh,
        String virtualNode,
        Duration startTimeout,
        Duration warmUp,
        Duration drainGrace,
        Map<String, String> values,
        boolean strict,
        boolean strictRetries,
        List<EndpointSource> endpointSources,
        @Nullable Supplier<LoadBalancer> loadBalancer,
        @Nullable String zone,
        TlsSettings tls,
        AccessSettings access) {}
