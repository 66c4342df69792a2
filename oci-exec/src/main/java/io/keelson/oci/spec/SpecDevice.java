package io.keelson.oci.spec;

/**
 * A device node in the container.
 *
 * @param type {@code b}, {@code c} or {@code p} (mknod(1))
 * @param permissions some of {@code r}, {@code w} and {@code m} (make a node): what the device cgroup allows
 */
public record SpecDevice(
        String path, String type, long major, long minor, int mode, long uid, long gid, String permissions) {}
