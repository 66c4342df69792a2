package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Readiness;
import io.keelson.oci.runtime.RuntimeComplaint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The pipe on which a monitor reports, and its stderr for when it fails before it can. */
final class SyncPipe {
    private static final int CHUNK_BYTES = 4096;
    /** How often to look whether the runtime still gets its words out. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Fd sync;
    private final Fd stderr;
    private final RuntimeWords words;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);

    SyncPipe(Fd sync, Fd stderr, RuntimeWords words) {
        this.sync = sync;
        this.stderr = stderr;
        this.words = words;
        Descriptors.setNonBlocking(sync);
        Descriptors.setNonBlocking(stderr);
    }

    /**
     * Waits for a line.
     *
     * @throws Failure TIMEOUT; UNAVAILABLE if the monitor ended without one; WRONG_STATE as {@link RuntimeWords#failIfStuck};
     *     CANCELLED when interrupted
     */
    byte[] readLine(Deadline deadline) {
        var line = new ByteArrayOutputStream();
        while (line.size() < SyncReport.MAX_BYTES) {
            awaitMore(deadline);
            var length = read(sync, line);
            if (length == 0) {
                throw Failure.unavailable("the monitor ended: " + RuntimeComplaint.of(complaint()));
            }
            if (endsWithLineFeed(line)) {
                return line.toByteArray();
            }
        }
        throw Failure.unavailable("the monitor's report is longer than " + SyncReport.MAX_BYTES + " bytes");
    }

    private void awaitMore(Deadline deadline) {
        while (!Readiness.await(sync, Descriptors.POLLIN, deadline.orEarlier(Deadline.in(LOOK)))) {
            if (deadline.hasPassed()) {
                throw Failure.timeout("the runtime did not answer in time");
            }
            words.failIfStuck();
        }
    }

    private static boolean endsWithLineFeed(ByteArrayOutputStream line) {
        var bytes = line.toByteArray();
        return bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    }

    private String complaint() {
        var text = new ByteArrayOutputStream();
        while (text.size() < SyncReport.MAX_BYTES && read(stderr, text) > 0) {
            // Until there is no more, or too much.
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** As read(2): the number of bytes, 0 at the end, -1 if there are none yet. */
    private int read(Fd fd, ByteArrayOutputStream into) {
        var length = Descriptors.read(fd, buffer.clear());
        if (length > 0) {
            var bytes = new byte[length];
            buffer.flip().get(bytes);
            into.writeBytes(bytes);
        }
        return length;
    }
}
