package io.keelson.oci.monitor;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a monitor can be told while its container runs: lines in conmon's control pipe, which is in the bundle. */
public final class MonitorControl {
    private static final String PIPE = "ctl";

    private MonitorControl() {}

    /**
     * Has the log opened again under its name.
     *
     * @throws LinuxException ENXIO or ENOENT if the monitor is gone
     */
    public static void reopenLog(Path bundle) {
        tell(bundle, "2 0 0\n");
    }

    /**
     * Sets the size of the container's terminal, if it has one.
     *
     * @throws LinuxException ENXIO or ENOENT if the monitor is gone
     */
    public static void resize(Path bundle, int columns, int rows) {
        tell(bundle, "1 " + rows + " " + columns + "\n");
    }

    private static void tell(Path bundle, String line) {
        var bytes = line.getBytes(StandardCharsets.US_ASCII);
        // Without O_NONBLOCK this would wait for ever if the monitor is gone (fifo(7)).
        try (var fd = Descriptors.open(bundle.resolve(PIPE), Descriptors.O_WRONLY | Descriptors.O_NONBLOCK, 0)) {
            Descriptors.write(
                    fd, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        }
    }
}
