package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.HostResources;
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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        updater = new ContainerUpdater(
                catalog, paths, runtime, new HostResources(false, true, false, Set.of("2MB"), "0-1", "0"));
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

    /** A limit a row: what is asked for, and how it is refused. */
    static Stream<Arguments> impossible() {
        return Stream.of(
                arguments(resources("0-7", "", 300, Map.of(), Map.of()), Failure.Kind.WRONG_STATE, "CPUs \"0-7\""),
                arguments(resources("1-0", "", 300, Map.of(), Map.of()), Failure.Kind.INVALID, "CPUs \"1-0\""),
                arguments(resources("", "3", 300, Map.of(), Map.of()), Failure.Kind.WRONG_STATE, "memory nodes \"3\""),
                arguments(resources("", "", 1, Map.of(), Map.of()), Failure.Kind.INVALID, "CPU shares"),
                arguments(
                        resources("", "", 300, Map.of("3MB", 1L), Map.of()),
                        Failure.Kind.WRONG_STATE,
                        "huge pages of 3MB"),
                arguments(
                        resources("", "", 300, Map.of(), Map.of("memory.high", "1")),
                        Failure.Kind.WRONG_STATE,
                        "memory.high"));
    }

    private static LinuxResources resources(
            String cpus, String mems, long shares, Map<String, Long> pages, Map<String, String> unified) {
        return new LinuxResources(0, 0, shares, 0, 0, cpus, mems, pages, unified, 0);
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void whatTheNodeCannotKeepIsRefusedAsForANewContainer(LinuxResources wanted, Failure.Kind kind, String why)
            throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        var before = resources(catalog);

        assertThatThrownBy(() -> updater.update(ID, wanted))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining("cannot change the limits of container " + ID)
                .hasMessageContaining(why);

        assertThat(runtime.told).isEmpty();
        assertThat(resources(catalog)).isEqualTo(before);
    }

    @Test
    void limitsOfHugePagesAreLeftOutWhereNothingKeepsThem() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");

        updater.update(ID, resources("", "", 300, Map.of("2MB", 2L << 20), Map.of()));

        assertThat(runtime.told).containsExactly(SHARES);
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
        Files.write(paths.update(ID), new UpdateNote(SHARES, runtime.limits).toBytes());
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
