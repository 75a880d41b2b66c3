package io.intramesh.internal.endpoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.call.Endpoint;
import io.intramesh.model.EgressFilter;
import io.intramesh.model.EndpointSet;
import io.intramesh.model.IpPreference;
import io.intramesh.model.Kind;
import io.intramesh.model.Listener;
import io.intramesh.model.MeshResource;
import io.intramesh.model.PortMapping;
import io.intramesh.model.Protocol;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import io.intramesh.model.ResourceSet;
import io.intramesh.model.ServiceDiscovery;
import io.intramesh.model.ServiceDiscovery.CloudMap;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.model.VirtualNode;
import io.intramesh.registry.EndpointSource;
import io.intramesh.registry.EndpointSource.Found;
import io.intramesh.testing.FakeScheduler;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EndpointDirectoryTest {
    private static final String MESH = "shop";
    private static final Listener HTTP = listener(8080);
    private static final Listener ADMIN = listener(9090);
    private static final CloudMap CLOUD_MAP = new CloudMap("prod", "payments", Map.of(), null);

    private final FakeScheduler scheduler = FakeScheduler.create();
    private final FakeSource source = new FakeSource();
    private final EndpointDirectory directory = new EndpointDirectory(MESH, scheduler, List.of(source));

    // ---- When to look

    @Test
    void nothingIsLookedUpBeforeTheFirstCall() {
        update(node("payments", dns("payments.test")));

        EndpointGroup group = directory.group("payments", HTTP);
        scheduler.runDue();

        assertThat(source.watches).isEmpty();
        assertThat(group.endpoints()).isEmpty();
        assertThat(group.problem()).isNull();
        assertThat(group.pending()).isNotNull();
    }

    @Test
    void listenersOfANodeShareOneLookUp() {
        update(node("payments", dns("payments.test")));
        EndpointGroup http = directory.group("payments", HTTP);
        EndpointGroup admin = directory.group("payments", ADMIN);

        http.activate();
        admin.activate();
        http.activate();
        scheduler.runDue();
        source.only().finds(found("10.0.0.1"));
        scheduler.runDue();

        assertThat(names(http)).containsExactly("10.0.0.1:8080");
        assertThat(names(admin)).containsExactly("10.0.0.1:9090");
    }

    @Test
    void whatWaitsForTheFirstAnswerIsWokenByIt() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        AtomicBoolean woken = wake(group);

        source.only().finds(found("10.0.0.1"));
        assertThat(woken).as("on the mesh thread only").isFalse();
        scheduler.runDue();

        assertThat(woken).isTrue();
        assertThat(group.pending()).isNull();
    }

    @Test
    void whatWaitsForTheFirstAnswerIsWokenByAFailureToo() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        AtomicBoolean woken = wake(group);

        source.only().fails("no answer");
        scheduler.runDue();

        assertThat(woken).isTrue();
        assertThat(group.pending()).isNull();
        assertThat(group.problem()).isEqualTo("no answer");
    }

    @Test
    void aManyTimesGivenHintReachesTheSourceOnce() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");

        for (int i = 0; i < 100; i++) {
            group.refresh();
        }
        scheduler.runDue();
        assertThat(source.only().refreshes).isEqualTo(1);

        group.refresh();
        scheduler.runDue();
        assertThat(source.only().refreshes).isEqualTo(2);
    }

    // ---- Identity

    @Test
    void endpointsKeepTheirIdentityOverAnswers() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(found("10.0.0.1"), found("10.0.0.2"));
        List<Endpoint> before = group.endpoints();
        before.get(1).requestStarted();

        answer(found("10.0.0.2"), found("10.0.0.3"));

        assertThat(names(group)).containsExactly("10.0.0.2:8080", "10.0.0.3:8080");
        assertThat(group.endpoints().get(0)).isSameAs(before.get(1));
        assertThat(group.endpoints().get(0).inFlight()).isEqualTo(1);
        assertThat(before).as("a list that was handed out").hasSize(2);
    }

    @Test
    void aLoadBalancerThatMovesKeepsItsIdentity() throws UnknownHostException {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(new Found("payments.test", List.of(address("10.0.0.1")), null, null));
        Endpoint before = group.endpoints().get(0);

        answer(new Found("payments.test", List.of(address("10.0.0.9")), null, null));

        assertThat(group.endpoints()).containsExactly(before);
        assertThat(before.addresses()).containsExactly(address("10.0.0.9"));
    }

    @Test
    void anEndpointThatChangesItsZoneIsAnother() throws UnknownHostException {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(new Found("10.0.0.1", List.of(address("10.0.0.1")), null, "a"));
        Endpoint before = group.endpoints().get(0);

        answer(new Found("10.0.0.1", List.of(address("10.0.0.1")), null, "b"));

        assertThat(group.endpoints()).singleElement().isNotSameAs(before);
        assertThat(group.endpoints().get(0).zone()).isEqualTo("b");
    }

    @Test
    void anEndpointThatIsNamedTwiceCountsOnce() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");

        answer(found("10.0.0.1"), found("10.0.0.1"));

        assertThat(names(group)).containsExactly("10.0.0.1:8080");
    }

    @Test
    void groupsKeepTheirIdentityOverReloads() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(found("10.0.0.1"));
        Endpoint endpoint = group.endpoints().get(0);

        update(node("payments", dns("payments.test")), node("orders", dns("orders.test")));

        assertThat(directory.group("payments", HTTP)).isSameAs(group);
        assertThat(group.endpoints()).containsExactly(endpoint);
        assertThat(source.only().closed).isFalse();
    }

    @Test
    void aReloadThatChangesDiscoveryLooksAnewAndShowsWhatItHadUntilTheAnswer() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(found("10.0.0.1"));

        update(node("payments", dns("elsewhere.test")));
        scheduler.runDue();

        assertThat(source.watches).hasSize(2);
        assertThat(source.watches.get(0).closed).isTrue();
        assertThat(names(group)).containsExactly("10.0.0.1:8080");

        source.watches.get(0).finds(found("10.0.0.66"));
        source.watches.get(1).fails("no answer");
        scheduler.runDue();
        assertThat(names(group)).containsExactly("10.0.0.1:8080");
        assertThat(group.problem()).isEqualTo("no answer");

        source.watches.get(1).finds(found("10.0.0.2"));
        scheduler.runDue();
        assertThat(names(group)).containsExactly("10.0.0.2:8080");
        assertThat(group.problem()).isNull();
    }

    @Test
    void anotherIpPreferenceOfTheMeshLooksAnewUnlessTheNodeHasItsOwn() {
        Dns own = new Dns("orders.test", ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY);
        update(mesh(null), node("payments", dns("payments.test")), node("orders", own));
        activated("payments");
        activated("orders");
        assertThat(source.watches)
                .extracting(watch -> watch.query.ipPreference())
                .containsExactly(null, IpPreference.IPV4_ONLY);

        update(mesh(IpPreference.IPV6_ONLY), node("payments", dns("payments.test")), node("orders", own));
        scheduler.runDue();

        assertThat(source.watches).hasSize(3);
        assertThat(source.watches.get(2).query.virtualNode()).isEqualTo("payments");
        assertThat(source.watches.get(2).query.ipPreference()).isEqualTo(IpPreference.IPV6_ONLY);
    }

    @Test
    void aNodeThatIsGoneIsLookedUpNoMoreButOldCallsKeepItsEndpoints() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(found("10.0.0.1"));

        update();

        assertThat(source.only().closed).isTrue();
        assertThat(names(group)).containsExactly("10.0.0.1:8080");
        assertThat(directory.group("payments", null).endpoints()).isEmpty();
    }

    @Test
    void aGroupThatIsAskedForLateShowsWhatIsKnown() {
        update(node("payments", dns("payments.test")));
        activated("payments");
        answer(found("10.0.0.1"));

        assertThat(names(directory.group("payments", ADMIN))).containsExactly("10.0.0.1:9090");
    }

    // ---- Endpoints documents

    @Test
    void writtenAddressesReplaceDiscoveryAndAreKnownAtOnce() {
        update(
                node("payments", dns("payments.test")),
                endpoints("a", new EndpointSet.Address("10.0.0.1", null, "zone-a")),
                endpoints("b", new EndpointSet.Address("::1", 7070, null)));

        EndpointGroup group = directory.group("payments", HTTP);

        assertThat(names(group)).containsExactly("10.0.0.1:8080", "[::1]:7070");
        assertThat(group.endpoints().get(0).zone()).isEqualTo("zone-a");
        assertThat(group.pending()).isNull();
        group.activate();
        scheduler.runDue();
        assertThat(source.watches).isEmpty();
    }

    @Test
    void aWeightThatChangesKeepsTheEndpointAndMakesANewList() {
        update(node("payments", null), endpoints("a", new EndpointSet.Address("10.0.0.1", null, null, 3)));
        EndpointGroup group = directory.group("payments", HTTP);
        List<Endpoint> before = group.endpoints();
        assertThat(before).singleElement().extracting(Endpoint::weight).isEqualTo(3);

        update(node("payments", null), endpoints("a", new EndpointSet.Address("10.0.0.1", null, null)));

        List<Endpoint> after = directory.group("payments", HTTP).endpoints();
        assertThat(after).isEqualTo(before).isNotSameAs(before);
        assertThat(after.get(0).weight()).isEqualTo(1);
    }

    @Test
    void aWeightHoldsForAHostNameToo() {
        update(node("payments", null), endpoints("a", new EndpointSet.Address("lb.test", null, null, 4)));
        EndpointGroup group = activated("payments");

        answer(found("lb.test"));

        assertThat(group.endpoints())
                .singleElement()
                .extracting(Endpoint::weight)
                .isEqualTo(4);
    }

    @Test
    void writtenHostNamesAreLookedUpAsLoadBalancers() {
        update(
                node("payments", null),
                endpoints(
                        "a",
                        new EndpointSet.Address("10.0.0.1", null, null),
                        new EndpointSet.Address("lb.test", 7070, "zone-b")));
        EndpointGroup group = activated("payments");
        assertThat(names(group)).containsExactly("10.0.0.1:8080");
        assertThat(source.only().query.discovery()).isEqualTo(new Dns("lb.test", ResponseType.LOADBALANCER, null));

        answer(found("lb.test"));

        assertThat(names(group)).containsExactly("10.0.0.1:8080", "lb.test:7070");
        assertThat(group.endpoints().get(1).zone()).isEqualTo("zone-b");
    }

    @Test
    void anAddressThatIsAddedDisturbsNoOther() {
        EndpointSet.Address one = new EndpointSet.Address("one.test", null, null);
        update(node("payments", null), endpoints("a", one));
        EndpointGroup group = activated("payments");
        answer(found("one.test"));
        Endpoint endpoint = group.endpoints().get(0);

        update(node("payments", null), endpoints("a", new EndpointSet.Address("10.0.0.1", null, null), one));
        scheduler.runDue();

        assertThat(source.only().closed).isFalse();
        assertThat(names(group)).containsExactly("10.0.0.1:8080", "one.test:8080");
        assertThat(group.endpoints().get(1)).isSameAs(endpoint);
    }

    @Test
    void discoveryReturnsWhenTheDocumentGoes() {
        update(node("payments", dns("payments.test")), endpoints("a", new EndpointSet.Address("10.0.0.1", null, null)));
        EndpointGroup group = activated("payments");

        update(node("payments", dns("payments.test")));
        scheduler.runDue();
        assertThat(names(group)).as("until discovery answers").containsExactly("10.0.0.1:8080");
        answer(found("10.0.0.2"));

        assertThat(names(group)).containsExactly("10.0.0.2:8080");
    }

    @Test
    void documentsOfOtherMeshesDoNotCount() {
        EndpointSet other = new EndpointSet(
                ResourceId.of(Kind.ENDPOINTS, "another", "a"),
                "payments",
                List.of(new EndpointSet.Address("10.0.0.1", null, null)));
        update(node("payments", dns("payments.test")), other);

        assertThat(directory.group("payments", HTTP).endpoints()).isEmpty();
    }

    @Test
    void aDocumentThatNamesNobodyMeansNobody() {
        update(node("payments", dns("payments.test")), endpoints("a"));

        EndpointGroup group = activated("payments");

        assertThat(group.endpoints()).isEmpty();
        assertThat(group.pending()).isNull();
        assertThat(group.problem()).contains("names no endpoint");
        assertThat(source.watches).isEmpty();
    }

    // ---- Problems

    @Test
    void discoveryThatNobodySupportsSaysHowToMendIt() {
        update(node("payments", CLOUD_MAP));

        EndpointGroup group = activated("payments");

        assertThat(group.endpoints()).isEmpty();
        assertThat(group.pending()).isNull();
        assertThat(group.problem())
                .isEqualTo(
                        "virtualNode 'payments': no source of endpoints for serviceDiscovery.awsCloudMap prod/payments;"
                                + " put the module mesh-discovery-cloudmap beside the service, write its addresses into an"
                                + " Endpoints document, or let serviceDiscovery name a DNS host");
    }

    // ---- What the registry says of an endpoint

    @Test
    void healthAndAttributesTravelToTheEndpointAndTheObjectStays() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        source.only().finds(described("10.0.0.1", true, "blue"));
        scheduler.runDue();
        List<Endpoint> before = group.endpoints();
        assertThat(before.get(0).isHealthyInRegistry()).isTrue();
        assertThat(before.get(0).attributes()).containsOnly(Map.entry("colour", "blue"));

        source.only().finds(described("10.0.0.1", false, "green"));
        scheduler.runDue();

        assertThat(group.endpoints())
                .as("another list, so that it is looked at anew")
                .isNotSameAs(before);
        assertThat(group.endpoints().get(0)).isSameAs(before.get(0));
        assertThat(before.get(0).isHealthyInRegistry()).isFalse();
        assertThat(before.get(0).attributes()).containsOnly(Map.entry("colour", "green"));
    }

    @Test
    void theQueryNamesThePortsOfTheNodesListeners() {
        update(node("payments", dns("payments.test")));
        activated("payments");

        assertThat(source.only().query.listenerPorts()).containsExactly(8080, 9090);
    }

    @Test
    void sourcesOfAMeshThatNeverGotAConfigurationAreClosedEachWhateverTheOthersDo() {
        FakeSource broken = new FakeSource();
        broken.failsToClose = true;

        EndpointDirectory.close(List.of(broken, source));

        assertThat(broken.closes).isEqualTo(1);
        assertThat(source.closes).isEqualTo(1);
    }

    @Test
    void aNodeThatIsNotThereOrHasNoDiscoverySaysSo() {
        update(node("silent", null));

        assertThat(directory.group("nobody", null).problem()).contains("'nobody' is not in mesh 'shop'");
        assertThat(directory.group("silent", HTTP).problem()).contains("no serviceDiscovery");
    }

    @Test
    void aNodeThatAppearsLaterIsLookedUpThen() {
        EndpointGroup missing = directory.group("payments", null);
        missing.activate();
        scheduler.runDue();
        assertThat(missing.pending()).isNull();

        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        assertThat(group.pending()).isNotNull();
        answer(found("10.0.0.1"));

        assertThat(names(group)).containsExactly("10.0.0.1:8080");
    }

    @Test
    void anAnswerWithoutEndpointsSaysSo() {
        update(node("payments", dns("payments.test")));
        EndpointGroup group = activated("payments");
        answer(found("10.0.0.1"));

        answer();

        assertThat(group.endpoints()).isEmpty();
        assertThat(group.problem()).contains("discovery knows no endpoint");
    }

    @Test
    void aSourceThatThrowsIsAProblemOfItsNodesAlone() {
        source.broken = "payments";
        update(node("payments", dns("payments.test")), node("orders", dns("orders.test")));
        EndpointGroup payments = activated("payments");
        EndpointGroup orders = activated("orders");
        answer(found("10.0.0.1"));

        assertThat(payments.problem()).contains("endpoint source fake failed");
        assertThat(payments.pending()).isNull();
        assertThat(names(orders)).containsExactly("10.0.0.1:8080");
    }

    @Test
    void withoutAListenerOnlyEndpointsWithTheirOwnPortAreReachable() throws UnknownHostException {
        update(VirtualNode.builder(MESH, "payments")
                .serviceDiscovery(dns("payments.test"))
                .build());
        EndpointGroup group = directory.group("payments", null);
        group.activate();
        scheduler.runDue();

        answer(found("10.0.0.1"), new Found("10.0.0.2", List.of(address("10.0.0.2")), 7070, null));

        assertThat(names(group)).containsExactly("10.0.0.2:7070");
    }

    // ---- Sources, end

    @Test
    void theFirstSourceThatSupportsTheDiscoveryIsAsked() {
        FakeSource second = new FakeSource();
        EndpointDirectory both = new EndpointDirectory(MESH, scheduler, List.of(second, source));
        both.update(ResourceSet.of(List.of(node("payments", dns("payments.test")))));
        both.group("payments", HTTP).activate();
        scheduler.runDue();

        assertThat(second.watches).hasSize(1);
        assertThat(source.watches).isEmpty();
    }

    @Test
    void closingEndsEverythingAndWakesWhatWaits() {
        update(node("payments", dns("payments.test")), node("orders", dns("orders.test")));
        EndpointGroup group = activated("payments");
        AtomicBoolean woken = wake(group);

        directory.close();
        directory.close();
        source.only().finds(found("10.0.0.1"));
        directory.group("orders", HTTP).activate();
        scheduler.runDue();

        assertThat(woken).isTrue();
        assertThat(source.only().closed).isTrue();
        assertThat(source.closes).isEqualTo(1);
        assertThat(group.endpoints()).isEmpty();
    }

    @Test
    void dnsIsThereWithoutAnySource() {
        try (EndpointDirectory plain = new EndpointDirectory(MESH, scheduler, scheduler.clock(), List.of())) {
            plain.update(ResourceSet.of(List.of(node("payments", dns("10.0.0.1")))));
            EndpointGroup group = plain.group("payments", HTTP);
            group.activate();
            scheduler.runDue();

            assertThat(names(group)).containsExactly("10.0.0.1:8080");
        }
    }

    // ---- How

    private void update(Resource... resources) {
        directory.update(ResourceSet.of(Arrays.asList(resources)));
    }

    private EndpointGroup activated(String node) {
        EndpointGroup group = directory.group(node, HTTP);
        group.activate();
        scheduler.runDue();
        return group;
    }

    /** Lets the latest look-up find these. */
    private void answer(Found... found) {
        source.watches.get(source.watches.size() - 1).finds(found);
        scheduler.runDue();
    }

    private static AtomicBoolean wake(EndpointGroup group) {
        AtomicBoolean woken = new AtomicBoolean();
        CompletionStage<?> pending = requireNonNull(group.pending());
        CompletionStage<Void> chained = pending.thenRun(() -> woken.set(true));
        assertThat(chained).isNotNull();
        return woken;
    }

    private static List<String> names(EndpointGroup group) {
        return group.endpoints().stream().map(Endpoint::toString).toList();
    }

    private static Found found(String name) {
        InetAddress literal = IpLiteral.parse(name);
        return new Found(name, List.of(literal == null ? InetAddress.getLoopbackAddress() : literal), null, null);
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }

    private static Dns dns(String host) {
        return new Dns(host, ResponseType.ENDPOINTS, null);
    }

    private static MeshResource mesh(@Nullable IpPreference preference) {
        return new MeshResource(ResourceId.mesh(MESH), EgressFilter.DROP_ALL, preference);
    }

    private static VirtualNode node(String name, @Nullable ServiceDiscovery discovery) {
        return VirtualNode.builder(MESH, name)
                .listeners(List.of(HTTP, ADMIN))
                .serviceDiscovery(discovery)
                .build();
    }

    private static EndpointSet endpoints(String name, EndpointSet.Address... addresses) {
        return new EndpointSet(ResourceId.of(Kind.ENDPOINTS, MESH, name), "payments", List.of(addresses));
    }

    private static Found described(String address, boolean isHealthy, String colour) {
        return new Found(address, found(address).addresses(), null, null, isHealthy, Map.of("colour", colour));
    }

    private static Listener listener(int port) {
        return Listener.builder(new PortMapping(port, Protocol.HTTP)).build();
    }

    /** Supports DNS, and answers when it is told to. */
    private static final class FakeSource implements EndpointSource {
        final List<FakeWatch> watches = new ArrayList<>();
        String broken = "";
        boolean failsToClose;
        int closes;

        @Override
        public boolean supports(ServiceDiscovery discovery) {
            return discovery instanceof Dns;
        }

        @Override
        public Watch watch(Query query, Observer observer) {
            if (query.virtualNode().equals(broken)) {
                throw new IllegalStateException("broken");
            }
            FakeWatch watch = new FakeWatch(query, observer);
            watches.add(watch);
            return watch;
        }

        @Override
        public void close() {
            closes++;
            if (failsToClose) {
                throw new IllegalStateException("stuck");
            }
        }

        FakeWatch only() {
            assertThat(watches).hasSize(1);
            return watches.get(0);
        }

        @Override
        public String toString() {
            return "fake";
        }
    }

    private static final class FakeWatch implements EndpointSource.Watch {
        final EndpointSource.Query query;
        private final EndpointSource.Observer observer;
        int refreshes;
        boolean closed;

        FakeWatch(EndpointSource.Query query, EndpointSource.Observer observer) {
            this.query = query;
            this.observer = observer;
        }

        void finds(Found... found) {
            observer.found(List.of(found));
        }

        void fails(String message) {
            observer.failed(message);
        }

        @Override
        public void refresh() {
            refreshes++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
