package io.keelson.image;

import io.keelson.image.reference.Digest;

/**
 * What a look at something on disk showed.
 *
 * @param what a layer by its diffID, or a manifest or config
 * @param why empty for what is sound
 */
public record Finding(Digest what, Outcome outcome, String why) {
    /** What became of it. */
    public enum Outcome {
        SOUND,
        /** Was damaged, and was brought again. */
        REPAIRED,
        DAMAGED
    }
}
