package io.intramesh.discovery.cloudmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.IpPreference;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.registry.EndpointSource.Query;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.servicediscovery.model.HttpInstanceSummary;

final class InstancesTest {
    private static final String[] BOTH = {"AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_IPV6", "fd00::1"};

    // App Mesh's table of IP preferences, column "Cloud Map address".
    @ParameterizedTest
    @CsvSource({
        ", 10.0.0.1 fd00:0:0:0:0:0:0:1",
        "IPV4_PREFERRED, 10.0.0.1 fd00:0:0:0:0:0:0:1",
        "IPV6_PREFERRED, fd00:0:0:0:0:0:0:1 10.0.0.1",
        "IPV4_ONLY, 10.0.0.1",
        "IPV6_ONLY, fd00:0:0:0:0:0:0:1",
    })
    void addressesComeInTheOrderOfTheIpPreference(@Nullable IpPreference preference, String expected) {
        Found found = only(preference, BOTH);

        assertThat(found.addresses()).extracting(InetAddress::getHostAddress).containsExactly(expected.split(" ", -1));
        assertThat(found.name()).isEqualTo(expected.split(" ", -1)[0]);
    }

    @Test
    void anInstanceOfTheOtherFamilyIsLeftOut() {
        Instances instances = instances(IpPreference.IPV6_ONLY, instance("a", "AWS_INSTANCE_IPV4", "10.0.0.1"));

        assertThat(instances.found()).isEmpty();
        assertThat(instances.problem())
                .isEqualTo("'a' has no AWS_INSTANCE_IPV6, which ipPreference IPv6_ONLY asks for");
    }

    @Test
    void thePortIsTheInstancesUnlessItIsThatOfAListener() {
        assertThat(only(null, "AWS_INSTANCE_IPV4", "10.0.0.1").port()).isNull();
        assertThat(only(null, "AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", "32768")
                        .port())
                .isEqualTo(32_768);
        assertThat(only(null, "AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", "8080")
                        .port())
                .as("the controller writes the first listener's port; the others have their own")
                .isNull();
    }

    @Test
    void zoneHealthIdAndAttributesAreCarried() {
        HttpInstanceSummary summary = instance(
                        "task-1", "AWS_INSTANCE_IPV4", "10.0.0.1", "AVAILABILITY_ZONE", "eu-west-1b", "version", "v2")
                .toBuilder()
                .healthStatus("UNHEALTHY")
                .build();

        Found found = instances(null, summary).found().get(0);

        assertThat(found.zone()).isEqualTo("eu-west-1b");
        assertThat(found.isHealthy()).isFalse();
        assertThat(found.attributes()).containsEntry("version", "v2").containsEntry("INSTANCE_ID", "task-1");
    }

    @Test
    void theOrderIsStable() {
        HttpInstanceSummary[] summaries = {
            instance("c", "AWS_INSTANCE_IPV4", "10.0.0.3"),
            instance("a", "AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", "9001"),
            instance("b", "AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", "9000"),
        };

        assertThat(instances(null, summaries).found())
                .extracting(found -> found.name() + ":" + found.port())
                .containsExactly("10.0.0.1:9000", "10.0.0.1:9001", "10.0.0.3:null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0",
                "10.0.0.256",
                "10.0.0.1.2",
                "payments.local",
                "1.2.3.",
                "fd00::1%eth0",
                "fd00:::1",
                "1",
                "::x"
            })
    void whatIsNoAddressIsLeftOutAndNobodyIsAskedAboutIt(String text) {
        Instances instances = instances(
                null,
                instance("bad", text.contains(":") ? "AWS_INSTANCE_IPV6" : "AWS_INSTANCE_IPV4", text),
                instance("good", "AWS_INSTANCE_IPV4", "10.0.0.9"));

        assertThat(instances.found()).extracting(Found::name).containsExactly("10.0.0.9");
        assertThat(instances.problem())
                .contains("'bad' has AWS_INSTANCE_IPV", "'" + text + "', which is no IP address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "http", "8080x"})
    void aPortThatIsNoneLeavesTheInstanceOut(String port) {
        Instances instances =
                instances(null, instance("a", "AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", port));

        assertThat(instances.found()).isEmpty();
        assertThat(instances.problem()).isEqualTo("'a' has AWS_INSTANCE_PORT '" + port + "' (expected: 1 to 65535)");
    }

    @Test
    void hostNamesInPlaceOfAddressesAreLeftOutAndTheMendIsNamed() {
        Instances instances = instances(
                null,
                instance("c", "AWS_INSTANCE_CNAME", "db.example.test"),
                instance("n", "version", "v1"),
                instance("a", "AWS_ALIAS_DNS_NAME", "lb.example.test"),
                instance("z1", "version", "v1"),
                instance("z2", "version", "v1"));

        assertThat(instances.problem())
                .isEqualTo("'a' has AWS_ALIAS_DNS_NAME 'lb.example.test' in place of an address; give the node"
                        + " serviceDiscovery.dns with that host; 'c' has AWS_INSTANCE_CNAME 'db.example.test' in place of an"
                        + " address; give the node serviceDiscovery.dns with that host; 'n' has neither AWS_INSTANCE_IPV4"
                        + " nor AWS_INSTANCE_IPV6; register it with one; and 2 more");
    }

    private static Found only(@Nullable IpPreference preference, String... attributes) {
        return instances(preference, instance("a", attributes)).found().get(0);
    }

    private static Instances instances(@Nullable IpPreference preference, HttpInstanceSummary... summaries) {
        Query query = new Query(
                "shop",
                "payments",
                new CloudMap("prod", "payments", Map.of(), preference),
                preference,
                List.of(8080, 9090));
        return new Instances(query, Arrays.asList(summaries));
    }

    private static HttpInstanceSummary instance(String id, String... attributes) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            all.put(attributes[i], attributes[i + 1]);
        }
        return HttpInstanceSummary.builder().instanceId(id).attributes(all).build();
    }
}
