package io.keelson.server.stream;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Everything that is being talked about, and the threads that do it: their owner, which waits for them. */
final class Conversations {
    private final Set<Conversation> open = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = new HashSet<>();

    void add(Conversation conversation) {
        open.add(conversation);
    }

    void remove(Conversation conversation) {
        open.remove(conversation);
    }

    int count() {
        return open.size();
    }

    /** Of those that have not ended. */
    synchronized int threadCount() {
        return threads.size();
    }

    /** A virtual thread for work that blocks; it ends with its conversation. */
    Thread start(String name, Runnable work) {
        var thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                work.run();
            } finally {
                finished(Thread.currentThread());
            }
        });
        synchronized (this) {
            threads.add(thread);
        }
        thread.start();
        return thread;
    }

    private synchronized void finished(Thread thread) {
        threads.remove(thread);
        notifyAll();
    }

    /** Tells all of them to end, and gives them some time to say so to their clients. */
    void stop(String why, Duration patience) {
        List.copyOf(open).forEach(each -> each.stop(why));
        await(patience);
    }

    /** True if every thread has ended. */
    synchronized boolean await(Duration patience) {
        var deadline = System.nanoTime() + patience.toNanos();
        try {
            for (var left = patience.toMillis(); !threads.isEmpty() && left > 0; ) {
                wait(left);
                left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return threads.isEmpty();
    }
}
