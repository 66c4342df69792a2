package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waiting for descriptors without blocking in the kernel: one platform thread sits in epoll_wait(2) for everybody, and those
 * who wait are parked. Any number of virtual threads may wait here. For pidfds, pipes, sockets and inotify; the kernel refuses
 * regular files (EPERM), which are always ready.
 */
public final class Readiness {
    private static final Logger log = LoggerFactory.getLogger(Readiness.class);

    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLONESHOT = 1 << 30;
    // struct epoll_event is packed on x86-64 alone.
    private static final int DATA_OFFSET = SystemCall.isArm64() ? 8 : 4;
    private static final int EVENT_BYTES = DATA_OFFSET + 8;
    private static final int BATCH = 64;
    private static final long STACK_BYTES = 256 * 1024;

    /** A copy of the caller's descriptor, so that neither closing it nor a second waiter on it gets in the way. */
    private record Waiting(Fd copy, Consumer<Fd> action) {}

    private static final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private static final AtomicLong lastKey = new AtomicLong();
    private static final Fd epoll = Fd.owned((int) SystemCall.EPOLL_CREATE1.call("", Descriptors.O_CLOEXEC));

    static {
        PlatformThread.atHome(() -> Thread.ofPlatform()
                .name("readiness")
                .daemon()
                .stackSize(STACK_BYTES)
                .start(Readiness::watch));
    }

    private Readiness() {}

    /** Does nothing but have the watching thread started. */
    static void start() {}

    /**
     * Waits until one of the {@code POLL…} events, an error or a hang-up; false if the deadline came first. Close the descriptor
     * after this has returned, or another open file may be waited for.
     *
     * @throws Failure CANCELLED when interrupted, with the flag restored
     */
    public static boolean await(Fd fd, int events, Deadline deadline) {
        return await(fd, events, deadline, new CountDownLatch(1));
    }

    /** As above; it also returns, with true, when somebody else counts {@code ready} down from one. */
    static boolean await(Fd fd, int events, Deadline deadline, CountDownLatch ready) {
        if (isReady(fd, events)) {
            return true;
        }
        if (deadline.hasPassed()) {
            return false;
        }
        var key = register(fd, events, _ -> ready.countDown());
        try {
            return ready.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + fd, e);
        } finally {
            forget(key);
        }
    }

    /**
     * Runs the action once, as soon as the descriptor is ready, with a copy of it that is closed afterwards. It runs on the one
     * thread that watches for all: it must not block. The caller may close its descriptor at any time.
     */
    public static void onReady(Fd fd, int events, Consumer<Fd> action) {
        register(fd, events, action);
    }

    private static boolean isReady(Fd fd, int events) {
        return !Descriptors.poll(List.of(new Descriptors.Interest(fd, events)), Deadline.in(Duration.ZERO))
                .isEmpty();
    }

    private static long register(Fd fd, int events, Consumer<Fd> action) {
        var copy = Descriptors.dup(fd);
        var key = lastKey.incrementAndGet();
        waiting.put(key, new Waiting(copy, action));
        try (var arena = Arena.ofConfined()) {
            var event = arena.allocate(EVENT_BYTES, 8);
            event.set(ValueLayout.JAVA_INT_UNALIGNED, 0, events | EPOLLONESHOT);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, key);
            SystemCall.EPOLL_CTL.call(fd, epoll.number(), EPOLL_CTL_ADD, copy.number(), event.address());
            return key;
        } catch (LinuxException e) {
            waiting.remove(key);
            copy.close();
            throw e;
        }
    }

    /** Whoever takes the entry out of the map closes its descriptor. */
    private static void forget(long key) {
        var entry = waiting.remove(key);
        if (entry != null) {
            release(entry);
        }
    }

    private static void release(Waiting entry) {
        // Closing a copy does not end its registration while the original is open (epoll(7)).
        SystemCall.EPOLL_CTL.tryCall(epoll.number(), EPOLL_CTL_DEL, entry.copy().number(), 0, 0, 0);
        entry.copy().close();
    }

    private static void watch() {
        var events = Arena.global().allocate((long) EVENT_BYTES * BATCH, 8);
        while (true) {
            var count = SystemCall.EPOLL_PWAIT.call("", epoll.number(), events.address(), BATCH, -1);
            for (var i = 0; i < count; i++) {
                fire(events.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) EVENT_BYTES * i + DATA_OFFSET));
            }
        }
    }

    private static void fire(long key) {
        var entry = waiting.remove(key);
        if (entry == null) {
            return;
        }
        try {
            entry.action().accept(entry.copy());
        } catch (RuntimeException | Error e) {
            log.atError()
                    .addKeyValue("event", "readiness-action-failed")
                    .setCause(e)
                    .log("what should happen when a descriptor became ready failed");
        } finally {
            release(entry);
        }
    }
}
