package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The peer: containerd as e2e/tools builds it, on roots of its own. {@code keelson.containerd} and {@code keelson.containerd.shim}
 * say where its programs are. No NRI, and no score below that of its parent, which would need CAP_SYS_RESOURCE.
 */
public final class Containerd implements CriDaemon {
    private static final String PORTMAP = """
            ,
                    { "type": "portmap", "capabilities": { "portMappings": true } }""";

    @Override
    public String name() {
        return "containerd";
    }

    @Override
    public List<String> configure(NodePlace place, Setup setup) throws IOException {
        if (setup.network()) {
            CriDaemon.writeNetwork(place, PORTMAP);
        }
        var programs = Files.createDirectories(place.directory().resolve("bin"));
        var shim = programs.resolve("containerd-shim-runc-v2");
        if (!Files.exists(shim)) {
            Files.createSymbolicLink(shim, Path.of(Program.required("keelson.containerd.shim")));
        }
        var certificates = Files.createDirectories(place.directory().resolve("certs.d"));
        if (setup.registry().isPresent()) {
            for (var host : Setup.MIRRORED) {
                Files.writeString(
                        Files.createDirectories(certificates.resolve(host)).resolve("hosts.toml"),
                        """
                        [host."http://%s"]
                          capabilities = ["pull", "resolve"]
                        """.formatted(setup.registry().get()));
            }
        }
        var configuration = Files.writeString(place.directory().resolve("containerd.toml"), toml(place, setup));
        return List.of(
                "env",
                "PATH=" + programs + ":" + System.getenv("PATH"),
                Program.required("keelson.containerd"),
                "--config=" + configuration);
    }

    private static String toml(NodePlace place, Setup setup) {
        var runtime = setup.handler().equals("runc") ? Program.required("keelson.runc") : setup.handler();
        return """
                version = 3
                root = "%1$s"
                state = "%2$s"
                disabled_plugins = ["io.containerd.nri.v1.nri"]
                [grpc]
                  address = "%3$s"
                [plugins."io.containerd.cri.v1.runtime"]
                  restrict_oom_score_adj = true
                  netns_mounts_under_state_dir = true
                  [plugins."io.containerd.cri.v1.runtime".cni]
                    bin_dirs = ["/usr/lib/cni"]
                    conf_dir = "%4$s"
                  [plugins."io.containerd.cri.v1.runtime".containerd]
                    default_runtime_name = "default"
                    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.default]
                      runtime_type = "io.containerd.runc.v2"
                      [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.default.options]
                        BinaryName = "%5$s"
                        Root = "%2$s/runtimes"
                        SystemdCgroup = false
                [plugins."io.containerd.cri.v1.images"]
                  snapshotter = "overlayfs"
                  [plugins."io.containerd.cri.v1.images".pinned_images]
                    sandbox = "registry.k8s.io/pause:3.10.1"
                  [plugins."io.containerd.cri.v1.images".registry]
                    config_path = "%6$s"
                """.formatted(
                        place.root(),
                        place.state(),
                        place.socket(),
                        place.networks(),
                        runtime,
                        place.directory().resolve("certs.d"));
    }
}
