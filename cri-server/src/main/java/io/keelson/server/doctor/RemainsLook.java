package io.keelson.server.doctor;

import io.keelson.oci.monitor.MonitorPaths;
import io.keelson.oci.monitor.RunningMonitors;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodRecords;
import io.keelson.pod.Quarantine;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerRecords;
import io.keelson.pod.remains.Remains;
import io.keelson.pod.remains.Remains.Ownerless;
import io.keelson.server.config.Configuration.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is there and belongs to nobody, and records that cannot be used. */
final class RemainsLook {
    /** Longer than any call that makes a pod or a container may take. */
    private static final Duration BEING_MADE = Duration.ofMinutes(10);

    private static final String REPAIR = "keelson doctor --fix, while the daemon does not run";

    private final Storage storage;
    private final boolean isDaemonRunning;
    private final List<Ownerless> remains;

    RemainsLook(Storage storage, boolean isDaemonRunning) {
        this.storage = storage;
        this.isDaemonRunning = isDaemonRunning;
        remains = new Remains(storage.root(), storage.state())
                .find().stream().filter(this::isNobodys).toList();
    }

    /** What a running daemon is just making is nobody's for a moment. */
    private boolean isNobodys(Ownerless each) {
        return !isDaemonRunning || modified(each.path()).isBefore(Instant.now().minus(BEING_MADE));
    }

    /** What is gone meanwhile was being made, or removed. */
    private static Instant modified(Path path) {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            return Instant.now();
        }
    }

    Finding records() {
        var troubles = Stream.of(
                        new PodRecords(new PodPaths(storage.root(), storage.state())).troubles(),
                        new ContainerRecords(new ContainerPaths(storage.root(), storage.state())).troubles())
                .flatMap(List::stream)
                .toList();
        return Finding.failing(
                "records",
                troubles.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", troubles)),
                "of pods and containers can be used",
                "the next start of the daemon sets it aside and takes back what it can");
    }

    Finding setAside() {
        var kept =
                new Quarantine(storage.root().resolve("quarantine")).setAside().list();
        return Finding.warning(
                "set-aside",
                kept.stream().map(each -> each.place().toString()).toList(),
                "nothing",
                "look at it, and delete it; the daemon's log says why it could not be used");
    }

    Finding mounts() {
        return nobodys("mounts", each -> each.otherMounts().stream());
    }

    Finding namespaces() {
        return nobodys("namespaces", each -> each.namespaces().stream());
    }

    Finding files() {
        return nobodys("leftovers", each -> each.mounts().isEmpty() ? Stream.of(each.path()) : Stream.empty());
    }

    private Finding nobodys(String subject, Function<Ownerless, Stream<Path>> part) {
        return Finding.warning(
                subject,
                remains.stream().flatMap(part).map(path -> "nobody's: " + path).toList(),
                "each has its pod, container or layer",
                REPAIR);
    }

    Finding monitors() {
        var records = new ContainerRecords(new ContainerPaths(storage.root(), storage.state()));
        var orphans = RunningMonitors.find(MonitorPaths.below(storage.state())).entrySet().stream()
                .filter(each -> !records.has(each.getValue()))
                .map(each ->
                        "process " + each.getKey() + " watches container " + each.getValue() + ", which nobody knows")
                .toList();
        return Finding.warning(
                "monitors",
                orphans,
                "each has its container",
                "kill the container's processes; the monitor ends with them");
    }
}
