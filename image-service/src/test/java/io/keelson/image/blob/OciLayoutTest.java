package io.keelson.image.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.reference.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutTest {
    private static final int PULLS = 8;
    private static final int TIMES = 20;

    @Test
    void aDocumentThatManyPullsWriteAndRemoveCountsOnce(@TempDir Path directory) {
        var layout = OciLayout.open(directory);
        var bytes = new byte[1000];
        var digest = Digest.of("sha256", bytes);
        for (var i = 0; i < TIMES; i++) {
            Callable<Boolean> write = () -> {
                layout.write(digest, bytes);
                return true;
            };
            Forks.join(Collections.nCopies(PULLS, write));
            assertThat(layout.usedBytes()).isEqualTo(bytes.length);

            Callable<Boolean> remove = () -> {
                layout.remove(digest);
                return true;
            };
            Forks.join(Collections.nCopies(PULLS, remove));
            assertThat(layout.usedBytes()).isZero();
        }
    }

    @Test
    void aPullThatIsEndedWhileABlobComesIsCancelledAndLeavesNothing(@TempDir Path directory) throws IOException {
        var layout = OciLayout.open(directory);
        var bytes = new byte[1000];
        try (var incoming = layout.receive(Digest.of("sha256", bytes));
                var stream = incoming.through(new ByteArrayInputStream(bytes))) {
            Thread.currentThread().interrupt();
            var failure = catchThrowableOfType(Failure.class, stream::readAllBytes);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(failure.kind()).isEqualTo(Failure.Kind.CANCELLED);
        }
        assertThat(directory.resolve("blobs").resolve("sha256")).isEmptyDirectory();
    }
}
