package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.LimitFiles;
import io.keelson.oci.monitor.Exit;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of limits, with a file in place of the kernel's. */
class ContainerUpdaterTest extends ContainerBench {
    private static final LinuxResources SHARES = new LinuxResources(0, 0, 300, 0, 0, "", "", Map.of(), Map.of(), 0);

    private Path limit;
    private ContainerUpdater updater;

    @BeforeEach
    void prepare() throws IOException {
        limit = Files.writeString(directory.resolve("cpu.shares"), "1024\n");
        runtime.limits = new LimitFiles(Map.of(limit, "1024\n", directory.resolve("gone"), "1\n"));
        runtime.whileUpdating = () -> write("300\n");
        updater = new ContainerUpdater(catalog, paths, runtime);
    }

    private void write(String text) {
        try {
            Files.writeString(limit, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LinuxResources resources(ContainerCatalog from) {
        return from.get(ID.hex()).resources();
    }

    @Test
    void aChangeIsSeenAtOnceAndByTheNextDaemon() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        ReadyPods.add(pods, podPaths, POD, ReadyPods.spec("web"));

        updater.update(ID, SHARES);

        assertThat(resources(catalog)).isEqualTo(SHARES);
        assertThat(resources(restored())).isEqualTo(SHARES);
        assertThat(runtime.told).containsExactly(SHARES);
        assertThat(limit).hasContent("300");
        assertThat(paths.update(ID)).doesNotExist();
    }

    @Test
    void oneThatWasCreatedIsChangedAsWellAndOneThatHasEndedIsNot() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        updater.update(ID, SHARES);
        assertThat(resources(catalog)).isEqualTo(SHARES);

        ends.ended(new Exit(ID.hex(), 0, ENDED, Optional.empty()));
        assertThat(state()).isInstanceOf(Exited.class);
        assertThatThrownBy(() -> updater.update(ID, SHARES))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("EXITED");
    }

    @Test
    void whatIsNotThereIsAbsent() {
        assertThatThrownBy(() -> updater.update(ID, SHARES))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT));
    }

    @Test
    void aChangeThatIsRefusedHalfWayLeavesEverythingAsItWas() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.failing.add("update");

        assertThatThrownBy(() -> updater.update(ID, SHARES)).hasMessageContaining("update failed");

        assertThat(limit).hasContent("1024");
        assertThat(resources(catalog)).isEqualTo(LinuxResources.NONE);
        assertThat(paths.update(ID)).doesNotExist();
    }

    @Test
    void aChangeThatCannotBeWrittenDownIsTakenBack() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        // Nothing can be renamed to a directory that is not empty.
        Files.delete(paths.status(ID));
        Files.createDirectories(paths.status(ID).resolve("in the way"));

        assertThatThrownBy(() -> updater.update(ID, SHARES)).isInstanceOf(Failure.class);

        assertThat(limit).hasContent("1024");
        assertThat(resources(catalog)).isEqualTo(LinuxResources.NONE);
        assertThat(paths.update(ID)).doesNotExist();
    }

    @Test
    void aChangeThatAKilledDaemonDidNotWriteDownIsTakenBackByTheNext() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        note();
        write("300\n");

        updater.settle();

        assertThat(limit).hasContent("1024");
        assertThat(paths.update(ID)).doesNotExist();
    }

    @Test
    void aChangeThatAKilledDaemonWroteDownStays() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        updater.update(ID, SHARES);
        note();

        updater.settle();

        assertThat(limit).hasContent("300");
        assertThat(paths.update(ID)).doesNotExist();
        updater.settle();
    }

    private void note() throws IOException {
        Files.write(
                paths.update(ID),
                new UpdateNote(SHARES, runtime.limits).toJson().toBytes());
    }

    @Test
    void aLimitThatTheKernelDoesNotTakeBackIsToldAndTriedAgainByTheNextDaemon() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.failing.add("update");
        runtime.whileUpdating = () -> {
            try {
                Files.delete(limit);
                Files.createSymbolicLink(limit, Path.of("/proc/sys/kernel/ostype"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };

        assertThatThrownBy(() -> updater.update(ID, SHARES)).hasMessageContaining("update failed");

        assertThat(paths.update(ID)).exists();
        Files.delete(limit);
        write("300\n");
        updater.settle();
        assertThat(limit).hasContent("1024");
        assertThat(paths.update(ID)).doesNotExist();
    }
}
