package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Readiness;
import io.keelson.host.process.Child;
import io.keelson.oci.runtime.RuntimeComplaint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * What a runtime says while it creates a container. It goes into pipes that conmon does not read before the runtime has ended: a runtime
 * that says more than a pipe holds stands still, and so does everything after it.
 */
final class RuntimeWords {
    private static final int BEGINNING_BYTES = 4096;

    private final Child monitor;
    private boolean wasFull;

    RuntimeWords(Child monitor) {
        this.monitor = monitor;
    }

    /**
     * To be called from time to time.
     *
     * @throws Failure WRONG_STATE if nothing could be said since the last time either; what is in the pipe is taken out for that
     */
    void failIfStuck() {
        var full = monitor.children().stream()
                .flatMap(RuntimeWords::streams)
                .filter(RuntimeWords::isFull)
                .findFirst();
        if (full.isPresent() && wasFull) {
            throw Failure.wrongState(
                    "the runtime says more than its monitor takes: " + RuntimeComplaint.of(beginning(full.get())));
        }
        wasFull = full.isPresent();
    }

    private static Stream<Path> streams(long runtime) {
        return Stream.of(1, 2).map(number -> Path.of("/proc/" + runtime + "/fd/" + number));
    }

    /** A pipe is opened once more by such a path (proc_pid_fd(5)). */
    private static boolean isFull(Path stream) {
        try (var writing = Descriptors.open(stream, Descriptors.O_WRONLY | Descriptors.O_NONBLOCK, 0)) {
            return !Readiness.await(writing, Descriptors.POLLOUT, Deadline.in(Duration.ZERO));
        } catch (LinuxException e) {
            // It has ended, or that is nothing to write to.
            return false;
        }
    }

    private static String beginning(Path stream) {
        var buffer = ByteBuffer.allocateDirect(BEGINNING_BYTES);
        try (var reading = Descriptors.open(stream, Descriptors.O_RDONLY | Descriptors.O_NONBLOCK, 0)) {
            var bytes = new byte[Math.max(0, Descriptors.read(reading, buffer))];
            buffer.flip().get(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (LinuxException e) {
            return "";
        }
    }
}
