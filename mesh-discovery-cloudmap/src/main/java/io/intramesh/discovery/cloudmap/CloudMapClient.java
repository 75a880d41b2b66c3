package io.intramesh.discovery.cloudmap;

import io.intramesh.model.ServiceDiscovery.CloudMap;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.servicediscovery.ServiceDiscoveryClient;
import software.amazon.awssdk.services.servicediscovery.ServiceDiscoveryClientBuilder;
import software.amazon.awssdk.services.servicediscovery.model.DiscoverInstancesResponse;
import software.amazon.awssdk.services.servicediscovery.model.HealthStatusFilter;

/**
 * The two calls to Cloud Map, with failures in words. The SDK's client is made with the first call, because finding a region
 * or credentials may ask the network. One thread calls; any may close.
 */
final class CloudMapClient implements AutoCloseable {
    /** The most that Cloud Map returns, and the most instances that a service may have. */
    private static final int MAX_RESULTS = 1_000;

    /** To connect takes a round trip; whoever is slower than this to accept has no time for us. */
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(2);

    private final @Nullable String wantedRegion;
    private final @Nullable URI endpoint;
    private final @Nullable AwsCredentialsProvider givenCredentials;
    private final AbortableHttpClient http;

    // The calling thread's.
    private boolean mayAskForRevision = true;

    // Made by the calling thread, freed by the one that closes.
    private final AtomicReference<@Nullable Opened> opened = new AtomicReference<>();
    private volatile boolean closed;

    CloudMapClient(CloudMapEndpointSource.Builder settings) {
        this.wantedRegion = settings.region;
        this.endpoint = settings.endpoint;
        this.givenCredentials = settings.credentials;
        Duration timeout = settings.timeout;
        this.http = new AbortableHttpClient(() -> UrlConnectionHttpClient.builder()
                .connectionTimeout(timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT)
                .socketTimeout(timeout)
                .build());
    }

    DiscoverInstancesResponse discover(CloudMap service, HealthStatusFilter health) throws IOException {
        return ask(
                service,
                sdk -> sdk.discoverInstances(request -> request.namespaceName(service.namespaceName())
                        .serviceName(service.serviceName())
                        .queryParameters(service.attributes())
                        .healthStatus(health)
                        .maxResults(MAX_RESULTS)));
    }

    /** Returns the revision of the service's instances, or null where it cannot be had: the permission is one of its own. */
    @Nullable
    Long revision(CloudMap service) throws IOException {
        if (!mayAskForRevision) {
            return null;
        }
        try {
            return ask(
                    service,
                    sdk -> sdk.discoverInstancesRevision(request -> request.namespaceName(service.namespaceName())
                                    .serviceName(service.serviceName()))
                            .instancesRevision());
        } catch (CloudMapFailures.Refused e) {
            mayAskForRevision = false;
            return null;
        }
    }

    private <T> T ask(CloudMap service, Question<T> question) throws IOException {
        Opened open = open();
        try {
            return question.put(open.sdk);
        } catch (RuntimeException e) {
            throw CloudMapFailures.of(e, service, open.region, endpoint);
        }
    }

    private Opened open() throws IOException {
        Opened known = opened.get();
        if (known != null) {
            return known;
        }
        Region region = findRegion();
        DefaultCredentialsProvider ownCredentials =
                givenCredentials == null ? DefaultCredentialsProvider.builder().build() : null;
        ServiceDiscoveryClientBuilder builder = ServiceDiscoveryClient.builder()
                .region(region)
                .credentialsProvider(ownCredentials == null ? givenCredentials : ownCredentials)
                .httpClient(http)
                .overrideConfiguration(options -> {
                    // The source has pauses of its own, which leave the thread to the other nodes.
                    options.retryStrategy(AwsRetryStrategy.doNotRetry());
                    if (endpoint != null) {
                        // There is no host "data-localhost", nor one for a VPC endpoint.
                        options.putAdvancedOption(SdkAdvancedClientOption.DISABLE_HOST_PREFIX_INJECTION, true);
                    }
                });
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        Opened created = new Opened(builder.build(), ownCredentials, region.id());
        opened.set(created);
        if (closed) { // Whoever closed may have looked before it was there.
            free();
            throw new IOException("closed");
        }
        return created;
    }

    private Region findRegion() throws IOException {
        if (wantedRegion != null) {
            return Region.of(wantedRegion);
        }
        try {
            return new DefaultAwsRegionProviderChain().getRegion();
        } catch (SdkClientException e) {
            throw new IOException("no AWS region is known; set intramesh.discovery.cloud-map.region or AWS_REGION", e);
        }
    }

    /** Ends the call under way and frees what was made. Idempotent. */
    @Override
    public void close() {
        closed = true;
        http.close();
        free();
    }

    private void free() {
        Opened open = opened.getAndSet(null);
        if (open != null) {
            open.sdk.close();
            if (open.ownCredentials != null) {
                open.ownCredentials.close();
            }
        }
    }

    /** What was made for the first call. */
    private record Opened(
            ServiceDiscoveryClient sdk, @Nullable DefaultCredentialsProvider ownCredentials, String region) {}

    private interface Question<T> {
        T put(ServiceDiscoveryClient sdk);
    }
}
