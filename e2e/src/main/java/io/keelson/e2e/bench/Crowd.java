package io.keelson.e2e.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/** Many pods, each with a container. */
final class Crowd {
    private static final int AT_ONCE = 8;
    private static final int LISTS = 20;

    private final Subject subject;
    private final Calls calls;
    private final String image;
    private final ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();

    Crowd(Subject subject, String image) {
        this.subject = subject;
        this.calls = new Calls(subject.cri());
        this.image = image;
    }

    /** How fast they come, what lists cost with all of them, and what memory they take. */
    void run(int pods) throws Exception {
        try {
            var begin = System.nanoTime();
            make(pods);
            var samples = subject.samples();
            samples.add(Metric.BURST, pods / ((System.nanoTime() - begin) / 1e9));
            for (var i = 0; i < LISTS; i++) {
                require(pods, samples.time(Metric.LIST_PODS, calls::listPods));
                require(pods, samples.time(Metric.LIST_CONTAINERS, calls::listContainers));
                require(pods, samples.time(Metric.LIST_STATS, calls::listStats));
            }
            if (subject.daemon().isPresent()) {
                samples.add(
                        Metric.MEMORY,
                        new ProportionalMemory(Path.of("/proc"))
                                .mebibytes(subject.daemon().getAsLong(), subject.logs()));
            }
        } finally {
            remove(calls);
        }
    }

    /** Makes so many, eight at a time. */
    void make(int pods) throws Exception {
        eightAtATime(pods, number -> {
            var pod = Calls.pod(subject, "crowd-" + number, 0);
            var id = calls.run(pod);
            made.add(id);
            calls.start(calls.create(id, pod, image));
        });
    }

    /** Removes what was made, by calls to the daemon that runs now. */
    void remove(Calls now) throws Exception {
        var ids = List.copyOf(made);
        eightAtATime(ids.size(), number -> {
            now.stopPod(ids.get(number));
            now.removePod(ids.get(number));
        });
    }

    private static void require(int expected, int listed) {
        if (listed != expected) {
            throw new IllegalStateException(listed + " are listed of " + expected);
        }
    }

    private interface Numbered {
        void run(int number);
    }

    private static void eightAtATime(int count, Numbered action) throws Exception {
        try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (var i = 0; i < count; i++) {
                var number = i;
                tasks.add(() -> {
                    action.run(number);
                    return true;
                });
            }
            for (var done : threads.invokeAll(tasks)) {
                done.get();
            }
        }
    }
}
