package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A file as a block device (loop(4)), read-only. It goes with its last user: a mount of it is one, and so is this until it is closed. */
public final class LoopDevice implements AutoCloseable {
    private static final Path CONTROL = Path.of("/dev/loop-control");
    private static final long LOOP_CONFIGURE = 0x4C0A;
    private static final long LOOP_CTL_GET_FREE = 0x4C82;
    private static final int LO_FLAGS_READ_ONLY = 1;
    private static final int LO_FLAGS_AUTOCLEAR = 4;

    // struct loop_config: the file, the size of a block, and a struct loop_info64.
    private static final int CONFIG_BYTES = 304;
    private static final int FILE_OFFSET = 0;
    private static final int BLOCK_SIZE_OFFSET = 4;
    private static final int FLAGS_OFFSET = 8 + 52;

    /** Others may take the device that was free a moment ago. */
    private static final int MAX_ATTEMPTS = 64;

    private final Fd fd;
    private final Path path;

    private LoopDevice(Fd fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    /** @throws LinuxException ENOENT where the node has no loop devices, or no node for the one that is free */
    public static LoopDevice attach(Path file, int blockBytes) {
        for (var attempt = 1; ; attempt++) {
            try {
                return attachOnce(file, blockBytes);
            } catch (LinuxException e) {
                if (!e.is(Errno.EBUSY) || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static LoopDevice attachOnce(Path file, int blockBytes) {
        var path = free();
        try (var backing = Descriptors.open(file, Descriptors.O_RDONLY, 0);
                var arena = Arena.ofConfined()) {
            var device = Descriptors.open(path, Descriptors.O_RDONLY, 0);
            try {
                var config = arena.allocate(CONFIG_BYTES, 8);
                config.set(ValueLayout.JAVA_INT, FILE_OFFSET, backing.number());
                config.set(ValueLayout.JAVA_INT, BLOCK_SIZE_OFFSET, blockBytes);
                config.set(ValueLayout.JAVA_INT, FLAGS_OFFSET, LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR);
                SystemCall.IOCTL.call(path, device.number(), LOOP_CONFIGURE, config.address());
                return new LoopDevice(device, path);
            } catch (LinuxException e) {
                device.close();
                throw e;
            }
        }
    }

    private static Path free() {
        try (var control = Descriptors.open(CONTROL, Descriptors.O_RDWR, 0)) {
            var number = SystemCall.IOCTL.call(CONTROL, control.number(), LOOP_CTL_GET_FREE);
            return Path.of("/dev/loop" + number);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        fd.close();
    }
}
