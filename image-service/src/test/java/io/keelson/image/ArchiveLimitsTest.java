package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.Advance;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members of archives that no memory has room for. They are holes: they take no room on disk. */
@Tag("T41")
@Timeout(120)
class ArchiveLimitsTest {
    private static final long HUGE = 7L << 30;

    @TempDir
    Path root;

    private void assertRefused(Path archive) throws IOException {
        try (var node = new Node(root.resolve("node"))) {
            var importer = node.importer();
            assertThatThrownBy(() -> importer.importFrom(archive, Optional.empty(), new Advance()))
                    .hasMessageContaining("larger than")
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.EXHAUSTED));
            assertThat(node.files()).isEmpty();
        }
    }

    @Test
    void anIndexOfGibibytesInADirectoryIsRefused() throws IOException {
        var layout = Files.createDirectory(root.resolve("layout"));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        try (var index = new RandomAccessFile(layout.resolve("index.json").toFile(), "rw")) {
            index.setLength(HUGE);
        }

        assertRefused(layout);
    }

    @Test
    void anIndexOfGibibytesInATarIsRefused() throws IOException {
        var tar = root.resolve("layout.tar");
        try (var file = new RandomAccessFile(tar.toFile(), "rw")) {
            file.write(TestImage.header("index.json", HUGE));
            file.setLength(512 + HUGE + 1024);
        }

        assertRefused(tar);
    }
}
