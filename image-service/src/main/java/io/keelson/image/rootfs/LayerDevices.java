package io.keelson.image.rootfs;

/** Whether layer files are mounted by loop devices. */
public enum LayerDevices {
    /** Where the kernel mounts no files: before Linux 6.12. */
    AUTO,
    /** Never. */
    NONE,
    /** Always. */
    LOOP
}
