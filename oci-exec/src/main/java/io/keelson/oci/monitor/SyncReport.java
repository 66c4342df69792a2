package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.runtime.RuntimeComplaint;

/** What conmon reports on its sync pipe: a line of JSON with the container's pid, or a negative number and a message. */
final class SyncReport {
    /** No message of a runtime is longer. */
    static final int MAX_BYTES = 64 * 1024;

    private SyncReport() {}

    /**
     * The pid of the container's first process.
     *
     * @throws Failure WRONG_STATE with the runtime's words if there is no container; UNAVAILABLE if this is no report
     */
    static long parse(byte[] line) {
        try {
            var report = Json.parseObject(line);
            var pid = report.number("data");
            if (pid <= 0) {
                throw Failure.wrongState(RuntimeComplaint.of(report.textOrEmpty("message")));
            }
            return pid;
        } catch (Failure e) {
            if (e.kind() == Failure.Kind.INVALID) {
                throw new Failure(
                        Failure.Kind.UNAVAILABLE, "the monitor's report cannot be read: " + e.getMessage(), e);
            }
            throw e;
        }
    }
}
