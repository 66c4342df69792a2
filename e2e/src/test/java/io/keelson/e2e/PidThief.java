package io.keelson.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Processes with the numbers of others that have ended, who would die of a signal that was meant for those. Its end is theirs. */
final class PidThief implements AutoCloseable {
    /** The kernel gives the number after the last one, if nobody else was quicker (proc(5), ns_last_pid). */
    private static final String PROGRAM = """
            import os, signal, sys
            def take(pid):
                for _ in range(1000):
                    with open('/proc/sys/kernel/ns_last_pid', 'w') as last:
                        last.write(str(pid - 1))
                    child = os.fork()
                    if child == 0:
                        while True:
                            signal.pause()
                    if child == pid:
                        return True
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                return False
            taken = [pid for pid in map(int, sys.argv[1:]) if take(pid)]
            print(*taken, flush=True)
            sys.stdin.readline()
            dead = [pid for pid in taken if os.waitpid(pid, os.WNOHANG)[0] != 0]
            print(*dead, flush=True)
            for pid in set(taken) - set(dead):
                os.kill(pid, signal.SIGKILL)
            """;

    private final Process process;
    private final BufferedReader answers;
    private final Set<Long> taken;

    /** None of the numbers may be in use. */
    PidThief(Collection<Long> numbers) throws IOException {
        var arguments = numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
        process = new ProcessBuilder("sh", "-c", "exec python3 -c \"$0\" " + arguments, PROGRAM)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        taken = words().stream().map(Long::valueOf).collect(Collectors.toSet());
    }

    /** The numbers that it got. */
    Set<Long> taken() {
        return taken;
    }

    /** Those of them that were ended by somebody. */
    List<String> killed() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        return words();
    }

    private List<String> words() throws IOException {
        var line = line();
        return line.isEmpty() ? List.of() : List.of(line.split(" "));
    }

    private String line() throws IOException {
        var line = answers.readLine();
        if (line == null) {
            throw new IOException("the holder of process numbers has ended");
        }
        return line;
    }

    /** Without its parent's word each child would stay. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
