package io.keelson.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerTarTest {
    @TempDir
    Path directory;

    @Test
    void gnuTarListsEveryKindOfEntry() throws Exception {
        var longName = "deep/" + "x".repeat(150);
        var listing = list(new LayerTar()
                .directory("d", 0750)
                .file("d/file", 04755, "12345")
                .hardLink("d/again", "d/file", 04755)
                .symbolicLink("d/link", "file")
                .characterDevice("null", 0666, 1, 3)
                .ownedBy(7, 8)
                .file(longName, 0600, "")
                .finish());

        assertThat(listing)
                .containsExactly(
                        "drwxr-x--- 0/0 0 d/",
                        "-rwsr-xr-x 0/0 5 d/file",
                        "hrwsr-xr-x 0/0 0 d/again link to d/file",
                        "lrwxrwxrwx 0/0 0 d/link -> file",
                        "crw-rw-rw- 0/0 1,3 null",
                        "-rw------- 7/8 0 " + longName);
    }

    @Test
    void gnuTarReadsAttributesThatAreNotText() throws Exception {
        var archive = new LayerTar()
                .attribute("user.bytes", "a\0b".getBytes(StandardCharsets.UTF_8))
                .file("file", 0644, "")
                .finish();

        assertThat(new String(archive, StandardCharsets.ISO_8859_1)).contains("31 SCHILY.xattr.user.bytes=a\0b\n");
        assertThat(list(archive)).hasSize(1);
    }

    @Test
    void whiteoutsLieBesideWhatTheyHide() throws Exception {
        assertThat(list(new LayerTar().whiteout("a/b").opaque("c").finish()))
                .extracting(line -> line.substring(line.lastIndexOf(' ') + 1))
                .containsExactly("a/.wh.b", "c/.wh..wh..opq");
    }

    @Test
    void equalCallsMakeEqualBytes() {
        assertThat(new LayerTar().file("a", 0644, "b").finish())
                .isEqualTo(new LayerTar().file("a", 0644, "b").finish());
    }

    /** What GNU tar lists, without times. */
    private List<String> list(byte[] archive) throws IOException, InterruptedException {
        var file = directory.resolve("layer.tar");
        Files.write(file, archive);
        var process = new ProcessBuilder("tar", "--numeric-owner", "-tvf", file.toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines()
                .map(line -> line.replaceAll(" +", " ").replaceFirst(" \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", ""))
                .toList();
    }
}
