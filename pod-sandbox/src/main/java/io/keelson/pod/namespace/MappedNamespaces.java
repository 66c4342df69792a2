package io.keelson.pod.namespace;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Loopback;
import io.keelson.host.linux.Mounts;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.process.Child;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.process.Processes;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import io.keelson.pod.network.PodNetworkDefaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The namespaces of a pod that has a user namespace of its own. A process with more than one thread, as a JVM is, cannot enter one
 * (unshare(2), setns(2)): a {@link NamespaceHolder} makes them, we map its ids and pin them, and what has to be done as root of the
 * user namespace is done by nsenter(1).
 */
final class MappedNamespaces {
    private static final String NSENTER = "/usr/bin/nsenter";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration STEP = Duration.ofMillis(1);

    private final Processes processes;
    private final Path init;

    MappedNamespaces(Processes processes, Path init) {
        this.processes = processes;
        this.init = init;
    }

    /** On a thread that ends afterwards; the files for the pins are there. What is pinned is the caller's to take back. */
    Optional<ProcessIdentity> make(NamespaceRequest request, PinnedNamespaces pinned) {
        try (var holder = NamespaceHolder.start(processes, request)) {
            map(holder.pid(), request.user().orElseThrow());
            pin(holder.pid(), request, pinned);
        }
        setUp(request, pinned);
        request.sysctls().forEach((name, value) -> write(name, value, request, pinned));
        return request.sharesPids() ? Optional.of(startInit(pinned)) : Optional.empty();
    }

    private static void map(long pid, UserNamespace user) {
        writeMap(Path.of("/proc/" + pid + "/uid_map"), user.uids());
        writeMap(Path.of("/proc/" + pid + "/gid_map"), user.gids());
    }

    /** In one write(2), as user_namespaces(7) demands. */
    private static void writeMap(Path file, List<IdMapping> mappings) {
        var text = new StringBuilder();
        mappings.forEach(each -> text.append(each.containerId() + " " + each.hostId() + " " + each.length() + "\n"));
        try {
            Files.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw DurableFiles.failed("map ids by", file, e);
        }
    }

    private static void pin(long pid, NamespaceRequest request, PinnedNamespaces pinned) {
        var namespaces = Path.of("/proc/" + pid + "/ns");
        Mounts.bind(namespaces.resolve("user"), pinned.user());
        if (request.ownsNetwork()) {
            Mounts.bind(namespaces.resolve("net"), pinned.network());
            Mounts.bind(namespaces.resolve("uts"), pinned.uts());
        }
        if (request.ownsIpc()) {
            Mounts.bind(namespaces.resolve("ipc"), pinned.ipc());
        }
    }

    /** Root of the host has every right in a namespace that belongs to a user namespace below its own. */
    private static void setUp(NamespaceRequest request, PinnedNamespaces pinned) {
        if (request.ownsNetwork()) {
            enter(pinned.uts(), Namespaces.CLONE_NEWUTS);
            Namespaces.sethostname(request.hostname());
            enter(pinned.network(), Namespaces.CLONE_NEWNET);
            Loopback.up();
            PodNetworkDefaults.apply();
        }
        if (request.ownsIpc()) {
            enter(pinned.ipc(), Namespaces.CLONE_NEWIPC);
        }
    }

    private static void enter(Path pinned, int type) {
        try (var namespace = Descriptors.open(pinned, Descriptors.O_RDONLY, 0)) {
            Namespaces.setns(namespace, type);
        }
    }

    /**
     * As root inside: the kernel leaves sysctls of the IPC namespace to nobody else, and where a value is an id
     * ({@code net.ipv4.ping_group_range}), it is one of the pod's.
     */
    private void write(String name, String value, NamespaceRequest request, PinnedNamespaces pinned) {
        var path = Path.of("/proc/sys", Sysctls.segments(name).toArray(String[]::new));
        var finished = processes.run(Command.of(
                        NSENTER,
                        "--user=" + pinned.user(),
                        "--net=" + pinned.network(),
                        "--ipc=" + pinned.ipc(),
                        "--",
                        "tee",
                        path.toString())
                .withEnvironment(ThreadNamespacePinner.environment(request.directory()))
                .withStdin(value.getBytes(StandardCharsets.UTF_8))
                .within(PATIENCE));
        if (!finished.isSuccess()) {
            throw Failure.invalid("cannot set sysctl " + name + " to \"" + value + "\": " + complaint(finished));
        }
    }

    private static String complaint(Finished finished) {
        return new String(finished.stderr(), StandardCharsets.UTF_8).strip();
    }

    /**
     * The PID namespace has to belong to the user namespace, or its containers could not mount proc. It begins with the first child
     * of a process inside; that process, of which nothing more is needed, is ended.
     */
    private ProcessIdentity startInit(PinnedNamespaces pinned) {
        var arguments = List.of(
                NSENTER, "--user=" + pinned.user(), "--", "unshare", "--pid", "--fork", "--", init.toString(), "-P");
        // The undo is the inner one, so that the handle is open when it runs.
        try (var parent = processes.start(
                        arguments, ThreadNamespacePinner.environment(pinned.directory()), Path.of("/"), Map.of());
                var undo = new Rollback()) {
            undo.add("kill the init", () -> parent.killTree(Deadline.in(PATIENCE)));
            var pid = awaitInit(parent);
            Mounts.bind(Path.of("/proc/" + pid + "/ns/pid"), pinned.pid());
            var identity = ProcessIdentity.of(pid)
                    .filter(ProcessIdentity::isAlive)
                    .orElseThrow(() -> Failure.unavailable("the pod's init " + init + " ended at once"));
            undo.commit();
            parent.pidfd().sendSignal(Pidfd.SIGKILL);
            parent.await(Deadline.in(PATIENCE));
            return identity;
        }
    }

    /** The parent's child, once it is the init. */
    private long awaitInit(Child parent) {
        var deadline = Deadline.in(PATIENCE);
        while (true) {
            for (var pid : parent.children()) {
                if (isInit(pid)) {
                    return pid;
                }
            }
            if (parent.await(Deadline.in(STEP)).isPresent() || deadline.hasPassed()) {
                throw Failure.unavailable("the pod's init " + init + " could not be started in its user namespace");
            }
        }
    }

    private boolean isInit(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).startsWith(init + "\0");
        } catch (IOException e) {
            return false;
        }
    }
}
