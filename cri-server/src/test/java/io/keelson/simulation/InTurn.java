package io.keelson.simulation;

import io.keelson.host.lifecycle.Forks;
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
        var results = Forks.inOrder(isReversed ? order.reversed() : order);
        return isReversed ? results.reversed() : results;
    }
}
