package io.keelson.pod.container;

import io.keelson.oci.runtime.ExecRequest;
import java.util.Arrays;

/**
 * What both streams of a command may be together: kubelet and crictl take no message beyond 16 MiB, and with both streams full they
 * would get no answer at all, not even the exit code. The longer stream gives way to the other, until both are of the same length.
 */
final class AnswerLimit {
    /** The rest is for the exit code and the lengths. */
    static final int BYTES = ExecRequest.OUTPUT_LIMIT_BYTES - 64;

    private AnswerLimit() {}

    static ExecSync.Result cut(ExecSync.Result whole) {
        var stdout = whole.stdout().length;
        var stderr = whole.stderr().length;
        if (stdout + stderr <= BYTES) {
            return whole;
        }
        var keptStderr = Math.min(stderr, Math.max(BYTES / 2, BYTES - stdout));
        return new ExecSync.Result(
                whole.exitCode(),
                shortened(whole.stdout(), Math.min(stdout, BYTES - keptStderr)),
                shortened(whole.stderr(), keptStderr),
                true);
    }

    private static byte[] shortened(byte[] bytes, int length) {
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }
}
