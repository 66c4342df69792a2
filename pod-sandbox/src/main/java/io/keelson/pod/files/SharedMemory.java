package io.keelson.pod.files;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import java.nio.file.Path;

/** A pod's {@code /dev/shm}. */
public interface SharedMemory {
    /** What Docker and both peers give a pod. */
    long SIZE_BYTES = 64L * 1024 * 1024;

    /** On a directory that exists; everybody may write there, and what is there from the start is the owner's. */
    void mount(Path directory, FileOwner owner);

    /** That nothing is mounted is success. */
    void unmount(Path directory);

    /** A tmpfs of {@value #SIZE_BYTES} bytes. */
    static SharedMemory tmpfs() {
        return new SharedMemory() {
            @Override
            public void mount(Path directory, FileOwner owner) {
                try {
                    Mounts.mount(
                            "shm",
                            directory,
                            "tmpfs",
                            Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOEXEC,
                            "mode=1777,size=" + SIZE_BYTES + ",uid=" + owner.uid() + ",gid=" + owner.gid());
                } catch (LinuxException e) {
                    throw Failure.internal("cannot mount shared memory at " + directory + ": " + e.getMessage(), e);
                }
            }

            @Override
            public void unmount(Path directory) {
                Mounts.unmountAll(directory);
            }
        };
    }
}
