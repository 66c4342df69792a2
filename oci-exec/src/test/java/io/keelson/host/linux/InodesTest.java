package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InodesTest {
    @TempDir
    Path directory;

    @Test
    void statTellsWhatTheFileIs() throws IOException {
        var file = Files.write(directory.resolve("file"), new byte[1234]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000, 5_000)));
        Files.createLink(directory.resolve("other"), file);

        var stat = Inodes.lstat(file).orElseThrow();

        assertThat(stat.isRegularFile()).isTrue();
        assertThat(stat.mode() & ~Inodes.S_IFMT).isEqualTo(0640);
        assertThat(stat.sizeBytes()).isEqualTo(1234);
        assertThat(stat.links()).isEqualTo(2);
        assertThat(stat.mtimeNanos()).isEqualTo(1_000_000_000_000_005_000L);
        assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(stat.uid()).isEqualTo(((Integer) Files.getAttribute(file, "unix:uid")).longValue());
        assertThat(stat.isMountRoot()).isFalse();
    }

    /** In memory that other readers fill with other things in between. */
    @Test
    void linksAreCountedEachTime() throws IOException {
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY, 0)) {
            for (var made = 0; made < 3; made++) {
                assertThat(Inodes.links(fd)).isEqualTo(Inodes.stat(fd).links());
                Files.createDirectory(directory.resolve("made" + made));
                assertThat(CounterFile.readOnce(Path.of("/proc/self/limits"))).isPresent();
            }
        }
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        var link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/nowhere"));

        assertThat(Inodes.lstat(link).orElseThrow().isSymbolicLink()).isTrue();
        assertThat(Inodes.lstat(directory.resolve("missing"))).isEmpty();
    }

    @Test
    void whatIsMadeBelowADirectoryIsThere() throws IOException {
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY, 0)) {
            Inodes.mkdirat(fd, "made", 0700);
            Inodes.symlinkat("made", fd, "link");
            Inodes.mknodat(fd, "fifo", Inodes.S_IFIFO | 0600, 0, 0);

            assertThat(Inodes.readlinkat(fd, "link")).isEqualTo("made");
            assertThat(Inodes.lstatat(fd, "made").orElseThrow().isDirectory()).isTrue();
            assertThat(Inodes.lstatat(fd, "fifo").orElseThrow().mode()).isEqualTo(Inodes.S_IFIFO | 0600);

            Inodes.unlinkat(fd, "made", Descriptors.AT_REMOVEDIR);
            Inodes.unlinkat(fd, "fifo", 0);
            assertThat(directory.resolve("made")).doesNotExist();
        }
        assertThat(Files.readSymbolicLink(directory.resolve("link"))).hasToString("made");
    }

    @Test
    void aDirectoryOfManyEntriesIsListedWhole() throws IOException {
        var expected = new TreeSet<String>();
        for (var i = 0; i < 1500; i++) {
            var name = "a-name-that-takes-some-room-" + i;
            Files.createFile(directory.resolve(name));
            expected.add(name);
        }

        var found = new TreeSet<String>();
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY, 0)) {
            for (var some = Directories.read(fd); !some.isEmpty(); some = Directories.read(fd)) {
                some.forEach(entry -> found.add(new String(entry.name(), StandardCharsets.UTF_8)));
            }
        }

        assertThat(found).isEqualTo(expected);
    }

    @Test
    void statfsTellsRoomAndKind() {
        var proc = Inodes.statfs(Path.of("/proc"));
        var here = Inodes.statfs(directory);

        assertThat(proc.type()).isEqualTo(0x9fa0);
        assertThat(here.blocks()).isGreaterThanOrEqualTo(here.availableBlocks());
        assertThat(here.blockSizeBytes()).isPositive();
    }
}
