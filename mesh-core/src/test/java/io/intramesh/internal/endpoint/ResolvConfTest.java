package io.intramesh.internal.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

final class ResolvConfTest {

    @Test
    void aFileOfKubernetesIsUnderstood() throws TextParseException {
        ResolvConf conf = ResolvConf.parse(List.of(
                "# written by the kubelet",
                "search shop.svc.cluster.local svc.cluster.local cluster.local",
                "nameserver 10.96.0.10",
                "options ndots:5 timeout:1 attempts:4 edns0"));

        assertThat(conf.servers())
                .extracting(server -> server.getAddress().getHostAddress())
                .containsExactly("10.96.0.10");
        assertThat(conf.servers()).extracting(server -> server.getPort()).containsExactly(53);
        assertThat(conf.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(conf.attempts()).isEqualTo(4);
        assertThat(names(conf.candidates("payments")))
                .containsExactly(
                        "payments.shop.svc.cluster.local.",
                        "payments.svc.cluster.local.",
                        "payments.cluster.local.",
                        "payments.");
        assertThat(names(conf.candidates("a.b.c.d.e.f"))).startsWith("a.b.c.d.e.f.");
        assertThat(names(conf.candidates("payments.test."))).containsExactly("payments.test.");
    }

    @Test
    void theLastSearchLineCountsAndNonsenseIsPassedOver() throws TextParseException {
        ResolvConf conf = ResolvConf.parse(List.of(
                "nameserver",
                "nameserver not-an-address",
                "nameserver 10.0.0.1",
                "nameserver 10.0.0.1",
                "nameserver fd00::1",
                "nameserver 10.0.0.3",
                "nameserver 10.0.0.4",
                "search one.test",
                "domain two.test",
                "options ndots:x timeout: attempts:-3 ndots:99",
                "sortlist 1.2.3.4"));

        assertThat(conf.servers()).hasSize(3);
        assertThat(conf.ndots()).isEqualTo(15);
        assertThat(conf.attempts()).isEqualTo(1);
        assertThat(conf.timeout()).isEqualTo(ResolvConf.DEFAULT_TIMEOUT);
        assertThat(names(conf.candidates("a"))).containsExactly("a.two.test.", "a.");
    }

    @Test
    void aFileThatChangesIsReadAgainAndAMissingOneIsNoFailure(@TempDir Path folder) throws IOException {
        Path resolvConf = folder.resolve("resolv.conf");
        Path hosts = folder.resolve("hosts");
        DnsSetup setup = DnsSetup.files(resolvConf, hosts);
        assertThat(setup.resolvConf()).isEqualTo(ResolvConf.NONE);
        assertThat(setup.hosts().addresses("a")).isEmpty();

        Files.writeString(resolvConf, "nameserver 10.0.0.1\n");
        Files.writeString(hosts, "10.0.0.9 a # comment b\n::1 a\n");
        assertThat(setup.resolvConf().servers()).hasSize(1);
        assertThat(setup.hosts().addresses("A.")).hasSize(2);
        assertThat(setup.hosts().addresses("b")).isEmpty();

        Files.writeString(resolvConf, "nameserver 10.0.0.1\nnameserver 10.0.0.2\n");
        assertThat(setup.resolvConf().servers()).hasSize(2);

        Files.delete(resolvConf);
        assertThat(setup.resolvConf().servers()).as("kept").hasSize(2);
    }

    @Test
    void literalsAreToldFromNames() {
        for (String literal : List.of("10.0.0.1", "::1", "[::1]", "fd00:0:0:0:0:0:0:1", "::ffff:10.0.0.1")) {
            assertThat(IpLiteral.parse(literal)).as(literal).isNotNull();
        }
        for (String name : List.of("10", "10.0.0", "10.0.0.256", "1.2.3.4.5", "a", "localhost", "[a]", "", "::g")) {
            assertThat(IpLiteral.parse(name)).as(name).isNull();
        }
    }

    private static List<String> names(List<Name> names) {
        return names.stream().map(Name::toString).toList();
    }
}
