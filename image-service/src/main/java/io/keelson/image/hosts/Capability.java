package io.keelson.image.hosts;

/** What a server may be asked for. */
public enum Capability {
    /** Content by its digest. */
    PULL,
    /** What a tag stands for, which takes trust. */
    RESOLVE,
    PUSH,
    /** What refers to a manifest. */
    REFERRERS
}
