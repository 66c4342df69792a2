package io.keelson.pod.namespace;

import static io.keelson.host.linux.Namespaces.CLONE_NEWIPC;
import static io.keelson.host.linux.Namespaces.CLONE_NEWNET;
import static io.keelson.host.linux.Namespaces.CLONE_NEWPID;
import static io.keelson.host.linux.Namespaces.CLONE_NEWUTS;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Loopback;
import io.keelson.host.linux.Mounts;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.linux.PlatformThread;
import io.keelson.host.process.Command;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.process.Processes;
import io.keelson.pod.network.PodNetworkDefaults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@link NamespacePinner} by a thread that moves into new namespaces, sets them up from inside, binds them to files and ends.
 * What is bound stays without a process (namespaces(7)); only a PID namespace lives and dies with its init.
 */
public final class ThreadNamespacePinner implements NamespacePinner {
    /** A killed process is gone in milliseconds, unless it hangs in the kernel. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final Processes processes;
    private final Path init;
    private final MappedNamespaces mapped;

    /** @param init catatonit(1), or what does as it does with {@code -P} */
    public ThreadNamespacePinner(Processes processes, Path init) {
        this.processes = processes;
        this.init = init;
        mapped = new MappedNamespaces(processes, init);
    }

    @Override
    public Optional<ProcessIdentity> pin(NamespaceRequest request) {
        var pinned = new PinnedNamespaces(request.directory());
        if (request.sharesPids() && !Files.isExecutable(init)) {
            throw Failure.unavailable(
                    "a pod whose containers share a PID namespace needs an init, and there is no program " + init);
        }
        try (var undo = new Rollback()) {
            undo.add("unpin namespaces in " + request.directory(), () -> unpin(request.directory(), Optional.empty()));
            makeFiles(request, pinned);
            var started = PlatformThread.call(
                    "pod-namespaces",
                    () -> request.user().isPresent() ? mapped.make(request, pinned) : enter(request, pinned));
            undo.commit();
            return started;
        } catch (LinuxException e) {
            throw Failure.internal("cannot make the namespaces in " + request.directory() + ": " + e.getMessage(), e);
        }
    }

    private static void makeFiles(NamespaceRequest request, PinnedNamespaces pinned) {
        if (request.ownsNetwork()) {
            makeFile(pinned.network());
            makeFile(pinned.uts());
        }
        if (request.ownsIpc()) {
            makeFile(pinned.ipc());
        }
        if (request.sharesPids()) {
            makeFile(pinned.pid());
        }
        if (request.user().isPresent()) {
            makeFile(pinned.user());
        }
    }

    private static void makeFile(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw DurableFiles.failed("make", file, e);
        }
    }

    /** On a thread that ends afterwards. */
    private Optional<ProcessIdentity> enter(NamespaceRequest request, PinnedNamespaces pinned) {
        var flags = (request.ownsNetwork() ? CLONE_NEWNET : 0)
                | (request.ownsUts() ? CLONE_NEWUTS : 0)
                | (request.ownsIpc() ? CLONE_NEWIPC : 0)
                | (request.sharesPids() ? CLONE_NEWPID : 0);
        if (flags != 0) {
            Namespaces.unshare(flags);
        }
        if (request.ownsUts()) {
            Namespaces.sethostname(request.hostname());
            bind("uts", pinned.uts());
        }
        if (request.ownsNetwork()) {
            Loopback.up();
            PodNetworkDefaults.apply();
            bind("net", pinned.network());
        }
        if (request.ownsIpc()) {
            bind("ipc", pinned.ipc());
        }
        request.sysctls().forEach(ThreadNamespacePinner::write);
        return request.sharesPids() ? Optional.of(startInit(pinned)) : Optional.empty();
    }

    private static void bind(String kind, Path target) {
        Mounts.bind(Path.of("/proc/thread-self/ns/" + kind), target);
    }

    /** The thread's namespaces decide which value the file means (sysctl tables look at the current task). */
    private static void write(String name, String value) {
        var path = Path.of("/proc/sys", Sysctls.segments(name).toArray(String[]::new));
        var bytes = value.getBytes(StandardCharsets.UTF_8);
        try (var file = Descriptors.open(path, Descriptors.O_WRONLY, 0)) {
            Descriptors.write(
                    file, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } catch (LinuxException e) {
            throw new Failure(
                    Failure.Kind.INVALID, "cannot set sysctl " + name + " to \"" + value + "\": " + e.getMessage(), e);
        }
    }

    private ProcessIdentity startInit(PinnedNamespaces pinned) {
        // The undo is the inner one, so that the handle is open when it runs.
        try (var child = processes.start(
                        List.of(init.toString(), "-P"),
                        environment(pinned.directory()),
                        Path.of("/"),
                        Map.<Integer, Fd>of());
                var undo = new Rollback()) {
            undo.add("kill the init", () -> child.pidfd().sendSignal(Pidfd.SIGKILL));
            Mounts.bind(Path.of("/proc/" + child.pid() + "/ns/pid"), pinned.pid());
            var identity = ProcessIdentity.of(child.pid())
                    .orElseThrow(() -> Failure.unavailable("the pod's init " + init + " ended at once"));
            undo.commit();
            return identity;
        }
    }

    /** Of all that is started for the pod, so that it is found by it. */
    static Map<String, String> environment(Path directory) {
        var environment = new HashMap<>(Command.MINIMAL_ENVIRONMENT);
        var mark = NamespacePinner.mark(directory).split("=", 2);
        environment.put(mark[0], mark[1]);
        return environment;
    }

    @Override
    public void unpin(Path directory, Optional<ProcessIdentity> started) {
        started.flatMap(ProcessIdentity::open).ifPresent(ThreadNamespacePinner::kill);
        for (var pin : new PinnedNamespaces(directory).all()) {
            Mounts.unmountAll(pin);
            try {
                Files.deleteIfExists(pin);
            } catch (IOException e) {
                throw DurableFiles.failed("remove", pin, e);
            }
        }
    }

    private static void kill(Pidfd process) {
        try (process) {
            process.sendSignal(Pidfd.SIGKILL);
            if (!process.awaitExit(Deadline.in(KILL_PATIENCE))) {
                throw Failure.timeout("the pod's init does not end though it was killed");
            }
        }
    }
}
