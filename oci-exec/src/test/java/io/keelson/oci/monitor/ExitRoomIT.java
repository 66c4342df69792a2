package io.keelson.oci.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.linux.MountInfo;
import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root: it mounts below a temporary directory. */
class ExitRoomIT {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final Instant LONG_AGO = Instant.parse("2026-01-02T03:04:05Z");
    private static final int PAGE_BYTES = 4096;
    private static final int ENDS = 4096;

    @TempDir
    Path directory;

    private Path state;
    private MonitorPaths paths;

    @BeforeEach
    void mountAStateDirectory() throws IOException {
        state = Files.createDirectory(directory.resolve("state"));
        Mounts.mount("state", state, "tmpfs", Mounts.MS_NOSUID, "size=64k,mode=0700");
        paths = MonitorPaths.below(state);
    }

    @AfterEach
    void unmount() {
        Mounts.unmountAll(paths.exits());
        Mounts.unmountAll(state);
    }

    private List<MountInfo> rooms() {
        return Mounts.mountInfo().stream()
                .filter(mount -> mount.mountPoint().equals(paths.exits()))
                .toList();
    }

    private List<Path> inExits() throws IOException {
        try (var files = Files.list(paths.exits())) {
            return files.toList();
        }
    }

    private static Path write(Path file, String code) throws IOException {
        Files.writeString(file, code);
        return Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
    }

    private void fillState() throws IOException {
        var ballast = Files.write(state.resolve("ballast"), new byte[60 << 10]);
        assertThatThrownBy(() -> Files.write(state.resolve("more"), new byte[PAGE_BYTES * 2]))
                .isInstanceOf(IOException.class);
        assertThat(ballast).exists();
    }

    @Test
    @Tag("D1")
    void thereIsRoomForEachOfManyCodesWhenTheStateDirectoryIsFullAndNoneForMore() throws IOException {
        ExitRoom.open(paths);
        fillState();

        for (var number = 0; number < ENDS; number++) {
            Files.writeString(paths.exit("%064x".formatted(number)), "0");
        }

        assertThatThrownBy(() -> Files.writeString(paths.exit(ID), "0")).isInstanceOf(IOException.class);
        assertThat(rooms())
                .singleElement()
                .satisfies(mount -> assertThat(mount.options()).contains("nosuid", "nodev", "noexec"));
    }

    @Test
    void theNextDaemonFindsItWithWhatIsInIt() throws IOException {
        ExitRoom.open(paths);
        write(paths.exit(ID), "7");

        ExitRoom.open(paths);

        assertThat(rooms()).hasSize(1);
        assertThat(new ExitFiles(paths).read(ID)).map(Exit::code).contains(7);
    }

    /** With its time, and whichever daemon did only half of it. */
    @Test
    @Tag("exits")
    void whatItCoversIsTakenIntoIt() throws IOException {
        Files.createDirectories(paths.exits());
        write(paths.exit(ID), "7");
        var unfinished = Files.writeString(paths.exits().resolve(ID + ".ABC123"), "");

        ExitRoom.open(paths);

        assertThat(new ExitFiles(paths).read(ID)).hasValueSatisfying(exit -> {
            assertThat(exit.code()).isEqualTo(7);
            assertThat(exit.finishedAt()).isEqualTo(LONG_AGO);
        });
        assertThat(inExits()).containsExactly(paths.exit(ID));
        Mounts.unmountAll(paths.exits());
        assertThat(inExits()).containsExactly(unfinished);
    }

    @Test
    @Tag("exits")
    void whatADaemonThatWasKilledLeftCoveredIsTakenInByTheNext() throws IOException {
        Files.createDirectories(paths.exits());
        write(paths.exit(ID), "7");
        Mounts.mount("by a daemon that was killed", paths.exits(), "tmpfs", 0, "");
        Files.writeString(paths.exit(ID), "");

        ExitRoom.open(paths);

        assertThat(rooms()).hasSize(1);
        assertThat(new ExitFiles(paths).read(ID)).map(Exit::code).contains(7);
    }

    @Test
    void itGoesWithTheLastThatNeedsIt() throws IOException {
        var room = ExitRoom.open(paths);
        var exit = write(paths.exit(ID), "7");

        room.close();
        assertThat(rooms()).hasSize(1);

        Files.delete(exit);
        try (var monitor = startMonitor()) {
            room.close();
            assertThat(rooms()).as("while %s runs", monitor).hasSize(1);
        }
        room.close();
        assertThat(rooms()).isEmpty();
        room.close();
    }

    /** What a monitor looks like from outside. */
    private RunningProcess startMonitor() throws IOException {
        return new RunningProcess(
                new ProcessBuilder("sh", "-c", "read line", "--cid=" + ID, MonitorArguments.EXITS + paths.exits())
                        .start());
    }

    private record RunningProcess(Process process) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Nothing can be mounted in another mount namespace. */
    @Test
    @Tag("D1")
    void whereMountingIsRefusedTheStateDirectoryServes() throws IOException {
        var process = new ProcessBuilder("unshare", "--mount", "sh", "-c", "echo there; read line").start();
        try (var other = new RunningProcess(process)) {
            assertThat(process.inputReader().readLine()).isEqualTo("there");
            var root = Path.of("/proc/" + process.pid() + "/root");
            var elsewhere = MonitorPaths.below(root.resolve(state.toString().substring(1)));

            try (var _ = ExitRoom.open(elsewhere)) {
                write(elsewhere.exit(ID), "7");
            }

            assertThat(Mounts.isMountPoint(elsewhere.exits()))
                    .as("in %s", other)
                    .isFalse();
            assertThat(new ExitFiles(elsewhere).read(ID)).map(Exit::code).contains(7);
        }
        assertThat(paths.exit(ID)).exists();
    }
}
