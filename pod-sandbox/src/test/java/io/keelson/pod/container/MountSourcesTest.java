package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.pod.container.ContainerMount.Propagation;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountSourcesTest {
    private static final List<IdMapping> NO_MAPPING = List.of();

    @TempDir
    Path directory;

    private static void refused(ContainerMount mount, String why) {
        assertThatThrownBy(() -> MountSources.of(mount))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why)
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    private static ContainerMount bind(Path source, String where) {
        return ContainerMount.bind(source.toString(), where, false);
    }

    private ContainerMount mount(Propagation propagation, boolean isReadonly, List<String> options) {
        return new ContainerMount(
                "/data",
                directory.toString(),
                isReadonly,
                false,
                propagation,
                false,
                NO_MAPPING,
                NO_MAPPING,
                Optional.empty(),
                "",
                options);
    }

    @ParameterizedTest
    @CsvSource({"PRIVATE, rprivate", "HOST_TO_CONTAINER, rslave", "BIDIRECTIONAL, rshared"})
    void propagationIsTheOneAskedFor(Propagation propagation, String option) {
        assertThat(MountSources.of(mount(propagation, false, List.of())).options())
                .containsExactly("rbind", option, "rw");
    }

    @Test
    void aReadOnlyMountIsSoAndFurtherOptionsComeLast() {
        assertThat(MountSources.of(mount(Propagation.PRIVATE, true, List.of("noexec", "nosuid")))
                        .options())
                .containsExactly("rbind", "rprivate", "ro", "noexec", "nosuid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw", "remount", "rshared", "bind", "upperdir=/etc", "noexec,rw", ""})
    void onlyHarmlessOptionsAreTaken(String option) {
        refused(mount(Propagation.PRIVATE, true, List.of("noexec", option)), "options");
    }

    @Test
    void aLinkIsFollowedOnTheHostsSide() throws IOException {
        var target = Files.createDirectory(directory.resolve("target"));
        var link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));

        assertThat(MountSources.of(bind(link, "/data")).source())
                .isEqualTo(target.toRealPath().toString());
    }

    @Test
    void aPathThatIsMissingIsMadeAsADirectory() {
        var missing = directory.resolve("a/b/c");

        assertThat(MountSources.of(bind(missing, "/data")).source()).endsWith("/a/b/c");
        assertThat(missing).isDirectory();
    }

    @Test
    void aFileStaysAFile() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "contents");

        assertThat(MountSources.of(bind(file, "/data")).source()).endsWith("/file");
        assertThat(file).hasContent("contents");
    }

    @Test
    void aLinkThatLeadsNowhereIsRefusedAndNothingIsMade() throws IOException {
        var link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));

        refused(bind(link, "/data"), link.toString());
        assertThat(directory.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aPathThroughAFileIsRefused() throws IOException {
        var file = Files.createFile(directory.resolve("file"));

        refused(bind(file.resolve("below"), "/data"), "below");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "../up", "/a\0b", "a\nb"})
    void aPathOnTheHostIsAbsoluteAndPlain(String path) {
        refused(ContainerMount.bind(path, "/data", true), "path on the host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/../../etc", "..", "/a\0b", "/a/.."})
    void aPathInTheContainerLeadsNowhereElse(String path) {
        refused(bind(directory, path), "path in the container");
    }

    @Test
    void whatIsNotBuiltIsRefusedAndNeverLeftOut() {
        var mapping = List.of(new IdMapping(100_000, 0, 65_536));
        refused(full(true, NO_MAPPING, NO_MAPPING, Optional.empty()), "recursive read-only");
        refused(full(false, mapping, NO_MAPPING, Optional.empty()), "mapped ids");
        refused(full(false, NO_MAPPING, mapping, Optional.empty()), "mapped ids");
        refused(full(false, NO_MAPPING, NO_MAPPING, Optional.of(ImageSpec.of("app:v1"))), "images as mounts");
    }

    private ContainerMount full(
            boolean isRecursivelyReadonly, List<IdMapping> uids, List<IdMapping> gids, Optional<ImageSpec> image) {
        return new ContainerMount(
                "/data",
                directory.toString(),
                true,
                false,
                Propagation.PRIVATE,
                isRecursivelyReadonly,
                uids,
                gids,
                image,
                "",
                List.of());
    }
}
