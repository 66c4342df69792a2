package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Needs CAP_SYS_NICE: to give way can be undone by nobody else. */
@Timeout(60)
class NamedThreadsIT {
    private static final int NICE = 18;

    @Test
    void onlyThreadsOfTheNameGiveWayAndTakePartAgain() throws Exception {
        var named = new NamedThreads("gives-way");
        try (var one = new Waiting("gives-way");
                var other = new Waiting("gives-way-not")) {
            var usual = nice(other.path);

            named.giveWay();
            assertThat(nice(one.path)).isEqualTo(19).isNotEqualTo(usual);
            assertThat(nice(other.path)).isEqualTo(usual);

            named.takePart();
            assertThat(nice(one.path)).isEqualTo(usual);
        }
        named.giveWay();
    }

    @Test
    void theOptimizingCompilerHasThreadsOfThatName() throws IOException {
        NamedThreads.optimizingCompiler().giveWay();
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            assertThat(threads.filter(each -> nice(each) == 19))
                    .isNotEmpty()
                    .allSatisfy(
                            each -> assertThat(each.resolve("comm")).content().startsWith("C2 "));
        } finally {
            NamedThreads.optimizingCompiler().takePart();
        }
    }

    /** proc_pid_stat(5); no name here has a blank or a parenthesis in it. */
    private static int nice(Path thread) {
        try {
            var stat = Files.readString(thread.resolve("stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[NICE - 2]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Waiting implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);
        final Path path;

        Waiting(String name) throws Exception {
            var begun = new CountDownLatch(1);
            var own = new Path[1];
            Thread.ofPlatform().name(name).start(() -> {
                try {
                    own[0] = Path.of("/proc/thread-self").toRealPath();
                    begun.countDown();
                    end.await();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            begun.await();
            path = own[0];
        }

        @Override
        public void close() {
            end.countDown();
        }
    }
}
