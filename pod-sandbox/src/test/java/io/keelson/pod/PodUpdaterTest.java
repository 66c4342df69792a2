package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodUpdaterTest {
    private static final LinuxResources MEMORY = memory(1 << 20);
    private static final LinuxResources MORE = memory(2 << 20);

    @TempDir
    Path directory;

    private FakeNode node;

    @BeforeEach
    void make() {
        node = new FakeNode(directory);
    }

    private static LinuxResources memory(long bytes) {
        return new LinuxResources(0, 0, 0, bytes, 0, "", "", Map.of(), Map.of(), 0);
    }

    private PodId start(LinuxResources resources) {
        return node.starter.start(PodSpecDraft.of(FakeNode.spec("web"), draft -> draft.resources = resources));
    }

    private void update(PodId id, LinuxResources resources) {
        node.updater.update(id, Optional.empty(), Optional.of(resources));
    }

    private static PodEntry entry(FakeNode node, PodId id) {
        return node.catalog.entry(id).orElseThrow();
    }

    private static long limit(FakeNode node, PodId id) {
        return node.limited.getOrDefault("/keelson/" + id, LinuxResources.NONE).memoryLimitBytes();
    }

    @Test
    void whatIsSaidIsInForceAndWrittenDownAndTheRestStays() {
        var id = start(MEMORY);

        update(id, MORE);
        node.updater.update(id, Optional.of(MEMORY), Optional.empty());

        assertThat(limit(node, id)).as("containers and overhead").isEqualTo(3 << 20);
        assertThat(entry(node, id).limits()).isEqualTo(new PodLimits(MEMORY, MORE));
        assertThat(PodStatus.fromJson(
                        Json.parseObject(entry(node, id).status().toJson().toBytes())))
                .isEqualTo(entry(node, id).status());
        assertThat(node.paths.update(id)).doesNotExist();
    }

    @Test
    void aLimitThatIsNotSaidAnyMoreIsTakenAway() {
        var id = start(MEMORY);

        update(id, LinuxResources.NONE);

        assertThat(limit(node, id)).isEqualTo(-1);
    }

    @Test
    void theGroupOfTheCallerIsTheCallers() {
        var id = node.starter.start(
                PodSpecDraft.of(FakeNode.spec("web"), draft -> draft.cgroupParent = "/kubepods/pod1"));

        update(id, MORE);

        assertThat(node.limited).isEmpty();
        assertThat(entry(node, id).limits().resources()).isEqualTo(MORE);
    }

    @Test
    void aGroupThatRefusesLeavesEverythingAsItWas() {
        var id = start(MEMORY);
        node.failing.add("limit-cgroup");

        var failure = catchThrowableOfType(Failure.class, () -> update(id, MORE));

        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("cannot change the resources of pod " + id);
        assertThat(entry(node, id).limits().resources()).isEqualTo(MEMORY);
        assertThat(node.paths.update(id))
                .as("limits that could not be taken back")
                .exists();

        node.failing.clear();
        node.updater.settle();
        assertThat(limit(node, id)).isEqualTo(1 << 20);
        assertThat(node.paths.update(id)).doesNotExist();
    }

    /** The daemon is killed after the group was limited and before that was written down. */
    @Test
    void theNextDaemonTakesBackWhatWasNotWrittenDown() throws Exception {
        var id = start(MEMORY);
        Files.writeString(node.paths.update(id), "{}");
        var next = node.restarted();
        next.restore();

        next.updater.settle();

        assertThat(limit(next, id)).isEqualTo(1 << 20);
        assertThat(next.paths.update(id)).doesNotExist();
    }

    @Test
    void aPodThatIsStoppedOrGoneIsRefused() {
        assertThatThrownBy(() -> update(new PodId("ab".repeat(32)), MORE))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT));
        var id = start(MEMORY);
        node.stopper.stop(id);

        assertThatThrownBy(() -> update(id, MORE))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE));
    }
}
