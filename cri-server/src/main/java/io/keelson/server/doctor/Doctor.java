package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.server.config.Configuration;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The list of what is looked at. Each look is the one that the daemon itself takes, so that both come to the same answer. */
final class Doctor {
    /**
     * One of them.
     *
     * @param subject of its line
     */
    private record Look(String subject, Supplier<Finding> look) {}

    private final List<Look> looks = new ArrayList<>();

    private Doctor() {}

    /** Of a node whose configuration cannot be used: what every configuration needs. */
    static Doctor without(Failure configuration) {
        var doctor = new Doctor();
        doctor.add(
                "configuration",
                () -> Finding.fail(
                        "configuration",
                        String.valueOf(configuration.getMessage()),
                        "correct it; keelson config --default shows every setting"));
        doctor.kernel();
        return doctor;
    }

    static Doctor of(Configuration configuration) {
        var doctor = new Doctor();
        doctor.add("configuration", () -> Finding.ok("configuration", "can be used"));
        var daemon = new DaemonLook(configuration);
        doctor.add("daemon", daemon::answer);
        doctor.add("directories", daemon::directories);
        doctor.kernel();
        doctor.node(configuration, new RightsLook(daemon.process()));
        doctor.programs(configuration);
        doctor.network(configuration);
        doctor.images(configuration);
        doctor.remains(new RemainsLook(configuration.storage(), daemon.isRunning()));
        return doctor;
    }

    private void kernel() {
        add("kernel", KernelLook::version);
        add("overlay", KernelLook::overlay);
        add("cgroups", CgroupLook::layout);
        add("clock", ClockLook::look);
    }

    private void node(Configuration configuration, RightsLook rights) {
        var storage = configuration.storage();
        add("layers", () -> KernelLook.layers(storage.layerStore()));
        add("cgroup-driver", () -> CgroupLook.driver(configuration.runtime()));
        add("capabilities", rights::capabilities);
        add("limits", rights::limits);
        var disk = new DiskLook(storage);
        add("disk", disk::room);
        add("inodes", disk::inodes);
        add("records-time", () -> ClockLook.recordsTime(storage.root()));
    }

    private void programs(Configuration configuration) {
        var programs = new ProgramLook(configuration, new SpawnedProcesses());
        add("runtimes", programs::runtimes);
        add("runtime-versions", programs::runtimeVersions);
        add("user-namespaces", programs::userNamespaces);
        add("monitor", programs::monitor);
        add("init", programs::init);
        add("hooks", () -> AdditionsLook.hooks(configuration.containers()));
        add("devices", () -> AdditionsLook.devices(configuration.containers()));
    }

    private void network(Configuration configuration) {
        var network = new NetworkLook(configuration, new SpawnedProcesses());
        add("network", network::readiness);
        add("network-trial", network::trial);
        add("plugin-versions", network::versions);
        add("host-ports", network::hostPorts);
        add("certificates", () -> CertificateLook.look(configuration));
    }

    private void images(Configuration configuration) {
        add("registries", () -> RegistryLook.registries(configuration.images()));
        add("credentials", () -> RegistryLook.credentials(configuration.images()));
    }

    private void remains(RemainsLook remains) {
        add("records", remains::records);
        add("set-aside", remains::setAside);
        add("mounts", remains::mounts);
        add("namespaces", remains::namespaces);
        add("leftovers", remains::files);
        add("monitors", remains::monitors);
    }

    private void add(String subject, Supplier<Finding> look) {
        looks.add(new Look(subject, look));
    }

    /** What one look meets does not keep the others from being taken. */
    List<Finding> look() {
        return looks.stream().map(Doctor::taken).toList();
    }

    private static Finding taken(Look look) {
        try {
            return look.look().get();
        } catch (Failure | LinuxException | UncheckedIOException e) {
            return Finding.fail(
                    look.subject(),
                    "cannot be looked at: " + e.getMessage(),
                    "run it as root on the node itself, outside of containers");
        }
    }
}
