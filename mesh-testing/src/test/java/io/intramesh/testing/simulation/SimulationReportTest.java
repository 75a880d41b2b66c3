package io.intramesh.testing.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What {@code docs/simulation.md} claims, and that it says what the simulation says. */
class SimulationReportTest {
    private static final Path REPORT = Path.of(System.getProperty("basedir", "."), "..", "docs", "simulation.md");
    private static final Logger MESH = (Logger) LoggerFactory.getLogger("io.intramesh");

    private static SimulationReport report;

    @BeforeAll
    static void run() {
        // Incidents make a mesh talk, and here they are the point.
        MESH.setLevel(Level.OFF);
        report = new SimulationReport();
    }

    @AfterAll
    static void speakAgain() {
        MESH.setLevel(null);
    }

    @Test
    void theCommittedReportIsWhatTheSimulationSays() throws IOException {
        if (Boolean.getBoolean("simulation.write")) {
            Files.writeString(REPORT, report.text());
        }

        assertThat(Files.readString(REPORT))
                .as("docs/simulation.md; run this test with -Dsimulation.write=true and look at the difference")
                .isEqualTo(report.text());
    }

    @Test
    void theMeshLosesNextToNothingWhileAnEndpointIsWell() {
        for (Incident incident : List.of(
                Incidents.HEALTHY,
                Incidents.BLACK_HOLE,
                Incidents.FAST_503S,
                Incidents.SOME_ERRORS,
                Incidents.SLOW_NODE,
                Incidents.SLOW_THEN_DEAD,
                Incidents.ROLLING_DEPLOY,
                Incidents.ZONE_LOSS,
                Incidents.CONFIG_RELOAD)) {
            assertThat(report.of(incident, SimulationReport.CONFIGURED)
                            .trouble()
                            .successPercent())
                    .as(incident.name())
                    .isGreaterThanOrEqualTo(99.9);
        }
    }

    @Test
    void aReloadForgetsNobodyWhoIsEjected() {
        Figures reloaded = report.of(Incidents.CONFIG_RELOAD, SimulationReport.CONFIGURED);
        Figures left = report.of(Incidents.FAST_503S, SimulationReport.CONFIGURED);

        // Ejected anew after each reload, the failing endpoint would get five more from each caller each time.
        assertThat(reloaded.trouble().loads().get(1))
                .isEqualTo(left.trouble().loads().get(1));
    }
}
