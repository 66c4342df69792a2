package io.keelson.server.rpc;

import com.google.common.collect.Iterators;
import com.google.common.collect.PeekingIterator;
import com.google.protobuf.Message;
import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** A list in messages, each of which is made when it is asked for: as many items as fit, and at least one. */
final class Pages<T, R> implements Iterator<R> {
    /** Far from what a client takes (16 MiB), and more than the transport wants to have waiting. */
    static final int PAGE_BYTES = 256 * 1024;

    /** The longest answer that kubelet's and crictl's clients take. */
    static final int ANSWER_BYTES = 16 * 1024 * 1024;

    /** A field's number and its length. */
    private static final int ITEM_OVERHEAD_BYTES = 6;

    private final PeekingIterator<T> items;
    private final ToIntFunction<T> size;
    private final Function<List<T>, R> message;

    private Pages(Iterator<T> items, ToIntFunction<T> size, Function<List<T>, R> message) {
        this.items = Iterators.peekingIterator(items);
        this.size = size;
        this.message = message;
    }

    /** @param items each is made, and measured, when its message is made */
    static <T extends Message, R> Iterator<R> of(Stream<T> items, Function<List<T>, R> message) {
        return of(items, Message::getSerializedSize, message);
    }

    /** The same of items that are no messages, but their bytes. */
    static <T, R> Iterator<R> of(Stream<T> items, ToIntFunction<T> size, Function<List<T>, R> message) {
        return new Pages<>(items.iterator(), size, message);
    }

    /**
     * The items of an answer that is one message; what would be more than any client takes is not even made.
     *
     * @param instead the call that has no such limit
     * @throws Failure EXHAUSTED
     */
    static <T extends Message> List<T> whole(Stream<T> items, String instead) {
        return whole(items, Message::getSerializedSize, instead);
    }

    /** The same of items that are no messages, but their bytes. */
    static <T> List<T> whole(Stream<T> items, ToIntFunction<T> size, String instead) {
        var bytes = 0L;
        var all = new ArrayList<T>();
        for (var left = items.iterator(); left.hasNext(); ) {
            var item = left.next();
            bytes += size.applyAsInt(item) + ITEM_OVERHEAD_BYTES;
            if (bytes > ANSWER_BYTES) {
                throw Failure.exhausted("cannot answer with a list of more than " + ANSWER_BYTES
                        + " bytes, which is what clients take: use " + instead);
            }
            all.add(item);
        }
        return all;
    }

    @Override
    public boolean hasNext() {
        return items.hasNext();
    }

    @Override
    public R next() {
        var page = new ArrayList<T>();
        var bytes = 0L;
        do {
            var item = items.next();
            bytes += size.applyAsInt(item);
            page.add(item);
        } while (items.hasNext() && bytes + size.applyAsInt(items.peek()) <= PAGE_BYTES);
        return message.apply(page);
    }
}
