package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DurableFilesTest {
    private static final byte[] CONTENTS = "contents".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    @Test
    void aFileIsReplacedAndNothingIsLeftBesideIt() throws IOException {
        var file = directory.resolve("record.json");
        DurableFiles.write(file, new byte[100_000]);

        DurableFiles.write(file, CONTENTS);

        assertThat(DurableFiles.read(file, 100)).isEqualTo(CONTENTS);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(directory).isDirectoryContaining(path -> path.equals(file)).satisfies(this::hasOneEntry);
    }

    @Test
    void whatIsPlacedIsThereAtOnceAndStaysWhenItIsSettled() {
        var file = directory.resolve("placed").resolve("record.json");
        DurableFiles.placeDirectory(file.getParent());

        DurableFiles.place(file, CONTENTS);
        assertThat(DurableFiles.read(file, 100)).isEqualTo(CONTENTS);

        DurableFiles.settle(file);
        DurableFiles.settle(file);
        assertThat(DurableFiles.read(file, 100)).isEqualTo(CONTENTS);
        assertThat(file.getParent()).satisfies(this::hasOneEntry);
    }

    @Test
    void whatIsGoneCannotBeSettled() {
        assertThatThrownBy(() -> DurableFiles.settle(directory.resolve("none")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot synchronise");
    }

    @Test
    void whatAKilledDaemonLeftBesideDoesNotHinderTheNext() throws IOException {
        var file = directory.resolve("record.json");
        DurableFiles.write(file, CONTENTS);
        // The names that the coming writes will use, whatever the earlier tests have used.
        for (var i = 0; i < 200; i++) {
            Files.writeString(
                    directory.resolve("record.json." + i + DurableFiles.TEMPORARY_SUFFIX), "longer than that");
        }

        DurableFiles.write(file, CONTENTS);

        assertThat(DurableFiles.read(file, 100)).isEqualTo(CONTENTS);
    }

    @Test
    void anInterruptDoesNotLoseTheRecordAndIsKept() {
        var file = directory.resolve("record.json");
        Thread.currentThread().interrupt();
        try {
            DurableFiles.write(file, CONTENTS);

            assertThat(DurableFiles.find(file, 100)).hasValue(CONTENTS);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aFileOfTheLimitIsReadAndOneLargerIsRefused() {
        var file = directory.resolve("file");
        DurableFiles.write(file, CONTENTS);

        assertThat(DurableFiles.read(file, CONTENTS.length)).isEqualTo(CONTENTS);
        assertThatThrownBy(() -> DurableFiles.read(file, CONTENTS.length - 1))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
    }

    @Test
    void aMissingFileIsAbsent() {
        var file = directory.resolve("file");

        assertThat(DurableFiles.find(file, 1)).isEmpty();
        assertThatThrownBy(() -> DurableFiles.read(file, 1))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.ABSENT));
    }

    @Test
    void directoriesAreMadeForTheOwnerAlone() throws IOException {
        var deep = directory.resolve("a/b/c");

        DurableFiles.mkdirs(deep);
        DurableFiles.mkdirs(deep);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(deep)))
                .isEqualTo("rwx------");
    }

    @Test
    void removingWhatIsGoneIsSuccess() {
        DurableFiles.remove(directory.resolve("file"));
        DurableFiles.deleteTree(directory.resolve("tree"));
        DurableFiles.deleteTree(directory.resolve("neither/tree"));
    }

    @Test
    void aTreeIsRemovedAndItsLinksAreNotFollowed() throws IOException {
        var outside = Files.createDirectory(directory.resolve("outside"));
        var kept = Files.writeString(outside.resolve("kept"), "x");
        var tree = Files.createDirectories(directory.resolve("tree/a/b"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Files.createLink(tree.resolve("hard"), kept);
        Files.createDirectory(directory.resolve("tree/empty"));

        DurableFiles.deleteTree(directory.resolve("tree"));

        assertThat(directory.resolve("tree")).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void aLinkInPlaceOfTheTreeIsRemovedItself() throws IOException {
        var outside = Files.createDirectory(directory.resolve("outside"));
        Files.createSymbolicLink(directory.resolve("tree"), outside);

        DurableFiles.deleteTree(directory.resolve("tree"));

        assertThat(outside).exists();
        assertThat(directory).satisfies(this::hasOneEntry);
    }

    @Test
    void namesThatAreNoTextAreRemoved() throws IOException {
        var tree = Files.createDirectory(directory.resolve("tree"));
        try (var fd = Descriptors.open(tree, Descriptors.O_RDONLY, 0)) {
            var name = new byte[] {(byte) 0xFF, '\n', (byte) 0xC3};
            Descriptors.openat2(fd, name, Descriptors.O_CREAT | Descriptors.O_WRONLY, 0600, 0)
                    .close();
        }

        DurableFiles.deleteTree(tree);

        assertThat(tree).doesNotExist();
    }

    /** Deeper than a path may be long, than the stack allows and than there are descriptors. */
    @Test
    void aTreeOfAnyDepthIsRemoved() {
        var tree = directory.resolve("tree");
        DurableFiles.mkdirs(tree);
        var current = Descriptors.open(tree, Descriptors.O_RDONLY, 0);
        for (var depth = 0; depth < 2100; depth++) {
            Inodes.mkdirat(current, "d", 0700);
            var next = Descriptors.openat2(current, "d", Descriptors.O_RDONLY, 0, 0);
            current.close();
            current = next;
        }
        current.close();

        DurableFiles.deleteTree(tree);

        assertThat(tree).doesNotExist();
    }

    @Test
    void aFullDiskIsExhaustedWhicheverWayItIsNoticed() {
        var file = Path.of("/state/file");
        var bySystemCall = DurableFiles.failed("write", file, new LinuxException("write", 28, "fd 3"));
        var byLibrary =
                DurableFiles.failed("write", file, new FileSystemException("x", null, "No space left on device"));
        var byQuota = DurableFiles.failed("write", file, new LinuxException("write", 122, "fd 3"));

        assertThat(bySystemCall.kind()).isEqualTo(Failure.Kind.EXHAUSTED);
        assertThat(bySystemCall).hasMessage("cannot write /state/file: disk is full (ENOSPC)");
        assertThat(byLibrary.kind()).isEqualTo(Failure.Kind.EXHAUSTED);
        assertThat(byLibrary).hasMessage("cannot write /state/file: disk is full (ENOSPC)");
        assertThat(byQuota).hasMessage("cannot write /state/file: disk is full (EDQUOT)");
    }

    @ParameterizedTest
    @CsvSource({
        "rwxr-xr-x,rwx--x---",
        "rwxrwxrwx,rwx--x---",
        "rwx------,rwx------",
        "rwx--x---,rwx--x---",
        "r-xr-----,r-x------"
    })
    @Tag("T65")
    void aDirectoryIsClosedToOthersWhateverItWas(String before, String after) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(before));

        DurableFiles.closeToOthers(directory);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo(after);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    private void hasOneEntry(Path path) {
        try (var entries = Files.list(path)) {
            assertThat(entries.count()).isEqualTo(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
