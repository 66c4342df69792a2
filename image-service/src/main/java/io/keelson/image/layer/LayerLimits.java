package io.keelson.image.layer;

/**
 * What one layer may cost. Limits are absolute, not ratios: a file of zeros is legal however well it packs.
 *
 * @param unpackedBytes longest tar
 * @param storedBytes largest EROFS file
 * @param entries most entries of the tar, and most names that it makes
 */
public record LayerLimits(long unpackedBytes, long storedBytes, int entries) {
    public static final LayerLimits DEFAULT = new LayerLimits(64L << 30, 64L << 30, 1_000_000);
}
