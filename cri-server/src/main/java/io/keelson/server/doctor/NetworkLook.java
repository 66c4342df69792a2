package io.keelson.server.doctor;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.Processes;
import io.keelson.pod.network.CniPodNetwork;
import io.keelson.pod.network.HostPortMode;
import io.keelson.pod.network.NetworkTrial;
import io.keelson.server.config.Configuration;
import io.keelson.server.floor.InstalledVersions;
import java.nio.file.Path;
import java.util.Optional;

/** The network of pods. */
final class NetworkLook {
    private final Configuration configuration;
    private final Processes processes;

    NetworkLook(Configuration configuration, Processes processes) {
        this.configuration = configuration;
        this.processes = processes;
    }

    private Path records() {
        return configuration.storage().state().resolve("doctor");
    }

    /** As kubelet is told of it: the configuration, the programs, and what these say of themselves. */
    Finding readiness() {
        return Finding.failing(
                "network",
                trouble(),
                "configured, and its plugins say that they are ready",
                "put a configuration and its plugins where network.configuration_directories and plugin_directories say");
    }

    private Optional<String> trouble() {
        var settings = configuration.network().settings(records());
        var readiness = new CniPodNetwork(settings, processes, WorkListener.NONE).readiness();
        return readiness.isReady() ? Optional.empty() : Optional.of(readiness.reason());
    }

    Finding trial() {
        if (trouble().isPresent()) {
            return Finding.ok("network-trial", "not tried: there is no network to try");
        }
        var state = configuration.storage().state();
        DurableFiles.mkdirs(state);
        DurableFiles.closeToOthers(state);
        try {
            var addresses = NetworkTrial.run(configuration.network().settings(records()), processes);
            return Finding.ok("network-trial", "a pod would be attached, and had " + addresses.primary());
        } catch (Failure e) {
            return Finding.fail(
                    "network-trial",
                    String.valueOf(e.getMessage()),
                    "pods fail in the same way: look at the plugin that is named, and at the addresses that it has left");
        }
    }

    Finding versions() {
        return Finding.warning(
                "plugin-versions",
                new InstalledVersions(processes)
                        .pluginsBelow(configuration.network().pluginDirectories()),
                "none is older than is safe",
                "install newer CNI plugins, unless the distribution has corrected these");
    }

    Finding hostPorts() {
        return Finding.failing(
                "host-ports",
                configuration.network().hostPorts() == HostPortMode.KEELSON
                        ? CniPodNetwork.hostPortTrouble()
                        : Optional.empty(),
                "can be published",
                "install libnftables1 or nftables, or set network.host_ports = \"cni\"");
    }
}
