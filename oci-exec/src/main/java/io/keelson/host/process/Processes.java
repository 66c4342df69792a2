package io.keelson.host.process;

import io.keelson.host.linux.Fd;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts programs. Any thread may call; a virtual one is not pinned while it waits. */
public interface Processes {
    /**
     * Runs the program to its end. At its time limit, and when the caller is interrupted, all that it started is killed with it;
     * after its end, what it left behind in its process group is killed as well.
     *
     * @throws io.keelson.host.failure.Failure UNAVAILABLE if it cannot be started, CANCELLED when interrupted
     */
    Finished run(Command command);

    /**
     * Starts a program that outlives the call, in the namespaces of the calling thread; it has these descriptors, and
     * {@code /dev/null} for those of 0, 1 and 2 that are not among them.
     *
     * @param directory its working directory, which it keeps from being unmounted as long as it runs
     * @throws io.keelson.host.failure.Failure UNAVAILABLE if it cannot be started
     */
    Child start(List<String> arguments, Map<String, String> environment, Path directory, Map<Integer, Fd> descriptors);

    /**
     * As {@link #start}, for a program that is the leader of a session with this terminal, which is its stdin, stdout and stderr.
     *
     * @throws io.keelson.host.failure.Failure UNAVAILABLE if it cannot be started
     */
    Child startOn(Path terminal, List<String> arguments, Map<String, String> environment, Map<Integer, Fd> descriptors);
}
