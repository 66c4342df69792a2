package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the threads that a process has now have done since they began, all together (Linux,
 * Documentation/scheduler/sched-stats.rst). A thread that ends takes its part along: a later sum may be less.
 *
 * @param runNanos on a processor
 * @param waitNanos ready to run, without one
 */
public record ThreadTimes(long runNanos, long waitNanos) {
    private static final ThreadTimes NONE = new ThreadTimes(0, 0);

    /**
     * Reads them.
     *
     * @param pid a number, or {@code self}
     * @throws IOException if there is no such process
     */
    public static ThreadTimes of(String pid) throws IOException {
        var sum = NONE;
        try (var tasks = Files.newDirectoryStream(Path.of("/proc", pid, "task"))) {
            for (var task : tasks) {
                var times = ofThread(task);
                sum = new ThreadTimes(sum.runNanos + times.runNanos, sum.waitNanos + times.waitNanos);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return sum;
    }

    /** Nothing of one that has ended meanwhile. */
    private static ThreadTimes ofThread(Path task) {
        try {
            var words = Files.readString(task.resolve("schedstat")).split(" ", 3);
            return new ThreadTimes(Long.parseLong(words[0]), Long.parseLong(words[1]));
        } catch (IOException e) {
            return NONE;
        }
    }
}
