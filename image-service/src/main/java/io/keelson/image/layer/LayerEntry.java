package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import java.util.Optional;

/** What a name in a layer stands for. */
interface LayerEntry {
    boolean isDirectory();

    /** It is a directory, and hides the contents of the same directory below. */
    boolean isOpaque();

    Attributes attributes();

    /** What a directory has under this name, links not followed; anything else has nothing. */
    Optional<? extends LayerEntry> find(byte[] name);
}
