package io.keelson.host.lifecycle;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Has several things done, and waits for all of them: at the same time ({@link Forks#join}), or in some order, where a run has to be like
 * the one before.
 */
@FunctionalInterface
public interface SideBySide {
    /** The results in the order of the tasks; a failure of one is thrown when all have ended. */
    <T> List<T> join(Collection<? extends Callable<T>> tasks);
}
