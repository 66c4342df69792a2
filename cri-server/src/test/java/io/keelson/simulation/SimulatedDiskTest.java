package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.disk.DurableFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest extends DiskContract {
    private static final byte[] CONTENTS = "contents".getBytes(StandardCharsets.UTF_8);
    private static final int SEEDS = 200;

    private final Journal journal = new Journal();
    private final SimulatedDisk disk = new SimulatedDisk(journal);

    @Override
    Path directory() {
        return disk.root();
    }

    /** What the file may contain when the power comes back. */
    private Set<String> afterPowerLoss(String file) throws Exception {
        var found = new HashSet<String>();
        for (var seed = 0; seed < SEEDS; seed++) {
            var left = SimulatedDisk.after(Crash.powerLoss(journal.steps(), Crash.random(seed)), new Journal());
            var path = left.getPath(file);
            found.add(Files.exists(path) ? Files.readString(path) : "absent");
        }
        return found;
    }

    @Test
    void whatWasSynchronisedSurvivesThePower() throws Exception {
        DurableFiles.mkdirs(disk.getPath("/a/b"));
        DurableFiles.write(disk.getPath("/a/b/file"), CONTENTS);

        assertThat(afterPowerLoss("/a/b/file")).containsExactly("contents");
    }

    @Test
    void aRenameWithoutAnFsyncBeforeItMayLoseTheContents() throws Exception {
        DurableFiles.place(disk.getPath("/file"), CONTENTS);
        DurableFiles.fsyncDirectory(disk.root());

        assertThat(afterPowerLoss("/file"))
                .contains("", "contents", "\0".repeat(CONTENTS.length))
                .hasSizeGreaterThan(5);
    }

    @Test
    void aNameWithoutAnFsyncOfItsDirectoryMayVanish() throws Exception {
        Files.write(disk.getPath("/file"), CONTENTS);
        DurableFiles.settle(disk.getPath("/file"));
        Files.delete(disk.getPath("/file"));

        assertThat(afterPowerLoss("/file")).isEqualTo(Set.of("contents", "absent"));
    }

    @Test
    void aDirectoryWhoseOwnNameWasLostIsLostWithAllThatWasSynchronisedInIt() throws Exception {
        DurableFiles.placeDirectory(disk.getPath("/placed"));
        DurableFiles.write(disk.getPath("/placed/file"), CONTENTS);

        assertThat(afterPowerLoss("/placed/file")).isEqualTo(Set.of("contents", "absent"));
    }

    @Test
    void aKilledDaemonLosesNothing() throws Exception {
        Files.write(disk.getPath("/file"), CONTENTS);

        var next = SimulatedDisk.after(journal.steps(), new Journal());

        assertThat(Files.readAllBytes(next.getPath("/file"))).isEqualTo(CONTENTS);
        assertThat(next.everything()).isEqualTo(List.of("/file"));
    }
}
