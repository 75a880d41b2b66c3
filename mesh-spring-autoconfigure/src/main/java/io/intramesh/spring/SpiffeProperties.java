package io.intramesh.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties {@code intramesh.tls.spiffe.*}, of mesh-spiffe.
 *
 * @param enabled Whether the SPIFFE Workload API is asked for SDS secrets that no other property names.
 * @param socket Socket of the Workload API: unix:///path or tcp://IP:port. Without it, that of SPIFFE_ENDPOINT_SOCKET or
 *     APPMESH_SDS_SOCKET_PATH; without these, nobody is asked.
 * @param startTimeout How long the start waits for a first answer; the application then starts without.
 */
@ConfigurationProperties("intramesh.tls.spiffe")
public record SpiffeProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String socket,
        @DefaultValue("10s") Duration startTimeout) {}
