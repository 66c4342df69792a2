package io.keelson.server.events;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/** The reports that wait for one subscriber. Whoever lets too many wait is left behind, rather than holding up the others. */
public final class Subscription implements AutoCloseable {
    /** A report holds references only; this is what a full node does in a good while. */
    public static final int MOST_WAITING = 1000;

    /** Whether more will come. */
    public enum State {
        OPEN,
        /** More reports waited than may, and the newest ones are lost. */
        OVERRUN,
        /** The daemon ends. */
        FINISHED
    }

    private final Consumer<Subscription> onNews;
    private final Consumer<Subscription> unsubscribe;
    private final Queue<LifeReport> waiting = new ArrayDeque<>();
    private State state = State.OPEN;

    Subscription(Consumer<Subscription> onNews, Consumer<Subscription> unsubscribe) {
        this.onNews = onNews;
        this.unsubscribe = unsubscribe;
    }

    /** Whether that was one too many. */
    boolean add(LifeReport report) {
        var isLost = false;
        synchronized (this) {
            if (state != State.OPEN) {
                return false;
            }
            if (waiting.size() < MOST_WAITING) {
                waiting.add(report);
            } else {
                isLost = true;
                state = State.OVERRUN;
                waiting.clear();
            }
        }
        onNews.accept(this);
        return isLost;
    }

    /** How many reports wait to be read. */
    synchronized int length() {
        return waiting.size();
    }

    void finish() {
        synchronized (this) {
            state = State.FINISHED;
        }
        onNews.accept(this);
    }

    /** The oldest report that was not read yet. */
    public synchronized Optional<LifeReport> next() {
        return Optional.ofNullable(waiting.poll());
    }

    public synchronized State state() {
        return state;
    }

    /** Nothing more is reported to it; to be called by whoever subscribed, whatever the state. */
    @Override
    public void close() {
        unsubscribe.accept(this);
    }
}
