package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** What our stores rely on, of the machine's disk and of the simulated one. */
abstract class DiskContract {
    /** A directory that is there and empty. */
    abstract Path directory();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsWrittenIsReadAndReplacedWhole() {
        var file = directory().resolve("a/b/record.json");
        DurableFiles.mkdirs(file.getParent());
        DurableFiles.write(file, bytes("a longer text"));
        DurableFiles.write(file, bytes("short"));

        assertThat(DurableFiles.read(file, 100)).isEqualTo(bytes("short"));
        assertThat(DurableFiles.find(file.resolveSibling("none"), 100)).isEmpty();
        assertThatThrownBy(() -> DurableFiles.read(file, 4)).isInstanceOf(Failure.class);
        DurableFiles.place(file, bytes("placed"));
        DurableFiles.settle(file);
        assertThat(DurableFiles.read(file, 100)).isEqualTo(bytes("placed"));
    }

    @Test
    void writesAtPositionsGrowAFileAndPatchIt() throws IOException {
        var file = directory().resolve("file");
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes("end")), 5);
            channel.write(ByteBuffer.wrap(bytes("be")), 0);
            var read = ByteBuffer.allocate(20);
            assertThat(channel.read(read, 0)).isEqualTo(8);
            assertThat(channel.read(ByteBuffer.allocate(1), 8)).isEqualTo(-1);
            channel.truncate(6);
            channel.force(true);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(new byte[] {'b', 'e', 0, 0, 0, 'e'});
        assertThat(Files.size(file)).isEqualTo(6);
        assertThatThrownBy(() -> Files.createFile(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void aRenameReplacesAFileAndADirectoryThatIsEmpty() throws IOException {
        var one = Files.write(directory().resolve("one"), bytes("1"));
        var other = Files.write(directory().resolve("other"), bytes("2"));
        Files.move(one, other, StandardCopyOption.ATOMIC_MOVE);
        assertThat(Files.readAllBytes(other)).isEqualTo(bytes("1"));
        assertThat(Files.exists(one)).isFalse();

        var full = Files.createDirectory(directory().resolve("full"));
        Files.write(full.resolve("file"), bytes("3"));
        var empty = Files.createDirectory(directory().resolve("empty"));
        DurableFiles.publish(full, empty);
        assertThat(Files.readAllBytes(empty.resolve("file"))).isEqualTo(bytes("3"));
        assertThatThrownBy(() -> Files.delete(empty)).isInstanceOf(DirectoryNotEmptyException.class);
        assertThatThrownBy(() -> DurableFiles.publish(directory().resolve("none"), empty))
                .isInstanceOf(Failure.class);
    }

    @Test
    void twoDirectoriesExchangeTheirNames() throws IOException {
        var one = Files.createDirectory(directory().resolve("one"));
        var other = Files.createDirectory(directory().resolve("other"));
        Files.write(one.resolve("file"), bytes("1"));

        DurableFiles.exchange(one, other);

        assertThat(Files.exists(one.resolve("file"))).isFalse();
        assertThat(Files.readAllBytes(other.resolve("file"))).isEqualTo(bytes("1"));
        assertThatThrownBy(() -> DurableFiles.exchange(one, directory().resolve("none")))
                .isInstanceOf(Failure.class);
    }

    @Test
    void aTreeIsRemovedAndItsAbsenceIsSuccess() throws IOException {
        var tree = directory().resolve("tree");
        DurableFiles.mkdirs(tree.resolve("a/b"));
        Files.write(tree.resolve("a/file"), bytes("1"));

        DurableFiles.deleteTree(tree);
        DurableFiles.deleteTree(tree);
        DurableFiles.remove(tree);

        try (var left = Files.list(directory())) {
            assertThat(left).isEmpty();
        }
        assertThatThrownBy(() -> Files.readAllBytes(tree.resolve("a/file"))).isInstanceOf(NoSuchFileException.class);
    }
}
