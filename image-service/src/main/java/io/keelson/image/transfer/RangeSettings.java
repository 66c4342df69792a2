package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;

/**
 * When a blob is fetched in parts, several at once.
 *
 * @param largeBytes of a blob that may be
 * @param partBytes of a part; also how often it is asked whether the network is too slow for one stream
 * @param atOnce parts of one blob
 * @param waitPercent of the time that the converter must have waited for the network since the last question
 */
public record RangeSettings(long largeBytes, int partBytes, int atOnce, int waitPercent) {
    public static final RangeSettings DEFAULT = new RangeSettings(32L << 20, 8 << 20, 4, 75);

    public RangeSettings {
        if (largeBytes < 1 || partBytes < 1 || atOnce < 1 || waitPercent < 0) {
            throw Failure.invalid("large blobs cannot be fetched in " + atOnce + " parts of " + partBytes + " bytes");
        }
    }
}
