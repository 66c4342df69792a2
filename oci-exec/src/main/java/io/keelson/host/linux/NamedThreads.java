package io.keelson.host.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Those threads of this process that have a name (proc_pid_comm(5)), and how readily they leave the processors to others. Threads that
 * one of them starts take after it (sched(7)).
 */
public final class NamedThreads {
    /** HotSpot names it "C2 CompilerThread0" and so on; the kernel keeps 15 characters. */
    private static final String OPTIMIZING_COMPILER = "C2 CompilerThre";

    private static final Path TASKS = Path.of("/proc/self/task");
    private static final int PRIO_PROCESS = 0;
    private static final int LEAST = 19;
    /** The system call has no negative answer that is no error, unlike the function of the C library. */
    private static final int ZERO_IS = 20;

    private final String name;

    NamedThreads(String name) {
        this.name = name;
    }

    /** Those that compile anew what is hot. */
    public static NamedThreads optimizingCompiler() {
        return new NamedThreads(OPTIMIZING_COMPILER);
    }

    /** Gives them what others leave (nice 19). */
    public void giveWay() {
        setNice(LEAST);
    }

    /**
     * Makes them what the process is, by its first thread.
     *
     * @throws LinuxException EACCES without CAP_SYS_NICE
     */
    public void takePart() {
        setNice(ZERO_IS
                - (int) SystemCall.GETPRIORITY.call(
                        "the process", PRIO_PROCESS, ProcessHandle.current().pid()));
    }

    private void setNice(int nice) {
        try (var threads = Files.newDirectoryStream(TASKS, this::isNamed)) {
            threads.forEach(thread -> setNice(thread.getFileName().toString(), nice));
        } catch (IOException | DirectoryIteratorException e) {
            throw new IllegalStateException("cannot read the names of this process's threads: " + e.getMessage(), e);
        }
    }

    private boolean isNamed(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("comm")).stripTrailing().equals(name);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            // It ended between the opening and the reading.
            if (Files.exists(thread)) {
                throw e;
            }
            return false;
        }
    }

    private static void setNice(String thread, int nice) {
        try {
            var _ = SystemCall.SETPRIORITY.call("thread " + thread, PRIO_PROCESS, Long.parseLong(thread), nice);
        } catch (LinuxException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
        }
    }
}
