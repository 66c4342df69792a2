package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel's own lists, read in quick succession: what is told is never what was. Needs root. */
class ProcessTreeIT {
    /** Version 2 can be mounted beside version 1, where it has no controllers but lists processes. */
    enum Version {
        ONE,
        TWO
    }

    private final String name = "kltree" + ThreadLocalRandom.current().nextInt(1 << 20);
    private final List<Process> processes = new ArrayList<>();
    private final List<Path> groups = new ArrayList<>();
    private Optional<Path> mounted = Optional.empty();

    @TempDir
    Path mountPoint;

    @AfterEach
    void remove() throws Exception {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
        for (var group : groups.reversed()) {
            delete(group);
        }
        if (mounted.isPresent()) {
            run("umount", mounted.get().toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoComesAndGoesIsCountedAtOnce(Version version) throws Exception {
        var group = make(group(version));
        try (var tree = tree(group, version)) {
            assertThat(tree.count()).isZero();

            var first = join(group);
            assertThat(tree.count()).isOne();
            var second = join(group);
            assertThat(tree.own()).containsExactlyInAnyOrder(first.pid(), second.pid());

            end(first);
            assertThat(tree.count()).isOne();
            assertThat(tree.own()).containsExactly(second.pid());
        }
    }

    @ParameterizedTest
    @EnumSource
    void groupsThatAppearBelowALeafAndGoAreFollowed(Version version) throws Exception {
        var group = make(group(version));
        var first = join(group);
        try (var tree = tree(group, version)) {
            assertThat(tree.count()).isOne();

            var below = make(group.resolve("below"));
            var deep = make(below.resolve("deep"));
            join(below);
            var deepest = join(deep);
            assertThat(tree.count()).isEqualTo(3);
            assertThat(tree.own()).containsExactly(first.pid());

            end(deepest);
            delete(deep);
            assertThat(tree.count()).isEqualTo(2);
        }
    }

    /** A directory has as many links as before then. */
    @ParameterizedTest
    @EnumSource
    void oneGroupInThePlaceOfAnotherIsSeen(Version version) throws Exception {
        var group = make(group(version));
        var old = make(group.resolve("old"));
        try (var tree = tree(group, version)) {
            end(join(old));
            assertThat(tree.count()).isZero();

            delete(old);
            join(make(group.resolve("new")));
            assertThat(tree.count()).isOne();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGroupThatIsMadeAnewWithTheSameNameIsAnother(Version version) throws Exception {
        var group = group(version);
        try (var tree = tree(group, version)) {
            assertThat(tree.count()).isZero();

            make(group);
            end(join(group));
            assertThat(tree.count()).isZero();
            delete(group);
            assertThat(tree.count()).isZero();
            assertThat(tree.own()).isEmpty();

            var process = join(make(group));
            assertThat(tree.own()).containsExactly(process.pid());
            assertThat(tree.count()).isOne();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsClosedHasNone(Version version) throws Exception {
        var group = make(group(version));
        join(group);
        final ProcessTree closed;
        try (var tree = tree(group, version)) {
            assertThat(tree.count()).isOne();
            closed = tree;
        }
        assertThat(closed.count()).isZero();
    }

    private static ProcessTree tree(Path group, Version version) {
        return new ProcessTree(Optional.of(group), version == Version.TWO);
    }

    private Path group(Version version) throws Exception {
        if (version == Version.TWO) {
            run("mount", "-t", "cgroup2", "cgroup2", mountPoint.toString());
            mounted = Optional.of(mountPoint);
            return mountPoint.resolve(name);
        }
        return Cgroups.detect(Cgroups.MOUNTED).directory("/" + name, "memory").orElseThrow();
    }

    private Path make(Path group) throws IOException {
        groups.add(group);
        return Files.createDirectory(group);
    }

    /** A group may stay busy for a moment after its last process has ended. */
    private static void delete(Path group) {
        await().pollDelay(Duration.ZERO).ignoreExceptions().until(() -> {
            Files.deleteIfExists(group);
            return true;
        });
    }

    private Process join(Path group) throws IOException {
        var process = new ProcessBuilder("sleep", "1000").start();
        processes.add(process);
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
        return process;
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
