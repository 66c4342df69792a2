package io.keelson.image.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Tells of the bytes that are read of a stream. */
public final class CountedInput extends FilterInputStream {
    private final LongConsumer counter;

    /** @param counter is told how many came, by the thread that reads */
    public CountedInput(InputStream in, LongConsumer counter) {
        super(in);
        this.counter = counter;
    }

    @Override
    public int read() throws IOException {
        var read = super.read();
        counter.accept(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        var count = super.read(bytes, offset, length);
        counter.accept(Math.max(0, count));
        return count;
    }
}
