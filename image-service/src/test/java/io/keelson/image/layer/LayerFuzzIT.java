package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Mounts;
import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.fuzz.Mutator;
import io.keelson.image.tar.TarFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is written of mutated tars is read by {@code fsck.erofs} and, whole, by the kernel. Needs root and a kernel that mounts EROFS
 * from files (6.12).
 */
class LayerFuzzIT {
    private static final int INPUTS = Integer.getInteger("keelson.fuzz.layers", 60);
    private static final long NUMBER = Long.getLong("keelson.fuzz.number", 1);
    private static final LayerLimits LIMITS = new LayerLimits(16 << 20, 16 << 20, 10_000);

    private final SpawnedProcesses processes = new SpawnedProcesses();
    private Path directory;
    private Path mounted;
    private LayerStore store;

    @BeforeEach
    void prepare() throws IOException {
        directory = LayerFixture.temporary();
        mounted = Files.createDirectory(directory.resolve("mounted"));
        store = LayerStore.open(directory.resolve("store"));
    }

    @AfterEach
    void cleanUp() {
        Mounts.unmountAll(mounted);
        LayerFixture.delete(directory);
    }

    @Test
    void whatIsWrittenOfMutatedTarsIsRight() {
        var mutator = new Mutator(NUMBER, TarFuzz.seeds());
        var written = 0;
        for (var i = 0; i < INPUTS; i++) {
            var tar = TarFuzz.mended(mutator.next());
            try {
                var layer = LayerFixture.convert(store, tar, LIMITS);
                assertReadable(layer, i);
                store.remove(layer.diffId());
                store.awaitRemovals();
                written++;
            } catch (Failure e) {
                assertThat(e.kind()).as("input %d: %s", i, e).isIn(Failure.Kind.INVALID, Failure.Kind.EXHAUSTED);
            }
        }
        assertThat(written).isPositive();
        assertThat(directory.resolve("store")).isEmptyDirectory();
    }

    private void assertReadable(Layer layer, int input) {
        var checked =
                processes.run(Command.of("/usr/bin/fsck.erofs", layer.file().toString()));
        assertThat(checked.exitCode())
                .as("input %d: %s", input, checked.complaint())
                .isZero();
        try (var context = Mounts.fsopen("erofs")) {
            Mounts.fsconfigString(context, "source", layer.file().toString());
            Mounts.fsconfigFlag(context, "ro");
            Mounts.fsconfigCreate(context);
            try (var mount = Mounts.fsmount(context, Mounts.MOUNT_ATTR_RDONLY | Mounts.MOUNT_ATTR_NODEV)) {
                Mounts.moveMount(mount, mounted);
            }
        }
        LayerFixture.shell(
                "cd \"$1\" && find . -type f -size -1000k -exec cat {} + | wc -c && ls -lR . | wc -l", mounted);
        Mounts.unmountAll(mounted);
    }
}
