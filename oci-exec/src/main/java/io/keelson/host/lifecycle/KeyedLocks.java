package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock per key, which exists only while somebody holds or awaits it. Locks are reentrant. Order between kinds of keys
 * is the caller's: pod, then container, then image.
 */
public final class KeyedLocks<K> {
    private static final class Entry {
        final ReentrantLock lock = new ReentrantLock();
        int users;
    }

    /** Held from {@link KeyedLocks#lock} to close, by one thread. */
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private final Map<K, Entry> entries = new ConcurrentHashMap<>();

    /** Waits for the lock; an interrupt while waiting is thrown as {@link Failure.Kind#CANCELLED} with the flag restored. */
    public Held lock(K key) {
        var entry = Objects.requireNonNull(entries.compute(key, (k, existing) -> {
            var used = existing == null ? new Entry() : existing;
            used.users++;
            return used;
        }));
        try {
            entry.lock.lockInterruptibly();
        } catch (InterruptedException e) {
            leave(key);
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + key, e);
        }
        return () -> {
            entry.lock.unlock();
            leave(key);
        };
    }

    /** How many keys are held or awaited now. */
    int size() {
        return entries.size();
    }

    private void leave(K key) {
        entries.computeIfPresent(key, (k, entry) -> --entry.users == 0 ? null : entry);
    }
}
