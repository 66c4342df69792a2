package io.keelson.host.linux;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that does for threads in other namespaces what they must not do themselves. A new thread inherits the namespaces
 * of the one that starts it (clone(2)), and whoever wakes a virtual thread may thereby start a carrier for it. Done by a
 * thread inside a pod, that would leave a carrier there, on which anybody's work may run next.
 *
 * <p>It is started before the first {@link PlatformThread}, by somebody who is still at home: nobody gets into another namespace
 * on any other way.
 */
final class HomeThread {
    private static final Logger log = LoggerFactory.getLogger(HomeThread.class);
    private static final long STACK_BYTES = 256 * 1024;

    // Without locks: releasing a lock wakes its next waiter, who may be a virtual thread.
    private static final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private static final Thread thread =
            Thread.ofPlatform().name("home").daemon().stackSize(STACK_BYTES).start(HomeThread::serve);

    private HomeThread() {}

    /** Does nothing but have the thread started, by a caller who is at home. */
    static void start() {}

    /** Has the step done soon; it is short and does not throw. */
    static void execute(Runnable step) {
        steps.add(step);
        LockSupport.unpark(thread);
    }

    private static void serve() {
        while (true) {
            var step = steps.poll();
            if (step == null) {
                LockSupport.park(steps);
                continue;
            }
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                log.atError()
                        .addKeyValue("event", "home-thread-step-failed")
                        .setCause(e)
                        .log("a step of the home thread failed");
            }
        }
    }
}
