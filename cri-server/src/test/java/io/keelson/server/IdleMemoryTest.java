package io.keelson.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IdleMemoryTest {
    @Test
    void collectsOnceForEachTimeOfRest() throws InterruptedException {
        var operations = new AtomicLong();
        var collections = new Semaphore(0);
        try (var _ = new IdleMemory(operations::get, collections::release, Duration.ofMillis(20))) {
            assertThat(collections.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            assertThat(collections.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();

            operations.incrementAndGet();

            assertThat(collections.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void leavesABusyDaemonAlone() throws InterruptedException {
        var operations = new AtomicLong();
        var collections = new Semaphore(0);
        try (var _ = new IdleMemory(operations::incrementAndGet, collections::release, Duration.ofMillis(10))) {
            assertThat(collections.tryAcquire(300, TimeUnit.MILLISECONDS)).isFalse();
        }
    }
}
