package io.keelson.pod.container;

import io.keelson.host.disk.BootId;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.reference.Digest;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.Quarantine;
import io.keelson.pod.container.Container.ContainerImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Containers on disk and in the catalog, with processes that are real and a runtime that is not. */
abstract class ContainerBench {
    static final Instant NOW = Instant.ofEpochSecond(2000);
    static final Instant ENDED = Instant.ofEpochSecond(2500);
    static final PodId POD = new PodId("ab".repeat(32));
    static final ContainerId ID = new ContainerId("cd".repeat(32));
    static final String CGROUP = "/pods/p/c";

    @TempDir
    Path directory;

    final List<Process> processes = new ArrayList<>();
    final FakeRuntime runtime = new FakeRuntime();
    final FakeRoots roots = new FakeRoots();
    PodPaths podPaths;
    PodCatalog pods;
    ContainerPaths paths;
    ContainerCatalog catalog;
    ContainerStopper stopper;
    ContainerRemover remover;
    ContainerEnds ends;

    @BeforeEach
    void start() {
        podPaths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        pods = new PodCatalog(podPaths);
        paths = new ContainerPaths(directory.resolve("root"), directory.resolve("state"));
        catalog = new ContainerCatalog(paths);
        stopper = new ContainerStopper(catalog, paths, runtime);
        remover = new ContainerRemover(catalog, paths, runtime, roots, stopper);
        ends = new ContainerEnds(catalog, paths, runtime, InstantSource.fixed(NOW));
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    final Process process(String... command) throws IOException {
        var process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    static ProcessIdentity identity(Process process) {
        return ProcessIdentity.of(process.pid()).orElseThrow();
    }

    /** On disk and known, with a first process that does what it is told. */
    final Process make(ContainerState state, String stopSignal, String... command) throws IOException {
        return make(record(ID, CGROUP, stopSignal), state, command);
    }

    /** With a monitor of its own. */
    final Process make(ContainerRecord record, ContainerState state, String... command) throws IOException {
        var id = record.id();
        var init = process(command);
        var monitor = process("sleep", "1000");
        var status =
                new ContainerStatus(state, BootId.current(), identity(monitor), identity(init), LinuxResources.NONE);
        DurableFiles.mkdirs(paths.directory(id));
        DurableFiles.mkdirs(paths.bundle(id));
        DurableFiles.write(paths.record(id), record.toBytes());
        DurableFiles.write(paths.status(id), status.toBytes());
        catalog.add(ContainerEntry.of(record, status));
        return init;
    }

    static ContainerRecord record(ContainerId id, String cgroup, String stopSignal) {
        var config = new ContainerConfig(
                "web",
                0,
                ImageSpec.of("busybox"),
                List.of("sleep"),
                List.of("1"),
                "/",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                "web.log",
                false,
                false,
                false,
                LinuxResources.NONE,
                ContainerSecurity.defaults(),
                "");
        return new ContainerRecord(
                id,
                POD,
                config,
                new ContainerImage("sha256:1", "busybox:1", "busybox@sha256:2"),
                List.of(Digest.parse("sha256:" + "12".repeat(32))),
                Instant.ofEpochSecond(1000),
                new ResolvedUser(0, 0, List.of(0L), "root", "/root"),
                Optional.empty(),
                stopSignal,
                cgroup,
                "crun",
                List.of());
    }

    final ContainerState state() {
        return catalog.get(ID.hex()).state();
    }

    final ContainerCatalog restored() {
        var next = new ContainerCatalog(paths);
        var nextEnds = new ContainerEnds(next, paths, runtime, InstantSource.fixed(NOW));
        new ContainerRestorer(
                        pods,
                        next,
                        paths,
                        runtime,
                        new ContainerRemover(next, paths, runtime, roots, stopper),
                        roots,
                        nextEnds,
                        new Quarantine(directory.resolve("quarantine")),
                        InstantSource.fixed(NOW),
                        Forks::join)
                .restore(FoundContainers.read(paths, Forks::join))
                .run();
        return next;
    }
}
