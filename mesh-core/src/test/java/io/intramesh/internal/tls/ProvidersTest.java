package io.intramesh.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.MeshConfigException;
import io.intramesh.testing.FakeScheduler;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which library does TLS, in virtual machines that have one or the other. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ProvidersTest {
    private static final String WITHOUT_OPENSSL = "-Dio.netty.handler.ssl.noOpenSsl=true";

    @TempDir
    Path folder;

    @Test
    void fipsIsRefusedWithoutAValidatedProvider() {
        TlsSettings settings = TlsSettings.builder().fips(true).build();

        assertThatThrownBy(() ->
                        new TlsStore(settings, FakeScheduler.create(), InstantSource.system(), event -> {}).close())
                .isInstanceOfSatisfying(
                        MeshConfigException.class,
                        refused -> assertThat(refused.problems())
                                .hasSize(2)
                                .allSatisfy(problem -> assertThat(problem)
                                        .startsWith("fips: ")
                                        .contains("(expected: ")
                                        .contains("security.provider.")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsSettings.builder()
                        .fips(true)
                        .provider(TlsSettings.Provider.OPENSSL)
                        .build());
    }

    @Test
    void fipsByBouncyCastleSpeaksBothVersionsInApprovedMode() throws Exception {
        Path providers = folder.resolve("fips.security");
        Files.writeString(providers, """
                security.provider.1=org.bouncycastle.jcajce.provider.BouncyCastleFipsProvider
                security.provider.2=org.bouncycastle.jsse.provider.BouncyCastleJsseProvider fips:BCFIPS
                security.provider.3=SUN
                """);

        String said = child(
                List.of("-Djava.security.properties=" + providers, "-Dorg.bouncycastle.fips.approved_only=true"),
                "AUTO",
                true);

        assertThat(said)
                .contains("provider: FIPS (BCJSSE)")
                .contains("exchanged: TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                .contains("exchanged: TLSv1.3 TLS_AES_128_GCM_SHA256");
    }

    @Test
    void withoutANativeLibraryTheJdkTakesOver() throws Exception {
        assertThat(child(List.of(WITHOUT_OPENSSL), "AUTO", false))
                .contains("provider: JSSE (SunJSSE)")
                .contains("exchanged: TLSv1.2")
                .contains("exchanged: TLSv1.3");
    }

    @Test
    void aDemandedNativeLibraryThatIsMissingIsARefusal() throws Exception {
        assertThat(child(List.of(WITHOUT_OPENSSL), "OPENSSL", false))
                .contains("refused: ")
                .contains("tls provider OPENSSL")
                .contains("or choose AUTO or JSSE")
                .doesNotContain("exchanged");
    }

    /** Returns what the child wrote. */
    private String child(List<String> options, String provider, boolean fips) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.addAll(List.of(
                ProviderChild.class.getName(),
                provider,
                Boolean.toString(fips),
                folder.resolve("child").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
