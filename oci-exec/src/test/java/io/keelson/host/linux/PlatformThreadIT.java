package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Needs root: it makes UTS namespaces. */
@Timeout(60)
class PlatformThreadIT {
    /**
     * A thread inherits the namespaces of the thread that starts it, and whoever wakes a virtual thread may thereby start a
     * carrier for it: a carrier inside a pod would run everybody's work there.
     */
    @Test
    void noThreadOfTheProcessIsLeftInTheNamespaceOfAThreadThatMoved() throws Exception {
        var begun = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var caller = Thread.ofVirtual()
                .start(() -> PlatformThread.call("move", () -> {
                    Namespaces.unshare(Namespaces.CLONE_NEWUTS);
                    begun.countDown();
                    release.await();
                    return true;
                }));
        begun.await();
        var busy = new AtomicBoolean(true);
        var carriersButOne = Runtime.getRuntime().availableProcessors() - 1;
        var spinners = Stream.generate(() -> Thread.ofVirtual().start(() -> {
                    while (busy.get()) {
                        Thread.onSpinWait();
                    }
                }))
                .limit(carriersButOne)
                .toList();
        try {
            release.countDown();
            caller.join();
            // The thread that moved may still be on its way out; what matters is that it took nobody along.
            assertThat(threadsOutside(ownUts())).isSubsetOf("move");
        } finally {
            busy.set(false);
            for (var spinner : spinners) {
                spinner.join();
            }
        }
    }

    @Test
    void blockingCallsMadeFromAThreadThatMovedRunOutsideItsNamespaces() {
        var home = PlatformThread.call("home", PlatformThreadIT::ownUts);

        var seen = PlatformThread.call("move", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWUTS);
            return BlockingCalls.call(PlatformThreadIT::ownUts);
        });

        assertThat(seen).isEqualTo(home);
    }

    @Test
    void aHostnameSetThereIsSeenThereOnly() {
        var before = PlatformThread.call("before", PlatformThreadIT::hostname);

        var inside = PlatformThread.call("inside", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWUTS);
            Namespaces.sethostname("a-pod");
            return hostname();
        });

        assertThat(inside).isEqualTo("a-pod");
        assertThat(PlatformThread.call("after", PlatformThreadIT::hostname)).isEqualTo(before);
    }

    @Test
    void whatTheWorkThrowsReachesTheCaller() {
        assertThatThrownBy(() -> PlatformThread.run("fail", () -> Namespaces.unshare(Namespaces.CLONE_NEWUSER)))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("unshare");
    }

    private static String ownUts() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/uts")).toString();
    }

    private static String hostname() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    /** Names of the threads of this process that are in another UTS namespace. */
    private static List<String> threadsOutside(String uts) throws IOException {
        var strangers = new ArrayList<String>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (var task : tasks) {
                try {
                    if (!Files.readSymbolicLink(task.resolve("ns/uts"))
                            .toString()
                            .equals(uts)) {
                        strangers.add(Files.readString(task.resolve("comm")).strip());
                    }
                } catch (IOException e) {
                    // It has ended meanwhile.
                }
            }
        }
        return strangers;
    }
}
