package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeDisposalTest {
    @TempDir
    private Path parent;

    private Path tree(String name) throws IOException {
        var tree = Files.createDirectories(parent.resolve(name + DurableFiles.TEMPORARY_SUFFIX));
        Files.writeString(tree.resolve("file"), "contents");
        return tree;
    }

    @Test
    void removesAllThatWasHandedOver() throws IOException {
        var disposal = new TreeDisposal(parent);
        for (var i = 0; i < 50; i++) {
            disposal.add(tree("tree-" + i));
        }
        disposal.await();
        assertThat(parent).isEmptyDirectory();
        disposal.add(tree("later"));
        disposal.await();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void oneThatCannotBeRemovedDoesNotKeepTheOthers() throws IOException {
        var disposal = new TreeDisposal(parent);
        var file = Files.writeString(parent.resolve("file"), "no directory");
        disposal.add(file.resolve("below.tmp"));
        disposal.add(tree("other"));
        disposal.await();
        assertThat(parent).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void whatIsGoneAlreadyIsNoTrouble() {
        var disposal = new TreeDisposal(parent);
        disposal.add(parent.resolve("gone.tmp"));
        disposal.await();
        assertThat(parent).isEmptyDirectory();
    }
}
