package io.keelson.simulation;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What is held outside of the daemon and outside of its files: by the kernel, which a power failure ends, and by networks, which it does not. */
final class SimulatedKernel {
    private static final String LEASE = "address ";

    private final Journal journal;
    private final Set<String> held = new TreeSet<>();

    SimulatedKernel(Journal journal) {
        this.journal = journal;
    }

    void hold(String thing) {
        changes(kernel -> kernel.held.add(thing));
    }

    void release(String thing) {
        if (holds(thing)) {
            changes(kernel -> kernel.held.remove(thing));
        }
    }

    private synchronized void changes(Consumer<SimulatedKernel> change) {
        change.accept(this);
        journal.add(new Step.Outside(change));
    }

    synchronized boolean holds(String thing) {
        return held.contains(thing);
    }

    synchronized Set<String> held() {
        return Set.copyOf(held);
    }

    /** The same things in the kernel that a next daemon finds. */
    void copyTo(SimulatedKernel next, boolean isPowerGone) {
        held().stream().filter(thing -> !isPowerGone || thing.startsWith(LEASE)).forEach(next::hold);
    }
}
