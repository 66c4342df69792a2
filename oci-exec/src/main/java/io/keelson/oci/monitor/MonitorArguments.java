package io.keelson.oci.monitor;

import io.keelson.oci.cgroup.CgroupDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** conmon's command line (conmon(8)). */
final class MonitorArguments {
    /** Where conmon writes nothing but what goes wrong. */
    private static final String LOG_LEVEL = "error";

    /** A size would have conmon truncate the file, which kubelet rotates. */
    private static final String KUBERNETES_LOG = "k8s-file:";

    private static final String NO_LOG = "off";
    static final String EXITS = "--exit-dir=";
    static final String PID_FILE = "init.pid";

    private MonitorArguments() {}

    static List<String> of(Path program, MonitorRequest request, MonitorPaths paths) {
        var handler = request.handler();
        var line = new ArrayList<>(List.of(
                program.toString(),
                // It stays our child, known by the number that starting it gave; it outlives us all the same.
                "--sync",
                "--api-version=1",
                "--cid=" + request.id(),
                "--cuuid=" + request.id(),
                "--name=" + request.name(),
                "--runtime=" + handler.program(),
                "--runtime-arg=--root=" + handler.root(),
                "--bundle=" + request.bundle(),
                "--container-pidfile=" + request.bundle().resolve(PID_FILE),
                "--log-path="
                        + request.logPath().map(path -> KUBERNETES_LOG + path).orElse(NO_LOG),
                EXITS + paths.exits(),
                // The socket for attaching is in the bundle. Otherwise it is reached through a link whose name conmon
                // cuts
                // where the path grows too long for unix(7), and nobody would find it again.
                "--full-attach",
                "--log-level=" + LOG_LEVEL));
        if (request.driver() == CgroupDriver.SYSTEMD) {
            line.add("--systemd-cgroup");
        }
        if (request.terminal()) {
            line.add("--terminal");
        }
        if (request.openStdin()) {
            line.add("--stdin");
        }
        if (request.leaveStdinOpen()) {
            line.add("--leave-stdin-open");
        }
        return line;
    }
}
