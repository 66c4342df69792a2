package io.keelson.image.layer;

/** As what layers are stored, and how they are mounted. */
public enum LayerKind {
    /** What the kernel can do: EROFS files, mounted as they are or by loop devices, and trees where it has no EROFS. */
    AUTO,
    /** EROFS files, mounted as they are (Linux 6.12 and later). */
    EROFS,
    /** EROFS files, mounted by loop devices. */
    EROFS_LOOP,
    /** Unpacked trees, mounted by binding them. */
    DIRECTORY
}
