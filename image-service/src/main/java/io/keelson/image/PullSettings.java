package io.keelson.image;

import io.keelson.host.failure.Failure;

/**
 * How much a node pulls at once.
 *
 * @param parallelLayers layers fetched and converted at the same time, by all pulls together
 */
public record PullSettings(int parallelLayers) {
    public static final PullSettings DEFAULT = new PullSettings(4);

    public PullSettings {
        if (parallelLayers < 1 || parallelLayers > 64) {
            throw Failure.invalid("parallelLayers is " + parallelLayers + ", not from 1 to 64");
        }
    }
}
