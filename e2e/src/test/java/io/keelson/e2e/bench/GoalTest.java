package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.keelson.e2e.node.Cri;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GoalTest {
    private static final Path NOWHERE = Path.of("/nowhere");

    private static Subject subject(String name, Map<String, List<Double>> stages) {
        return new Subject(
                name, NOWHERE, Cri.connect(NOWHERE), "/p", "/logs", OptionalLong.empty(), new Samples(), stages);
    }

    @Test
    void whatAPodsStartAddsToItsPluginsIsTakenPodByPod() {
        var subject = subject("keelson", Map.of("cni", List.of(10.0, 40.0, 20.0)));
        List.of(22.0, 55.0, 90.0).forEach(millis -> subject.samples().add(Metric.POD_START, millis));

        assertThat(goals(subject))
                .extracting(Goal::id, Goal::millis)
                .containsExactly(tuple("pod-start-without-cni", 15.0));
        assertThat(goals(subject).getFirst().isMet()).isTrue();
        assertThat(goals(subject).getFirst().line()).endsWith("15.0 ms, at most 15: met%n".formatted());
    }

    @Test
    void whatAContainersStartAddsToItsRuntimeIsMissedAboveTheLimit() {
        var subject = subject("keelson", Map.of());
        subject.samples().add(Metric.CREATE_START, 40.5);
        subject.samples().add(Metric.BARE_CREATE_START, 30);

        assertThat(goals(subject))
                .extracting(Goal::id, Goal::millis)
                .containsExactly(tuple("create-start-without-runtime", 10.5));
        assertThat(goals(subject).getFirst().isMet()).isFalse();
    }

    @Test
    void aCommandIsComparedWithTheRuntimesOwnInTheSameRun() {
        var subject = subject("keelson", Map.of());
        List.of(12.0, 13.0, 90.0).forEach(millis -> subject.samples().add(Metric.EXEC, millis));
        subject.samples().add(Metric.BARE_EXEC, 10);

        assertThat(goals(subject))
                .extracting(Goal::id, Goal::millis, Goal::limitMillis, Goal::isMet)
                .containsExactly(tuple("exec-by-runtime", 13.0, 13.0, true));
        assertThat(goals(subject).getFirst().line()).contains("1.30 × the runtime's own");
    }

    @Test
    void aContainerFromScratchIsComparedWithEachPeersInTheSameRun() {
        var subject = subject("keelson", Map.of());
        var slower = subject("slower", Map.of());
        var faster = subject("faster", Map.of());
        List.of(100.0, 110.0, 500.0).forEach(millis -> subject.samples().add(Metric.SCRATCH, millis));
        slower.samples().add(Metric.SCRATCH, 200);
        faster.samples().add(Metric.SCRATCH, 109);

        var goals = Goal.of(subject, List.of(slower, faster, subject("other", Map.of())));

        assertThat(goals)
                .extracting(Goal::id, Goal::millis, Goal::limitMillis, Goal::isMet)
                .containsExactly(
                        tuple("critest-scratch-slower", 110.0, 200.0, true),
                        tuple("critest-scratch-faster", 110.0, 109.0, false));
    }

    private static List<Goal> goals(Subject subject) {
        return Goal.of(subject, List.of());
    }

    @Test
    void whatWasNotMeasuredIsNoGoal() {
        var subject = subject("keelson", Map.of());
        subject.samples().add(Metric.POD_START, 40);
        subject.samples().add(Metric.CREATE_START, 40);

        assertThat(goals(subject)).isEmpty();
    }
}
