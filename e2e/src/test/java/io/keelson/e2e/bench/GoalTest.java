package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Cri;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GoalTest {
    private static Subject subject(Map<String, List<Double>> stages) {
        return new Subject(
                "keelson",
                Cri.connect(Path.of("/nowhere")),
                "/p",
                "/logs",
                OptionalLong.empty(),
                new Samples(),
                stages);
    }

    @Test
    void whatAPodsStartAddsToItsPluginsIsTakenPodByPod() {
        var subject = subject(Map.of("cni", List.of(10.0, 40.0, 20.0)));
        List.of(22.0, 55.0, 90.0).forEach(millis -> subject.samples().add(Metric.POD_START, millis));

        assertThat(Goal.of(subject)).containsExactly(new Goal(Goal.Kind.POD_START, 15));
        assertThat(Goal.of(subject).getFirst().isMet()).isTrue();
        assertThat(Goal.of(subject).getFirst().line()).endsWith("15.0 ms, at most 15: met%n".formatted());
    }

    @Test
    void whatAContainersStartAddsToItsRuntimeIsMissedAboveTheLimit() {
        var subject = subject(Map.of());
        subject.samples().add(Metric.CREATE_START, 40.5);
        subject.samples().add(Metric.BARE_CREATE_START, 30);

        assertThat(Goal.of(subject)).containsExactly(new Goal(Goal.Kind.CREATE_START, 10.5));
        assertThat(Goal.of(subject).getFirst().isMet()).isFalse();
    }

    @Test
    void whatWasNotMeasuredIsNoGoal() {
        var subject = subject(Map.of());
        subject.samples().add(Metric.POD_START, 40);
        subject.samples().add(Metric.CREATE_START, 40);

        assertThat(Goal.of(subject)).isEmpty();
    }
}
