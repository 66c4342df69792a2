package io.keelson.host.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Has several things done, and waits for all of them: at the same time ({@link Forks#join}), or in some order, where a run has to be like
 * the one before.
 */
@FunctionalInterface
public interface SideBySide {
    /** Of {@link #each}. */
    int SLICE = 16;

    /** The results in the order of the tasks; a failure of one is thrown when all have ended. */
    <T> List<T> join(Collection<? extends Callable<T>> tasks);

    /**
     * The same of something short that is done with each of many, without waiting for anybody: a few of them one after the other, since a
     * thread costs more than that.
     */
    default <T, R> List<R> each(List<T> all, Function<T, R> step) {
        var slices = new ArrayList<Callable<List<R>>>();
        for (var begin = 0; begin < all.size(); begin += SLICE) {
            var slice = all.subList(begin, Math.min(all.size(), begin + SLICE));
            slices.add(() -> {
                var results = new ArrayList<R>(slice.size());
                for (var one : slice) {
                    results.add(step.apply(one));
                }
                return results;
            });
        }
        var results = new ArrayList<R>(all.size());
        join(slices).forEach(results::addAll);
        return results;
    }
}
