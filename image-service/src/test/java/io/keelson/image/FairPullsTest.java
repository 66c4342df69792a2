package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.RangeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FairPullsTest {
    private static final int LARGE = 17 << 20;

    @TempDir
    Path root;

    /** The large one's layers come when the small image is here, and not before. */
    @Test
    void aSmallImageIsThereWhileALargeOneWaits() throws IOException {
        var large = new TestImage().layer("a", TestImage.noise(1, LARGE)).layer("b", TestImage.noise(2, LARGE));
        var small = TestImage.of("one", "two", "three");
        var begun = new CountDownLatch(1);
        var isSmallHere = new CountDownLatch(1);
        try (var registry = new FakeRegistry();
                var executor = Executors.newVirtualThreadPerTaskExecutor();
                var node = new Node(root, RegistryConfiguration.empty(), new PullSettings(1, RangeSettings.DEFAULT))) {
            large.in(registry, "large");
            small.in(registry, "small");
            registry.fault(exchange -> {
                var path = exchange.getRequestURI().getPath();
                if (path.endsWith(large.blobDigest(0).toString())
                        || path.endsWith(large.blobDigest(1).toString())) {
                    begun.countDown();
                    await(isSmallHere);
                }
                return false;
            });
            var pull = CompletableFuture.supplyAsync(() -> node.pull(registry.host() + "/app:large"), executor);
            await(begun);

            assertThat(node.pull(registry.host() + "/app:small")).isEqualTo(small.id());
            assertThat(pull).isNotDone();
            isSmallHere.countDown();
            assertThat(pull.join()).isEqualTo(large.id());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
