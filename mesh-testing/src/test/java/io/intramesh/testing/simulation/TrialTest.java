package io.intramesh.testing.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.testing.FakeNanoClock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TrialTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Always 10 ms of work. */
    private static final Fleet FLEET = new Fleet(List.of("a", "b"), 1, 2, new Fleet.Work(Duration.ofMillis(10), 0));

    @Test
    void theSameSeedGivesTheSameFiguresAndAnotherOneOthers() {
        Figures first = Trial.run(Incidents.FAST_503S, Meshes.CONFIGURED, 5);

        assertThat(Trial.run(Incidents.FAST_503S, Meshes.CONFIGURED, 5)).isEqualTo(first);
        assertThat(Trial.run(Incidents.FAST_503S, Meshes.CONFIGURED, 6)).isNotEqualTo(first);
    }

    @Test
    void aClockThatWrapsChangesNothing() {
        Figures usual = Trial.run(Incidents.SLOW_THEN_DEAD, Meshes.CONFIGURED, 5);

        Figures wrapped =
                Trial.run(Incidents.SLOW_THEN_DEAD, Meshes.CONFIGURED, Simulation.of(5, FakeNanoClock.aboutToWrap()));

        assertThat(wrapped).isEqualTo(usual);
    }

    @Test
    void callsComeAsOftenAsTheIncidentSays() {
        Figures figures = Trial.run(Incidents.HEALTHY, BareOkHttp::new, 5);

        // 12,000 by chance: four standard deviations are 438.
        assertThat(figures.whole().calls()).isBetween(11_562L, 12_438L);
        assertThat(figures.whole().attemptsPerCall()).isEqualTo(1);
    }

    @Test
    void moreThanTheThreadsCanDoWaitsAndMoreThanTheQueueHoldsIsAnswered503() {
        // given an endpoint with one thread, two places to wait, and work of 10 ms
        Simulation simulation = Simulation.of(1);
        Instance instance = new Instance(simulation, FLEET, 1, Instance.Application.ANSWER);
        Answers answers = new Answers(simulation);

        for (int call = 0; call < 4; call++) {
            instance.arrive(Request.of(call, 1), answers);
        }
        simulation.runUntil(SECOND);

        assertThat(answers.text).hasToString("503@0 200@10 200@20 200@30 ");
    }

    @Test
    void aKilledProcessBreaksWhatItWorkedOnAndRefusesWhatComes() {
        Simulation simulation = Simulation.of(1);
        Instance instance = new Instance(simulation, FLEET, 1, Instance.Application.ANSWER);
        Answers answers = new Answers(simulation);
        instance.arrive(Request.of(1, 1), answers);
        instance.arrive(Request.of(2, 1), answers);

        instance.become(new Condition.Down());
        instance.arrive(Request.of(3, 1), answers);
        instance.become(new Condition.Well());
        instance.arrive(Request.of(4, 1), answers);
        simulation.runUntil(SECOND);

        assertThat(answers.text).hasToString("broken broken broken 200@10 ");
    }

    @Test
    void aProcessGetsWarm() {
        Condition cold = Condition.Slow.cold(5, Duration.ofSeconds(10));

        assertThat(cold.slowness(0)).isEqualTo(5);
        assertThat(cold.slowness(Duration.ofSeconds(5).toNanos())).isEqualTo(3);
        assertThat(cold.slowness(Duration.ofSeconds(11).toNanos())).isEqualTo(1);
    }

    @Test
    void aSilentMachineIsHeardOfNoMoreAndAConnectionToItTakesAllPatience() {
        Simulation simulation = Simulation.of(1);
        Ledger ledger = new Ledger(simulation);
        Instance instance = new Instance(simulation, FLEET, 1, Instance.Application.ANSWER);
        Network network =
                new Network(simulation, 0, FLEET, List.of(instance, instance), new Names(FLEET.size()), ledger);
        StringBuilder heard = new StringBuilder();

        instance.become(new Condition.Silent());
        network.send(0, Request.of(1, 1), SECOND.toNanos(), reply(heard, simulation));
        simulation.runUntil(Duration.ofSeconds(2));
        instance.become(new Condition.Well());
        network.send(0, Request.of(2, 1), SECOND.toNanos(), reply(heard, simulation));
        simulation.runUntil(Duration.ofSeconds(3));
        // The connection of the second one is idle by now, and the machine vanishes again.
        instance.become(new Condition.Silent());
        network.send(0, Request.of(3, 1), SECOND.toNanos(), reply(heard, simulation));
        simulation.runUntil(Duration.ofSeconds(9));

        assertThat(heard).hasToString("waited@1000 200@2011 ");
    }

    @Test
    void theFirstCallerToForgetACallIsToldSo() {
        Caller.Factory forgetful = network -> new Caller() {
            @Override
            public void call(long number, Consumer<Boolean> done) {}

            @Override
            public void close() {}
        };

        assertThatThrownBy(() -> Trial.run(Incidents.HEALTHY, forgetful, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the caller must end every call");
    }

    private static Reply reply(StringBuilder heard, Simulation simulation) {
        return new Reply() {
            @Override
            public void answered(Response response) {
                heard.append(response.status())
                        .append('@')
                        .append(simulation.nowNanos() / 1_000_000)
                        .append(' ');
            }

            @Override
            public void notConnected(boolean inTime) {
                heard.append(inTime ? "refused@" : "waited@")
                        .append(simulation.nowNanos() / 1_000_000)
                        .append(' ');
            }

            @Override
            public void lost() {
                heard.append("lost ");
            }
        };
    }

    private static final class Answers implements Instance.Peer {
        private final Simulation simulation;
        private final StringBuilder text = new StringBuilder();

        private Answers(Simulation simulation) {
            this.simulation = simulation;
        }

        @Override
        public void answered(Response response) {
            text.append(response.status())
                    .append('@')
                    .append(simulation.nowNanos() / 1_000_000)
                    .append(' ');
        }

        @Override
        public void broken() {
            text.append("broken ");
        }
    }
}
