package io.intramesh.spring;

import io.intramesh.discovery.cloudmap.CloudMapHealth;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties {@code intramesh.discovery.cloud-map.*}, of mesh-discovery-cloudmap.
 *
 * @param enabled Whether AWS Cloud Map is asked for the endpoints of virtual nodes whose service discovery it is.
 * @param region AWS region of the Cloud Map namespaces. Without it, the AWS SDK finds it: AWS_REGION, the profile, the
 *     instance's metadata.
 * @param endpoint URL where Cloud Map is asked instead of at its own address, such as a VPC endpoint or a local fake.
 * @param interval How long after an answer each virtual node is asked about again; one second or more.
 * @param timeout How long an answer may take.
 * @param health Instances that count by their health in Cloud Map: healthy, healthy-or-else-all, or all.
 */
@ConfigurationProperties("intramesh.discovery.cloud-map")
public record CloudMapProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String region,
        @Nullable URI endpoint,
        @DefaultValue("10s") Duration interval,
        @DefaultValue("5s") Duration timeout,
        @DefaultValue("healthy") CloudMapHealth health) {}
