package io.keelson.oci.systemd;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** How the manager's jobs ended, also those whose end is told before the call that began them has returned. */
final class Jobs {
    /** The manager tells everybody of everybody's jobs; those of others are forgotten. */
    private static final int REMEMBERED = 1024;

    private static final long LOOK_MILLIS = 100;

    private final Map<String, String> results = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    synchronized void ended(String job, String result) {
        results.put(job, result);
        notifyAll();
    }

    /**
     * How it ended: done, canceled, timeout, failed, dependency or skipped; empty if nobody will tell any more.
     *
     * @param isConnected to the one who would tell
     * @throws Failure TIMEOUT, CANCELLED when interrupted
     */
    synchronized Optional<String> await(String job, Deadline deadline, BooleanSupplier isConnected) {
        while (true) {
            var result = results.remove(job);
            if (result != null) {
                return Optional.of(result);
            }
            if (!isConnected.getAsBoolean()) {
                return Optional.empty();
            }
            if (deadline.hasPassed()) {
                throw Failure.timeout("systemd's job " + job + " does not end");
            }
            try {
                wait(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure(Failure.Kind.CANCELLED, "interrupted while systemd's job " + job + " ran", e);
            }
        }
    }
}
