package io.keelson.server.stream;

import io.netty.channel.Channel;

/**
 * Bounds what one connection may keep in memory: while too much of what it brought is unread, or its client does not take our answers,
 * it is not read from. That stops all its strands, as it does in the servers that clients of Kubernetes know: none of them observes the
 * windows that SPDY has for each stream.
 */
final class Backlog {
    static final int MOST_BYTES = 256 << 10;

    private final Channel channel;
    private int unreadBytes;
    private boolean isWritable = true;
    private boolean isFull;
    private boolean isPaused;

    Backlog(Channel channel) {
        this.channel = channel;
    }

    synchronized void add(int bytes) {
        unreadBytes += bytes;
        review();
    }

    synchronized void remove(int bytes) {
        unreadBytes -= bytes;
        review();
    }

    /** As the channel says of its own queue. */
    synchronized void setWritable(boolean writable) {
        isWritable = writable;
        review();
    }

    private void review() {
        isFull = unreadBytes >= (isFull ? MOST_BYTES / 2 : MOST_BYTES);
        var pause = isFull || !isWritable;
        if (pause != isPaused) {
            isPaused = pause;
            channel.config().setAutoRead(!pause);
        }
    }
}
