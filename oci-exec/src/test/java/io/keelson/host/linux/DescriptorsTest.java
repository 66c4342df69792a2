package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.lifecycle.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DescriptorsTest {
    private static final Deadline SOON = Deadline.in(Duration.ofMillis(50));

    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIntoAPipeIsReadFromIt() {
        try (var pipe = Descriptors.pipe()) {
            assertThat(Descriptors.write(pipe.writeEnd(), direct("hello"))).isEqualTo(5);

            var buffer = ByteBuffer.allocateDirect(10);
            assertThat(Descriptors.read(pipe.readEnd(), buffer)).isEqualTo(5);
            assertThat(buffer.flip().remaining()).isEqualTo(5);
        }
    }

    @Test
    void aNonBlockingPipeSaysThatNothingIsThereAndThatItHasEnded() {
        try (var pipe = Descriptors.pipe()) {
            Descriptors.setNonBlocking(pipe.readEnd());
            assertThat(Descriptors.read(pipe.readEnd(), ByteBuffer.allocateDirect(1)))
                    .isEqualTo(-1);

            pipe.writeEnd().close();

            assertThat(Descriptors.read(pipe.readEnd(), ByteBuffer.allocateDirect(1)))
                    .isZero();
        }
    }

    @Test
    void aHeapBufferIsRefusedBeforeTheKernelWritesSomewhereElse() {
        try (var pipe = Descriptors.pipe()) {
            assertThatThrownBy(() -> Descriptors.read(pipe.readEnd(), ByteBuffer.allocate(10)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void pollNamesWhatIsReady() {
        try (var quiet = Descriptors.pipe();
                var full = Descriptors.pipe()) {
            Descriptors.write(full.writeEnd(), direct("x"));

            var ready = Descriptors.poll(
                    List.of(
                            new Descriptors.Interest(quiet.readEnd(), Descriptors.POLLIN),
                            new Descriptors.Interest(full.readEnd(), Descriptors.POLLIN)),
                    Deadline.in(Duration.ofSeconds(10)));

            assertThat(ready.stream()).containsExactly(1);
        }
    }

    @Test
    void pollEndsAtItsDeadline() {
        try (var quiet = Descriptors.pipe()) {
            assertThat(Descriptors.poll(List.of(new Descriptors.Interest(quiet.readEnd(), Descriptors.POLLIN)), SOON)
                            .isEmpty())
                    .isTrue();
        }
    }

    @Test
    void aNameThatLeadsOutOfTheDirectoryIsNotOpened() throws IOException {
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/etc/hostname"));
        try (var root = Descriptors.open(directory, Descriptors.O_RDONLY, 0)) {
            assertThatThrownBy(() -> Descriptors.openat2(root, "link", 0, 0, Descriptors.RESOLVE_BENEATH))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errnoName()).isEqualTo("EXDEV"));
            assertThatThrownBy(() -> Descriptors.openat2(root, "link", 0, 0, Descriptors.RESOLVE_IN_ROOT))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errnoName()).isEqualTo("ENOENT"));
        }
    }

    @Test
    void aNameWithNulInsideIsRefused() {
        try (var root = Descriptors.open(directory, Descriptors.O_RDONLY, 0)) {
            assertThatThrownBy(() -> Descriptors.openat2(root, "a\0b", 0, 0, 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLockIsHeldByOneOpenFile() throws IOException {
        var file = Files.createFile(directory.resolve("lock"));
        try (var first = Descriptors.open(file, Descriptors.O_RDWR, 0);
                var second = Descriptors.open(file, Descriptors.O_RDWR, 0)) {
            assertThat(Descriptors.tryLock(first)).isTrue();
            assertThat(Descriptors.tryLock(second)).isFalse();
        }
    }

    @Test
    void aDescriptorIsClosedOnceAndNotUsedAfterwards() {
        var pipe = Descriptors.pipe();
        pipe.close();
        pipe.close();

        assertThatThrownBy(() -> pipe.readEnd().number()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void everyBindingCanBeMadeInAdvance() {
        Linux.warmUp();
    }

    private static ByteBuffer direct(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }
}
