package io.keelson.e2e.images;

/** What has to become of an image that was made to harm. */
public enum Outcome {
    /** It can be pulled, looked at and removed, and nothing outside of it changes. */
    HARMLESS,
    /** Refused as wrong: INVALID_ARGUMENT. */
    INVALID,
    /** Refused as too large: RESOURCE_EXHAUSTED. */
    EXHAUSTED,
    /** Refused as no answer: UNKNOWN, with the word for it that kubelet knows. */
    UNAVAILABLE
}
