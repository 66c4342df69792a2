package io.keelson.image.tar;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A stream as pieces, without copying them: the reader takes what it needs from each and asks for the next. */
public interface ByteSource {
    /** The next piece, never empty, whose bytes are valid until the next call; null at the end. */
    @Nullable
    ByteBuffer next() throws IOException;

    /** Takes pieces of a file's contents, in order. */
    interface Sink {
        /** Uses all remaining bytes of the piece. */
        void accept(ByteBuffer piece) throws IOException;
    }
}
