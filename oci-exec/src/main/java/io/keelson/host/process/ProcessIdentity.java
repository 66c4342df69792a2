package io.keelson.host.process;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that stays itself: its number, and when it started in clock ticks after boot (proc_pid_stat(5), field 22). The
 * number alone may by now be someone else's.
 */
public record ProcessIdentity(long pid, long startTicks) {
    private static final int FIELDS_BEFORE_START = 19;
    private static final long NONE = -1;

    /** The process that has this number now. */
    public static Optional<ProcessIdentity> of(long pid) {
        return stat(pid).map(fields -> new ProcessIdentity(pid, Long.parseLong(fields[FIELDS_BEFORE_START])));
    }

    /** Whether it runs; a zombie does not. */
    public boolean isAlive() {
        return stat(pid)
                .filter(fields -> Long.parseLong(fields[FIELDS_BEFORE_START]) == startTicks)
                .filter(fields -> !fields[0].equals("Z") && !fields[0].equals("X"))
                .isPresent();
    }

    /** A handle on it; absent once it has ended. */
    public Optional<Pidfd> open() {
        try {
            var pidfd = Pidfd.open(pid);
            // Checked after opening: if it still is who it was, the handle is on it.
            if (isAlive()) {
                return Optional.of(pidfd);
            }
            pidfd.close();
            return Optional.empty();
        } catch (LinuxException e) {
            // EINVAL and ENOENT: by now this is the number of a thread.
            if (e.is(Errno.ESRCH) || e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Tells the parent of a zombie once more that it has ended (SIGCHLD): one that was not listening the first time waits for ever.
     *
     * @return false if there is nobody to tell: it runs, or its exit status has been taken
     */
    public boolean announceEnd() {
        var parent = parentOfZombie();
        if (parent == NONE) {
            return false;
        }
        try (var pidfd = Pidfd.open(parent)) {
            // Checked after opening: whoever is the parent now cannot be anybody else while the zombie is there.
            return parentOfZombie() == parent && pidfd.sendSignal(Pidfd.SIGCHLD);
        } catch (LinuxException e) {
            if (e.is(Errno.ESRCH)) {
                return false;
            }
            throw e;
        }
    }

    private long parentOfZombie() {
        return stat(pid)
                .filter(fields -> Long.parseLong(fields[FIELDS_BEFORE_START]) == startTicks)
                .filter(fields -> fields[0].equals("Z"))
                .map(fields -> Long.parseLong(fields[1]))
                .orElse(NONE);
    }

    public Json.Obj toJson() {
        return Json.object().put("pid", pid).put("startTicks", startTicks).build();
    }

    public static ProcessIdentity fromJson(Json.Obj json) {
        return new ProcessIdentity(json.number("pid"), json.number("startTicks"));
    }

    /** The number of the process's parent; {@value #NONE} if there is no such process. */
    static long parent(long pid) {
        return stat(pid).map(fields -> Long.parseLong(fields[1])).orElse(NONE);
    }

    /**
     * The fields from the third on: the second, the name in parentheses, may contain anything. Absent only if there is no such
     * process; one that cannot be looked at, for want of descriptors say, must not be taken for dead.
     */
    private static Optional<String[]> stat(long pid) {
        try {
            var line = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return Optional.of(line.substring(line.lastIndexOf(')') + 2).split(" ", FIELDS_BEFORE_START + 2));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // ESRCH: it ended after its file was opened.
            if (String.valueOf(e.getMessage()).contains(Errno.description(Errno.ESRCH))) {
                return Optional.empty();
            }
            throw Failure.internal("cannot look at process " + pid, e);
        }
    }
}
