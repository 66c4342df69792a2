package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeUsageTest {
    @TempDir
    Path root;

    @Test
    void countsWhatIsAllocatedAndFilesWithTwoNamesOnce() throws IOException {
        var before = TreeUsage.measure(root);
        var file = Files.write(Files.createDirectories(root.resolve("a/b")).resolve("file"), new byte[1 << 20]);
        Files.createLink(root.resolve("second-name"), file);

        var after = TreeUsage.measure(root);

        assertThat(before.inodes()).isEqualTo(1);
        assertThat(after.inodes()).isEqualTo(4);
        assertThat(after.bytes() - before.bytes()).isBetween(1L << 20, (1L << 20) + (64 << 10));
    }

    @Test
    void followsNoLink() throws IOException {
        var tree = Files.createDirectory(root.resolve("tree"));
        var outside = Files.createDirectory(root.resolve("outside"));
        Files.write(outside.resolve("large"), new byte[1 << 20]);
        Files.createSymbolicLink(tree.resolve("link"), outside);

        assertThat(TreeUsage.measure(tree).inodes()).isEqualTo(2);
        assertThat(TreeUsage.measure(tree).bytes()).isLessThan(1 << 20);
        assertThatThrownBy(() -> TreeUsage.measure(tree.resolve("link"))).isInstanceOf(LinuxException.class);
    }

    @Test
    void countsWhatIsDeeperThanOneName() throws IOException {
        var deep = root;
        for (var depth = 0; depth < 100; depth++) {
            deep = deep.resolve("d".repeat(20));
        }
        Files.createDirectories(deep);

        assertThat(TreeUsage.measure(root).inodes()).isEqualTo(101);
    }
}
