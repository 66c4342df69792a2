package io.keelson.simulation;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SideBySide;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;

/** One after the other, so that the order is the same in every run: as they are given, the next time from the last to the first, and so on. */
final class InTurn implements SideBySide {
    private boolean isForward = true;

    @Override
    public <T> List<T> join(Collection<? extends Callable<T>> tasks) {
        var order = new ArrayList<Callable<T>>(tasks);
        var isReversed = !isForward;
        isForward = isReversed;
        var results = (isReversed ? order.reversed() : order)
                .stream().map(InTurn::run).toList();
        return isReversed ? results.reversed() : results;
    }

    private static <T> T run(Callable<T> task) {
        try {
            return task.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw Failure.internal(String.valueOf(e.getMessage()), e);
        }
    }
}
