package io.keelson.image.tar;

/** What one entry of a tar may say about itself. */
public final class TarLimits {
    /** All extended headers of one entry together: PAX records, GNU long names, sparse maps. */
    static final int MAX_EXTENDED_BYTES = 1 << 20;
    /** Names and values of an entry's extended attributes together. */
    static final int MAX_XATTR_BYTES = 64 << 10;
    /** Name of one extended attribute (XATTR_NAME_MAX, xattr(7)). */
    static final int MAX_XATTR_NAME_BYTES = 255;
    /** One part of a path (NAME_MAX). */
    public static final int MAX_NAME_BYTES = 255;
    /** A whole path; Linux takes 4096 with the final NUL (PATH_MAX). */
    public static final int MAX_PATH_BYTES = 4095;
    /** Pieces of a sparse file. */
    static final int MAX_SEGMENTS = 65_536;
    /** Length of one file, holes included. */
    static final long MAX_FILE_BYTES = 8L << 40;

    private TarLimits() {}
}
