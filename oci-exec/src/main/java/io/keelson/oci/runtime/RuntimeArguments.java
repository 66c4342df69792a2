package io.keelson.oci.runtime;

import io.keelson.oci.cgroup.CgroupDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Command lines of a runtime. Who a process is never stands here, but in JSON alone: crun has taken {@code --user 1} for uid 0
 * (CVE-2026-30892).
 */
final class RuntimeArguments {
    /** JSON comes through a pipe: nothing is written to a disk, and nothing is left to be removed. */
    private static final String STDIN = "/proc/self/fd/0";

    private final List<String> program;

    RuntimeArguments(RuntimeHandler handler, CgroupDriver driver) {
        var line = new ArrayList<String>();
        line.add(handler.program().toString());
        line.add("--root=" + handler.root());
        if (driver == CgroupDriver.SYSTEMD) {
            line.add("--systemd-cgroup");
        }
        program = List.copyOf(line);
    }

    List<String> start(String id) {
        return line("start", id);
    }

    List<String> kill(String id, int signal, boolean all) {
        var number = Integer.toString(signal);
        return all ? line("kill", "--all", id, number) : line("kill", id, number);
    }

    List<String> delete(String id, boolean force) {
        return force ? line("delete", "--force", id) : line("delete", id);
    }

    List<String> state(String id) {
        return line("state", id);
    }

    List<String> update(String id) {
        return line("update", "--resources", STDIN, id);
    }

    /** @param pidFile to which the command's pid is written */
    List<String> exec(String id, Optional<String> cgroup, Optional<Path> pidFile) {
        return exec(id, cgroup, pidFile, Optional.empty(), STDIN);
    }

    /**
     * For a command that has stdin for itself.
     *
     * @param consoleSocket which takes the master of the process's terminal; crun alone gives it while it waits for the command
     * @param descriptor of the runtime's, with the process's JSON
     */
    List<String> exec(
            String id, Optional<String> cgroup, Optional<Path> pidFile, Optional<Path> consoleSocket, int descriptor) {
        return exec(id, cgroup, pidFile, consoleSocket, "/proc/self/fd/" + descriptor);
    }

    private List<String> exec(
            String id, Optional<String> cgroup, Optional<Path> pidFile, Optional<Path> consoleSocket, String process) {
        var line = line("exec");
        cgroup.ifPresent(group -> line.add("--cgroup=" + group));
        pidFile.ifPresent(file -> line.add("--pid-file=" + file));
        consoleSocket.ifPresent(socket -> line.add("--console-socket=" + socket));
        line.addAll(List.of("--process", process, id));
        return line;
    }

    private List<String> line(String... arguments) {
        var line = new ArrayList<>(program);
        line.addAll(List.of(arguments));
        return line;
    }
}
