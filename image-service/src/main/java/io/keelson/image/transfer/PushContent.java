package io.keelson.image.transfer;

import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;

/** What an image that is to be pushed consists of. */
public interface PushContent {
    /**
     * A manifest or index, whole.
     *
     * @throws io.keelson.host.failure.Failure ABSENT if it is not here
     */
    byte[] document(Digest digest);

    /**
     * A config or layer, from this byte to its end; may be asked for several times, by several threads. The caller closes.
     *
     * @throws io.keelson.host.failure.Failure ABSENT if it is not here
     */
    InputStream open(Digest digest, long offset) throws IOException;
}
