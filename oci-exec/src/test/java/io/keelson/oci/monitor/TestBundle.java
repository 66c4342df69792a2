package io.keelson.oci.monitor;

import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.runtime.RuntimeHandler;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.ContainerSpec;
import io.keelson.oci.spec.Hooks;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.spec.Machine;
import io.keelson.oci.spec.NamespaceChoices;
import io.keelson.oci.spec.NamespaceChoices.Choice;
import io.keelson.oci.spec.NamespaceChoices.Fresh;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.ProcessRequest;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.ProtectedPaths;
import io.keelson.oci.spec.SeccompChoice;
import io.keelson.oci.spec.Security;
import io.keelson.oci.spec.SpecMount;
import io.keelson.oci.spec.SpecRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A bundle with the host's programs, read-only, and what a test sets besides. */
final class TestBundle {
    private final Path directory;
    private final String id;
    private final String cgroup;
    List<String> arguments = List.of("/bin/sleep", "1000");
    ProcessUser user = new ProcessUser(0, 0, List.of());
    List<String> addCapabilities = List.of();
    List<String> dropCapabilities = List.of();
    List<String> ambientCapabilities = List.of();
    boolean privileged;
    boolean noNewPrivileges;
    boolean readonlyRoot;
    SeccompChoice seccomp = new SeccompChoice.Unconfined();
    Choice pid = new Fresh();
    LinuxResources resources = LinuxResources.NONE;
    Optional<Path> log = Optional.empty();

    TestBundle(Path directory, String id, String cgroup) {
        this.directory = directory;
        this.id = id;
        this.cgroup = cgroup;
    }

    MonitorRequest make(RuntimeHandler handler, boolean isUnified) throws IOException {
        var bundle = Files.createDirectories(directory.resolve(id));
        Files.write(
                bundle.resolve("config.json"),
                ContainerSpec.build(spec(root(), isUnified), Machine.current()).toBytes());
        return new MonitorRequest(
                id,
                "test",
                handler,
                CgroupDriver.CGROUPFS,
                cgroup,
                bundle,
                log,
                false,
                false,
                false,
                Duration.ofSeconds(60));
    }

    private Path root() throws IOException {
        var root = Files.createDirectories(directory.resolve("root"));
        for (var name : List.of("usr", "proc", "sys", "dev", "tmp")) {
            Files.createDirectories(root.resolve(name));
        }
        for (var name : List.of("bin", "sbin", "lib", "lib64")) {
            if (!Files.isSymbolicLink(root.resolve(name))) {
                Files.createSymbolicLink(root.resolve(name), Path.of("usr", name));
            }
        }
        return root;
    }

    private SpecRequest spec(Path root, boolean isUnified) {
        var all = new Capabilities((1L << 41) - 1);
        return new SpecRequest(
                root,
                readonlyRoot,
                Optional.of("inside"),
                new ProcessRequest(
                        arguments, List.of("PATH=/bin:/usr/bin"), "/", user, false, List.of(), OptionalInt.empty()),
                new Security(
                        privileged,
                        all.merge(addCapabilities, dropCapabilities, ambientCapabilities),
                        noNewPrivileges,
                        seccomp,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        ProtectedPaths.withMasked(List.of(), Machine.current()),
                        ProtectedPaths.withReadonly(List.of())),
                NamespaceChoices.of(new Fresh(), new Fresh(), new Fresh(), pid, isUnified ? new Fresh() : new Host()),
                List.of(SpecMount.bind(Path.of("/usr"), "/usr", true)),
                List.of(),
                resources,
                Map.of(),
                cgroup,
                Map.of("a", "b"),
                Set.of(),
                Map.of(),
                Hooks.NONE);
    }
}
