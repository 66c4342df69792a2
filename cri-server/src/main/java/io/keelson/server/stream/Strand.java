package io.keelson.server.stream;

import java.io.InputStream;
import java.io.OutputStream;

/** One of the streams that a client and we share over one connection, whatever protocol carries it. */
interface Strand {
    /** What the client sends. Closing it throws away what is unread and what still comes: whoever stops reading must. */
    InputStream input();

    /** Each write waits until the kernel has taken it: nothing piles up here. Closing it ends this direction only. */
    OutputStream output();

    /** Tells the client that it was cut off, not ended; where the protocol has no words for that, it does nothing. */
    void abort();
}
