package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.cgroup.CgroupLayout;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.RunningContainers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose group is a plain file, which stays when they end. */
class UsageReaderTest {
    private static final PodId POD = new PodId("a".repeat(64));

    private final FakeTime time = new FakeTime();

    @TempDir
    Path root;

    private ContainerPaths paths;
    private ContainerCatalog catalog;
    private Meters meters;
    private UsageReader reader;
    private Container container;

    @BeforeEach
    void start() throws IOException {
        paths = new ContainerPaths(root, root);
        catalog = new ContainerCatalog(paths);
        meters = new Meters(new Cgroups(new CgroupLayout.Unified(root.resolve("cgroup"))), time.moments());
        catalog.tell(meters);
        reader = new UsageReader(catalog, meters, new WritableLayers(catalog, paths, time::now));
        Files.createDirectories(root.resolve("cgroup/c"));
        use(1);
        container = RunningContainers.add(catalog, new ContainerId("c".repeat(64)), POD, "/c");
    }

    @AfterEach
    void close() {
        meters.close();
    }

    private void use(long bytes) throws IOException {
        Files.writeString(root.resolve("cgroup/c/memory.current"), bytes + "\n");
    }

    private static long bytes(ContainerUsage usage) {
        return usage.usage().memoryBytes().orElseThrow();
    }

    @Test
    void twoListsAreOfOneReadingAndWhoAsksForOneIsToldOfNow() throws IOException {
        var first = reader.list(ContainerFilter.all()).toList();
        use(2);
        time.pass(Moments.RECENT);
        assertThat(reader.list(ContainerFilter.all())).isEqualTo(first);

        var now = reader.of(container.id().hex());
        assertThat(bytes(now)).isEqualTo(2);
        assertThat(now.at()).isEqualTo(time.now());
    }

    @Test
    void whatHasEndedIsInNoListThoughItWasReadAMomentAgo() {
        assertThat(reader.list(ContainerFilter.all())).hasSize(1);
        RunningContainers.end(catalog, paths, container.id());

        assertThat(reader.list(ContainerFilter.all())).isEmpty();
        assertThat(reader.there()).isEmpty();
    }

    @Test
    void aListThatWasBegunBeforeTheEndKeepsNoReadingForThoseAfterIt() {
        var begun = reader.list(ContainerFilter.all()).iterator();
        RunningContainers.end(catalog, paths, container.id());
        begun.forEachRemaining(usage -> assertThat(usage.container()).isEqualTo(container));

        assertThat(reader.list(ContainerFilter.all())).isEmpty();
    }
}
