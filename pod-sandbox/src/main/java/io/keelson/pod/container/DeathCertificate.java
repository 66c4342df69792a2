package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Pidfd;
import io.keelson.oci.monitor.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Why a container ended, for people. An exit code that a program chose speaks for itself: kubelet puts what the program left as its
 * termination message behind ours, and its users expect that alone.
 */
final class DeathCertificate {
    /** Above it, a code stands for the signal that many more. */
    private static final int SIGNALS = 128;

    private static final int LAST_SIGNAL = 64;

    /** Of a log on a disk that hangs: the end of the container is told all the same. */
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(1);

    private final PatientLooks<String> logs = new PatientLooks<>(LOG_PATIENCE);
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;

    DeathCertificate(ContainerPaths paths, ContainerRuntime runtime) {
        this.paths = paths;
        this.runtime = runtime;
    }

    /** Empty if there is nothing to be said. To be called while the container's cgroup is there. */
    String of(ContainerEntry entry, Exit exit, String reason) {
        var signal = exit.code() - SIGNALS;
        if (signal <= 0 || signal > LAST_SIGNAL) {
            return "";
        }
        if (reason.equals(ContainerEnds.OOM_KILLED)) {
            return memory(entry) + lastWords(entry);
        }
        var name = SignalNumber.canonical(Integer.toString(signal));
        var isKill = signal == Pidfd.SIGKILL;
        if (isKill && Files.exists(paths.killed(entry.id()))) {
            return "ended by SIGKILL, which Keelson sent: it was to be stopped, and its time was over";
        }
        return Files.exists(paths.signalled(entry.id()))
                ? "ended by " + name + " after it was asked to stop"
                : "ended by " + name + (isKill ? ", which Keelson did not send" : "") + lastWords(entry);
    }

    private String memory(ContainerEntry entry) {
        var text = new StringBuilder("killed by the kernel for want of memory");
        try {
            runtime.memoryPeak(entry.record().cgroup())
                    .ifPresent(peak ->
                            text.append(": it used ").append(mebibytes(peak)).append(" at most"));
        } catch (Failure e) {
            // The group has gone; what is known is said.
        }
        var limit = entry.status().resources().memoryLimitBytes();
        if (limit > 0) {
            text.append(", and its limit is ").append(mebibytes(limit));
        }
        runtime.oomVictim(entry.record().cgroup())
                .ifPresent(victim -> text.append("; the kernel chose process ")
                        .append(victim.pid())
                        .append(" (")
                        .append(victim.name())
                        .append(") of user ")
                        .append(victim.uid()));
        return text.toString();
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    private String lastWords(ContainerEntry entry) {
        return entry.record()
                .logPath()
                .map(this::lastWords)
                .filter(words -> !words.isEmpty())
                .map(words -> "; the end of its log:\n" + words)
                .orElse("");
    }

    private String lastWords(Path log) {
        try {
            return logs.at(log.toString(), () -> LastWords.of(log));
        } catch (IOException | Failure e) {
            return "";
        }
    }
}
