package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That it does not wait for what hangs is shown end to end, with a file system that hangs. */
class HostPathsTest {
    private final HostPaths paths = new HostPaths();

    @TempDir
    Path directory;

    @Test
    void aLinkIsFollowedAndWhatIsMissingIsMade() throws IOException {
        var missing = directory.resolve("a/b");
        var link = Files.createSymbolicLink(directory.resolve("link"), Files.createFile(directory.resolve("file")));

        assertThat(paths.find(missing.toString())).isEqualTo(new HostPaths.Found(missing.toRealPath(), true));
        assertThat(paths.find(link.toString())).isEqualTo(new HostPaths.Found(link.toRealPath(), false));
    }

    @Test
    void whatCannotBeIsThrownAndAskedAnewTheNextTime() throws IOException {
        var file = Files.createFile(directory.resolve("file"));
        var through = file.resolve("below").toString();
        assertThatThrownBy(() -> paths.find(through)).isInstanceOf(IOException.class);

        Files.delete(file);

        assertThat(paths.find(through).isDirectory()).isTrue();
    }
}
