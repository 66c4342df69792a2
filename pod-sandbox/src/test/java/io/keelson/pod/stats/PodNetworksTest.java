package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.stats.InterfaceUsage.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks in which each visitor finds one packet more. */
class PodNetworksTest {
    private final FakeTime time = new FakeTime();
    private final List<List<Path>> visits = new ArrayList<>();

    @TempDir
    Path root;

    private PodNetworks networks;
    private Pod one;
    private Pod two;

    @BeforeEach
    void addPods() {
        var paths = new PodPaths(root, root);
        var pods = new PodCatalog(paths);
        one = ReadyPods.add(pods, paths, new PodId("1".repeat(64)), ReadyPods.spec("one"));
        two = ReadyPods.add(pods, paths, new PodId("2".repeat(64)), ReadyPods.spec("two"));
        networks = new PodNetworks(paths, time.moments(), this::visit);
    }

    private List<List<InterfaceUsage>> visit(List<Path> namespaces) {
        visits.add(namespaces);
        var traffic = new Traffic(0, visits.size(), 0, 0);
        return namespaces.stream()
                .map(_ -> List.of(new InterfaceUsage("eth0", traffic, traffic)))
                .toList();
    }

    private static long packets(NetworkUsage usage) {
        return usage.interfaces().getFirst().received().packets();
    }

    @Test
    void whoComesAMomentLaterIsToldOfTheSameVisitAndWhenThatWas() {
        networks.recent(List.of(one, two));
        time.pass(Moments.RECENT);
        var again = networks.recent(List.of(two));

        assertThat(visits).hasSize(1);
        assertThat(packets(again.getFirst())).isEqualTo(1);
        assertThat(again.getFirst().at()).isEqualTo(time.now().minus(Moments.RECENT));
    }

    @Test
    void aVisitIsNotToldForLongerBecauseSomebodyAsked() {
        networks.recent(List.of(one));
        time.pass(Moments.RECENT);
        networks.recent(List.of(one));
        time.pass(Duration.ofNanos(1));
        var late = networks.recent(List.of(one));

        assertThat(packets(late.getFirst())).isEqualTo(2);
        assertThat(late.getFirst().at()).isEqualTo(time.now());
    }

    @Test
    void whoWantsToKnowItNowVisitsThemAnewAndForThoseWhoComeThen() {
        networks.recent(List.of(one));
        assertThat(packets(networks.read(List.of(one)).getFirst())).isEqualTo(2);
        assertThat(packets(networks.recent(List.of(one)).getFirst())).isEqualTo(2);
    }

    @Test
    void aPodThatWasNotThereIsVisited() {
        networks.recent(List.of(one));
        var both = networks.recent(List.of(one, two));

        assertThat(visits).hasSize(2);
        assertThat(both).extracting(PodNetworksTest::packets).containsExactly(2L, 2L);
    }
}
