package io.intramesh.discovery.cloudmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.intramesh.discovery.cloudmap.FakeCloudMap.Asked;
import io.intramesh.discovery.cloudmap.FakeCloudMap.Mood;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.registry.EndpointCatalog.Lookup;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Cloud Map's API and its failures over a real socket, question by question. */
@Timeout(60)
final class CloudMapCatalogTest {
    static final String NAMESPACE = "prod.local";
    static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(FakeCloudMap.KEY, "secret"));

    private final FakeCloudMap cloudMap = FakeCloudMap.start();
    private final List<CloudMapCatalog> open = new ArrayList<>();

    CloudMapCatalogTest() throws IOException {}

    @AfterEach
    void close() {
        open.forEach(CloudMapCatalog::close);
        cloudMap.close();
    }

    // ---- What is asked

    @Test
    void namespaceServiceAttributesAndHealthAreAskedFor() throws IOException {
        register("a", "10.0.0.1", "version", "v1", "stage", "prod");
        register("b", "10.0.0.2", "version", "v2", "stage", "prod");

        List<Found> found = lookup(Map.of("version", "v1", "stage", "prod")).find();

        assertThat(names(found)).containsExactly("10.0.0.1");
        assertThat(cloudMap.asked())
                .containsExactly(new Asked(
                        "DiscoverInstances", "payments", Map.of("version", "v1", "stage", "prod"), "HEALTHY", 1_000));
    }

    @Test
    void aServiceMayHaveAsManyInstancesAsCloudMapAllows() throws IOException {
        for (int i = 0; i < 1_000; i++) {
            register("i" + i, "10.0." + i / 250 + "." + i % 250);
        }

        assertThat(lookup().find()).hasSize(1_000);
    }

    @Test
    void unhealthyInstancesAreLeftOutAsInAppMesh() throws IOException {
        register("a", "10.0.0.1");
        register("b", "10.0.0.2");
        cloudMap.checkHealth(NAMESPACE, "payments");
        Lookup lookup = lookup();
        assertThat(names(lookup.find())).containsExactly("10.0.0.1", "10.0.0.2");

        cloudMap.health(NAMESPACE, "payments", "a", false);
        assertThat(names(lookup.find())).containsExactly("10.0.0.2");

        cloudMap.health(NAMESPACE, "payments", "b", false);
        assertThat(lookup.find()).isEmpty();
    }

    @Test
    void healthyOrElseAllFailsOpenAndAllKeepsWhoIsIll() throws IOException {
        register("a", "10.0.0.1");
        register("b", "10.0.0.2");
        cloudMap.checkHealth(NAMESPACE, "payments");
        cloudMap.health(NAMESPACE, "payments", "a", false);

        assertThat(names(lookup(settings().health(CloudMapHealth.HEALTHY_OR_ELSE_ALL))
                        .find()))
                .containsExactly("10.0.0.2");
        assertThat(lookup(settings().health(CloudMapHealth.ALL)).find())
                .extracting(Found::name, Found::isHealthy)
                .containsExactly(tuple("10.0.0.1", false), tuple("10.0.0.2", true));

        cloudMap.health(NAMESPACE, "payments", "b", false);
        assertThat(lookup(settings().health(CloudMapHealth.HEALTHY_OR_ELSE_ALL)).find())
                .hasSize(2);
    }

    @Test
    void onlyTheRevisionIsAskedForWhileNothingComesOrGoes() throws IOException {
        register("a", "10.0.0.1");
        Lookup lookup = lookup();
        List<Found> first = lookup.find();

        for (int i = 0; i < 4; i++) {
            assertThat(lookup.find()).isEqualTo(first);
        }
        assertThat(cloudMap.asked("DiscoverInstances")).isEqualTo(1);
        assertThat(cloudMap.asked("DiscoverInstancesRevision")).isEqualTo(4);

        register("b", "10.0.0.2");
        assertThat(names(lookup.find())).containsExactly("10.0.0.1", "10.0.0.2");
        cloudMap.deregister(NAMESPACE, "payments", "a");
        assertThat(names(lookup.find())).containsExactly("10.0.0.2");
    }

    @Test
    void theListIsFetchedOnceAMinuteAllTheSame() throws IOException {
        register("a", "10.0.0.1");
        Lookup lookup = lookup(settings().interval(Duration.ofSeconds(10)));

        for (int i = 0; i < 18; i++) {
            assertThat(lookup.find()).hasSize(1);
        }

        assertThat(cloudMap.asked("DiscoverInstances")).isEqualTo(3);
    }

    @Test
    void healthDoesNotMoveTheRevisionSoTheListIsFetchedWhereInstancesHaveOne() throws IOException {
        register("a", "10.0.0.1");
        cloudMap.checkHealth(NAMESPACE, "payments");
        Lookup lookup = lookup();

        for (int i = 0; i < 5; i++) {
            assertThat(lookup.find()).hasSize(1);
        }

        assertThat(cloudMap.asked("DiscoverInstances")).isEqualTo(5);
        assertThat(cloudMap.asked("DiscoverInstancesRevision")).isZero();
    }

    @Test
    void whoMayNotAskForTheRevisionFetchesTheListAndAsksForItNoMore() throws IOException {
        register("a", "10.0.0.1");
        Lookup lookup = lookup();
        cloudMap.is(Mood.DENIES_REVISION);

        for (int i = 0; i < 4; i++) {
            assertThat(lookup.find()).hasSize(1);
        }

        assertThat(cloudMap.asked("DiscoverInstances")).isEqualTo(4);
        assertThat(cloudMap.asked("DiscoverInstancesRevision")).isEqualTo(1);
    }

    @Test
    void onlyAwsCloudMapIsSupported() throws IOException {
        CloudMapCatalog catalog = catalog(settings());

        assertThat(catalog.supports(new CloudMap(NAMESPACE, "payments", Map.of(), null)))
                .isTrue();
        assertThat(catalog.supports(new Dns("payments.local", Dns.ResponseType.ENDPOINTS, null)))
                .isFalse();
    }

    // ---- How it fails

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "THROTTLES | Cloud Map has too many questions from this account; raise intramesh.discovery.cloud-map.interval, or"
                        + " the account's quota for DiscoverInstances",
                "DENIES | these AWS credentials may not ask Cloud Map (AccessDeniedException); allow"
                        + " servicediscovery:DiscoverInstances",
                "FAILS | Cloud Map in eu-test-1 answers 500 InternalFailure; look at the status of AWS if it lasts",
            })
    void aRefusalSaysWhyAndHowToMendIt(Mood mood, String expected) throws IOException {
        register("a", "10.0.0.1");
        Lookup lookup = lookup();
        cloudMap.is(mood);

        for (int i = 0; i < 2; i++) { // The same words each time.
            assertThatThrownBy(lookup::find)
                    .isInstanceOf(IOException.class)
                    .hasMessage("serviceDiscovery.awsCloudMap prod.local/payments: " + expected);
        }

        cloudMap.is(Mood.WELL);
        assertThat(lookup.find()).hasSize(1);
    }

    @Test
    void garbageIsAFailureAndNotAnEmptyAnswer() throws IOException {
        register("a", "10.0.0.1");
        cloudMap.is(Mood.TALKS_GARBAGE);

        assertThatThrownBy(lookup()::find)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "serviceDiscovery.awsCloudMap prod.local/payments: Cloud Map at " + cloudMap.url());
    }

    @Test
    void silenceEndsWithTheTimeout() throws IOException {
        register("a", "10.0.0.1");
        cloudMap.is(Mood.HANGS);

        assertThatThrownBy(lookup(settings().timeout(Duration.ofMillis(200)))::find)
                .isInstanceOf(IOException.class)
                .hasMessage("serviceDiscovery.awsCloudMap prod.local/payments: Cloud Map at " + cloudMap.url()
                        + " does not answer in time; look at the way there, or set"
                        + " intramesh.discovery.cloud-map.endpoint");
    }

    @Test
    void whereNobodyListensThePlaceIsNamed() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        URI nowhere = URI.create("http://127.0.0.1:" + port);

        assertThatThrownBy(lookup(settings().endpoint(nowhere))::find)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Cloud Map at " + nowhere + " cannot be reached");
    }

    @Test
    void namesThatCloudMapDoesNotKnowAreToldTogetherWithTheRegion() throws IOException {
        assertThatThrownBy(lookup()::find)
                .hasMessage(
                        "serviceDiscovery.awsCloudMap prod.local/payments: Cloud Map has no namespace 'prod.local' in"
                                + " eu-test-1; correct namespaceName, or set intramesh.discovery.cloud-map.region");

        cloudMap.register(NAMESPACE, "stock", "a", Map.of("AWS_INSTANCE_IPV4", "10.0.0.1"));
        assertThatThrownBy(lookup()::find)
                .hasMessage("serviceDiscovery.awsCloudMap prod.local/payments: Cloud Map has no service 'payments' in"
                        + " namespace 'prod.local' in eu-test-1; correct serviceName, or create it");
    }

    @Test
    void wrongCredentialsAndAWrongRegionAreToldApart() throws IOException {
        register("a", "10.0.0.1");

        assertThatThrownBy(
                        lookup(settings()
                                .credentials(
                                        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDOTHER", "x"))))
                                ::find)
                .hasMessageEndingWith("Cloud Map in eu-test-1 does not accept these AWS credentials"
                        + " (UnrecognizedClientException); correct them, or set intramesh.discovery.cloud-map.region");
        assertThatThrownBy(lookup(settings().region("eu-other-1"))::find)
                .hasMessageEndingWith("Cloud Map in eu-other-1 does not accept these AWS credentials"
                        + " (InvalidSignatureException); correct them, or set intramesh.discovery.cloud-map.region");
        assertThatThrownBy(lookup(settings().credentials(AnonymousCredentialsProvider.create()))::find)
                .hasMessageContaining("does not accept these AWS credentials");
    }

    @Test
    void missingCredentialsAreSaidInFewWords() throws IOException {
        AwsCredentialsProvider none = () -> {
            throw SdkClientException.create("Unable to load credentials from any of the providers in the chain: [...]");
        };

        assertThatThrownBy(lookup(settings().credentials(none))::find)
                .hasMessageEndingWith(
                        "no AWS credentials are found; give the process a role, or set AWS_ACCESS_KEY_ID and"
                                + " AWS_SECRET_ACCESS_KEY");
    }

    @Test
    void instancesThatNobodyCanCallAreAFailureWhereThereIsNoOther() throws IOException {
        cloudMap.register(NAMESPACE, "payments", "alias", Map.of("AWS_ALIAS_DNS_NAME", "lb.example.test"));

        Lookup lookup = lookup();
        assertThatThrownBy(lookup::find)
                .hasMessage("serviceDiscovery.awsCloudMap prod.local/payments: no instance can be called: 'alias' has"
                        + " AWS_ALIAS_DNS_NAME 'lb.example.test' in place of an address; give the node"
                        + " serviceDiscovery.dns with that host");

        register("a", "10.0.0.1");
        assertThat(names(lookup.find())).containsExactly("10.0.0.1");
    }

    // ---- The end

    @Test
    void theEndCutsOffTheCallUnderWayHoweverLongItMayTake() throws Exception {
        register("a", "10.0.0.1");
        cloudMap.is(Mood.HANGS);
        CloudMapCatalog catalog = catalog(settings().timeout(Duration.ofHours(1)));
        Lookup lookup = catalog.lookup(query(Map.of()));
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        Thread asking = new Thread(() -> {
            try {
                outcome.complete(lookup.find());
            } catch (IOException e) {
                outcome.complete(e);
            }
        });
        asking.start();
        Awaitility.await().until(() -> !cloudMap.asked().isEmpty());

        catalog.close();
        catalog.close();

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        assertThatThrownBy(lookup::find).isInstanceOf(IOException.class);
        asking.join();
    }

    private void register(String id, String address, String... attributes) {
        Map<String, String> all = new TreeMap<>();
        all.put("AWS_INSTANCE_IPV4", address);
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        cloudMap.register(NAMESPACE, "payments", id, all);
    }

    private CloudMapEndpointSource.Builder settings() {
        return CloudMapEndpointSource.builder()
                .region(FakeCloudMap.REGION)
                .credentials(CREDENTIALS)
                .endpoint(cloudMap.url());
    }

    private CloudMapCatalog catalog(CloudMapEndpointSource.Builder settings) {
        CloudMapCatalog catalog = new CloudMapCatalog(new CloudMapClient(settings), settings);
        open.add(catalog);
        return catalog;
    }

    private Lookup lookup() {
        return lookup(settings());
    }

    private Lookup lookup(CloudMapEndpointSource.Builder settings) {
        return catalog(settings).lookup(query(Map.of()));
    }

    private Lookup lookup(Map<String, String> attributes) {
        return catalog(settings()).lookup(query(attributes));
    }

    private static Query query(Map<String, String> attributes) {
        return new Query(
                "shop", "payments", new CloudMap(NAMESPACE, "payments", attributes, null), null, List.of(8080));
    }

    private static List<String> names(List<Found> found) {
        return found.stream().map(Found::name).toList();
    }
}
