package io.keelson.oci.cgroup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel do early what the first process that changes its cgroup waits for: a grace period of RCU, of 5 to 20 ms, before the
 * lock on forks is taken (cgroup v2 documentation, "favordynmods", a mount option without that wait). Whoever changes within the next
 * 10 ms does not wait again; so a change every few milliseconds, while a container is prepared and until its runtime has come as far,
 * spares the runtime the wait.
 */
final class MovesAhead {
    private static final Logger log = LoggerFactory.getLogger(MovesAhead.class);
    private static final Path OWN_GROUPS = Path.of("/proc/self/cgroup");

    /** In which the runtime makes its change, unless the machine is very busy. */
    private static final Duration WINDOW = Duration.ofMillis(100);

    private static final Duration PAUSE = Duration.ofMillis(5);

    private final CgroupLayout layout;
    private final Path ownGroups;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile long until = System.nanoTime();
    private volatile boolean works = true;

    MovesAhead(CgroupLayout layout) {
        this(layout, OWN_GROUPS);
    }

    MovesAhead(CgroupLayout layout, Path ownGroups) {
        this.layout = layout;
        this.ownGroups = ownGroups;
    }

    /** Returns at once. */
    void expect() {
        until = System.nanoTime() + WINDOW.toNanos();
        if (works && underWay.compareAndSet(false, true)) {
            // The writes block in the kernel: that would hold the carrier of a virtual thread.
            Thread.ofPlatform().daemon().name("cgroup-moves-ahead").start(this::run);
        }
    }

    private void run() {
        do {
            moveOn();
            underWay.set(false);
            // Somebody may have expected a move just now, and found this thread still there.
        } while (works && isExpected() && underWay.compareAndSet(false, true));
    }

    private boolean isExpected() {
        return System.nanoTime() - until < 0;
    }

    /** Moves this process from where it is to there, as long as a runtime's move is expected, and nobody else moves this process. */
    private void moveOn() {
        try {
            var lines = Files.readString(ownGroups);
            var group = ProcessGroup.parse(layout, lines).stream().findFirst();
            if (group.isEmpty()) {
                works = false;
                return;
            }
            var self = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            try (var processes =
                    FileChannel.open(group.get().directory().resolve("cgroup.procs"), StandardOpenOption.WRITE)) {
                while (isExpected() && Files.readString(ownGroups).equals(lines)) {
                    processes.write(ByteBuffer.wrap(self), 0);
                    Thread.sleep(PAUSE);
                }
            }
        } catch (IOException e) {
            works = false;
            log.atDebug()
                    .addKeyValue("event", "no-moves-ahead")
                    .log("cgroups will be changed without preparation: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
