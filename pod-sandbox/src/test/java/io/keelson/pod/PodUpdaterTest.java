package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodUpdaterTest {
    private static final PodId ID = new PodId("ab".repeat(32));
    private static final LinuxResources SHARES = new LinuxResources(0, 0, 300, 0, 0, "", "", Map.of(), Map.of(), 0);

    @TempDir
    Path directory;

    private Json.Obj limits(PodCatalog catalog) {
        return catalog.details(ID).object("limits");
    }

    @Test
    void whatIsSaidIsWrittenDownAndTheRestStays() {
        var paths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        var catalog = new PodCatalog(paths);
        var pod = ReadyPods.add(catalog, paths, ID, ReadyPods.spec("web"));
        var updater = new PodUpdater(catalog);

        updater.update(ID, Optional.empty(), Optional.of(SHARES));

        assertThat(limits(catalog).object("resources").number("cpuShares")).isEqualTo(300);
        assertThat(ResourcesJson.read(limits(catalog).object("overhead")))
                .isEqualTo(pod.spec().overhead());
        var entry = catalog.entry(ID).orElseThrow();
        assertThat(PodStatus.fromJson(Json.parseObject(entry.status().toJson().toBytes())))
                .isEqualTo(entry.status());
    }

    @Test
    void aPodThatIsStoppedOrGoneIsRefused() {
        var paths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        var catalog = new PodCatalog(paths);
        var updater = new PodUpdater(catalog);
        assertThatThrownBy(() -> updater.update(ID, Optional.empty(), Optional.of(SHARES)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT));

        ReadyPods.add(catalog, paths, ID, ReadyPods.spec("web"));
        var entry = catalog.entry(ID).orElseThrow();
        catalog.change(entry, entry.status().notReady());
        assertThatThrownBy(() -> updater.update(ID, Optional.empty(), Optional.of(SHARES)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE));
    }
}
