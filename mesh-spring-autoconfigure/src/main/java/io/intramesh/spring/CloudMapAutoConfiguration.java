package io.intramesh.spring;

import io.intramesh.discovery.cloudmap.CloudMapEndpointSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Asks AWS Cloud Map where mesh-discovery-cloudmap is on the class path. A {@link CloudMapEndpointSource} of the application
 * wins; a single bean of type {@link AwsCredentialsProvider}, as Spring Cloud AWS has it, says who asks.
 */
@AutoConfiguration(before = MeshAutoConfiguration.class)
@ConditionalOnClass(CloudMapEndpointSource.class)
@ConditionalOnProperty(prefix = "intramesh", name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(CloudMapProperties.class)
public final class CloudMapAutoConfiguration {
    private static final String PREFIX = "intramesh.discovery.cloud-map";

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty(prefix = PREFIX, name = "enabled", matchIfMissing = true)
    CloudMapEndpointSource cloudMapEndpointSource(
            CloudMapProperties properties, ObjectProvider<AwsCredentialsProvider> credentials) {
        CloudMapEndpointSource.Builder source = CloudMapEndpointSource.builder()
                .region(properties.region())
                .credentials(credentials.getIfUnique())
                .health(properties.health());
        set("endpoint", () -> source.endpoint(properties.endpoint()));
        set("interval", () -> source.interval(properties.interval()));
        set("timeout", () -> source.timeout(properties.timeout()));
        return source.build();
    }

    private static void set(String name, Runnable setter) {
        try {
            setter.run();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PREFIX + "." + name + ": " + e.getMessage(), e);
        }
    }
}
