package io.keelson.image.registry;

import java.io.IOException;
import java.io.InputStream;

/** A blob that is here, to be sent. */
@FunctionalInterface
public interface BlobSource {
    /** From this byte to its end. May be asked for several times; the caller closes. */
    InputStream open(long offset) throws IOException;
}
