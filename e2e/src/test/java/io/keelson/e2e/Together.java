package io.keelson.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Many calls at once. */
final class Together {
    private Together() {}

    /** Makes the calls numbered from 0, all of them begun together, and gives their answers in order; the first failure is thrown. */
    static <T> List<T> all(int count, IntFunction<T> call) throws Exception {
        var ready = new CountDownLatch(count);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<T>>();
            for (var i = 0; i < count; i++) {
                var number = i;
                calls.add(() -> {
                    ready.countDown();
                    ready.await();
                    return call.apply(number);
                });
            }
            var answers = new ArrayList<T>();
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }
}
