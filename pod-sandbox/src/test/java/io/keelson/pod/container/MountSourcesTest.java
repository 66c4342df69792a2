package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.NamespaceChoices;
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
import org.junit.jupiter.params.provider.ValueSource;

class MountSourcesTest {
    private static final List<IdMapping> NO_MAPPING = List.of();
    private static final List<IdMapping> MAPPING = List.of(new IdMapping(100_000, 0, 65_536));
    private static final HostPaths PATHS = new HostPaths();
    private static final MountSources SOURCES =
            new MountSources(PATHS, new RuntimeFeatures("runc 1.4.0", true, true, true, Optional.empty()));

    @TempDir
    Path directory;

    private static void refused(ContainerMount mount, String why) {
        refused(SOURCES, mount, why);
    }

    private static void refused(MountSources sources, ContainerMount mount, String why) {
        assertThatThrownBy(() -> sources.of(mount))
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

    @Test
    void aMountIsPrivateUnlessAskedOtherwise() {
        assertThat(SOURCES.of(bind(directory, "/data")).options()).containsExactly("rbind", "rprivate", "rw");
    }

    @Test
    void aReadOnlyMountIsSoAndFurtherOptionsComeLast() {
        assertThat(SOURCES.of(mount(Propagation.PRIVATE, true, List.of("noexec", "nosuid", "noexec")))
                        .options())
                .containsExactly("rbind", "rprivate", "ro", "noexec", "nosuid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rw",
                "exec",
                "dev",
                "suid",
                "rnoexec",
                "remount",
                "rshared",
                "bind",
                "upperdir=/etc",
                "noexec,rw",
                ""
            })
    void onlyHarmlessOptionsAreTaken(String option) {
        refused(mount(Propagation.PRIVATE, true, List.of("noexec", option)), "options");
    }

    @Test
    void aLinkIsFollowedOnTheHostsSide() throws IOException {
        var target = Files.createDirectory(directory.resolve("target"));
        var link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));

        assertThat(SOURCES.of(bind(link, "/data")).source())
                .isEqualTo(target.toRealPath().toString());
    }

    @Test
    void aPathThatIsMissingIsMadeAsADirectory() {
        var missing = directory.resolve("a/b/c");

        assertThat(SOURCES.of(bind(missing, "/data")).source()).endsWith("/a/b/c");
        assertThat(missing).isDirectory();
    }

    @Test
    void aFileStaysAFile() throws IOException {
        var file = Files.writeString(directory.resolve("file"), "contents");

        assertThat(SOURCES.of(bind(file, "/data")).source()).endsWith("/file");
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
    void aReadOnlyMountIsSoWithAllBelowItIfAskedFor() throws IOException {
        assertThat(SOURCES.of(recursive(directory, true, Propagation.PRIVATE)).options())
                .containsExactly("rbind", "rprivate", "rro");

        var file = Files.createFile(directory.resolve("file"));
        assertThat(SOURCES.of(recursive(file, true, Propagation.PRIVATE)).options())
                .as("below a file there is nothing")
                .containsExactly("rbind", "rprivate", "ro");
    }

    @Test
    void recursiveReadOnlyIsReadOnlyAndStaysSo() {
        refused(recursive(directory, false, Propagation.PRIVATE), "not read-only");
        refused(recursive(directory, true, Propagation.HOST_TO_CONTAINER), "propagation");
        refused(recursive(directory, true, Propagation.BIDIRECTIONAL), "propagation");
    }

    @Test
    void mappedIdsArePassedOnTheWayRoundThatTheRuntimeWants() {
        var gids = List.of(new IdMapping(200_000, 1, 10));

        var mount = SOURCES.of(full(false, MAPPING, gids));

        assertThat(mount.uidMappings()).containsExactly(new NamespaceChoices.IdMapping(0, 100_000, 65_536));
        assertThat(mount.gidMappings()).containsExactly(new NamespaceChoices.IdMapping(1, 200_000, 10));
    }

    @Test
    void mappedIdsAreThoseOfUsersAndOfGroups() {
        refused(full(false, MAPPING, NO_MAPPING), "not both");
        refused(full(false, NO_MAPPING, MAPPING), "not both");
    }

    @Test
    void whatTheRuntimeCannotDoIsRefusedAndNeverLeftOut() {
        var poor = new MountSources(PATHS, new RuntimeFeatures("crun 1.2", false, false, true, Optional.empty()));

        refused(poor, full(true, NO_MAPPING, NO_MAPPING), "not supported by crun 1.2");
        refused(poor, full(false, MAPPING, MAPPING), "not supported by crun 1.2");
    }

    private static ContainerMount recursive(Path source, boolean isReadonly, Propagation propagation) {
        return new ContainerMount(
                "/data",
                source.toString(),
                isReadonly,
                false,
                propagation,
                true,
                NO_MAPPING,
                NO_MAPPING,
                Optional.empty(),
                "",
                List.of());
    }

    private ContainerMount full(boolean isRecursivelyReadonly, List<IdMapping> uids, List<IdMapping> gids) {
        return new ContainerMount(
                "/data",
                directory.toString(),
                true,
                false,
                Propagation.PRIVATE,
                isRecursivelyReadonly,
                uids,
                gids,
                Optional.empty(),
                "",
                List.of());
    }
}
