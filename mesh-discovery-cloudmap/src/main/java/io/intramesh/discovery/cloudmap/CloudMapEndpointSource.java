package io.intramesh.discovery.cloudmap;

import static java.util.Objects.requireNonNull;

import io.intramesh.model.ServiceDiscovery;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.PollingEndpointSource;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Finds endpoints in AWS Cloud Map, for virtual nodes whose {@code serviceDiscovery} is {@code awsCloudMap}: the instances of
 * {@code namespaceName} and {@code serviceName} that have all {@code attributes}.
 *
 * <p>A jar on the class path is enough: {@link CloudMapFactory} makes a source of the process's settings. To make one by hand:
 *
 * <pre>{@code
 * Mesh.builder()
 *         .endpointSource(CloudMapEndpointSource.builder().region("eu-west-1").build())
 *         …
 * }</pre>
 *
 * <ul>
 *   <li>Address: {@code AWS_INSTANCE_IPV4} and {@code AWS_INSTANCE_IPV6}, IPv4 first unless {@code ipPreference} says otherwise,
 *       as in App Mesh. Instances that have neither ({@code AWS_INSTANCE_CNAME}, {@code AWS_ALIAS_DNS_NAME}) are left out, as
 *       App Mesh's Envoy took addresses only: give such a node {@code serviceDiscovery.dns} with that name.
 *   <li>Port: {@code AWS_INSTANCE_PORT}, where it is not the port of one of the node's listeners; else the listener's.
 *   <li>Zone: {@code AVAILABILITY_ZONE}, which ECS and the App Mesh controller write. All attributes reach
 *       {@code Endpoint.attributes()}, and the instance's id as {@code INSTANCE_ID}.
 *   <li>Health: {@link CloudMapHealth}.
 *   <li>While Cloud Map cannot be asked, what it said last stays in use.
 * </ul>
 *
 * <p>Owns one daemon thread, {@code intramesh-cloud-map}, from the first look-up to {@link #close}. Safe for use by several
 * threads.
 */
public final class CloudMapEndpointSource implements EndpointSource {
    /** Name in explanations and logs. */
    static final String NAME = "cloud-map";

    /**
     * How often each virtual node is asked about, when nothing else is said. An account may call DiscoverInstances 1,000 times a
     * second in a region [1], which at 10 s serves 10,000 pairs of process and virtual node.
     *
     * <p>[1] AWS Cloud Map Developer Guide, "Service quotas".
     */
    public static final Duration DEFAULT_INTERVAL = PollingEndpointSource.DEFAULT_INTERVAL;

    /** How long an answer of Cloud Map may take, when nothing else is said. It takes a few ms; the thread serves all nodes. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    private final PollingEndpointSource polling;

    private CloudMapEndpointSource(Builder settings) {
        polling = PollingEndpointSource.builder(NAME, new CloudMapCatalog(new CloudMapClient(settings), settings))
                .interval(settings.interval)
                .believedEmptyAfter(settings.believedEmptyAfter)
                .build();
    }

    /** Returns a builder with the defaults: region and credentials as the AWS SDK finds them. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean supports(ServiceDiscovery discovery) {
        return polling.supports(discovery);
    }

    @Override
    public Watch watch(Query query, Observer observer) {
        return polling.watch(query, observer);
    }

    @Override
    public void close() {
        polling.close();
    }

    @Override
    public String toString() {
        return polling.toString();
    }

    /** Builds a {@link CloudMapEndpointSource}. Not thread-safe. */
    public static final class Builder {
        private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

        @Nullable
        String region;

        @Nullable
        URI endpoint;

        @Nullable
        AwsCredentialsProvider credentials;

        Duration interval = DEFAULT_INTERVAL;
        Duration believedEmptyAfter = PollingEndpointSource.DEFAULT_BELIEVED_EMPTY_AFTER;
        Duration timeout = DEFAULT_TIMEOUT;
        CloudMapHealth health = CloudMapHealth.HEALTHY;

        private Builder() {}

        /** Sets the region; null as the AWS SDK finds it: {@code AWS_REGION}, the profile, the instance's metadata. */
        public Builder region(@Nullable String value) {
            region = value;
            return this;
        }

        /**
         * Sets where Cloud Map is asked instead of at its own address: a VPC endpoint, a proxy, a local fake. Used as it is,
         * without the SDK's host prefix {@code data-}. Null for Cloud Map's own.
         *
         * @throws IllegalArgumentException where it is no http or https URL
         */
        public Builder endpoint(@Nullable URI value) {
            String scheme = value == null || value.getScheme() == null ? "" : value.getScheme();
            if (value != null
                    && (value.getHost() == null
                            || !(scheme.toLowerCase(Locale.ROOT).equals("http")
                                    || scheme.toLowerCase(Locale.ROOT).equals("https")))) {
                throw new IllegalArgumentException("'" + value + "' (expected: an http or https URL)");
            }
            endpoint = value;
            return this;
        }

        /**
         * Sets who asks. Needs the permission {@code servicediscovery:DiscoverInstances}, and is better off with
         * {@code servicediscovery:DiscoverInstancesRevision}. Not closed by the mesh. Null for the AWS SDK's default chain:
         * environment, web identity, profile, container, instance.
         */
        public Builder credentials(@Nullable AwsCredentialsProvider value) {
            credentials = value;
            return this;
        }

        /**
         * Sets how long after an answer each virtual node is asked about again; default {@link #DEFAULT_INTERVAL}.
         *
         * @throws IllegalArgumentException below 1 s
         */
        public Builder interval(Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("'" + value + "' (expected: 1 s or more)");
            }
            interval = value;
            return this;
        }

        /**
         * Sets how long an answer may take before it counts as failed; default {@link #DEFAULT_TIMEOUT}.
         *
         * @throws IllegalArgumentException below 100 ms
         */
        public Builder timeout(Duration value) {
            if (value.compareTo(SHORTEST_TIMEOUT) < 0) {
                throw new IllegalArgumentException("'" + value + "' (expected: 100 ms or more)");
            }
            timeout = value;
            return this;
        }

        /**
         * Sets how long Cloud Map must say that a node has no instance to be believed where there was one; default 30 s, zero at
         * once.
         */
        public Builder believedEmptyAfter(Duration value) {
            believedEmptyAfter = requireNonNull(value, "believedEmptyAfter");
            return this;
        }

        /** Sets which instances count by their health in Cloud Map; default {@link CloudMapHealth#HEALTHY}. */
        public Builder health(CloudMapHealth value) {
            health = requireNonNull(value, "health");
            return this;
        }

        /** Returns a source that has started nothing yet. */
        public CloudMapEndpointSource build() {
            return new CloudMapEndpointSource(this);
        }
    }
}
