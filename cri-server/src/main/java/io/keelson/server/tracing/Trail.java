package io.keelson.server.tracing;

/**
 * Below which span a thread works. Threads that it starts go on there: those of pulls and starts that several callers wait for belong
 * to the first caller's, and what is left running when a call has ended finds its span closed, and is not traced.
 */
final class Trail {
    @SuppressWarnings("ThreadLocalUsage") // there is one trail, for as long as there is a daemon
    private final InheritableThreadLocal<Branch> current = new InheritableThreadLocal<>() {
        @Override
        protected Branch initialValue() {
            return Branch.NONE;
        }
    };

    Branch current() {
        return current.get();
    }

    void go(Branch branch) {
        current.set(branch);
    }

    void within(Branch branch, Runnable doing) {
        var above = current.get();
        current.set(branch);
        try {
            doing.run();
        } finally {
            current.set(above);
        }
    }
}
