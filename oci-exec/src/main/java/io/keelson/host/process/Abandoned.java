package io.keelson.host.process;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Processes that a daemon before this one started for something, and did not see the end of: before that something is undone,
 * they have to end, or they would go on making it.
 */
public final class Abandoned {
    /** Each look may find what was started since the one before. */
    private static final int MAX_LOOKS = 8;

    private static final Path PROC = Path.of("/proc");

    private Abandoned() {}

    /**
     * Kills every process that has one of the words as an argument or as an entry of its environment, and waits for their end,
     * unless the deadline comes first. The words must be such that nobody else's process has them: ids of ours.
     *
     * @return how many there were
     */
    public static int kill(Set<String> words, Deadline deadline) {
        var count = 0;
        for (var look = 0; look < MAX_LOOKS; look++) {
            var killed = killOnce(words, deadline);
            if (killed == 0) {
                break;
            }
            count += killed;
        }
        return count;
    }

    private static int killOnce(Set<String> words, Deadline deadline) {
        var ended = new ArrayList<Pidfd>();
        try {
            for (var pid : pids()) {
                if (has(pid, words)) {
                    var process = open(pid);
                    // Looked at again: the number may have passed to another between the two.
                    process.filter(_ -> has(pid, words)).ifPresent(found -> {
                        ended.add(found);
                        found.sendSignal(Pidfd.SIGKILL);
                    });
                }
            }
            ended.forEach(process -> process.awaitExit(deadline));
            return ended.size();
        } finally {
            ended.forEach(Pidfd::close);
        }
    }

    private static Optional<Pidfd> open(long pid) {
        try {
            return Optional.of(Pidfd.open(pid));
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    private static List<Long> pids() {
        var own = ProcessHandle.current().pid();
        var found = new ArrayList<Long>();
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var process : processes) {
                var pid = Long.parseLong(process.getFileName().toString());
                if (pid != own) {
                    found.add(pid);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new IllegalStateException("cannot list processes", e);
        }
        return found;
    }

    private static boolean has(long pid, Set<String> words) {
        return !Collections.disjoint(items(pid, "cmdline"), words)
                || !Collections.disjoint(items(pid, "environ"), words);
    }

    /** Of proc_pid_cmdline(5) or proc_pid_environ(5); none if the process has ended or is a zombie. */
    private static List<String> items(long pid, String file) {
        try {
            var text =
                    new String(Files.readAllBytes(PROC.resolve(Long.toString(pid), file)), StandardCharsets.ISO_8859_1);
            return List.of(text.split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
