package io.intramesh.internal.endpoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.intramesh.model.IpPreference;
import io.intramesh.model.ServiceDiscovery.Dns;
import io.intramesh.model.ServiceDiscovery.Dns.ResponseType;
import io.intramesh.registry.EndpointSource.Query;
import io.intramesh.registry.EndpointSource.Watch;
import io.intramesh.testing.FakeDnsServer;
import io.intramesh.testing.FakeDnsServer.Refusal;
import io.intramesh.testing.FakeNanoClock;
import io.intramesh.testing.FakeScheduler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;

/** Against a real DNS server on a real socket; only the time between look-ups is faked. */
final class DnsEndpointSourceTest {
    private static final String HOST = "payments.test";
    private static final Duration MINUTE = Duration.ofSeconds(60);
    /** For servers that answer: a machine that stands still for a while must not look like a dead one. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** For servers that do not. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final FakeDnsServer dns = FakeDnsServer.start();
    private final FakeScheduler scheduler = FakeScheduler.on(FakeNanoClock.aboutToWrap());
    private final RecordingObserver observer = new RecordingObserver();
    private @Nullable DnsEndpointSource source;

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
        dns.close();
    }

    // ---- What an answer means

    @Test
    void aLoadBalancerIsOneEndpointNamedByItsHostWithAllAddressesInOrder() {
        dns.answer(HOST, MINUTE, "10.0.0.2", "10.0.0.1", "fd00::2");

        watch(ResponseType.LOADBALANCER, null);

        assertThat(observer.names()).containsExactly(HOST);
        assertThat(observer.addresses()).containsExactly("fd00:0:0:0:0:0:0:2", "10.0.0.2", "10.0.0.1");
        assertThat(observer.last().get(0).port()).isNull();
    }

    @Test
    void everyAddressIsAnEndpointInAStableOrder() {
        dns.answer(HOST, MINUTE, "10.0.0.200", "10.0.0.3", "10.0.0.1");

        watch(ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY);

        assertThat(observer.names()).containsExactly("10.0.0.1", "10.0.0.3", "10.0.0.200");
    }

    @Test
    void thePreferenceOrdersTheAddressesOfALoadBalancer() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "fd00::1");

        assertThat(addresses(ResponseType.LOADBALANCER, null)).containsExactly("fd00:0:0:0:0:0:0:1", "10.0.0.1");
        assertThat(addresses(ResponseType.LOADBALANCER, IpPreference.IPV6_PREFERRED))
                .containsExactly("fd00:0:0:0:0:0:0:1", "10.0.0.1");
        assertThat(addresses(ResponseType.LOADBALANCER, IpPreference.IPV4_PREFERRED))
                .containsExactly("10.0.0.1", "fd00:0:0:0:0:0:0:1");
        assertThat(addresses(ResponseType.LOADBALANCER, IpPreference.IPV4_ONLY)).containsExactly("10.0.0.1");
        assertThat(addresses(ResponseType.LOADBALANCER, IpPreference.IPV6_ONLY)).containsExactly("fd00:0:0:0:0:0:0:1");
    }

    @Test
    void endpointsAreOfThePreferredFamilyIfThatHasAny() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "fd00::1");

        assertThat(addresses(ResponseType.ENDPOINTS, null)).containsExactly("fd00:0:0:0:0:0:0:1");
        assertThat(addresses(ResponseType.ENDPOINTS, IpPreference.IPV6_PREFERRED))
                .containsExactly("fd00:0:0:0:0:0:0:1");
        assertThat(addresses(ResponseType.ENDPOINTS, IpPreference.IPV4_PREFERRED))
                .containsExactly("10.0.0.1");

        dns.answer(HOST, MINUTE, "10.0.0.1");
        assertThat(addresses(ResponseType.ENDPOINTS, null)).containsExactly("10.0.0.1");
        assertThat(addresses(ResponseType.ENDPOINTS, IpPreference.IPV6_PREFERRED))
                .containsExactly("10.0.0.1");

        dns.answer(HOST, MINUTE, "fd00::1");
        assertThat(addresses(ResponseType.ENDPOINTS, IpPreference.IPV4_PREFERRED))
                .containsExactly("fd00:0:0:0:0:0:0:1");
    }

    @Test
    void onlyTheFamiliesInQuestionAreAskedFor() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "fd00::1");

        watch(ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY);

        assertThat(dns.questions()).containsExactly(new FakeDnsServer.Question(HOST, "A", false));
    }

    @Test
    void aHostWithoutAddressesOfTheOnlyFamilyIsAFailureThatSaysSo() {
        dns.answer(HOST, MINUTE, "10.0.0.1");

        watch(ResponseType.ENDPOINTS, IpPreference.IPV6_ONLY);

        assertThat(observer.failures())
                .containsExactly(
                        "virtualNode 'payments': host 'payments.test' has no AAAA record in DNS; create one, or"
                                + " change ipPreference");
    }

    @Test
    void anUnknownHostIsAFailureThatSaysSo() {
        watch(ResponseType.LOADBALANCER, null);

        assertThat(observer.found()).isEmpty();
        assertThat(observer.failures())
                .containsExactly(
                        "virtualNode 'payments': host 'payments.test' does not exist in DNS; correct the name, or"
                                + " create its record");
    }

    @Test
    void aHostThatIsNoNameIsAFailureThatSaysSo() {
        watchHost("pay..ments", ResponseType.LOADBALANCER, null, setup());

        assertThat(observer.failures()).singleElement().asString().contains("'pay..ments' is not a host name");
        assertThat(dns.questions()).isEmpty();
    }

    @Test
    void anAddressNeedsNoLookUp() {
        watchHost("10.1.2.3", ResponseType.ENDPOINTS, null, setup());

        assertThat(observer.addresses()).containsExactly("10.1.2.3");
        assertThat(dns.questions()).isEmpty();
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void anAddressOfTheWrongFamilyIsNoEndpoint() {
        watchHost("10.1.2.3", ResponseType.ENDPOINTS, IpPreference.IPV6_ONLY, setup());

        assertThat(observer.last()).isEmpty();
        assertThat(observer.failures()).singleElement().asString().contains("IPv6_ONLY");
    }

    // ---- Names

    @Test
    void aliasesAreFollowed() {
        dns.alias(HOST, MINUTE, "lb.test");
        dns.alias("lb.test", MINUTE, "lb-1.test");
        dns.answer("lb-1.test", MINUTE, "10.0.0.1");

        watch(ResponseType.LOADBALANCER, null);

        assertThat(observer.names()).containsExactly(HOST);
        assertThat(observer.addresses()).containsExactly("10.0.0.1");
    }

    @Test
    void aliasesThatTheServerDoesNotFollowAreFollowedToo() {
        dns.leaveAliasesToClients();
        dns.alias(HOST, MINUTE, "lb.test");
        dns.alias("lb.test", MINUTE, "lb-1.test");
        dns.answer("lb-1.test", MINUTE, "10.0.0.1");

        watch(ResponseType.LOADBALANCER, IpPreference.IPV4_ONLY);

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
        assertThat(dns.questions())
                .extracting(FakeDnsServer.Question::name)
                .containsExactly(HOST, "lb.test", "lb-1.test");
    }

    @Test
    void aLoopOfAliasesEnds() {
        dns.leaveAliasesToClients();
        dns.alias(HOST, MINUTE, "other.test");
        dns.alias("other.test", MINUTE, HOST);

        watch(ResponseType.LOADBALANCER, IpPreference.IPV4_ONLY);

        assertThat(observer.failures()).singleElement().asString().contains("more than 16 CNAME records");
        assertThat(dns.questions()).hasSizeLessThanOrEqualTo(18);
    }

    @Test
    void theTimeToLiveOfAnAliasCountsToo() {
        dns.alias(HOST, Duration.ofSeconds(10), "lb.test");
        dns.answer("lb.test", Duration.ofSeconds(200), "10.0.0.1");

        watch(ResponseType.LOADBALANCER, null);

        assertThat(scheduler.untilNext()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
    }

    @Test
    void searchDomainsAreTriedInTurnAndTheirAnswersNotMixed() throws Exception {
        ResolvConf conf = new ResolvConf(
                List.of(dns.address()),
                List.of(Name.fromString("one.test."), Name.fromString("two.test.")),
                2,
                PATIENCE,
                2);
        dns.answer("payments.two.test", MINUTE, "10.0.0.2");
        dns.answer("payments", MINUTE, "fd00::3");

        watchHost("payments", ResponseType.ENDPOINTS, null, DnsSetup.of(conf, Hosts.NONE));

        assertThat(observer.addresses()).containsExactly("10.0.0.2");
        assertThat(dns.questionsFor("payments.one.test")).isEqualTo(2);
        assertThat(dns.questionsFor("payments")).isZero();
    }

    @Test
    void aBrokenSearchDomainDoesNotHideTheNext() throws Exception {
        ResolvConf conf =
                new ResolvConf(List.of(dns.address()), List.of(Name.fromString("broken.test.")), 1, PATIENCE, 2);
        dns.refuse("payments.broken.test", Refusal.SERVFAIL);
        dns.answer("payments", MINUTE, "10.0.0.2");

        watchHost("payments", ResponseType.ENDPOINTS, null, DnsSetup.of(conf, Hosts.NONE));

        assertThat(observer.addresses()).containsExactly("10.0.0.2");
    }

    @Test
    void aNameThatEndsInADotIsTakenAsItIs() throws Exception {
        ResolvConf conf = new ResolvConf(List.of(dns.address()), List.of(Name.fromString("one.test.")), 5, PATIENCE, 2);
        dns.answer(HOST, MINUTE, "10.0.0.1");

        watchHost(HOST + ".", ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, DnsSetup.of(conf, Hosts.NONE));

        assertThat(dns.questions()).extracting(FakeDnsServer.Question::name).containsExactly(HOST);
    }

    @Test
    void theHostsFileComesBeforeDns() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        Hosts hosts = Hosts.parse(List.of("10.9.9.9 payments.test other", "10.9.9.8 PAYMENTS.test"));

        watchHost(HOST, ResponseType.ENDPOINTS, null, DnsSetup.of(ResolvConf.of(List.of(dns.address())), hosts));

        assertThat(observer.addresses()).containsExactly("10.9.9.8", "10.9.9.9");
        assertThat(dns.questions()).isEmpty();
    }

    @Test
    void localhostNeverLeavesTheMachine() {
        watchHost("localhost", ResponseType.LOADBALANCER, IpPreference.IPV4_PREFERRED, setup());

        assertThat(observer.addresses()).containsExactly("127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(dns.questions()).isEmpty();
    }

    @Test
    void withoutAnyDnsServerTheJdkIsAsked() {
        watchHost(
                "localhost.localdomain.invalid",
                ResponseType.LOADBALANCER,
                null,
                DnsSetup.of(ResolvConf.NONE, Hosts.NONE));

        assertThat(observer.failures()).singleElement().asString().contains("is unknown to the operating system");
    }

    // ---- How servers behave

    @Test
    void anAnswerThatWasCutIsAskedForByTcp() {
        String[] many = new String[300];
        Arrays.setAll(many, i -> "10.0." + i / 250 + "." + (1 + i % 250));
        dns.answer(HOST, MINUTE, many);
        dns.truncate(HOST, true);

        watch(ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY);

        assertThat(observer.last()).hasSize(300);
        assertThat(dns.questions())
                .containsExactly(
                        new FakeDnsServer.Question(HOST, "A", false), new FakeDnsServer.Question(HOST, "A", true));
    }

    @Test
    void aServerFromBeforeEdnsIsUnderstood() {
        dns.forgetEdns();
        dns.answer(HOST, MINUTE, "10.0.0.1");

        watch(ResponseType.ENDPOINTS, null);

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
    }

    @Test
    void aForgedDatagramIsPassedOver() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        dns.forge(HOST, true);

        watch(ResponseType.ENDPOINTS, null);

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
        assertThat(observer.failures()).isEmpty();
    }

    @Test
    void theNextServerIsAskedWhereOneIsSilentAndThenAskedFirst() {
        try (FakeDnsServer dead = FakeDnsServer.start()) {
            dead.dropAll(true);
            dns.answer(HOST, Duration.ZERO, "10.0.0.1");
            List<InetSocketAddress> servers = List.of(dead.address(), dns.address());
            // Long enough for the server that answers, too, however the machine stalls.
            ResolvConf conf = new ResolvConf(servers, List.of(), 1, SHORT.multipliedBy(3), 2);

            watchHost(HOST, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, DnsSetup.of(conf, Hosts.NONE));
            assertThat(observer.addresses()).containsExactly("10.0.0.1");
            assertThat(dead.questions()).hasSize(1);

            lookUpAgain();
            assertThat(dead.questions()).hasSize(1);
            assertThat(dns.questions()).hasSize(2);
        }
    }

    @Test
    void theNextServerIsAskedWhereOneIsNotThere() {
        InetSocketAddress gone;
        try (FakeDnsServer stopped = FakeDnsServer.start()) {
            gone = stopped.address();
        }
        dns.answer(HOST, MINUTE, "10.0.0.1");
        ResolvConf conf = new ResolvConf(List.of(gone, dns.address()), List.of(), 1, PATIENCE, 2);

        watchHost(HOST, ResponseType.ENDPOINTS, null, DnsSetup.of(conf, Hosts.NONE));

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
    }

    @Test
    void theNextServerIsAskedWhereOneRefuses() {
        try (FakeDnsServer broken = FakeDnsServer.start()) {
            broken.refuse(HOST, Refusal.REFUSED);
            dns.answer(HOST, MINUTE, "10.0.0.1");
            List<InetSocketAddress> servers = List.of(broken.address(), dns.address());
            ResolvConf conf = new ResolvConf(servers, List.of(), 1, PATIENCE, 2);

            watchHost(HOST, ResponseType.ENDPOINTS, null, DnsSetup.of(conf, Hosts.NONE));

            assertThat(observer.addresses()).containsExactly("10.0.0.1");
        }
    }

    @Test
    void theNextServerIsAskedThoughAnotherLookUpHasFoundItMeanwhile() {
        String other = "orders.test";
        try (FakeDnsServer broken = FakeDnsServer.start()) {
            broken.refuse(HOST, Refusal.REFUSED);
            broken.refuse(other, Refusal.REFUSED);
            broken.hold(HOST);
            dns.answer(HOST, MINUTE, "10.0.0.1");
            dns.answer(other, MINUTE, "10.0.0.2");
            List<InetSocketAddress> servers = List.of(broken.address(), dns.address());
            ResolvConf conf = new ResolvConf(servers, List.of(), 1, PATIENCE, 2);
            RecordingObserver others = new RecordingObserver();

            start(HOST, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, DnsSetup.of(conf, Hosts.NONE))
                    .refresh();
            await().until(() -> runDue() && broken.questionsFor(HOST) == 1);
            requireNonNull(source).watch(query(other, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY), others);
            await().until(() -> runDue() && others.events() == 1);
            broken.release(HOST);
            awaitEvents(1);

            assertThat(others.addresses()).containsExactly("10.0.0.2");
            assertThat(observer.failures()).isEmpty();
            assertThat(observer.addresses()).containsExactly("10.0.0.1");
        }
    }

    @Test
    void silenceOfAllServersIsAFailureThatNamesThem() {
        dns.dropAll(true);
        ResolvConf conf = new ResolvConf(List.of(dns.address()), List.of(), 1, SHORT, 2);

        watchHost(HOST, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, DnsSetup.of(conf, Hosts.NONE));

        assertThat(observer.failures()).singleElement().asString().contains("no answer from DNS 127.0.0.1");
        assertThat(dns.questions()).as("attempts").hasSize(2);
    }

    @Test
    void oneFamilyIsEnoughWhereTheOtherFails() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        dns.refuse(HOST, "AAAA", Refusal.SERVFAIL);

        watch(ResponseType.ENDPOINTS, null);

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
        assertThat(observer.failures()).isEmpty();
        assertThat(scheduler.untilNext())
                .as("the other is soon asked for again")
                .isLessThan(Duration.ofSeconds(6));
    }

    @Test
    void aFamilyThatFailsKeepsWhatItHadWhereTheOtherAnswers() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "fd00::1");
        watch(ResponseType.ENDPOINTS, null);

        dns.refuse(HOST, "AAAA", Refusal.SERVFAIL);
        lookUpAgain();
        lookUpAgain();

        assertThat(observer.events())
                .as("the endpoints do not jump to the other family")
                .isEqualTo(1);
    }

    // ---- When to ask again

    @Test
    void theHostIsAskedForAgainAfterItsTimeToLive() {
        dns.answer(HOST, Duration.ofSeconds(40), "10.0.0.1");
        watch(ResponseType.ENDPOINTS, null);

        assertThat(scheduler.untilNext()).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(44));

        dns.answer(HOST, Duration.ofSeconds(40), "10.0.0.1", "10.0.0.2");
        lookUpAgain();
        awaitEvents(2);
        assertThat(observer.addresses()).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void aTimeToLiveOfZeroMakesNoStorm() {
        dns.answer(HOST, Duration.ZERO, "10.0.0.1");

        watch(ResponseType.ENDPOINTS, null);

        assertThat(scheduler.untilNext()).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5_500));
    }

    @Test
    void aDayIsNotBelieved() {
        dns.answer(HOST, Duration.ofDays(1), "10.0.0.1");

        watch(ResponseType.ENDPOINTS, null);

        assertThat(scheduler.untilNext()).isBetween(Duration.ofMinutes(5), Duration.ofSeconds(330));
    }

    @Test
    void theSameAnswerInAnotherOrderIsNoNews() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "10.0.0.2");
        watch(ResponseType.ENDPOINTS, null);

        dns.answer(HOST, MINUTE, "10.0.0.2", "10.0.0.1");
        lookUpAgain();

        assertThat(observer.events()).isEqualTo(1);
    }

    @Test
    void theFirstAddressOfALoadBalancerFollowsTheLatestAnswer() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "10.0.0.2");
        watch(ResponseType.LOADBALANCER, null);

        dns.answer(HOST, MINUTE, "10.0.0.2", "10.0.0.1");
        lookUpAgain();

        assertThat(observer.addresses()).containsExactly("10.0.0.2", "10.0.0.1");
    }

    @Test
    void aHintBringsTheLookUpForwardButNotMoreThanOnceASecond() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        Watch watch = watch(ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY);

        watch.refresh();
        scheduler.runDue();
        assertThat(scheduler.untilNext()).isEqualTo(Duration.ofSeconds(1));

        scheduler.advance(Duration.ofSeconds(1));
        await().until(() -> dns.questionsFor(HOST) == 2);
        await().until(() -> runDue() && scheduler.waiting() == 1);
        scheduler.advance(Duration.ofSeconds(30));
        watch.refresh();
        scheduler.runDue();
        await().until(() -> dns.questionsFor(HOST) == 3);
    }

    @Test
    void hintsDuringALookUpAreForgotten() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        dns.hold(HOST);
        Watch watch = start(HOST, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, setup());
        await().until(() -> runDue() && dns.questionsFor(HOST) == 1);

        watch.refresh();
        watch.refresh();
        scheduler.runDue();
        assertThat(scheduler.waiting()).isZero();

        dns.release(HOST);
        awaitEvents(1);
        assertThat(dns.questionsFor(HOST)).isEqualTo(1);
    }

    // ---- When DNS fails

    @Test
    void whatWasFoundStaysInUseWhenTheServerFailsAndTheFailureIsToldOnce() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        watch(ResponseType.ENDPOINTS, null);

        dns.refuse(HOST, Refusal.SERVFAIL);
        lookUpAgain();
        lookUpAgain();
        lookUpAgain();

        assertThat(observer.found()).hasSize(1);
        assertThat(observer.failures())
                .containsExactly(
                        "virtualNode 'payments': host 'payments.test' DNS server 127.0.0.1 answers SERVFAIL; see"
                                + " what is wrong with it; the addresses found before stay in use");

        dns.refuse(HOST, null);
        lookUpAgain();
        assertThat(observer.found())
                .as("the same answer again says that all is well")
                .hasSize(2);
    }

    @Test
    void afterAFailureThePausesDoubleUpToHalfAMinute() {
        dns.refuse(HOST, Refusal.SERVFAIL);
        watch(ResponseType.ENDPOINTS, null);

        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            Duration pause = Duration.ofSeconds(seconds);
            assertThat(scheduler.untilNext())
                    .isBetween(
                            pause.multipliedBy(8).dividedBy(10),
                            pause.multipliedBy(12).dividedBy(10));
            lookUpAgain();
        }
    }

    @Test
    void emptyAnswersEmptyEndpointsOnceNothingElseWasSaidForAWhile() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        watch(ResponseType.ENDPOINTS, null);

        dns.forget(HOST);
        lookUpAgain();
        assertThat(observer.events()).as("after one empty answer").isEqualTo(1);
        assertThat(scheduler.untilNext()).isEqualTo(Duration.ofSeconds(1));
        long since = scheduler.clock().nanoTime();
        lookUpAgain();
        assertThat(observer.failures())
                .singleElement()
                .asString()
                .contains("does not exist in DNS")
                .endsWith("the addresses found before stay in use");
        while (!observer.last().isEmpty()) {
            assertThat(scheduler.untilNext()).isLessThanOrEqualTo(Duration.ofSeconds(6));
            lookUpAgain();
        }

        assertThat(Duration.ofNanos(scheduler.clock().nanoTime() - since))
                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(36));
        dns.answer(HOST, MINUTE, "10.0.0.7");
        lookUpAgain();
        assertThat(observer.addresses()).containsExactly("10.0.0.7");
    }

    @Test
    void anEmptyAnswerBetweenGoodOnesIsNeverHeardOf() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        watch(ResponseType.ENDPOINTS, null);

        for (int i = 0; i < 3; i++) {
            dns.answer(HOST, MINUTE);
            lookUpAgain();
            dns.answer(HOST, MINUTE, "10.0.0.1");
            lookUpAgain();
        }

        assertThat(observer.events()).isEqualTo(1);
    }

    @Test
    void aLoadBalancerKeepsItsAddressesThroughEmptyAnswers() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        watch(ResponseType.LOADBALANCER, null);

        dns.forget(HOST);
        lookUpAgain();
        lookUpAgain();
        lookUpAgain();

        assertThat(observer.found()).hasSize(1);
        assertThat(observer.failures()).singleElement().asString().endsWith("the addresses found before stay in use");
    }

    @Test
    void aFamilyThatVanishesIsGoneAtOnceWhereTheOtherAnswers() {
        dns.answer(HOST, MINUTE, "10.0.0.1", "fd00::1");
        watch(ResponseType.ENDPOINTS, null);

        dns.answer(HOST, MINUTE, "10.0.0.1");
        lookUpAgain();

        assertThat(observer.addresses()).containsExactly("10.0.0.1");
    }

    // ---- Threads

    @Test
    void nothingIsHeardAfterTheWatchWasClosed() {
        dns.answer(HOST, MINUTE, "10.0.0.1");
        dns.hold(HOST);
        Watch watch = start(HOST, ResponseType.ENDPOINTS, IpPreference.IPV4_ONLY, setup());
        await().until(() -> runDue() && dns.questionsFor(HOST) == 1);

        watch.close();
        watch.close();
        scheduler.runDue();
        dns.release(HOST);
        await().until(() -> scheduler.waiting() == 1);
        scheduler.runDue();

        assertThat(observer.events()).isZero();
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void closingLeavesNoThreadBehindNotEvenInTheMiddleOfALookUp() {
        dns.dropAll(true);
        start(HOST, ResponseType.ENDPOINTS, null, DnsSetup.of(ResolvConf.of(List.of(dns.address())), Hosts.NONE));
        await().until(() -> runDue() && dns.questionsFor(HOST) == 2);
        assertThat(dnsThreads()).containsExactly("intramesh-dns-shop");

        if (source != null) {
            source.close();
        }

        assertThat(dnsThreads()).isEmpty();
    }

    @Test
    void theThreadBeginsWithTheFirstLookUp() {
        source = new DnsEndpointSource("shop", scheduler, scheduler.clock(), new SplittableRandom(1), setup());

        assertThat(dnsThreads()).isEmpty();

        source.close();
        source.close();
    }

    @Test
    void thousandsOfHostsAreAskedForAFewAtATime() {
        int hosts = 1_000;
        source = new DnsEndpointSource("shop", scheduler, scheduler.clock(), new SplittableRandom(1), setup());
        for (int i = 0; i < hosts; i++) {
            String host = "host" + i + ".test";
            dns.answer(host, MINUTE, "10.0.0.1");
            source.watch(query(host, ResponseType.ENDPOINTS, null), observer);
        }

        await().until(() -> runDue() && observer.events() == hosts);

        assertThat(observer.failures()).isEmpty();
    }

    // ---- How

    private static List<String> dnsThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("intramesh-dns") || name.contains("dnsjava"))
                .toList();
    }

    private DnsSetup setup() {
        return DnsSetup.of(new ResolvConf(List.of(dns.address()), List.of(), 1, PATIENCE, 2), Hosts.NONE);
    }

    private List<String> addresses(ResponseType type, @Nullable IpPreference preference) {
        RecordingObserver own = new RecordingObserver();
        try (DnsEndpointSource ownSource =
                new DnsEndpointSource("shop", scheduler, scheduler.clock(), new SplittableRandom(1), setup())) {
            Watch watch = ownSource.watch(query(HOST, type, preference), own);
            await().until(() -> runDue() && own.events() == 1);
            watch.close();
            scheduler.runDue();
        }
        return own.addresses();
    }

    private Watch watch(ResponseType type, @Nullable IpPreference preference) {
        return watchHost(HOST, type, preference, setup());
    }

    private Watch watchHost(String host, ResponseType type, @Nullable IpPreference preference, DnsSetup setup) {
        Watch watch = start(host, type, preference, setup);
        awaitEvents(1);
        return watch;
    }

    private Watch start(String host, ResponseType type, @Nullable IpPreference preference, DnsSetup setup) {
        source = new DnsEndpointSource("shop", scheduler, scheduler.clock(), new SplittableRandom(1), setup);
        return source.watch(query(host, type, preference), observer);
    }

    private static Query query(String host, ResponseType type, @Nullable IpPreference preference) {
        return new Query("shop", "payments", new Dns(host, type, null), preference, List.of(8080));
    }

    /** Lets the time pass until the look-up that is planned, and waits until the next one is. */
    private void lookUpAgain() {
        Duration pause = scheduler.untilNext();
        assertThat(pause).as("a look-up is planned").isNotNull();
        scheduler.advance(pause);
        await().until(() -> runDue() && scheduler.waiting() == 1);
    }

    private void awaitEvents(int count) {
        await().until(() -> runDue() && observer.events() >= count);
    }

    private static ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2));
    }

    private boolean runDue() {
        scheduler.runDue();
        return true;
    }
}
