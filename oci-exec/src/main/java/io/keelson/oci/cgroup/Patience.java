package io.keelson.oci.cgroup;

import io.keelson.host.lifecycle.Deadline;
import java.time.Duration;

/**
 * Pauses that become longer, for what the kernel tells nobody about. An interrupt does not stop a clean-up; it is restored when
 * this is closed.
 */
final class Patience implements AutoCloseable {
    private static final Duration FIRST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofMillis(50);

    private final Deadline deadline;
    private Duration next = FIRST;
    private boolean interrupted;

    Patience(Duration limit) {
        deadline = Deadline.in(limit);
    }

    /** False, at once, when it has run out. */
    boolean pause() {
        if (deadline.hasPassed()) {
            return false;
        }
        interrupted |= Thread.interrupted();
        try {
            Thread.sleep(next);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        var longer = next.multipliedBy(2);
        next = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
        return true;
    }

    @Override
    public void close() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
