package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("D3")
class WritableTreeTest {
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    Path directory;

    @Test
    void tellsWhatTheLastLookFoundUntilAnotherOneFindsOtherwise() {
        var found = new AtomicReference<>(Optional.of("Read-only file system"));
        var tree = new WritableTree(directory, _ -> found.get(), Duration.ZERO, LONG);

        Awaitility.await().until(() -> tree.trouble().equals(Optional.of("Read-only file system")));
        found.set(Optional.empty());
        Awaitility.await().until(() -> tree.trouble().isEmpty());
    }

    @Test
    void aLookThatHangsIsTroubleAndHoldsUpNobody() {
        var hanging = new CompletableFuture<Optional<String>>();
        var tree = new WritableTree(directory, _ -> hanging.join(), Duration.ZERO, Duration.ZERO);

        assertThat(tree.trouble()).contains("it does not answer");
        hanging.complete(Optional.empty());
    }

    @Test
    void aDirectoryThatIsGoneIsTroubleAndOneThatIsThereIsNot() {
        var there = new WritableTree(directory);
        var gone = new WritableTree(directory.resolve("gone"));

        assertThat(there.trouble()).isEmpty();
        Awaitility.await().untilAsserted(() -> assertThat(gone.trouble()).isPresent());
    }
}
