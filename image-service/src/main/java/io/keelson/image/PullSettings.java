package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.transfer.RangeSettings;

/**
 * How much a node pulls at once.
 *
 * @param parallelLayers layers fetched and converted at the same time, by all pulls together
 * @param ranges when large blobs are fetched in parts
 */
public record PullSettings(int parallelLayers, RangeSettings ranges) {
    public static final PullSettings DEFAULT = new PullSettings(4, RangeSettings.DEFAULT);

    public PullSettings {
        if (parallelLayers < 1 || parallelLayers > 64) {
            throw Failure.invalid("parallelLayers is " + parallelLayers + ", not from 1 to 64");
        }
    }
}
