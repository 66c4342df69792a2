package io.keelson.pod;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Pods for tests of what is in them. */
public final class ReadyPods {
    private ReadyPods() {}

    public static PodSpec spec(String name) {
        return FakeNode.spec(name);
    }

    /** Ready, on disk and known. */
    public static Pod add(PodCatalog catalog, PodPaths paths, PodId id, PodSpec spec) {
        var record = new PodRecord(id, spec, Instant.ofEpochSecond(1), "/pods/p", true);
        var status = new PodStatus(
                PodState.READY,
                BootId.current(),
                Optional.empty(),
                Optional.empty(),
                false,
                new StartTimeline(Map.of()));
        DurableFiles.mkdirs(paths.directory(id));
        DurableFiles.mkdirs(paths.stateDirectory(id));
        paths.journal(id).begin(record);
        paths.journal(id).add(status);
        catalog.add(PodEntry.of(record, status));
        return catalog.get(id.hex());
    }
}
