package io.keelson.simulation;

import java.util.ArrayList;
import java.util.List;

/** All that happened since the node was last put together, on its disk and outside of it. */
final class Journal {
    private final List<Step> steps = new ArrayList<>();

    synchronized void add(Step step) {
        steps.add(step);
    }

    synchronized List<Step> steps() {
        return List.copyOf(steps);
    }
}
