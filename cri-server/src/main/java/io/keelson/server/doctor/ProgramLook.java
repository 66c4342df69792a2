package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.Command;
import io.keelson.host.process.Processes;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.runtime.OciRuntime;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.runtime.RuntimeHandler;
import io.keelson.pod.Passages;
import io.keelson.pod.UserNamespaceSupport;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.OciRuntimes;
import io.keelson.server.floor.InstalledVersions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The programs that run containers. */
final class ProgramLook {
    private final Configuration configuration;
    private final Processes processes;
    private final InstalledVersions versions;

    ProgramLook(Configuration configuration, Processes processes) {
        this.configuration = configuration;
        this.processes = processes;
        versions = new InstalledVersions(processes);
    }

    Finding runtimes() {
        try {
            var programs = OciRuntimes.find(configuration.runtime()).programs();
            if (programs.isEmpty()) {
                return Finding.fail("runtimes", "neither crun nor runc is installed", "install one of them");
            }
            var troubles = new ArrayList<String>();
            var said = new ArrayList<String>();
            features(programs).forEach((name, features) -> {
                features.problem().ifPresent(why -> troubles.add(name + ": " + why));
                said.add(name + " is " + features.version());
            });
            return Finding.failing(
                    "runtimes",
                    troubles.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", troubles)),
                    String.join(", ", said),
                    "install it anew, or correct runtime.handlers");
        } catch (Failure e) {
            return Finding.fail("runtimes", String.valueOf(e.getMessage()), "install it, or correct runtime.handlers");
        }
    }

    private Map<String, RuntimeFeatures> features(Map<String, Path> programs) {
        var cgroups = Cgroups.detect(Cgroups.MOUNTED);
        var found = new TreeMap<String, RuntimeFeatures>();
        programs.forEach((name, program) -> {
            var root = configuration.storage().state().resolve("runtimes").resolve(name);
            var handler = new RuntimeHandler(name, program, root, Command.MINIMAL_ENVIRONMENT);
            found.put(
                    name,
                    new OciRuntime(processes, handler, configuration.runtime().cgroupDriver(), cgroups).features());
        });
        return found;
    }

    private Map<String, Path> installed() {
        try {
            return OciRuntimes.find(configuration.runtime()).programs();
        } catch (Failure e) {
            // That is said of the runtimes themselves.
            return Map.of();
        }
    }

    Finding runtimeVersions() {
        var below = installed().values().stream()
                .distinct()
                .sorted()
                .flatMap(program -> versions.runtimeBelow(program).stream())
                .toList();
        return Finding.warning(
                "runtime-versions",
                below,
                "none is older than is safe with hostile containers",
                "install newer ones, unless the distribution has corrected these");
    }

    Finding userNamespaces() {
        var root = configuration.storage().root();
        var passages = new Passages(
                List.of(root, new ContainerPaths(root, configuration.storage().state()).records()));
        var features = features(installed());
        var support = new UserNamespaceSupport(
                root,
                passages,
                name -> Optional.ofNullable(features.get(name))
                        .filter(each -> each.problem().isEmpty() && !each.idMappedMounts())
                        .map(each -> each.version() + " cannot map the ids of mounts"));
        var troubles = features.keySet().stream()
                .flatMap(name -> support.trouble(name).map(why -> name + ": " + why).stream())
                .distinct()
                .toList();
        return Finding.warning(
                "user-namespaces",
                troubles,
                "pods can have their own",
                "pods with hostUsers: false are refused until that is so");
    }

    Finding monitor() {
        var monitor = configuration.runtime().monitor();
        if (!Files.isExecutable(monitor)) {
            return Finding.fail(
                    "monitor", "there is no program " + monitor, "install conmon, or correct runtime.monitor");
        }
        return Finding.warning(
                "monitor",
                versions.monitorBelow(monitor).stream().toList(),
                monitor + " is new enough",
                "install a newer one");
    }

    Finding init() {
        var init = configuration.runtime().init();
        return Files.isExecutable(init)
                ? Finding.ok("init", init.toString())
                : Finding.warn(
                        "init",
                        "there is no program " + init + ": pods with shareProcessNamespace are refused",
                        "install catatonit, or correct runtime.init");
    }
}
